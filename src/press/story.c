/* story.c: reading stories: one function turns a row into a struct. */
#include "press/live.h"
#include "press/corrections.h"
#include "press/press.h"
#include "press/press.sql.h"
#include "press/rows.h"

static const char *const kinds[] = { [STORY] = "story", [STATIC_PAGE] = "page" };
static const char *const states[] = { [DRAFT] = "draft", [PUBLISHED] = "published",
				      [WITHDRAWN] = "withdrawn" };
static const char *const genres[] = { [REPORT] = "report", [ANALYSIS] = "analysis",
				      [OPINION] = "opinion", [REVIEW] = "review",
				      [BACKGROUND] = "background", [SPONSORED] = "sponsored" };
static const char *const lives[] = { [NOT_LIVE] = "", [LIVE] = "live", [LIVE_ENDED] = "ended" };
static const char *const correction_kinds[] = { [CORRECTION] = "correction",
						[CLARIFICATION] = "clarification" };
static const char *const formats[] = { [MARKDOWN] = "markdown", [HTML] = "html" };

static int name_index(const char *const *names, size_t n, str_t s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(names[i])))
			return (int)i;
	return -1;
}

str_t story_kind_name(enum story_kind k)
{
	return str_of(kinds[k]);
}

str_t story_state_name(enum story_state st)
{
	return str_of(states[st]);
}

str_t story_format_name(enum story_format f)
{
	return str_of(formats[f]);
}

bool story_state_parse(str_t s, enum story_state *out)
{
	int i = name_index(states, COUNT(states), s);
	if (i >= 0)
		*out = (enum story_state)i;
	return i >= 0;
}

str_t story_genre_name(enum story_genre g)
{
	return str_of(genres[g]);
}

bool story_genre_parse(str_t s, enum story_genre *out)
{
	int i = name_index(genres, COUNT(genres), s);
	if (i >= 0)
		*out = (enum story_genre)i;
	return i >= 0;
}

bool story_live_parse(str_t s, enum story_live *out)
{
	int i = name_index(lives, COUNT(lives), s);
	if (i >= 0)
		*out = (enum story_live)i;
	return i >= 0;
}

str_t story_live_name(enum story_live l)
{
	return str_of(lives[l]);
}

str_t correction_kind_name(enum correction_kind k)
{
	return str_of(correction_kinds[k]);
}

bool correction_kind_parse(str_t s, enum correction_kind *out)
{
	int i = name_index(correction_kinds, COUNT(correction_kinds), s);
	if (i >= 0)
		*out = (enum correction_kind)i;
	return i >= 0;
}

static enum story_genre row_genre(const struct rows *r, arena_t *a, int column)
{
	enum story_genre g = REPORT;
	story_genre_parse(row_str(r, a, column), &g);
	return g;
}

static enum story_live row_live(const struct rows *r, arena_t *a, int column)
{
	int i = name_index(lives, COUNT(lives), row_str(r, a, column));
	return i < 0 ? NOT_LIVE : (enum story_live)i;
}

static enum story_kind row_kind(const struct rows *r, arena_t *a, int column)
{
	return str_eq(row_str(r, a, column), S("page")) ? STATIC_PAGE : STORY;
}

static enum story_state row_state(const struct rows *r, arena_t *a, int column)
{
	enum story_state st = DRAFT;
	story_state_parse(row_str(r, a, column), &st);
	return st;
}

