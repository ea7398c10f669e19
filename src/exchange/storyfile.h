/* storyfile.h: a story as a text file that people write: front matter and Markdown.
 *
 *	---
 *	headline: The harbour opens again
 *	section: harbour
 *	authors: [mara-voss]
 *	picture: pictures/harbour.jpg
 *	---
 *	Body in Markdown.
 *
 * The same form is read by `stet story new` and `edit` and by the import of a folder, and written by
 * `stet story edit` and the export. docs/story-files.md lists the keys; one that is not there is
 * refused with the nearest that is. */
#pragma once

#include "press/press.h"

#include <jansson.h>

struct story_file {
	const char *name;   /* for messages: "stories/harbour.md" */
	const char *folder; /* that pictures are relative to; NULL: pictures only by /media/ address */
	str_t       text;
};

/* Brings what the file says into `st`; what it does not name stays. Pictures that it names are taken
 * in. The state is not touched: `state` and `published` are told in `wish`. */
struct story_wish {
	bool              published_given;
	usec_t            published;
	bool              state_given;
	enum story_state  state;
	struct correction *corrections; /* .text is Markdown */
	size_t            ncorrections;
};
err_t storyfile_apply(struct stet *s, arena_t *a, const struct story_file *file, str_t actor,
		      struct story *st, struct story_wish *wish) CHECKED;

/* How a story's file names a tag: by its name, from which its address follows; by its address where that
 * is another (publication.yaml then tells its name). */
str_t tag_in_file(arena_t *a, const struct tag *tag);

/* The file of a story, such that applying it to an empty story gives the same. */
str_t storyfile_write(arena_t *a, const struct story *st);
