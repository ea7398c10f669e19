/* search.h: finding stories by their words.
 *
 * What a reader types is parsed into a small tree (search_query.c), which knows no engine; the
 * engine's file (search_fts5.c: SQLite's FTS5) writes it anew in its own language, every word
 * quoted, so nothing that is typed can be an error of the database. The index is written in the
 * same act as the story (search_index_story in save.c), so it is never behind. PostgreSQL's
 * tsvector fits behind the same verbs: a document is four texts of falling weight and a set of
 * marks to filter by. */
#pragma once

#include "press/press.h"

struct act; /* record/act.h */

enum search_limits {
	SEARCH_QUERY_MOST = 300,  /* bytes that are read of what is typed */
	SEARCH_TERMS_MOST = 24,   /* words, phrases and filters: more are left out, and said to be */
	SEARCH_DEPTH_MOST = 6,    /* of parentheses */
	SEARCH_PREFIX_LEAST = 3,  /* letters before a '*': fewer match half the archive */
	SEARCH_RANKED_MOST = 500, /* newest matches that are ordered by relevance: 25 pages; 20 µs each */
	SEARCH_SUGGESTED_MOST = 8,
	SEARCH_AT_ONCE_MOST = 100, /* entries of a live blog that one more may cost to index: few ms */
};

/* --- what is asked: search_query.c --- */

enum search_op { SEARCH_TERM, SEARCH_ALL, SEARCH_ANY, SEARCH_NOT };
enum search_field { SEARCH_WORDS, SEARCH_AUTHOR, SEARCH_SECTION, SEARCH_TAG, SEARCH_SERIES,
		    SEARCH_BEFORE, SEARCH_AFTER };

/* A term is a leaf; the others hold their parts. */
struct search_node {
	enum search_op       op;
	enum search_field    field;
	str_t                text;    /* of a term: its words, without quotes */
	bool                 phrase;  /* it was quoted */
	bool                 prefix;  /* "word*" */
	bool                 negated; /* it stands in what is excluded */
	size_t               from, to; /* where it stands in the query, to take it out */
	id64                 id;      /* of the section, tag ... that a filter names; 0: none such */
	bool                 known;   /* search_resolve has found it */
	struct search_node **parts;
	size_t               nparts;
};

/* What could not be taken as it was typed: keys of messages, with the text it is about. */
struct search_note {
	const char *key;  /* "search.too-long" */
	str_t       about;
};

struct search_query {
	str_t               text;     /* as it was read: cut to length, white space folded */
	struct search_node *root;     /* NULL: nothing to look for */
	struct search_node **terms;   /* every leaf and every date, as typed */
	size_t              nterms;
	usec_t              from, to; /* published in [from, to); 0: no bound */
	bool                excludes; /* there is a NOT in it */
	struct search_note *notes;
	size_t              nnotes;
};

/* Reads anything. */
void search_parse(arena_t *a, str_t text, struct search_query *out);
/* Finds what filters name: sections, tags, authors, series. */
err_t search_resolve(struct conn *c, arena_t *a, struct search_query *q) CHECKED;
/* The query without one of its terms; with another word in the place of a term's. */
str_t search_without(arena_t *a, const struct search_query *q, const struct search_node *term);
str_t search_with(arena_t *a, const struct search_query *q, const struct search_node *term,
		  str_t word);
str_t search_field_name(enum search_field f); /* "author" */

/* --- the index: search_index.c --- */

/* A story as the index holds it: plain text, in falling weight. */
struct search_document {
	id64    story;
	id64    section;
	int64_t revision;
	usec_t  published;
	str_t   headline;
	str_t   about;    /* kicker, standfirst */
	str_t   names;    /* authors, section, tags, series, dateline */
	str_t   body;     /* body and captions, entries of a live blog */
	str_t   marks;    /* what filters ask for: search_mark */
};

/* Puts a public story in, takes any other out. Runs inside the act that saves the story. */
err_t search_index_story(struct conn *c, arena_t *a, const struct story *st) CHECKED;
/* The document of a story, for the index and for who checks it. */
err_t search_document_of(struct conn *c, arena_t *a, const struct story *st,
			 struct search_document *out) CHECKED;
/* An entry of a live blog has changed. A short blog is indexed anew in the act; a long one is marked,
 * and a job that the act begins does it, once for all that is posted until then. */
err_t search_index_live(struct conn *c, arena_t *a, struct act *act, const struct story *st) CHECKED;

/* A name that documents hold has changed: marks those to be indexed anew, which the job does. Runs
 * inside the act, which begins the job if `any` says so. */
err_t search_names_changed(struct conn *c, enum list_of of, id64 id, bool *any) CHECKED;

