/* related.c: what a story leads on to: stories under it, the next to read, itself in other languages.
 *
 * Chosen stories come first. Others are found by the tags they share, each tag weighing the more the
 * fewer stories have it, so that "Ferries" says more than "City"; a tag is looked at no further than
 * its newest stories, so a tag of fifty thousand costs what one of fifty does; and by the telling words
 * of their headlines (search_alike). No story is shown twice: the next to read is none of the chosen, and
 * what is found is not the next. The page depends on each
 * story it shows, and on nothing that every publication touches: a new story does not redraw old ones. */
#include "press/pages.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/search.h"
#include "press/view.h"

#include "record/act.h"

#include <math.h>
#include <stdlib.h>

enum {
	SHOWN = 4,         /* a row of the page; */
	SHOWN_MOST = 8,    /* more only if they are chosen */
	TAGS_LOOKED = 8,
	LOOKED = 40,       /* newest stories of a tag */
	COMMON = 1000,     /* a tag of so many stories says nothing */
};

struct candidate {
	id64   id;
	double score;
	usec_t published;
};

struct candidates {
	struct candidate *v;
	size_t            n;
};

static const struct sql select_card = {
	"SELECT " CARD_COLUMNS STORY_TABLES "WHERE s.id = $1 AND s.kind = 'story' AND s.state = 'published'"
};
static const struct sql count_of_tag = {
	"SELECT count(*) FROM (SELECT 1 FROM story_tag WHERE tag = $1 AND published IS NOT NULL LIMIT $2) AS t"
};
static const struct sql select_of_tag = {
	"SELECT x.story, x.published, s.section, s.series, s.translates FROM story_tag x "
	"JOIN story s ON s.id = x.story WHERE x.tag = $1 AND x.published IS NOT NULL "
	"ORDER BY x.published DESC, x.story DESC LIMIT $2"
};
static const struct sql select_section_newest = {
	"SELECT s.id, s.published, s.section, s.series, s.translates FROM story s WHERE s.section = $1 AND "
	"s.kind = 'story' AND s.state = 'published' ORDER BY s.published DESC, s.id DESC LIMIT $2"
};
static const struct sql select_one = {
	"SELECT s.id, s.published, s.section, s.series, s.translates FROM story s WHERE s.id = $1 AND "
	"s.kind = 'story' AND s.state = 'published' LIMIT $2"
};
static const struct sql select_older = {
	"SELECT " LINE_COLUMNS LINE_TABLES "WHERE s.section = $1 AND s.kind = 'story' AND "
	"s.state = 'published' AND (s.published, s.id) < ($2, $3) "
	"ORDER BY s.published DESC, s.id DESC LIMIT $4"
};
static const struct sql select_next_part = {
	"SELECT " LINE_COLUMNS LINE_TABLES "WHERE s.series = $1 AND s.kind = 'story' AND "
	"s.state = 'published' AND (s.published, s.id) > ($2, $3) ORDER BY s.published, s.id LIMIT 1"
};
/* The original and all its translations; a translation of a translation belongs to them, too. */
static const struct sql select_translations = {
	"SELECT " LINE_COLUMNS LINE_TABLES "WHERE s.state = 'published' AND s.id <> $2 AND (s.id = $1 OR "
	"s.translates = $1 OR s.translates IN (SELECT t.id FROM story t WHERE t.translates = $1)) "
	"ORDER BY s.language, s.id"
};
static const struct sql select_original = { "SELECT translates FROM story WHERE id = $1" };

/* --- finding --- */

static err_t tag_weight(struct conn *c, id64 tag, double *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = 0;
	TRY(db_query(c, &count_of_tag, ARGS(v_int(tag), v_int(COMMON)), &r));
	if (rows_next(&r, &e))
		*out = log((double)(COMMON + 1) / (double)(row_int(&r, 0) + 1));
	return e;
}

