/* front.c: the front page: what leads, what stands beside it, a band for each section. */
#include "press/press.h"
#include "press/pages.h"
#include "press/view.h"

#include "record/act.h"

enum { SECONDS = 4, LATEST = 8, BAND = 5 };

/* The stories of a section that stand nowhere above, newest first, at most BAND of them. The first
 * with a picture opens the band. */
static size_t choose_band(const struct section *section, const struct list *all, bool *used,
			  size_t chosen[BAND])
{
	size_t n = 0, opener = 0;
	for (size_t i = 0; i < all->n && n < BAND; i++)
		if (!used[i] && all->v[i].section.id == section->id)
			chosen[n++] = i;
	while (opener < n && !all->v[chosen[opener]].picture.media.id)
		opener++;
	if (opener == n)
		opener = 0; /* none has one: the newest */
	for (size_t first = n ? chosen[opener] : 0; opener > 0; opener--) {
		chosen[opener] = chosen[opener - 1];
		chosen[opener - 1] = first;
	}
	for (size_t i = 0; i < n; i++)
		used[chosen[i]] = true;
	return n;
}

static void add_band(struct view *v, json_t *bands, const struct section *section,
		     const struct list *all, bool *used)
{
	size_t chosen[BAND], n = choose_band(section, all, used, chosen);
	if (!n)
		return;
	json_t *band = json_object(), *cards = json_array();
	for (size_t i = 1; i < n; i++)
		json_array_append_new(cards, view_card(v, &all->v[chosen[i]]));
	json_object_set_new(band, "name", view_text(section->name));
	json_object_set_new(band, "url",
			    view_text(str_format(v->a, "/%.*s", STR(section->slug))));
	json_object_set_new(band, "first", view_card(v, &all->v[chosen[0]]));
	json_object_set_new(band, "cards", cards);
	json_array_append_new(bands, band);
}

static void add_cards(struct view *v, const char *key, const struct list *all, bool *used,
		      size_t most)
{
	json_t *cards = json_array();
	for (size_t i = 0; i < all->n && json_array_size(cards) < most; i++) {
		if (used[i])
			continue;
		used[i] = true;
		json_array_append_new(cards, view_card(v, &all->v[i]));
	}
	json_object_set_new(v->json, key, cards);
}

/* The newest story with a picture leads; without any, the newest. */
static size_t choose_lead(const struct list *all)
{
	enum { RECENT = 6 };
	for (size_t i = 0; i < all->n && i < RECENT; i++)
		if (all->v[i].picture.media.id)
			return i;
	return 0;
}

err_t front_view(struct stet *s, struct view *v)
{
	struct list all;
	TRY(list_stories(v->c, v->a, LIST_ALL, 0, (struct list_key){ 0 },
			 (size_t)s->config.front_stories, &all));
	strs_add(v->a, &v->topics, topic_front());
	struct page_head head = { .kind = "front", .title = s->config.name,
				  .description = s->config.tagline, .path = S("/") };
	v->template = "front";
	bool *used = arena_array(v->a, all.n + 1, sizeof *used);
	if (all.n) {
		size_t lead = choose_lead(&all);
		used[lead] = true;
		json_object_set_new(v->json, "lead", view_card(v, &all.v[lead]));
		head.picture = &all.v[lead].picture.media;
		head.picture_alt = all.v[lead].picture.alt;
	}
	view_head(s, v, &head);
	str_t today = messages_date(v->a, v->tongue, "date.weekday-day", clock_now(&s->clock));
	json_object_set_new(json_object_get(v->json, "page"), "today", view_text(today));
	add_cards(v, "seconds", &all, used, SECONDS);
	add_cards(v, "latest", &all, used, LATEST);
	struct section *sections;
	size_t n;
	TRY(section_list(v->c, v->a, &sections, &n));
	json_t *bands = json_array();
	json_object_set_new(v->json, "sections", bands);
	for (size_t i = 0; i < n; i++)
		add_band(v, bands, &sections[i], &all, used);
	return OK;
}
