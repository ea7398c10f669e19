/* story_finder.h: under which story a comment from elsewhere belongs.
 *
 * Its page is told by an address, by the name that its program knew it by, or both. Asked are, in this order: the list of
 * addresses that whoever imports has written (--map); what an import of stories kept of their numbers there; the old
 * addresses that lead on; today's. Schemes, www., what follows a #, a slash at the end and queries nobody asked to keep
 * make no difference. */
#pragma once

#include "exchange/jotter.h"
#include "store/store.h"

struct story_finder {
	struct jotter *notes;    /* the list of addresses stands there */
	arena_t       *a;
	struct strs    sources;  /* of stories that were imported */
	struct strs    starts, ends; /* an old address that ends in a star, and what it becomes */
	bool           asked;
};

/* Reads a list "old,new" (CSV, with or without a header); a * at the end of both stands for the rest of the address. */
err_t story_finder_map(struct story_finder *f, const char *path) CHECKED;

/* `source` is of the file: numbers of an import from the same place come first. 0: none is here. */
err_t story_finder_ask(struct story_finder *f, struct conn *c, arena_t *a, str_t source, str_t url, str_t thread,
		       id64 *out) CHECKED;

/* An address without scheme, www., fragment: "old.example/2020/a?b"; the part before its path. */
str_t address_plain(str_t url);
str_t address_host(str_t url);
