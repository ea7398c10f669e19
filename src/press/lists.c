/* lists.c: pages that list stories, newest first: a section, a tag, an author. */
#include "press/press.h"
#include "press/pages.h"
#include "press/plan.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

/* --- pages of a list: "?before=KEY", a key being the time and id of the last card shown --- */

str_t list_key_text(arena_t *a, const struct card *last)
{
	return str_format(a, "%.*s%.*s", STR(id_text(a, last->published)),
			  STR(id_text(a, last->id)));
}

err_t list_key_asked(const struct request *q, struct list_key *out)
{
	return list_key_in(q, "before", out);
}

err_t list_key_in(const struct request *q, const char *parameter, struct list_key *out)
{
	*out = (struct list_key){ 0 };
	str_t text = params_get(&q->query, parameter);
	if (!text.p)
		return OK;
	if (text.n == 2 * ID_TEXT && id_parse(str_slice(text, 0, ID_TEXT), &out->published) &&
	    id_parse(str_slice(text, ID_TEXT, text.n), &out->id))
		return OK;
	return err_new(ERR_MISSING, "there is no such page of the list");
}

static void list_set_older(struct view *v, const struct list *list, str_t path)
{
	if (list->more && list->n)
		view_set_text(v->json, "older",
			      str_format(v->a, "%.*s?before=%.*s", STR(path),
					 STR(list_key_text(v->a, &list->v[list->n - 1]))));
}

/* Cards, and the ways to the older and the newest page. */
void list_set(struct view *v, const struct list *list, size_t from, str_t path, bool first)
{
	json_t *cards = view_cards(v, list->v + from, list->n - from);
	json_object_set_new(v->json, "cards", cards);
	json_object_set_new(v->json, "older", json_null());
	json_object_set_new(v->json, "newest", json_null());
	list_set_older(v, list, path);
	if (!first)
		view_set_text(v->json, "newest", path);
}

/* --- section, tag, author --- */

/* Takes the stories of a plan out of a list, since they stand above it. */
static void leave_out(struct list *list, const struct plan *plan, const struct card *lead)
{
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++) {
		bool planned = lead && list->v[i].id == lead->id;
		for (size_t k = 0; k < plan->n; k++)
			planned |= plan->v[k].card.id == list->v[i].id;
		if (!planned)
			list->v[n++] = list->v[i];
	}
	list->n = n;
}

/* The first page of a section is a front of its own: what the editors planned, then the newest. */
static err_t section_front(struct stet *s, struct view *v, const struct section *section,
			   struct list *list)
{
	struct plan plan;
	TRY(plan_at(v->c, v->a, section->id, clock_now(&s->clock), &plan));
	const struct card *lead = plan_lead(&plan);
	if (!lead && list->n)
		lead = &list->v[0];
	struct card kept = lead ? *lead : (struct card){ 0 };
	if (lead)
		json_object_set_new(v->json, "lead", view_card(v, &kept));
	json_t *seconds = plan_cards(v, &plan, PLAN_LARGE);
	json_t *medium = plan_cards(v, &plan, PLAN_MEDIUM);
	json_array_extend(seconds, medium);
	json_decref(medium);
	json_object_set_new(v->json, "seconds", seconds);
	json_object_set_new(v->json, "small", plan_cards(v, &plan, PLAN_SMALL));
	leave_out(list, &plan, lead ? &kept : NULL);
	return OK;
}

err_t section_view(struct stet *s, struct view *v, const struct section *section)
{
	struct list_key key;
	struct list list;
	TRY(list_key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, LIST_SECTION, section->id, key,
			 (size_t)s->config.list_stories, &list));
	str_t path = str_format(v->a, "/%.*s", STR(section->slug));
	view_head(s, v, &(struct page_head){
		.kind = "section", .title = section->name, .description = section->description,
		.path = path, .feed = path, .feed_name = section->name });
	json_object_set_new(v->json, "name", view_text(section->name));
	view_set_text(v->json, "description", section->description);
	json_object_set_new(v->json, "url", view_text(path));
	struct list shown = list;
	if (!key.id)
		TRY(section_front(s, v, section, &shown));
	list_set(v, &shown, 0, path, !key.id);
	list_set_older(v, &list, path);
	strs_add(v->a, &v->topics, topic_section(v->a, section->slug));
	v->template = "section";
	return OK;
}

err_t tag_view(struct stet *s, struct view *v)
{
	struct tag tag;
	struct list_key key;
	struct list list;
	TRY(tag_by_slug(v->c, v->a, params_get(&v->q->route, "slug"), &tag));
	TRY(list_key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, LIST_TAG, tag.id, key, (size_t)s->config.list_stories,
			 &list));
	if (!list.n)
		return err_new(ERR_MISSING, "no story has this tag");
	str_t path = str_format(v->a, "/tag/%.*s", STR(tag.slug));
	view_head(s, v, &(struct page_head){ .kind = "tag", .title = tag.name, .path = path,
						.feed = path, .feed_name = tag.name });
	json_object_set_new(v->json, "name", view_text(tag.name));
	json_object_set_new(v->json, "url", view_text(path));
	list_set(v, &list, 0, path, !key.id);
	strs_add(v->a, &v->topics, topic_tag(v->a, tag.slug));
	v->template = "tag";
	return OK;
}

err_t author_view(struct stet *s, struct view *v)
{
	struct author author;
	struct list_key key;
	struct list list;
	TRY(author_by_slug(v->c, v->a, params_get(&v->q->route, "slug"), &author));
	TRY(list_key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, LIST_AUTHOR, author.id, key, (size_t)s->config.list_stories,
			 &list));
	str_t path = str_format(v->a, "/author/%.*s", STR(author.slug));
	view_head(s, v, &(struct page_head){
		.kind = "author", .title = author.name, .description = clean_text(v->a, author.bio),
		.path = path, .picture = &author.picture, .feed = path, .feed_name = author.name });
	json_object_set_new(v->json, "name", view_text(author.name));
	view_set_text(v->json, "role", author.role);
	view_set_text(v->json, "bio", author.bio);
	json_object_set_new(v->json, "url", view_text(path));
	struct lead_picture portrait = { .media = author.picture, .alt = author.name };
	json_object_set_new(v->json, "picture", view_lead_picture(v->a, &portrait));
	list_set(v, &list, 0, path, !key.id);
	strs_add(v->a, &v->topics, topic_author(v->a, author.slug));
	v->template = "author";
	return s->press && s->press->author ? s->press->author(s, v, &author) : OK;
}