/* Parts of its own series are shown already, and another language of it is no other story. */
static bool is_kin(const struct story *st, id64 id, id64 series, id64 translates)
{
	return id == st->id || (series && series == st->series.id) || translates == st->id ||
	       id == st->translates.id || (translates && translates == st->translates.id);
}

static void add_score(arena_t *a, struct candidates *all, const struct candidate *found)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].id == found->id) {
			all->v[i].score += found->score;
			return;
		}
	all->v = arena_room(a, all->v, all->n, sizeof *all->v);
	all->v[all->n++] = *found;
}

static err_t look(struct conn *c, arena_t *a, const struct sql *sql, id64 id, double weight,
		  const struct story *st, struct candidates *all)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, ARGS(v_int(id), v_int(LOOKED)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		struct candidate found = { row_int(&r, 0), weight, row_int(&r, 1) };
		if (is_kin(st, found.id, row_int(&r, 3), row_int(&r, 4)))
			continue;
		add_score(a, all, &found);
	}
	return e;
}

static int by_score(const void *left, const void *right)
{
	const struct candidate *x = left, *y = right;
	if (fabs(x->score - y->score) > 1e-9)
		return x->score < y->score ? 1 : -1;
	if (x->published != y->published)
		return x->published < y->published ? 1 : -1;
	return x->id < y->id ? 1 : -1;
}

/* A word of a headline says less than a tag that somebody gave. */
static err_t look_alike(struct view *v, const struct story *st, struct candidates *all)
{
	const double share = 0.15; /* bm25 with the headline's weight of ten: a rare word gives some 20 */
	struct search_hit *hits;
	size_t n;
	TRY(search_alike(v->c, v->a, st, LOOKED, &hits, &n));
	for (size_t i = 0; i < n; i++)
		TRY(look(v->c, v->a, &select_one, hits[i].story, hits[i].score * share, st, all));
	return OK;
}

/* A story of its section gains less than any tag that tells something. */
static err_t find(struct view *v, const struct story *st, struct candidates *all)
{
	const double same_section = 0.05;
	for (size_t i = 0; i < st->ntags && i < TAGS_LOOKED; i++) {
		double weight;
		TRY(tag_weight(v->c, st->tags[i].id, &weight));
		if (weight > 0)
			TRY(look(v->c, v->a, &select_of_tag, st->tags[i].id, weight, st, all));
	}
	TRY(look_alike(v, st, all));
	TRY(look(v->c, v->a, &select_section_newest, st->section.id, same_section, st, all));
	if (all->n)
		qsort(all->v, all->n, sizeof *all->v, by_score);
	return OK;
}

/* --- showing --- */

struct showing {
	struct view *v;
	json_t      *cards;
	id64         next; /* shown in its own place; 0: none */
	id64         shown[SHOWN_MOST];
	size_t       n;
};

/* The card of a story, if readers may see it; the page hears of it when that changes. */
static err_t show(struct showing *w, id64 id)
{
	struct list one;
	if (id == w->next)
		return OK;
	for (size_t i = 0; i < w->n; i++)
		if (w->shown[i] == id)
			return OK;
	strs_add(w->v->a, &w->v->topics, topic_story(w->v->a, id));
	TRY(cards_load(w->v->c, w->v->a, &select_card, ARGS(v_int(id)), 1, &one));
	if (!one.n)
		return OK;
	w->shown[w->n++] = id;
	json_array_append_new(w->cards, view_card(w->v, &one.v[0]));
	return OK;
}

static bool is_chosen(const struct story *st, id64 id)
{
	for (size_t i = 0; i < st->nrelated; i++)
		if (st->related[i].id == id)
			return true;
	return false;
}

/* The next part of its series; else the newest story of its section that is older and not chosen. What
 * is published later does not change that, so the page stays in the cache until that story changes. */
