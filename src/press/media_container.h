/* media_container.h: the containers the probe looks into; for its files alone. Each fills what the header
 * tells and sets the format that it turns out to be, "data" if it is none. */
#pragma once

#include "press/media_probe.h"

void media_mp4(const struct media_bytes *f, struct media_facts *out);  /* ISO/IEC 14496-12 */
void media_webm(const struct media_bytes *f, struct media_facts *out); /* RFC 8794, RFC 9559 */
void media_ogg(const struct media_bytes *f, struct media_facts *out);  /* RFC 3533 */
void media_flac(str_t head, struct media_facts *out);                  /* RFC 9639 */
void media_wav(const struct media_bytes *f, struct media_facts *out);
void media_mp3(const struct media_bytes *f, struct media_facts *out);
/* Two frames of MPEG audio, one after the other. */
bool media_is_mp3(const struct media_bytes *f, int64_t at);

/* Up to `n` bytes from `at`; how many there were. */
size_t media_read(const struct media_bytes *f, int64_t at, void *out, size_t n);
/* 0 for what cannot be. */
usec_t media_duration(uint64_t units, uint64_t a_second);
void   media_size(struct media_facts *out, uint64_t width, uint64_t height);

/* Numbers of `n` bytes, most or least significant first. */
static inline uint64_t big(const unsigned char *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}
static inline uint64_t little(const unsigned char *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}
