/* story_page.c: the page of a story or a static page, put together from parts, and what stands where one
 * was withdrawn. */
#include "press/body.h"
#include "press/live_view.h"
#include "press/press.h"
#include "press/history.h"
#include "press/media.h"
#include "press/pages.h"
#include "press/reading.h"
#include "press/structured.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

static json_t *authors_of(struct view *v, const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->nauthors; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(st->authors[i].name));
		view_set_text(j, "role", st->authors[i].role);
		json_object_set_new(j, "url", view_text(str_format(v->a, "/author/%.*s",
								   STR(st->authors[i].slug))));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *tags_of(struct view *v, const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->ntags; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(st->tags[i].name));
		json_object_set_new(j, "url", view_text(str_format(v->a, "/tag/%.*s",
								   STR(st->tags[i].slug))));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *corrections_of(struct view *v, const struct story *st)
{
	if (!st->ncorrections)
		return json_null();
	json_t *list = json_array();
	for (size_t i = st->ncorrections; i > 0; i--) {
		const struct correction *k = &st->corrections[i - 1];
		json_t *j = json_object();
		json_object_set_new(j, "date", view_date(v, k->made));
		json_object_set_new(j, "text", view_text(correction_html(v, k)));
		json_object_set_new(j, "serious", json_boolean(k->serious));
		json_object_set_new(j, "clarification", json_boolean(k->kind == CLARIFICATION));
		view_set_text(j, "wrong", k->wrong);
		view_set_text(j, "right", k->right);
		json_array_append_new(list, j);
	}
	return list;
}

/* Serious ones stand at the head, under the standfirst; of the others a line there tells. */
static void corrections_apart(struct view *v, const struct story *st)
{
	json_t *grave = json_array(), *minor = json_array(), *one;
	bool mended = false;
	size_t i;
	json_array_foreach(json_object_get(v->json, "corrections"), i, one) {
		bool serious = json_is_true(json_object_get(one, "serious"));
		json_array_append(serious ? grave : minor, one);
	}
	for (i = 0; i < st->ncorrections; i++)
		mended |= st->corrections[i].kind == CORRECTION && !st->corrections[i].serious;
	json_object_set_new(v->json, "notice", json_array_size(minor)
			    ? view_text(say(v, mended ? "story.corrected" : "story.clarified"))
			    : json_null());
	json_object_set_new(v->json, "grave", grave);
	json_object_set_new(v->json, "minor", minor);
}

static void head_of(struct stet *s, struct view *v, const struct story *st)
{
	str_t path = story_path(v->a, st);
	struct share_picture share = share_picture_of(s, v->a, st);
	view_head(s, v, &(struct page_head){
		.kind = st->kind == STORY ? "story" : "static", .title = st->headline,
		.description = clean_text(v->a, st->standfirst), .path = path,
		.feed = st->live == NOT_LIVE ? (str_t){ NULL, 0 } : path,
		.feed_name = st->headline, .share = &share });
	json_object_set_new(v->json, "url", view_text(path));
}

err_t press_elsewhere(struct stet *s, struct view *v)
{
	enum { SOME = 5 };
	struct list list;
	(void)s;
	TRY(list_stories(v->c, v->a, LIST_ALL, 0, (struct list_key){ 0 }, SOME, &list));
	json_object_set_new(v->json, "latest", view_cards(v, list.v, list.n));
	return OK;
}