/* The job that indexes what is missing or marked, some stories at a time, newest first. */
struct job;
err_t search_fill_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
#define SEARCH_FILL "search.fill"
/* The job that indexes one marked live blog. */
err_t search_live_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
#define SEARCH_LIVE "search.live"
extern const struct act_kind ACT_SEARCH_FILL, ACT_SEARCH_EMPTY;

/* How far a filling has come. Zeroed: at its beginning. */
struct search_cursor {
	enum story_kind kind;
	struct list_key key;   /* of the last story looked at */
	int64_t         looked; /* stories so far */
	bool            done;
};
/* Some stories more. With `follow` the act that writes them begins a job for the next. */
err_t search_fill(struct stet *s, arena_t *a, str_t actor, bool follow,
		  struct search_cursor *at) CHECKED;
/* Empties the index; search_fill fills it. */
err_t search_empty(struct stet *s, arena_t *a, str_t actor) CHECKED;
/* Whether that work is still to be done. */
err_t search_is_filling(struct conn *c, bool *out) CHECKED;
/* One finding a line. */
err_t search_doctor(struct stet *s, struct conn *c, arena_t *a, struct strs *findings) CHECKED;

/* --- the engine's part: search_fts5.c --- */

err_t search_put(struct conn *c, const struct search_document *d) CHECKED;
err_t search_remove(struct conn *c, id64 story) CHECKED;
err_t search_clear(struct conn *c) CHECKED;
/* The text of the index and that of the document are the same. */
err_t search_same(struct conn *c, arena_t *a, const struct search_document *d, bool *out) CHECKED;
/* Documents that the index itself finds. */
err_t search_count(struct conn *c, int64_t *out) CHECKED;

/* Words around a match stand between these in headlines and excerpts; no text of the index has them. */
#define SEARCH_MARK_ON  "\xee\x80\x82" /* U+E002 */
#define SEARCH_MARK_OFF "\xee\x80\x83" /* U+E003 */
/* Between texts of a column, so that no phrase reaches from one into the next. */
#define SEARCH_BREAK    "\xee\x80\x81" /* U+E001 */
/* "s" and an id: a section's mark; "t", "a", "e": tag, author, series; "x": every document's. */
str_t search_mark(arena_t *a, char kind, id64 id);

struct search_hit {
	id64   story;
	id64   section;
	int64_t doc;
	usec_t published;
	double score;
	str_t  headline; /* with the marks of matches; filled for the hits of the page */
	str_t  excerpt;
};

enum search_sort { SEARCH_BY_RELEVANCE, SEARCH_BY_DATE };

struct search_found {
	struct search_hit *all; /* ordered; at most SEARCH_RANKED_MOST and as many old ones */
	size_t             n;
	bool               more; /* there are others, older than these */
};

/* The newest SEARCH_RANKED_MOST matches and, of older ones, those whose headline or names match;
 * ordered by relevance and age at `now`, or by date. */
err_t search_find(struct conn *c, arena_t *a, const struct search_query *q, enum search_sort sort,
		  usec_t now, struct search_found *out) CHECKED;
/* Fills headline and excerpt of a hit. */
err_t search_excerpt(struct conn *c, arena_t *a, const struct search_query *q,
		     struct search_hit *hit) CHECKED;
/* Stories whose headline holds the words, the last one perhaps not typed to its end; newest first. */
err_t search_headlines(struct conn *c, arena_t *a, const struct strs *words, size_t limit,
		       struct strs *headlines, struct strs *paths) CHECKED;

/* In how many headlines and names a word of the index stands. */
err_t search_word_count(struct conn *c, str_t word, int64_t *out) CHECKED;
/* Stories with any of these words in headline or names, but `except`: the most fitting first; of a hit
 * only story and score are filled. */
err_t search_with_any(struct conn *c, arena_t *a, const struct strs *words, id64 except, size_t limit,
		      struct search_hit **out, size_t *n) CHECKED;

/* --- likeness: search_alike.c --- */

/* Stories that have the telling words of this one in their headlines or names. */
err_t search_alike(struct conn *c, arena_t *a, const struct story *st, size_t limit,
		   struct search_hit **out, size_t *n) CHECKED;

/* --- spelling: search_near.c --- */

/* A word of the index, and in how many documents it stands. */
struct search_word {
	str_t   text;
	int64_t stories;
};
/* Words of the index that begin as `start` does (the engine's part). */
err_t search_words(struct conn *c, arena_t *a, str_t start, bool whole_text,
		   struct search_word **out, size_t *n) CHECKED;
/* Edits between two words, counted in letters: insert, delete, replace, swap two neighbours. `most`
 * and one more is the largest answer. */
size_t search_distance(str_t a, str_t b, size_t most);
/* The query with its likely misspelt words replaced; {NULL, 0} if there is nothing better. */
err_t search_did_you_mean(struct conn *c, arena_t *a, const struct search_query *q, str_t *out)
	CHECKED;

extern const struct route search_routes[];
