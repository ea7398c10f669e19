/* media_sound.c: Ogg, FLAC, WAV and MP3. */
#include "press/media_container.h"

/* --- Ogg: the first page names the codec, the last one the end --- */

static const struct {
	const char *mark;
	size_t      n, rate_at, rate_n; /* where the first packet has its rate, least byte first */
	uint64_t    rate;               /* or always this */
} codecs[] = {
	{ "\x01vorbis", 7, 12, 4, 0 },
	{ "OpusHead", 8, 0, 0, 48000 },
	{ "\x7f" "FLAC", 5, 0, 0, 0 },
};

struct ogg_stream {
	uint64_t serial, rate, skipped;
};

/* The first packet of the page at `b`; NULL if the page is none. */
static const unsigned char *ogg_packet(const unsigned char *b, size_t n, size_t *length)
{
	if (n < 28 || memcmp(b, "OggS", 4) != 0 || 27u + b[26] >= n)
		return NULL;
	*length = n - (27u + b[26]);
	return b + 27 + b[26];
}

static bool ogg_sound(const unsigned char *p, size_t n, struct ogg_stream *s)
{
	for (size_t i = 0; i < COUNT(codecs); i++) {
		if (n < 32 || memcmp(p, codecs[i].mark, codecs[i].n) != 0)
			continue;
		s->rate = codecs[i].rate_n ? little(p + codecs[i].rate_at, codecs[i].rate_n)
					   : codecs[i].rate;
		if (codecs[i].rate)
			s->skipped = little(p + 10, 2);
		if (codecs[i].mark[0] == '\x7f')
			s->rate = big(p + 27, 3) >> 4;
		return true;
	}
	return false;
}

static usec_t ogg_end(const struct media_bytes *f, const struct ogg_stream *s)
{
	enum { TAIL = 66 * 1024 }; /* a page has at most 65,307 bytes */
	unsigned char b[TAIL];
	int64_t from = f->size > TAIL ? f->size - TAIL : 0;
	size_t n = media_read(f, from, b, sizeof b);
	for (size_t i = n; i-- > 0;) {
		if (n - i < 27 || memcmp(b + i, "OggS", 4) != 0 || little(b + i + 14, 4) != s->serial)
			continue;
		uint64_t end = little(b + i + 6, 8);
		if (end != UINT64_MAX && end >= s->skipped)
			return media_duration(end - s->skipped, s->rate);
	}
	return 0;
}

void media_ogg(const struct media_bytes *f, struct media_facts *out)
{
	enum { STREAMS = 4 }; /* each begins with a page of its own, at the front */
	struct ogg_stream sound = { 0 };
	bool has_sound = false, has_video = false;
	int64_t at = 0;
	for (int i = 0; i < STREAMS; i++) {
		unsigned char b[512];
		size_t n = media_read(f, at, b, sizeof b), length;
		const unsigned char *p = ogg_packet(b, n, &length);
		if (!p || !(b[5] & 2)) /* not the first page of a stream */
			break;
		if (!has_sound && ogg_sound(p, length, &sound)) {
			has_sound = true;
			sound.serial = little(b + 14, 4);
		} else if (length >= 22 && memcmp(p, "\x80theora", 7) == 0) {
			has_video = true;
			media_size(out, big(p + 14, 3), big(p + 17, 3));
		}
		at += 27 + b[26];
		for (size_t k = 0; k < b[26] && 27 + k < n; k++)
			at += b[27 + k];
	}
	if (has_sound)
		out->duration = ogg_end(f, &sound);
	out->format = has_video ? "ogv" : has_sound ? "ogg" : "data";
}

/* --- FLAC --- */

void media_flac(str_t head, struct media_facts *out)
{
	const unsigned char *b = (const unsigned char *)head.p;
	if (head.n < 26 || (b[4] & 0x7f) != 0) {
		out->format = "data";
		return;
	}
	uint64_t rate = big(b + 18, 3) >> 4, samples = big(b + 21, 5) & 0xfffffffffULL;
	out->duration = media_duration(samples, rate);
}

/* --- WAV --- */

