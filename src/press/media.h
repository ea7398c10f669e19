/* media.h: pictures: taken in once, served in the sizes and formats that a screen wants.
 *
 * An original is kept under the hash of its bytes (media/HASH/original) and never served: it may tell
 * where and by whom it was taken. Copies are upright, without metadata, at the widths below in AVIF,
 * WebP and JPEG; they are made when first asked for, or before by the job that follows media_add,
 * and kept beside it. The decoding of strangers' files happens in a process of its own (picture.h). */
#pragma once

#include "press/press.h"

#include <jansson.h>

/* Widths of copies, ascending, ended by 0; those wider than the original are left out, and if all
 * are, the original's own width is the only one. */
extern const int media_widths[];

enum media_format { MEDIA_AVIF, MEDIA_WEBP, MEDIA_JPEG, MEDIA_FORMATS };

/* Takes in a picture file: reads it as a stranger's (size, dimensions, decoder limits), stores it and
 * records it; a refusal says why. The same bytes again give the picture that is there. */
struct media_draft {
	str_t name;    /* file name, for people */
	str_t bytes;
	str_t alt;
	str_t caption; /* HTML, cleaned here */
	str_t credit;
};
err_t media_add(struct stet *s, arena_t *a, const struct media_draft *draft, str_t actor,
		struct media *out) CHECKED;
/* The same, from a file. */
err_t media_add_file(struct stet *s, arena_t *a, const char *path, str_t actor,
		     struct media *out) CHECKED;

err_t media_by_hash(struct conn *c, arena_t *a, str_t hash, struct media *out) CHECKED;

/* "/media/HASH/960.jpg" */
str_t media_url(arena_t *a, const struct media *m, int width, enum media_format f);
/* The copy that stands in src: the nearest width to 960. */
str_t media_src(arena_t *a, const struct media *m);

/* The view of a picture: src, width, height, avif, webp, jpeg (srcset), tall. NULL for none. */
json_t *media_view(arena_t *a, const struct media *m);

/* Replaces each <img src="/media/HASH..."> of a clean body by a <picture> with all formats. */
err_t media_expand(struct conn *c, arena_t *a, str_t html, str_t *out) CHECKED;

/* Serves "/media/:hash/:file". */
err_t media_serve(struct stet *s, struct request *q, struct response *r) CHECKED;

/* The job that makes all copies of a picture. */
struct job;
err_t media_render_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
#define MEDIA_RENDER "media.render"
