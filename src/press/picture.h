/* picture.h: decoding and encoding pictures, at arm's length.
 *
 * A picture comes from a stranger, and decoders have faults; libvips also brings a hundred libraries
 * that a server has no other use for. So the work is done by this same program started anew as
 * `stet picture ...`, with limits on memory, time and files, which alone loads libvips. A hostile
 * file can at worst end that process. */
#pragma once

#include "base/base.h"

struct picture_limits {
	int64_t megapixels;
};

/* What a picture says of itself (picture_words.h), and what its copies go on to say. */
struct picture_words {
	str_t creator, credit, copyright, licence;
	str_t caption; /* plain text */
};

struct picture_facts {
	str_t                format; /* "jpeg", "png", "webp", "gif", "avif" */
	int                  width, height; /* upright */
	struct picture_words words;
};

/* One copy to make. */
struct picture_copy {
	int         width, height;    /* height 0: all of the picture */
	int         focus_x, focus_y; /* else it is cut about here: percent from the left and top */
	const char *ext;  /* "avif", "webp", "jpg" */
	str_t       path; /* where it goes; written beside and renamed */
};

/* --- this process asks --- */

/* Decodes the whole file once, so that what is taken can be shown. */
err_t picture_probe(arena_t *a, const char *path, const struct picture_limits *limits,
		    struct picture_facts *out) CHECKED;
err_t picture_copies(arena_t *a, const char *path, const struct picture_limits *limits,
		     const struct picture_words *words, const struct picture_copy *copies,
		     size_t n) CHECKED;

/* A picture of words, for where a story is shared: ground, words on it. */
struct picture_card {
	int   width, height;
	str_t ground, ink; /* "0b4f5e" */
	str_t headline;    /* large, as large as it fits */
	str_t label;       /* over it */
	str_t name, note;  /* at the foot, at both ends */
	bool  logo;        /* only the headline, on nothing */
};
err_t picture_card(arena_t *a, const struct picture_card *card, str_t path) CHECKED;

/* --- the other process answers: main hands its arguments over --- */

/* argv behind "picture": "probe FILE MEGAPIXELS", "copies FILE MEGAPIXELS WORDS (SIZE EXT PATH)..."
 * (WORDS is a JSON object, SIZE is "960" or "960x540-50-30") or "card PATH JSON".
 * Prints facts as JSON, or why not on standard error; the exit code. */
int picture_main(int argc, char **argv);