static err_t find_next(struct view *v, const struct story *st, id64 *out)
{
	struct card *lines = NULL;
	size_t n = 0;
	struct value at = v_int(st->published), id = v_int(st->id);
	*out = 0;
	if (st->series.id)
		TRY(lines_load(v->c, v->a, &select_next_part, ARGS(v_int(st->series.id), at, id),
			       &lines, &n));
	if (n) {
		*out = lines[0].id;
		return OK;
	}
	TRY(lines_load(v->c, v->a, &select_older, ARGS(v_int(st->section.id), at, id,
						       v_int((int64_t)st->nrelated + 1)), &lines, &n));
	for (size_t i = 0; i < n && !*out; i++)
		if (!is_chosen(st, lines[i].id))
			*out = lines[i].id;
	return OK;
}

static err_t add_next(struct view *v, const struct story *st, id64 *next)
{
	struct list one;
	json_object_set_new(v->json, "next_story", json_null());
	TRY(find_next(v, st, next));
	if (!*next)
		return OK;
	TRY(cards_load(v->c, v->a, &select_card, ARGS(v_int(*next)), 1, &one));
	if (one.n)
		json_object_set_new(v->json, "next_story", view_card(v, &one.v[0]));
	strs_add(v->a, &v->topics, topic_story(v->a, *next));
	return OK;
}

err_t part_related(struct stet *s, struct view *v, const struct story *st)
{
	struct showing w = { .v = v, .cards = json_array() };
	struct candidates all = { 0 };
	(void)s;
	json_object_set_new(v->json, "related", w.cards);
	TRY(add_next(v, st, &w.next));
	for (size_t i = 0; i < st->nrelated && w.n < SHOWN_MOST; i++)
		TRY(show(&w, st->related[i].id));
	if (w.n < SHOWN)
		TRY(find(v, st, &all));
	for (size_t i = 0; i < all.n && w.n < SHOWN; i++)
		TRY(show(&w, all.v[i].id));
	return OK;
}

/* --- other languages --- */

static err_t original_of(struct conn *c, const struct story *st, id64 *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = st->translates.id ? st->translates.id : st->id;
	if (!st->translates.id)
		return OK;
	TRY(db_query(c, &select_original, ARGS(v_int(*out)), &r));
	if (rows_next(&r, &e) && row_int(&r, 0))
		*out = row_int(&r, 0);
	return e;
}

/* What a message says for a language: that of "fr-CA", or of "fr"; else the tag itself. */
static str_t in_language(const struct view *v, const char *group, str_t tag)
{
	char key[96];
	str_t primary = str_slice(tag, 0, str_find_char(tag, '-', 0));
	snprintf(key, sizeof key, "language.%s.%.*s", group, STR(primary));
	str_t said = say(v, key);
	return str_eq(said, str_of(key)) ? tag : str_copy(v->a, said);
}

err_t part_translations(struct stet *s, struct view *v, const struct story *st)
{
	json_t *list = json_array();
	struct card *lines;
	size_t n;
	id64 original;
	json_object_set_new(v->json, "translations", list);
	TRY(original_of(v->c, st, &original));
	if (original != st->id) /* a sibling that comes touches it */
		strs_add(v->a, &v->topics, topic_story(v->a, original));
	TRY(lines_load(v->c, v->a, &select_translations, ARGS(v_int(original), v_int(st->id)), &lines, &n));
	for (size_t i = 0; i < n; i++) {
		str_t tag = lines[i].language.n ? lines[i].language : s->config.language;
		json_t *j = json_object();
		json_object_set_new(j, "lang", view_text(tag));
		json_object_set_new(j, "dir", json_string(view_direction(tag)));
		json_object_set_new(j, "name", view_text(in_language(v, "name", tag)));
		json_object_set_new(j, "read", view_text(in_language(v, "read", tag)));
		json_object_set_new(j, "headline", view_text(lines[i].headline));
		json_object_set_new(j, "url", view_text(card_path(v->a, &lines[i])));
		json_array_append_new(list, j);
		strs_add(v->a, &v->topics, topic_story(v->a, lines[i].id));
	}
	return OK;
}
