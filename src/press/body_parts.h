/* body_parts.h: what the files behind body.h share: a walk through clean HTML. */
#pragma once

#include "press/body.h"
#include "press/media.h"

enum figure_kind {
	FIGURE_OTHER, FIGURE_GALLERY, FIGURE_RECORDING, FIGURE_TABLE, FIGURE_EMBED, FIGURE_FILE,
};

enum { BODY_DEPTH_MOST = 512 }; /* more than clean() lets through */

struct walk {
	struct stet     *s;
	struct view     *v;
	arena_t         *a;
	enum body_use    use;
	str_t            prefix;
	str_t            html;
	size_t           at;      /* behind what is written */
	struct buf       out;
	struct strs      references; /* names of the references to notes */
	enum figure_kind figures[BODY_DEPTH_MOST];
	size_t           nfigures;
	str_t            items[BODY_DEPTH_MOST]; /* of open <li>: the number of its note, or empty */
	size_t           nitems;
	size_t           tables;  /* open within each other */
	bool             wrapped; /* the outermost has a figure of our making */
	bool             head;    /* within <thead> */
	bool             in_link;
};

/* --- body.c --- */

enum figure_kind walk_figure(const struct walk *w);
/* The value of an attribute within one tag of clean HTML, as written there; empty if it has none. */
str_t tag_value(arena_t *a, str_t tag, const char *name);
/* The hash of "/media/HASH", or of an address below it; {NULL, 0} if it is none. */
str_t hash_in(str_t url);
/* Adds a name="value" that is not escaped yet. */
void  add_value(struct buf *b, const char *name, str_t value);

/* --- body_media.c; each writes what stands from w->at on, whose tag is given --- */

err_t body_player(struct walk *w, str_t tag) CHECKED;
err_t body_file(struct walk *w) CHECKED;      /* the inside of <figure class="file"> */
err_t body_enlarged(struct walk *w, str_t tag) CHECKED; /* a picture of a gallery */
/* Where a link to "/media/HASH" leads: the file itself. */
err_t body_media_link(struct walk *w, str_t url, str_t *out) CHECKED;

/* --- body_embed.c --- */

void body_embed(struct walk *w); /* the inside of <figure class="embed"> and its tags */