static void row_story(const struct rows *r, arena_t *a, struct story *out)
{
	*out = (struct story){
		.id = row_int(r, 0),
		.kind = row_kind(r, a, 1),
		.slug = row_str(r, a, 2),
		.state = row_state(r, a, 3),
		.headline = row_str(r, a, 4),
		.standfirst = row_str(r, a, 5),
		.dateline = row_str(r, a, 6),
		.format = str_eq(row_str(r, a, 7), S("html")) ? HTML : MARKDOWN,
		.source = row_str(r, a, 8),
		.body = row_str(r, a, 9),
		.words = row_int(r, 10),
		.long_read = row_int(r, 11) != 0,
		.picture.alt = row_str(r, a, 12),
		.picture.caption = row_str(r, a, 13),
		.picture.credit = row_str(r, a, 14),
		.published = row_int(r, 15),
		.updated = row_int(r, 16),
		.withdrawn_why = row_str(r, a, 17),
		.revision = row_int(r, 18),
		.saved = row_int(r, 19),
		.section = {
			.id = row_int(r, 20),
			.slug = row_str(r, a, 21),
			.name = row_str(r, a, 22),
			.description = row_str(r, a, 23),
			.position = (int)row_int(r, 24),
		},
	};
	row_media(r, a, 25, &out->picture.media);
	int at = 25 + MEDIA_WIDTH;
	out->kicker = row_str(r, a, at);
	out->genre = row_genre(r, a, at + 1);
	out->language = row_str(r, a, at + 2);
	out->no_ask = row_int(r, at + 3) != 0;
	out->sensitive = row_int(r, at + 4) != 0;
	out->scheduled = row_int(r, at + 5);
	out->embargo = row_int(r, at + 6);
	out->live = row_live(r, a, at + 7);
	out->live_from = row_int(r, at + 8);
	out->live_until = row_int(r, at + 9);
	out->series = (struct series){ .id = row_int(r, at + 10), .slug = row_str(r, a, at + 11),
				       .name = row_str(r, a, at + 12),
				       .description = row_str(r, a, at + 13) };
	out->translates = (struct story_ref){ row_int(r, at + 14), row_str(r, a, at + 15) };
}

err_t authors_load(struct conn *c, arena_t *a, const struct sql *sql, id64 of, struct author **out,
		   size_t *n)
{
	AUTO_ROWS r = { 0 };
	*out = NULL;
	*n = 0;
	TRY(db_query(c, sql, ARGS(v_int(of)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = (struct author){
			.id = row_int(&r, 0),
			.slug = row_str(&r, a, 1),
			.name = row_str(&r, a, 2),
			.role = row_str(&r, a, 3),
		};
	}
	return e;
}

err_t corrections_load(struct conn *c, arena_t *a, const struct sql *sql, id64 of,
		       struct correction **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	*out = NULL;
	*n = 0;
	TRY(db_query(c, sql, ARGS(v_int(of)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		struct correction *k = &(*out)[(*n)++];
		*k = (struct correction){
			.id = row_int(&r, 0),
			.made = row_int(&r, 1),
			.text = row_str(&r, a, 2),
			.serious = row_int(&r, 4) != 0,
			.wrong = row_str(&r, a, 5),
			.right = row_str(&r, a, 6),
		};
		correction_kind_parse(row_str(&r, a, 3), &k->kind);
	}
	return e;
}

static err_t load_tags(struct conn *c, arena_t *a, struct story *st)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_story_tags, ARGS(v_int(st->id)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		st->tags = arena_room(a, st->tags, st->ntags, sizeof *st->tags);
		st->tags[st->ntags++] = (struct tag){
			.id = row_int(&r, 0),
			.slug = row_str(&r, a, 1),
			.name = row_str(&r, a, 2),
		};
	}
	return e;
}

static err_t load_related(struct conn *c, arena_t *a, struct story *st)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_related, ARGS(v_int(st->id)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		st->related = arena_room(a, st->related, st->nrelated, sizeof *st->related);
		st->related[st->nrelated++] =
			(struct story_ref){ row_int(&r, 0), row_str(&r, a, 1) };
	}
	return e;
}

static err_t load_row(struct conn *c, arena_t *a, const struct sql *sql, struct args args, struct story *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, args, &r));
	err_t e;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no such story");
	row_story(&r, a, out);
	return OK;
}

err_t story_row_load(struct conn *c, arena_t *a, id64 id, struct story *out)
{
	return load_row(c, a, &select_story, ARGS(v_int(id)), out);
}

err_t story_row_by_slug(struct conn *c, arena_t *a, enum story_kind kind, str_t slug, struct story *out)
{
	return load_row(c, a, &select_story_by_slug, ARGS(v_str(story_kind_name(kind)), v_str(slug)), out);
}

