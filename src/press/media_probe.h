/* media_probe.h: what a file is, from its bytes.
 *
 * Nothing is decoded: the probe reads the few places where a container's header says plainly how
 * long and how large it is, in bounded steps, and believes nothing that leads outside the file. What
 * it does not know is a plain file. A name helps only to tell formats apart whose bytes are alike (a
 * table from a text, a letter from a ZIP archive), and never makes one that a browser would run. */
#pragma once

#include "base/base.h"

/* The file: an open descriptor, or bytes in memory. */
struct media_bytes {
	int     fd;   /* used if mem.p is NULL */
	str_t   mem;
	int64_t size;
};

struct media_facts {
	const char *format;  /* as in media_kind.c */
	const char *refused; /* a picture of a kind that is not taken ("HEIC"), else NULL */
	int         width, height; /* 0: not told; of pictures the decoder tells (picture.h) */
	usec_t      duration;      /* 0: not told */
};

void media_probe(const struct media_bytes *file, str_t name, struct media_facts *out);
