/* save.c: writing stories. Every way to change one is judged (prepare.c) and ends in write_story,
 * inside one act: the row, authors, tags, the revision, and the redirect from an address it had. */
#include "press/archive.h"
#include "press/corrections.h"
#include "press/announce.h"
#include "press/limits.h"
#include "press/live.h"
#include "press/past.h"
#include "press/press.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/saving.h"
#include "press/schedule.h"
#include "press/search.h"

#include "record/act.h"

const struct act_kind ACT_STORY_CREATE = { "story.create" };
const struct act_kind ACT_STORY_REVISE = { "story.revise" };
const struct act_kind ACT_STORY_PUBLISH = { "story.publish" };
const struct act_kind ACT_STORY_WITHDRAW = { "story.withdraw" };
const struct act_kind ACT_STORY_CORRECT = { "story.correct" };

/* What is being written, and what it was before. */
struct save {
	struct stet             *s;
	struct act              *act;
	struct story            *story;
	struct story             before;    /* .id 0 for a new one */
	int64_t                  expect;    /* revision that was edited; 0: any */
	str_t                    actor;
	const struct story_past *past;      /* what it was elsewhere, or NULL */
	story_rows_fn            also;      /* rows of another room, or NULL */
	void                    *also_ctx;
};

static err_t find_section(struct conn *c, arena_t *a, struct story *st)
{
	if (st->kind == STATIC_PAGE) {
		struct section none;
		err_t e = section_by_slug(c, a, st->slug, &none);
		if (!e)
			return err_user(ERR_CONFLICT, "slug", "slug: \"%.*s\" is a section",
					STR(st->slug));
		err_free(e);
		st->section = (struct section){ 0 };
		return OK;
	}
	if (!st->section.slug.n)
		return err_user(ERR_INPUT, "section", "section: must not be empty");
	str_t slug = st->section.slug;
	err_t e = section_by_slug(c, a, slug, &st->section);
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	return err_user(ERR_INPUT, "section", "section: there is no section \"%.*s\"", STR(slug));
}

static err_t find_ref(struct conn *c, arena_t *a, const char *field, const struct story *of,
		      struct story_ref *ref)
{
	struct story st;
	err_t e = ref->slug.n ? story_by_slug(c, a, STORY, ref->slug, &st)
			      : story_load(c, a, ref->id, &st);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return err_user(ERR_INPUT, field, "%s: there is no story \"%.*s\"", field,
				STR(ref->slug));
	}
	if (e)
		return e;
	if (st.id == of->id)
		return err_user(ERR_INPUT, field, "%s: a story cannot name itself", field);
	*ref = (struct story_ref){ st.id, st.slug };
	return OK;
}

/* The stories that this one names; those named twice count once. */
static err_t find_refs(struct conn *c, arena_t *a, struct story *st)
{
	size_t n = 0;
	if (st->translates.slug.n || st->translates.id)
		TRY(find_ref(c, a, "translates", st, &st->translates));
	struct story_ref *found = arena_array(a, st->nrelated, sizeof *found);
	for (size_t i = 0; i < st->nrelated; i++) {
		found[n] = st->related[i];
		TRY(find_ref(c, a, "related", st, &found[n]));
		bool twice = false;
		for (size_t j = 0; j < n; j++)
			twice |= found[j].id == found[n].id;
		n += !twice;
	}
	st->related = found;
	st->nrelated = n;
	return OK;
}

/* A series comes into being with its first story. */
static err_t find_series(struct conn *c, arena_t *a, struct save *w)
{
	struct series *series = &w->story->series;
	if (!series->slug.n) {
		*series = (struct series){ 0 };
		return OK;
	}
	TRY(db_run(c, &insert_series,
		   ARGS(v_int(id_new(&w->s->ids, clock_now(&w->s->clock))), v_str(series->slug),
			v_str(series->name)), NULL));
	return series_by_slug(c, a, series->slug, series);
}

static err_t write_related(struct conn *c, const struct story *st)
{
	TRY(db_run(c, &delete_related, ARGS(v_int(st->id)), NULL));
	for (size_t i = 0; i < st->nrelated; i++)
		TRY(db_run(c, &insert_related,
			   ARGS(v_int(st->id), v_int(st->related[i].id), v_int((int64_t)i)), NULL));
	return OK;
}