/* A withdrawn story leaves a page that says that it was there and why it is not. */
static err_t withdrawn_view(struct stet *s, struct view *v, const struct story *st)
{
	v->status = 410;
	v->template = "error";
	head_of(s, v, st);
	json_t *page = json_object_get(v->json, "page");
	json_object_set_new(page, "title", view_text(say(v, "error.withdrawn.title")));
	json_object_set_new(page, "kind", json_string("error"));
	json_object_set_new(page, "error", json_true());
	json_object_set_new(page, "robots", json_string("noindex"));
	json_object_del(page, "description");
	json_object_del(page, "picture");
	json_object_set_new(v->json, "status", json_integer(410));
	json_object_set_new(v->json, "heading", view_text(say(v, "error.withdrawn.heading")));
	json_object_set_new(v->json, "message", view_text(say(v, "error.withdrawn.message")));
	view_set_text(v->json, "reason", st->withdrawn_why);
	view_set_text(v->json, "headline", st->headline);
	json_object_set_new(v->json, "published", view_date(v, st->published));
	json_object_set_new(v->json, "withdrawn", view_date(v, st->withdrawn));
	json_object_set_new(v->json, "corrections", corrections_of(v, st));
	json_object_set_new(v->json, "all_corrections", json_true());
	if (st->kind == STORY)
		TRY(part_history(s, v, st));
	return press_elsewhere(s, v);
}

static err_t part_words(struct stet *s, struct view *v, const struct story *st)
{
	str_t body;
	json_t *j = v->json;
	TRY(body_expand(s, v, st->body, BODY_PAGE, S(""), &body));
	json_object_set_new(j, "headline", view_text(st->headline));
	view_set_text(j, "standfirst", st->standfirst);
	json_object_set_new(j, "body", view_text(body));
	json_object_set_new(j, "words", json_integer(st->words));
	json_object_set_new(j, "published", view_date(v, st->published));
	json_object_set_new(j, "updated", view_date(v, st->updated > st->published ? st->updated : 0));
	json_object_set_new(j, "picture", view_lead_picture(v->a, &st->picture));
	json_object_set_new(j, "corrections", corrections_of(v, st));
	corrections_apart(v, st);
	return OK;
}

static err_t part_labels(struct stet *s, struct view *v, const struct story *st)
{
	json_t *j = v->json;
	(void)s;
	json_object_set_new(j, "section", view_section(v->a, &st->section));
	json_object_set_new(j, "authors", authors_of(v, st));
	view_set_text(j, "byline", view_byline(v, st->authors, st->nauthors));
	view_set_text(j, "dateline", st->dateline);
	json_object_set_new(j, "tags", tags_of(v, st));
	json_object_set_new(j, "long", json_boolean(st->long_read));
	view_set_labels(v, j, st->kicker, st->genre, st->live, st->language);
	json_object_set_new(j, "no_ask", json_boolean(st->no_ask));
	json_object_set_new(j, "sensitive", json_boolean(st->sensitive));
	return OK;
}

/* What a story's page is made of, in order. Each part adds keys of its own to the view, and the topics
 * they depend on. */
static const story_part parts[] = {
	part_words, part_labels, part_series, part_related, part_translations, part_date, part_history,
	part_reading, part_live,
	part_structured, /* last: it tells what the others found */
};

err_t story_as_it_was(struct stet *s, struct view *v, const struct story *st)
{
	TRY(part_words(s, v, st));
	return part_labels(s, v, st);
}

err_t story_view(struct stet *s, struct view *v, const struct story *st)
{
	strs_add(v->a, &v->topics, topic_story(v->a, st->id));
	if (st->language.n)
		view_language(v, st->language);
	if (st->state == WITHDRAWN)
		return withdrawn_view(s, v, st);
	head_of(s, v, st);
	v->template = st->kind == STATIC_PAGE ? "page" : "story";
	if (st->kind == STATIC_PAGE)
		return part_words(s, v, st);
	for (size_t i = 0; i < COUNT(parts); i++)
		TRY(parts[i](s, v, st));
	return s->press && s->press->talk ? s->press->talk(s, v, st) : OK;
}

err_t story_at(struct stet *s, struct view *v)
{
	struct story st;
	TRY(story_by_slug(v->c, v->a, STORY, params_get(&v->q->route, "slug"), &st));
	if (st.state == DRAFT || !str_eq(st.section.slug, params_get(&v->q->route, "section")))
		return err_new(ERR_MISSING, "there is no such story");
	return story_view(s, v, &st);
}
