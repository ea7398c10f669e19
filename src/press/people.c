/* people.c: sections, authors, tags, series, and the addresses that lead to stories. */
#include "press/limits.h"
#include "press/press.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/search.h"

#include "page/clean.h"
#include "record/act.h"

const struct act_kind ACT_SECTION_SAVE = { "section.save" };
const struct act_kind ACT_AUTHOR_SAVE = { "author.save" };
const struct act_kind ACT_TAG_KEEP = { "tag.keep" };
const struct act_kind ACT_SERIES_SAVE = { "series.save" };

static void row_section(const struct rows *r, arena_t *a, struct section *out)
{
	*out = (struct section){
		.id = row_int(r, 0),
		.slug = row_str(r, a, 1),
		.name = row_str(r, a, 2),
		.description = row_str(r, a, 3),
		.position = (int)row_int(r, 4),
	};
}

err_t section_list(struct conn *c, arena_t *a, struct section **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_sections, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		row_section(&r, a, &(*out)[(*n)++]);
	}
	return e;
}

err_t section_by_slug(struct conn *c, arena_t *a, str_t slug, struct section *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_section_by_slug, ARGS(v_str(slug)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no section \"%.*s\"", STR(slug));
	row_section(&r, a, out);
	return OK;
}

err_t tag_by_slug(struct conn *c, arena_t *a, str_t slug, struct tag *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_tag_by_slug, ARGS(v_str(slug)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no tag \"%.*s\"", STR(slug));
	*out = (struct tag){ .id = row_int(&r, 0), .slug = row_str(&r, a, 1),
			     .name = row_str(&r, a, 2) };
	return OK;
}

err_t series_by_slug(struct conn *c, arena_t *a, str_t slug, struct series *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_series_by_slug, ARGS(v_str(slug)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no series \"%.*s\"", STR(slug));
	*out = (struct series){ .id = row_int(&r, 0), .slug = row_str(&r, a, 1),
				.name = row_str(&r, a, 2), .description = row_str(&r, a, 3) };
	return OK;
}

err_t author_by_slug(struct conn *c, arena_t *a, str_t slug, struct author *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_author_by_slug, ARGS(v_str(slug)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no author \"%.*s\"", STR(slug));
	*out = (struct author){
		.id = row_int(&r, 0),
		.slug = row_str(&r, a, 1),
		.name = row_str(&r, a, 2),
		.role = row_str(&r, a, 3),
		.bio = row_str(&r, a, 4),
	};
	row_media(&r, a, 5, &out->picture);
	return OK;
}

