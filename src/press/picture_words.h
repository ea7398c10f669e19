/* picture_words.h: what a picture file says of itself, and what ours say.
 *
 * Cameras and desks write a picture's maker, credit, rights and description into it, in up to three
 * places: EXIF, IPTC-IIM and XMP. They are read by what the Metadata Working Group says is newest:
 * XMP, then IPTC, then EXIF. A served copy says who made it, who is credited, who holds the rights and
 * under what licence, in XMP, and for JPEG in IPTC as well, which search engines read; nothing else. */
#pragma once

#include "press/picture.h"

enum { PICTURE_WORDS = 5 };
extern const char *const picture_word_names[PICTURE_WORDS];
/* The word of that name. */
str_t *picture_word(struct picture_words *w, size_t i);

/* From the raw blocks, each empty where there is none: a stranger's bytes. All are one line of UTF-8. */
void picture_words_read(arena_t *a, str_t xmp, str_t iptc, str_t exif, struct picture_words *out);

/* An XMP packet; empty if there is nothing to say. */
str_t picture_words_xmp(arena_t *a, const struct picture_words *w);

/* A JPEG without metadata, with the words put in. */
str_t picture_words_into_jpeg(arena_t *a, str_t jpeg, const struct picture_words *w, str_t xmp);