static err_t check_slug_is_free(struct conn *c, const struct story *st)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_same_slug,
		     ARGS(v_str(story_kind_name(st->kind)), v_str(st->slug), v_int(st->id)), &r));
	err_t e = OK;
	if (rows_next(&r, &e))
		return err_user(ERR_CONFLICT, "slug", "slug: \"%.*s\" is another %s's",
				STR(st->slug), st->kind == STORY ? "story" : "page");
	return e;
}

static err_t write_authors(struct conn *c, arena_t *a, struct save *w, struct value published)
{
	struct story *st = w->story;
	TRY(db_run(c, &delete_story_authors, ARGS(v_int(st->id)), NULL));
	for (size_t i = 0; i < st->nauthors; i++) {
		struct author *au = &st->authors[i];
		id64 fresh = id_new(&w->s->ids, clock_now(&w->s->clock));
		TRY(db_run(c, &insert_author,
			   ARGS(v_int(fresh), v_str(au->slug), v_str(au->name)), NULL));
		TRY(author_by_slug(c, a, au->slug, au));
		TRY(db_run(c, &insert_story_author,
			   ARGS(v_int(st->id), v_int(au->id), v_int((int64_t)i), published), NULL));
	}
	return OK;
}

static err_t write_tags(struct conn *c, arena_t *a, struct save *w, struct value published)
{
	struct story *st = w->story;
	TRY(db_run(c, &delete_story_tags, ARGS(v_int(st->id)), NULL));
	for (size_t i = 0; i < st->ntags; i++) {
		struct tag *tag = &st->tags[i];
		id64 fresh = id_new(&w->s->ids, clock_now(&w->s->clock));
		TRY(db_run(c, &insert_tag,
			   ARGS(v_int(fresh), v_str(tag->slug), v_str(tag->name)), NULL));
		TRY(tag_by_slug(c, a, tag->slug, tag));
		TRY(db_run(c, &insert_story_tag,
			   ARGS(v_int(st->id), v_int(tag->id), v_int((int64_t)i), published), NULL));
	}
	return OK;
}

/* Brought in with its past, a new story's correction keeps its name. */
static id64 known_id(const struct save *w, size_t i)
{
	const struct story_past *past = w->past;
	if (past && past->exact && !w->before.id && past->ncorrections == w->story->ncorrections)
		return past->corrections[i];
	return id_new(&w->s->ids, clock_now(&w->s->clock));
}

/* Those without an id are new. */
static err_t write_corrections(struct conn *c, struct save *w)
{
	struct story *st = w->story;
	for (size_t i = 0; i < st->ncorrections; i++) {
		struct correction *k = &st->corrections[i];
		if (k->id)
			continue;
		k->id = known_id(w, i);
		TRY(db_run(c, &insert_correction,
			   ARGS(v_int(k->id), v_int(st->id), v_int(k->made), v_str(k->text),
				v_str(correction_kind_name(k->kind)), v_int(k->serious),
				v_str(k->wrong), v_str(k->right)), NULL));
	}
	return OK;
}

static err_t write_row(struct conn *c, const struct story *st, bool fresh)
{
	return db_run(c, fresh ? &insert_story : &update_story,
		      ARGS(v_str(story_kind_name(st->kind)), v_str(st->slug),
			   v_str(story_state_name(st->state)), v_ref(st->section.id),
			   v_str(st->headline), v_str(st->standfirst), v_str(st->dateline),
			   v_str(story_format_name(st->format)), v_str(st->source), v_str(st->body),
			   v_int(st->words), v_int(st->long_read), v_ref(st->picture.media.id),
			   v_str(st->picture.alt), v_str(st->picture.caption),
			   v_str(st->picture.credit), v_ref(st->published), v_ref(st->updated),
			   v_str(st->withdrawn_why), v_int(st->revision), v_int(st->saved),
			   v_str(st->kicker), v_str(story_genre_name(st->genre)),
			   v_str(st->language), v_ref(st->translates.id), v_ref(st->series.id),
			   v_int(st->no_ask), v_int(st->sensitive), v_ref(st->scheduled),
			   v_ref(st->embargo), v_str(story_live_name(st->live)),
			   v_ref(st->live_from), v_ref(st->live_until), v_int(st->id)),
		      NULL);
}