err_t redirect_find(struct conn *c, arena_t *a, str_t path, str_t *out)
{
	*out = (str_t){ NULL, 0 };
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_redirect, ARGS(v_str(path)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e;
	if (!row_is_null(&r, 0)) {
		*out = row_str(&r, a, 0);
		return OK;
	}
	/* A draft must not be found by the address it had elsewhere. */
	if (str_eq(row_str(&r, a, 3), S("draft")))
		return OK;
	struct story st = { .slug = row_str(&r, a, 2), .section.slug = row_str(&r, a, 4) };
	if (str_eq(row_str(&r, a, 1), S("page")))
		st.kind = STATIC_PAGE;
	*out = story_path(a, &st);
	return OK;
}

static err_t check_name(const char *field, str_t name)
{
	size_t n = str_runes(name);
	if (!str_trim(name).n)
		return err_user(ERR_INPUT, field, "%s: must not be empty", field);
	if (!str_is_utf8(name, NULL))
		return err_user(ERR_INPUT, field, "%s: is not UTF-8", field);
	if (n > NAME_MOST)
		return err_user(ERR_INPUT, field, "%s: has %zu characters; at most %d fit", field, n,
				NAME_MOST);
	return OK;
}

/* What is saved, and the act that does. */
struct naming {
	struct act *act;
	void       *what;
};

/* Stories that show the old name are indexed anew by the job that follows. */
static err_t renamed(struct conn *c, const struct naming *w, enum list_of of, id64 id, str_t was,
		     str_t is)
{
	bool any = false;
	if (!str_eq(was, is))
		TRY(search_names_changed(c, of, id, &any));
	if (any)
		act_job(w->act, SEARCH_FILL, S("{\"kind\":1}"), 0);
	return OK;
}

static err_t write_section(struct conn *c, arena_t *a, void *ctx)
{
	const struct naming *w = ctx;
	struct section *section = w->what, was = { 0 };
	struct story page;
	err_t e = story_by_slug(c, a, STATIC_PAGE, section->slug, &page);
	if (!e)
		return err_user(ERR_CONFLICT, "slug", "slug: \"%.*s\" is a page", STR(section->slug));
	if (e->code != ERR_MISSING)
		return e;
	err_free(e);
	err_free(section_by_slug(c, a, section->slug, &was)); /* a new one was nothing */
	TRY(db_run(c, &save_section,
		   ARGS(v_int(section->id), v_str(section->slug), v_str(section->name),
			v_str(section->description), v_int(section->position)), NULL));
	if (was.id)
		TRY(renamed(c, w, LIST_SECTION, was.id, was.name, section->name));
	return section_by_slug(c, a, section->slug, section);
}

err_t section_save(struct stet *s, arena_t *a, struct section *section, str_t actor)
{
	TRY(check_name("name", section->name));
	if (!section->slug.n)
		section->slug = slug_from(a, section->name);
	TRY(slug_check_top("slug", section->slug));
	if (!section->description.p)
		section->description = S("");
	if (!section->id)
		section->id = id_new(&s->ids, clock_now(&s->clock));
	struct act act = act_begin(s, a, &ACT_SECTION_SAVE, section->id, actor);
	act_touch(&act, topic_site()); /* it stands in the navigation of every page */
	return act_commit(&act, write_section, &(struct naming){ &act, section });
}

static err_t write_author(struct conn *c, arena_t *a, void *ctx)
{
	const struct naming *w = ctx;
	struct author *au = w->what, was = { 0 };
	err_free(author_by_slug(c, a, au->slug, &was));
	TRY(db_run(c, &save_author,
		   ARGS(v_int(au->id), v_str(au->slug), v_str(au->name), v_str(au->role),
			v_str(au->bio), v_ref(au->picture.id)), NULL));
	if (was.id)
		TRY(renamed(c, w, LIST_AUTHOR, was.id, was.name, au->name));
	return author_by_slug(c, a, au->slug, au);
}

err_t author_save(struct stet *s, arena_t *a, struct author *author, str_t actor)
{
	struct author next = *author;
	TRY(check_name("name", next.name));
	if (!next.slug.n)
		next.slug = slug_from(a, next.name);
	TRY(slug_check("slug", next.slug));
	if (!next.role.p)
		next.role = S("");
	TRY(clean_html(a, GRAMMAR_INLINE, next.bio, &next.bio, NULL));
	if (!next.id)
		next.id = id_new(&s->ids, clock_now(&s->clock));
	struct act act = act_begin(s, a, &ACT_AUTHOR_SAVE, next.id, actor);
	act_touch(&act, topic_site()); /* the name stands under every story of theirs */
	TRY(act_commit(&act, write_author, &(struct naming){ &act, &next }));
	*author = next;
	return OK;
}

static err_t write_tag(struct conn *c, arena_t *a, void *ctx)
{
	const struct naming *w = ctx;
	struct tag *tag = w->what;
	TRY(db_run(c, &insert_tag, ARGS(v_int(tag->id), v_str(tag->slug), v_str(tag->name)), NULL));
	return tag_by_slug(c, a, tag->slug, tag);
}

err_t tag_keep(struct stet *s, arena_t *a, struct tag *tag, str_t actor)
{
	TRY(check_name("name", tag->name));
	TRY(slug_check("slug", tag->slug));
	tag->id = id_new(&s->ids, clock_now(&s->clock));
	struct act act = act_begin(s, a, &ACT_TAG_KEEP, tag->id, actor);
	return act_commit(&act, write_tag, &(struct naming){ &act, tag });
}

static err_t write_series(struct conn *c, arena_t *a, void *ctx)
{
	const struct naming *w = ctx;
	struct series *series = w->what, was = { 0 };
	err_free(series_by_slug(c, a, series->slug, &was));
	TRY(db_run(c, &save_series,
		   ARGS(v_int(series->id), v_str(series->slug), v_str(series->name),
			v_str(series->description)), NULL));
	if (was.id)
		TRY(renamed(c, w, LIST_SERIES, was.id, was.name, series->name));
	return series_by_slug(c, a, series->slug, series);
}

err_t series_save(struct stet *s, arena_t *a, struct series *series, str_t actor)
{
	struct series next = *series;
	TRY(check_name("name", next.name));
	if (!next.slug.n)
		next.slug = slug_from(a, next.name);
	TRY(slug_check("slug", next.slug));
	TRY(clean_html(a, GRAMMAR_INLINE, next.description, &next.description, NULL));
	if (!next.id)
		next.id = id_new(&s->ids, clock_now(&s->clock));
	struct act act = act_begin(s, a, &ACT_SERIES_SAVE, next.id, actor);
	act_touch(&act, topic_site()); /* the name stands over every story of it */
	TRY(act_commit(&act, write_series, &(struct naming){ &act, &next }));
	*series = next;
	return OK;
}

static str_t path_of(arena_t *a, enum story_kind kind, str_t section, str_t slug)
{
	if (kind == STATIC_PAGE)
		return str_format(a, "/%.*s", STR(slug));
	return str_format(a, "/%.*s/%.*s", STR(section), STR(slug));
}

str_t story_path(arena_t *a, const struct story *story)
{
	return path_of(a, story->kind, story->section.slug, story->slug);
}

str_t card_path(arena_t *a, const struct card *card)
{
	return path_of(a, card->kind, card->section.slug, card->slug);
}

str_t byline(arena_t *a, const struct author *authors, size_t n, str_t and)
{
	struct buf b = buf_new(a, 64);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add(&b, i + 1 == n ? and : S(", "));
		buf_add(&b, authors[i].name);
	}
	return buf_str(&b);
}
