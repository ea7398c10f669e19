/* structured_parts.h: what the files of structured data share. */
#pragma once

#include "press/view.h"

/* Of the publisher's drawn name (share.c); search engines want it at most this high. */
enum { LOGO_WIDTH = 600, LOGO_HEIGHT = 60 };

/* {"@type": type, "@id": id}; without id where it is empty. */
json_t *ld_new(const char *type, str_t id);
/* Sets what is not empty. */
void    ld_set(json_t *j, const char *key, str_t text);
/* Sets width and height, which the vocabulary has as lengths: "1200 px". */
void    ld_set_size(arena_t *a, json_t *j, int width, int height);
/* The view's "@graph". */
json_t *ld_graph(struct view *v);
/* The publisher in full, and by name only. */
json_t *ld_publisher(struct stet *s, arena_t *a);
json_t *ld_publisher_name(struct stet *s, arena_t *a);
/* A path here or an address elsewhere, as an address. */
str_t   ld_place(struct stet *s, arena_t *a, str_t place);
