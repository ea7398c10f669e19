/* media_files.h: what the files of this room share about media on disk.
 *
 *	media/HASH/original              the bytes as they came
 *	media/HASH/960.avif              a copy of a picture
 *	media/HASH/960x540-50-30.avif    the same cut to a shape about its subject
 *	media/.partial/                  what is on its way in
 */
#pragma once

#include "press/media.h"
#include "press/picture.h"

enum { MEDIA_HASH = 32, MEDIA_WIDTHS_MOST = 8 };

struct media_copy_format {
	const char *ext, *type;
};
extern const struct media_copy_format media_copy_formats[MEDIA_FORMATS];

bool media_is_hash(str_t s);

/* The widths in which this picture is served, ascending; the number of them. */
size_t media_copy_widths(const struct media *m, int out[MEDIA_WIDTHS_MOST]);

/* "FOLDER/media/HASH/file"; the folder itself for an empty `file`. */
char *media_path(struct stet *s, arena_t *a, str_t hash, const char *file);
/* "FOLDER/media/.partial/file", the folder made. */
err_t media_partial(struct stet *s, arena_t *a, str_t file, char **out) CHECKED;

/* Holds a medium's folder, made if it is not there, against all others that take in or remove: other
 * threads, other processes. Closing `fd` lets go. */
err_t media_hold(struct stet *s, arena_t *a, str_t hash, int *fd) CHECKED;

/* SHA-256 of a file as the name it has here, and its size. */
err_t media_hash_file(arena_t *a, const char *path, str_t *hash, int64_t *size) CHECKED;

/* Looks the medium up with a reader of its own; not there is no error. */
err_t media_known(struct stet *s, arena_t *a, str_t hash, struct media *out, bool *found) CHECKED;

struct picture_limits media_picture_limits(const struct stet *s);

/* Which copy a file name speaks of; false if no page of ours could ever name it. */
struct media_copy {
	int               width, height;    /* height 0: not cut */
	int               focus_x, focus_y; /* of a cut one */
	enum media_format format;
};
bool  media_copy_parse(const struct media *m, str_t file, struct media_copy *out);
str_t media_copy_name(arena_t *a, const struct media_copy *copy);
/* The cut ones, judged and named in media_crop.c. */
bool media_crop_offered(const struct media *m, const struct media_copy *copy);

/* Removes copies that are no longer named by any page: those cut about another focus, or all. */
err_t media_drop_copies(struct stet *s, arena_t *a, const struct media *m, bool all) CHECKED;

/* Judges and cleans what people say of a medium. */
err_t media_words(arena_t *a, struct media *m) CHECKED;