static err_t load_one(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		      struct story *out)
{
	TRY(load_row(c, a, sql, args, out));
	TRY(authors_load(c, a, &select_story_authors, out->id, &out->authors, &out->nauthors));
	TRY(load_tags(c, a, out));
	TRY(load_related(c, a, out));
	TRY(withdrawal_load(c, out));
	return corrections_load(c, a, &select_corrections, out->id, &out->corrections,
				&out->ncorrections);
}

err_t story_load(struct conn *c, arena_t *a, id64 id, struct story *out)
{
	return load_one(c, a, &select_story, ARGS(v_int(id)), out);
}

err_t story_by_slug(struct conn *c, arena_t *a, enum story_kind kind, str_t slug,
		    struct story *out)
{
	return load_one(c, a, &select_story_by_slug, ARGS(v_str(story_kind_name(kind)), v_str(slug)),
			out);
}

/* The last segment of a path or URL: what names a story in it. */
static str_t last_segment(str_t name)
{
	size_t end = str_find_char(name, '?', 0);
	name = str_slice(name, 0, end);
	while (str_ends(name, S("/")))
		name = str_slice(name, 0, name.n - 1);
	if (str_ends(name, S(".json")))
		name = str_slice(name, 0, name.n - 5);
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/')
			return str_slice(name, i, name.n);
	return name;
}

err_t story_find(struct conn *c, arena_t *a, str_t name, struct story *out)
{
	id64 id;
	str_t slug = last_segment(name);
	const enum story_kind order[] = { STORY, STATIC_PAGE };
	for (size_t i = 0; i < COUNT(order); i++) {
		err_t e = story_by_slug(c, a, order[i], slug, out);
		if (!e || e->code != ERR_MISSING)
			return e;
		err_free(e);
	}
	if (slug.n == ID_TEXT && id_parse(slug, &id)) {
		err_t e = story_load(c, a, id, out);
		if (!e || e->code != ERR_MISSING)
			return e;
		err_free(e);
	}
	return err_new(ERR_MISSING, "there is no story \"%.*s\"; `stet story list` shows them all",
		       STR(name));
}

void row_card(const struct rows *r, arena_t *a, struct card *out)
{
	*out = (struct card){
		.id = row_int(r, 0),
		.kind = row_kind(r, a, 1),
		.slug = row_str(r, a, 2),
		.state = row_state(r, a, 3),
		.headline = row_str(r, a, 4),
		.standfirst = row_str(r, a, 5),
		.published = row_int(r, 6),
		.updated = row_int(r, 7),
		.long_read = row_int(r, 8) != 0,
		.picture.alt = row_str(r, a, 9),
		.picture.caption = row_str(r, a, 10),
		.picture.credit = row_str(r, a, 11),
		.section.id = row_int(r, 12),
		.section.slug = row_str(r, a, 13),
		.section.name = row_str(r, a, 14),
		.corrected = row_int(r, 15),
	};
	row_media(r, a, 16, &out->picture.media);
	int at = 16 + MEDIA_WIDTH;
	out->kicker = row_str(r, a, at);
	out->genre = row_genre(r, a, at + 1);
	out->live = row_live(r, a, at + 2);
	out->language = row_str(r, a, at + 3);
	out->sensitive = row_int(r, at + 4) != 0;
}

/* How much it is talked about, as of now: pages that are kept show it as it was, and script asks anew. */
static const struct sql select_talk = {
	"SELECT coalesce((SELECT v.comments FROM conversation v WHERE v.story = $1), 0), "
	"(SELECT count(*) FROM forum_setting f WHERE f.place = '' AND (f.value LIKE '%\"open\":\"off\"%' OR "
	"f.value LIKE '%\"open\":\"closed\"%'))"
};

static err_t load_talk(struct conn *c, struct card *card)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	if (card->kind != STORY)
		return OK;
	TRY(db_query(c, &select_talk, ARGS(v_int(card->id)), &r));
	if (rows_next(&r, &e)) {
		card->comments = row_int(&r, 0);
		card->hushed = row_int(&r, 1) > 0;
	}
	return e;
}