void media_wav(const struct media_bytes *f, struct media_facts *out)
{
	enum { CHUNKS_MOST = 256 };
	uint64_t a_second = 0;
	int64_t at = 12;
	for (int i = 0; i < CHUNKS_MOST; i++) {
		unsigned char b[20];
		if (media_read(f, at, b, sizeof b) < 8)
			break;
		uint64_t size = little(b + 4, 4);
		if (memcmp(b, "fmt ", 4) == 0) {
			a_second = little(b + 16, 4);
		} else if (memcmp(b, "data", 4) == 0) {
			uint64_t there = (uint64_t)(f->size - at - 8);
			out->duration = media_duration(size < there ? size : there, a_second);
			return;
		}
		at += 8 + (int64_t)(size + (size & 1));
	}
	if (!a_second)
		out->format = "data";
}

/* --- MP3 --- */

struct frame {
	uint64_t rate, bitrate, samples, size;
	bool     mono, old; /* MPEG 2 or 2.5 */
};

/* The head of a frame of layer III; layers I and II are nothing people send. */
static bool mp3_frame(const unsigned char *b, struct frame *out)
{
	static const uint16_t rates[2][16] = {
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0 },
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0 },
	};
	static const uint32_t samples[3] = { 44100, 48000, 32000 };
	unsigned version = b[1] >> 3 & 3, layer = b[1] >> 1 & 3, rate = b[2] >> 2 & 3;
	if (b[0] != 0xff || (b[1] & 0xe0) != 0xe0 || version == 1 || layer != 1 || rate == 3)
		return false;
	*out = (struct frame){ .old = version != 3, .mono = b[3] >> 6 == 3 };
	out->rate = samples[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
	out->bitrate = (uint64_t)rates[out->old][b[2] >> 4] * 1000;
	out->samples = out->old ? 576 : 1152;
	if (!out->bitrate)
		return false;
	out->size = out->samples / 8 * out->bitrate / out->rate + (b[2] >> 1 & 1);
	return true;
}

bool media_is_mp3(const struct media_bytes *f, int64_t at)
{
	unsigned char b[4];
	struct frame one, two;
	return media_read(f, at, b, 4) == 4 && mp3_frame(b, &one) &&
	       media_read(f, at + (int64_t)one.size, b, 4) == 4 && mp3_frame(b, &two) &&
	       one.rate == two.rate;
}

/* How many frames there are, where the encoder has noted it in the first one; else 0. */
static uint64_t noted_frames(const unsigned char *b, size_t n, const struct frame *first)
{
	size_t at = 4 + (first->old ? (first->mono ? 9u : 17u) : first->mono ? 17u : 32u);
	if (n >= at + 12 && (memcmp(b + at, "Xing", 4) == 0 || memcmp(b + at, "Info", 4) == 0) &&
	    (b[at + 7] & 1))
		return big(b + at + 8, 4);
	if (n >= 54 && memcmp(b + 36, "VBRI", 4) == 0)
		return big(b + 50, 4);
	return 0;
}

void media_mp3(const struct media_bytes *f, struct media_facts *out)
{
	enum { SEARCHED = 4096 }; /* padding behind the tag */
	unsigned char b[SEARCHED + 64];
	int64_t at = 0;
	struct frame first;
	size_t n = media_read(f, 0, b, 10);
	if (n == 10 && memcmp(b, "ID3", 3) == 0)
		at = 10 + (int64_t)((b[6] & 127) << 21 | (b[7] & 127) << 14 | (b[8] & 127) << 7 |
				    (b[9] & 127));
	n = media_read(f, at, b, sizeof b);
	size_t i = 0;
	while (i + 4 <= n && i < SEARCHED && !(mp3_frame(b + i, &first) &&
					       media_is_mp3(f, at + (int64_t)i)))
		i++;
	if (i + 4 > n || i == SEARCHED) {
		out->format = "data";
		return;
	}
	uint64_t frames = noted_frames(b + i, n - i, &first);
	if (frames)
		out->duration = media_duration(frames * first.samples, first.rate);
	else
		out->duration = media_duration((uint64_t)(f->size - at - (int64_t)i) * 8,
					       first.bitrate);
}