static err_t write_revision(struct conn *c, arena_t *a, const struct save *w)
{
	const struct story *st = w->story;
	str_t content;
	TRY(story_content(a, st, &content));
	return db_run(c, &insert_revision,
		      ARGS(v_int(st->id), v_int(st->revision), v_int(st->saved), v_str(w->actor),
			   v_str(story_state_name(st->state)), v_str(content)), NULL);
}

/* An address that readers may have kept leads on to the new one; one that is taken anew stops being
 * a redirect. */
static err_t write_redirects(struct conn *c, arena_t *a, const struct save *w)
{
	str_t now = story_path(a, w->story);
	TRY(db_run(c, &delete_redirect, ARGS(v_str(now)), NULL));
	if (!w->before.id || !w->before.published)
		return OK;
	str_t was = story_path(a, &w->before);
	if (str_eq(was, now))
		return OK;
	return db_run(c, &save_redirect, ARGS(v_str(was), v_int(w->story->id), v_null()), NULL);
}

void story_touch_lists(struct act *act, arena_t *a, const struct story *st)
{
	act_touch(act, topic_front());
	act_touch(act, topic_section(a, st->section.slug));
	for (size_t i = 0; i < st->nauthors; i++)
		act_touch(act, topic_author(a, st->authors[i].slug));
	for (size_t i = 0; i < st->ntags; i++)
		act_touch(act, topic_tag(a, st->tags[i].slug));
	if (st->series.slug.n)
		act_touch(act, topic_series(a, st->series.slug));
}

static void touch(struct save *w, arena_t *a, const struct story *st)
{
	struct act *act = w->act;
	if (!st->id)
		return;
	act_touch(act, topic_story(a, st->id));
	if (st->kind == STATIC_PAGE) {
		act_touch(act, topic_site()); /* its title stands in every footer */
		return;
	}
	story_touch_lists(act, a, st);
	if (st->live != NOT_LIVE)
		act_touch(act, topic_live(a, st->id));
	if (st->translates.id)
		act_touch(act, topic_story(a, st->translates.id));
	if (st->ncorrections || st->state == WITHDRAWN)
		act_touch(act, topic_corrections());
	archive_touch(act, a, st->published);
}

static err_t check_expected(const struct save *w)
{
	if (!w->expect || w->expect == w->before.revision)
		return OK;
	return err_user(ERR_CONFLICT, "revision",
			"the story was saved meanwhile (revision %lld, you began from %lld); "
			"look at it again and repeat your change",
			(long long)w->before.revision, (long long)w->expect);
}

/* What says that it is public, but from a later moment on, is a draft until then; what is public
 * already keeps its date. */
static void hold_back(struct story *st, const struct story *before, usec_t now)
{
	if (st->state != PUBLISHED)
		return;
	if (before->state != DRAFT) {
		if (st->published > now)
			st->published = before->published;
		return;
	}
	if (st->published <= now && st->embargo <= now)
		return;
	st->state = DRAFT;
	if (st->published > now)
		st->scheduled = st->published > st->embargo ? st->published : st->embargo;
	st->published = 0;
}

/* The act's rows; runs inside the transaction. */
static err_t write_story(struct conn *c, arena_t *a, void *ctx)
{
	struct save *w = ctx;
	struct story *st = w->story;
	bool fresh = st->revision == 0; /* its number is given below */
	if (!fresh)
		TRY(story_load(c, a, st->id, &w->before));
	else if (w->past)
		past_before(w->past, &w->before);
	TRY(check_expected(w));
	hold_back(st, &w->before, st->saved);
	TRY(find_section(c, a, st));
	TRY(check_slug_is_free(c, st));
	TRY(find_refs(c, a, st));
	TRY(find_series(c, a, w));
	if (st->scheduled && st->scheduled != w->before.scheduled)
		act_job(w->act, STORY_COME_OUT, schedule_payload(a, st), st->scheduled);
	bool as_it_was = w->past && w->past->exact;
	st->revision = w->before.revision + !as_it_was;
	if (st->saved <= w->before.saved || as_it_was)
		st->saved = w->before.saved + !as_it_was;
	TRY(write_row(c, st, fresh));
	if (w->past)
		TRY(past_write(c, w->past));
	TRY(withdrawal_note(w->s, c, &w->before, st));
	struct value published = st->state == PUBLISHED ? v_int(st->published) : v_null();
	TRY(write_authors(c, a, w, published));
	TRY(write_tags(c, a, w, published));
	TRY(write_corrections(c, w));
	TRY(write_related(c, st));
	if (!as_it_was)
		TRY(write_revision(c, a, w));
	TRY(write_redirects(c, a, w));
	TRY(search_index_story(c, a, st));
	if (w->also)
		TRY(w->also(c, a, st, w->also_ctx));
	/* Only what readers could or can see changes a page. */
	if (w->before.state != DRAFT)
		touch(w, a, &w->before);
	if (st->state != DRAFT)
		touch(w, a, st);
	if (w->before.state != DRAFT || st->state != DRAFT)
		TRY(announce_follow(w->s, c, w->act));
	act_detail(w->act, json_pack("{s:I, s:s%, s:s%, s:s%}", "revision",
				     (json_int_t)st->revision, "state",
				     story_state_name(st->state).p, story_state_name(st->state).n,
				     "kind", story_kind_name(st->kind).p,
				     story_kind_name(st->kind).n, "path", story_path(a, st).p,
				     story_path(a, st).n));
	return OK;
}