err_t card_complete(struct conn *c, arena_t *a, struct card *card)
{
	TRY(load_talk(c, card));
	TRY(authors_load(c, a, &select_story_authors, card->id, &card->authors, &card->nauthors));
	if (card->live == LIVE)
		TRY(live_line(c, a, card->id, &card->live_line));
	return OK;
}

err_t cards_load(struct conn *c, arena_t *a, const struct sql *sql, struct args args, size_t limit,
		 struct list *out)
{
	*out = (struct list){ 0 };
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, args, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		if (out->n == limit) {
			out->more = true;
			break;
		}
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		row_card(&r, a, &out->v[out->n++]);
	}
	rows_end(&r);
	if (e)
		return e;
	for (size_t i = 0; i < out->n; i++)
		TRY(card_complete(c, a, &out->v[i]));
	return OK;
}

err_t lines_load(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		 struct card **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, args, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = (struct card){
			.id = row_int(&r, 0),
			.kind = row_kind(&r, a, 1),
			.slug = row_str(&r, a, 2),
			.section = { .slug = row_str(&r, a, 3), .name = row_str(&r, a, 4) },
			.headline = row_str(&r, a, 5),
			.language = row_str(&r, a, 6),
			.published = row_int(&r, 7),
		};
	}
	return e;
}

err_t list_stories(struct conn *c, arena_t *a, enum list_of of, id64 id, struct list_key after,
		   size_t limit, struct list *out)
{
	static const struct sql *const lists[] = {
		[LIST_ALL] = &list_all, [LIST_SECTION] = &list_in_section,
		[LIST_TAG] = &list_of_tag, [LIST_AUTHOR] = &list_of_author,
		[LIST_SERIES] = &list_of_series,
	};
	bool newest = !after.published && !after.id;
	struct value v[] = { v_int(newest ? INT64_MAX : after.published),
			     v_int(newest ? INT64_MAX : after.id), v_int((int64_t)limit + 1),
			     v_int(id) };
	struct args args = { v, of == LIST_ALL ? 3 : 4 };
	return cards_load(c, a, lists[of], args, limit, out);
}

err_t list_chosen(struct conn *c, arena_t *a, const id64 *ids, size_t n, struct list *out)
{
	*out = (struct list){ .v = arena_array(a, n, sizeof *out->v) };
	for (size_t i = 0; i < n; i++) {
		struct list one;
		TRY(cards_load(c, a, &list_one, ARGS(v_int(ids[i])), 1, &one));
		if (one.n)
			out->v[out->n++] = one.v[0];
	}
	return OK;
}

err_t list_saved(struct conn *c, arena_t *a, int state, size_t limit, struct list *out)
{
	struct value wanted = state < 0 ? v_null() : v_str(str_of(states[state]));
	return cards_load(c, a, &list_last_saved, ARGS(wanted, v_int((int64_t)limit + 1)), limit,
			  out);
}

err_t list_with_picture(struct conn *c, arena_t *a, id64 media, struct list *out)
{
	return cards_load(c, a, &list_pictured, ARGS(v_int(media)), SIZE_MAX, out);
}

err_t page_list(struct conn *c, arena_t *a, struct card **out, size_t *n)
{
	struct list list;
	TRY(cards_load(c, a, &list_pages, NO_ARGS, SIZE_MAX, &list));
	*out = list.v;
	*n = list.n;
	return OK;
}

err_t revision_load(struct conn *c, arena_t *a, id64 story, int64_t number, struct revision *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_revision, ARGS(v_int(story), v_int(number)), &r));
	err_t e;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "the story has no revision %lld",
				       (long long)number);
	*out = (struct revision){
		.number = row_int(&r, 0),
		.saved = row_int(&r, 1),
		.actor = row_str(&r, a, 2),
		.state = row_str(&r, a, 3),
		.content = row_str(&r, a, 4),
	};
	return OK;
}
