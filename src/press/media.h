/* media.h: pictures, recordings and files: taken in once, served as readers need them.
 *
 * An original is kept under the hash of its bytes (media/HASH/original). A picture's is never served:
 * it may tell where and by whom it was taken. Copies of it are upright, at the widths below in AVIF,
 * WebP and JPEG, whole or cut to a shape about their subject, and carry who made them and nothing
 * else; they are made when first asked for, or before by the job that follows media_add. Recordings
 * and files are served as they came, at an address that never changes its meaning. Strangers' pictures
 * are decoded in a process of its own (picture.h); of other files only the headers are read
 * (media_probe.h). */
#pragma once

#include "press/press.h"

#include <jansson.h>

/* Widths of copies, ascending, ended by 0; those wider than the original are left out, and if all
 * are, the original's own width is the only one. */
extern const int media_widths[];

enum media_format { MEDIA_AVIF, MEDIA_WEBP, MEDIA_JPEG, MEDIA_FORMATS };

/* Takes in a file of any kind: reads it as a stranger's (size, decoder limits), stores it and records
 * it; a refusal says why. What the editor does not say (creator, credit, copyright, licence, caption)
 * is read from a picture's own words. The same bytes again give what is there. */
struct media_draft {
	str_t       name;    /* file name, for people and for what bytes do not tell */
	str_t       bytes;
	const char *path;    /* or, instead of bytes, this file */
	bool        picture_only; /* refuse anything else */
	bool        take;    /* the file becomes ours: not copied, but given a second name */
	str_t       alt;
	str_t       caption; /* HTML, cleaned here */
	str_t       credit, creator, copyright, licence;
};
err_t media_add(struct stet *s, arena_t *a, const struct media_draft *draft, str_t actor,
		struct media *out) CHECKED;
/* The same, from a file; what it is follows from its content. */
err_t media_add_file(struct stet *s, arena_t *a, const char *path, str_t actor,
		     struct media *out) CHECKED;
err_t media_add_picture(struct stet *s, arena_t *a, const char *path, str_t actor,
			struct media *out) CHECKED;

/* Its ending is that of a picture. */
bool media_name_is_picture(str_t name);

/* Writes alt, caption, credit, creator, copyright, licence, poster and focus as they are in `m`. */
err_t media_edit(struct stet *s, arena_t *a, struct media *m, str_t actor) CHECKED;

/* ERR_MISSING if there is none. */
err_t media_by_hash(struct conn *c, arena_t *a, str_t hash, struct media *out) CHECKED;
err_t media_by_id(struct conn *c, arena_t *a, id64 id, struct media *out) CHECKED;

/* "picture", "video", "audio", "file"; "captions" ... */
str_t media_kind_name(enum media_kind k);
bool  media_kind_parse(str_t s, enum media_kind *out);

/* What a browser is told a medium is: "video/mp4"; the ending of its file: "mp4". */
str_t media_type(const struct media *m);
str_t media_ext(const struct media *m);
/* Of a format by name; PLAIN_FILE for one that is not known. */
enum media_kind media_format_kind(str_t format);
bool            media_format_known(str_t format);
/* "/media/HASH/council-minutes.pdf": the medium itself, for ever the same. Not for a picture, whose
 * original stays here. */
str_t media_original_url(arena_t *a, const struct media *m);

/* What is said or shown in a recording, as WebVTT (vtt.h). */
enum track_kind { CAPTIONS, SUBTITLES, DESCRIPTIONS, CHAPTERS };
struct media_track {
	id64            id;
	enum track_kind kind;
	str_t           language; /* BCP 47 */
	str_t           label;    /* for people: "English" */
	str_t           url;      /* "/media/HASH/captions.en.vtt" */
	usec_t          saved;
};
struct media_tracks {
	struct media_track *v;
	size_t              n;
};
str_t track_kind_name(enum track_kind k);
bool  track_kind_parse(str_t s, enum track_kind *out);
err_t media_tracks(struct conn *c, arena_t *a, const struct media *m,
		   struct media_tracks *out) CHECKED;
/* Saves a track, new or in the place of the one of its kind and language. `text` is WebVTT or SRT; what
 * is wrong with it is said with its line. */
err_t media_track_save(struct stet *s, arena_t *a, const struct media *m, struct media_track *track,
		       str_t text, str_t actor) CHECKED;
err_t media_track_remove(struct stet *s, arena_t *a, const struct media *m,
			 const struct media_track *track, str_t actor) CHECKED;
err_t media_track_text(struct conn *c, arena_t *a, id64 track, str_t *out) CHECKED;

/* All that a page needs to show a medium of any kind. */
struct media_whole {
	struct media        media;
	str_t               url;    /* of the medium itself; empty for a picture */
	str_t               type;   /* as <source type> has it; empty for a picture */
	str_t               transcript; /* address of what is said as plain text; empty: none */
	struct media        poster; /* .id 0: none */
	struct media_tracks tracks;
};
err_t media_whole(struct conn *c, arena_t *a, str_t hash, struct media_whole *out) CHECKED;

/* "/media/HASH/960.jpg" */
str_t media_url(arena_t *a, const struct media *m, int width, enum media_format f);
/* The copy that stands in src: the nearest width to 960. */
str_t media_src(arena_t *a, const struct media *m);

/* The shapes a picture may be cut to, about its focus. */
enum media_shape { MEDIA_16X9, MEDIA_3X2, MEDIA_4X3, MEDIA_1X1, MEDIA_SHAPES };
/* "/media/HASH/960x540-50-50.jpg": a cut copy of about `wanted` points across, and its size. */
str_t media_crop_src(arena_t *a, const struct media *m, enum media_shape shape, int wanted,
		     int *width, int *height);
/* As media_view, cut to the shape. */
json_t *media_cut_view(arena_t *a, const struct media *m, enum media_shape shape);

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