/* Judges and writes `next`; on success it is what `*st` becomes, else `*st` stays as it was. */
static err_t commit(const struct act_kind *kind, struct story next, struct save w, arena_t *a,
		    struct story *st)
{
	next.saved = clock_now(&w.s->clock);
	if (!next.id)
		next.id = id_new(&w.s->ids, next.saved);
	TRY(story_prepare(a, &next));
	struct act act = act_begin(w.s, a, kind, next.id, w.actor);
	w.act = &act;
	w.story = &next;
	TRY(act_commit(&act, write_story, &w));
	*st = next;
	return OK;
}

err_t story_commit(struct stet *s, arena_t *a, const struct act_kind *kind, struct story next,
		   str_t actor, struct story *st)
{
	return commit(kind, next, (struct save){ .s = s, .expect = st->revision, .actor = actor }, a,
		      st);
}

err_t story_save_also(struct stet *s, arena_t *a, struct story *st, int64_t expect, str_t actor,
		      story_rows_fn also, void *ctx)
{
	struct story next = *st;
	if (next.state == PUBLISHED && !next.published)
		next.published = clock_now(&s->clock);
	return commit(st->revision ? &ACT_STORY_REVISE : &ACT_STORY_CREATE, next,
		      (struct save){ .s = s, .expect = expect, .actor = actor, .also = also,
				     .also_ctx = ctx }, a, st);
}

err_t story_bring(struct stet *s, arena_t *a, struct story *st, const struct story_past *past,
		  str_t actor, story_rows_fn also, void *ctx)
{
	struct story next = *st;
	next.id = past->id;
	return commit(st->revision ? &ACT_STORY_REVISE : &ACT_STORY_CREATE, next,
		      (struct save){ .s = s, .actor = actor, .past = past, .also = also,
				     .also_ctx = ctx }, a, st);
}

err_t story_save(struct stet *s, arena_t *a, struct story *st, int64_t expect, str_t actor)
{
	return story_save_also(s, a, st, expect, actor, NULL, NULL);
}

err_t story_publish(struct stet *s, arena_t *a, struct story *st, str_t actor)
{
	if (st->state == PUBLISHED)
		return err_new(ERR_CONFLICT, "the story is public already, since %.*s",
			       STR(time_long(a, st->published)));
	TRY(story_check_for_readers(st));
	TRY(story_check_embargo(s, a, st));
	struct story next = *st;
	next.state = PUBLISHED;
	next.scheduled = 0;
	next.withdrawn_why = S("");
	if (!next.published)
		next.published = clock_now(&s->clock);
	return story_commit(s, a, &ACT_STORY_PUBLISH, next, actor, st);
}

err_t story_withdraw(struct stet *s, arena_t *a, struct story *st, str_t why, str_t actor)
{
	if (st->state != PUBLISHED)
		return err_new(ERR_CONFLICT, "the story is not public, so it cannot be withdrawn");
	TRY(check_length("reason", why, CORRECTION_MOST, true));
	struct story next = *st;
	next.state = WITHDRAWN;
	next.withdrawn_why = one_line(a, why);
	return story_commit(s, a, &ACT_STORY_WITHDRAW, next, actor, st);
}
