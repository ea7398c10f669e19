/* wp_index.h: the names in a WordPress export, gathered in the first reading: who is who, which
 * category lies in which, what every post is called, so that the second can resolve links. A few
 * hundred bytes a post, whatever its length. */
#pragma once

#include "exchange/import.h"
#include "exchange/wxr.h"

/* A post, page or attachment. */
struct wp_entry {
	int64_t id;
	size_t  order;     /* in the file */
	bool    brought;   /* by the second reading */
	str_t   type;
	str_t   slug;      /* free within this file */
	str_t   section;
	str_t   path;      /* old, of its link */
	bool    comes;     /* it will be a story here, public */
	str_t   url;       /* attachments: of the file */
	str_t   alt, caption;
};

struct wp_term {
	str_t slug, name, parent, about;
	bool  used;        /* as a section */
};

struct wp_author {
	str_t login, name;
	str_t slug;        /* two people of one name have two; empty if the name has no letters */
};

struct wp_correction {
	int64_t           post;
	struct correction correction;
};

struct wp_index {
	arena_t              *a;
	str_t                 site;     /* "https://old.example", without a slash at the end */
	struct wp_entry      *entries;  /* ascending by id after wp_index_finish */
	size_t                nentries;
	struct wp_entry     **by_path;  /* ascending by path */
	struct wp_term       *categories;
	size_t                ncategories;
	struct wp_author     *authors;
	size_t                nauthors;
	struct wp_correction *corrections;
	size_t                ncorrections;
	bool                  needs_default; /* some post has no category */
};

void  wp_index_begin(struct wp_index *x, arena_t *a);
err_t wp_index_add(struct wp_index *x, const struct wxr_node *node) CHECKED;
void  wp_index_finish(struct wp_index *x);

struct wp_entry *wp_by_id(const struct wp_index *x, int64_t id);
/* By login, or by the nicename that co-authors go by, "cap-ann"; NULL if unknown. */
const struct wp_author *wp_author(const struct wp_index *x, str_t login);

/* Sections: the top categories. The slug a category has here; the section it lies in. */
str_t wp_section_slug(const struct wp_index *x, str_t nicename);
str_t wp_section_of(const struct wp_index *x, str_t nicename);
str_t wp_default_section(const struct wp_index *x);
/* The i-th section that is used; false past the last. */
bool  wp_section_at(const struct wp_index *x, size_t i, str_t *slug, str_t *name, str_t *about);

/* An address found in a body: of a story of this file, its new path; of the old site otherwise, its
 * path, which a redirect may know; of elsewhere, {NULL, 0}: leave it. */
str_t wp_resolve_link(const struct wp_index *x, arena_t *a, str_t url);

/* The addresses that led to a post: its link, those of the slugs it had before, its number. */
void  wp_old_paths(const struct wp_index *x, arena_t *a, const struct wxr_node *item, int64_t id,
		   struct strs *out);
void wp_corrections(const struct wp_index *x, arena_t *a, int64_t post, struct correction **out,
		    size_t *n);

/* "2020/01/x-300x200.jpg" without "-300x200". */
str_t wp_without_size(arena_t *a, str_t path);
