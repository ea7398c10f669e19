/* front.c: the front page: what leads, what stands beside it, a band for each section.
 *
 * The editors' plan comes first (plan.h); whatever it leaves free the newest stories fill. */
#include "press/pages.h"
#include "press/plan.h"
#include "press/press.h"
#include "press/reads.h"
#include "press/view.h"

#include "record/act.h"

enum { SECONDS = 4, LATEST = 8, BAND = 5, MOST_READ = 5 };

/* The newest stories, and which of them stand on the page already. */
struct supply {
	struct list list;
	bool       *used;
};

static err_t load_supply(struct stet *s, struct view *v, struct supply *out)
{
	TRY(list_stories(v->c, v->a, LIST_ALL, 0, (struct list_key){ 0 },
			 (size_t)s->config.front_stories, &out->list));
	out->used = arena_array(v->a, out->list.n + 1, sizeof *out->used);
	return OK;
}

static void mark_used(struct supply *supply, id64 story)
{
	for (size_t i = 0; i < supply->list.n; i++)
		if (supply->list.v[i].id == story)
			supply->used[i] = true;
}

/* The next story that stands nowhere yet, or NULL. */
static const struct card *take_newest(struct supply *supply)
{
	for (size_t i = 0; i < supply->list.n; i++)
		if (!supply->used[i]) {
			supply->used[i] = true;
			return &supply->list.v[i];
		}
	return NULL;
}

/* --- bands --- */

/* The stories of a section that stand nowhere above, newest first, at most BAND of them. The first
 * with a picture opens the band. */
static size_t choose_band(const struct section *section, struct supply *supply, size_t chosen[BAND])
{
	const struct card *all = supply->list.v;
	size_t n = 0, opener = 0;
	for (size_t i = 0; i < supply->list.n && n < BAND; i++)
		if (!supply->used[i] && all[i].section.id == section->id)
			chosen[n++] = i;
	while (opener < n && !all[chosen[opener]].picture.media.id)
		opener++;
	if (opener == n)
		opener = 0; /* none has one: the newest */
	for (size_t first = n ? chosen[opener] : 0; opener > 0; opener--) {
		chosen[opener] = chosen[opener - 1];
		chosen[opener - 1] = first;
	}
	for (size_t i = 0; i < n; i++)
		supply->used[chosen[i]] = true;
	return n;
}

static void add_band(struct view *v, json_t *bands, const struct section *section,
		     struct supply *supply)
{
	size_t chosen[BAND], n = choose_band(section, supply, chosen);
	if (!n)
		return;
	json_t *band = json_object(), *cards = json_array();
	for (size_t i = 1; i < n; i++)
		json_array_append_new(cards, view_card(v, &supply->list.v[chosen[i]]));
	json_object_set_new(band, "name", view_text(section->name));
	json_object_set_new(band, "url",
			    view_text(str_format(v->a, "/%.*s", STR(section->slug))));
	json_object_set_new(band, "first", view_card(v, &supply->list.v[chosen[0]]));
	json_object_set_new(band, "cards", cards);
	json_array_append_new(bands, band);
}

static err_t add_bands(struct view *v, struct supply *supply)
{
	struct section *sections;
	size_t n;
	TRY(section_list(v->c, v->a, &sections, &n));
	json_t *bands = json_array();
	json_object_set_new(v->json, "sections", bands);
	for (size_t i = 0; i < n; i++)
		add_band(v, bands, &sections[i], supply);
	return OK;
}

/* --- the top of the page --- */

const struct card *plan_lead(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].size == PLAN_LEAD && plan->v[i].card.state == PUBLISHED)
			return &plan->v[i].card;
	return NULL;
}

/* Without a plan the newest story with a picture leads; without any, the newest. */
static const struct card *choose_lead(struct supply *supply, const struct plan *plan)
{
	enum { RECENT = 6 };
	const struct card *lead = plan_lead(plan);
	for (size_t i = 0, seen = 0; !lead && i < supply->list.n && seen < RECENT; i++) {
		if (supply->used[i])
			continue;
		seen++;
		if (supply->list.v[i].picture.media.id)
			lead = &supply->list.v[i];
	}
	if (!lead)
		lead = take_newest(supply);
	if (lead)
		mark_used(supply, lead->id);
	return lead;
}

json_t *plan_cards(struct view *v, const struct plan *plan, enum plan_size size)
{
	json_t *cards = json_array();
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].size == size && plan->v[i].card.state == PUBLISHED)
			json_array_append_new(cards, view_card(v, &plan->v[i].card));
	return cards;
}

static void fill(struct view *v, json_t *cards, struct supply *supply, size_t most)
{
	const struct card *card;
	while (json_array_size(cards) < most && (card = take_newest(supply)))
		json_array_append_new(cards, view_card(v, card));
}

static void add_top(struct view *v, struct supply *supply, const struct plan *plan)
{
	json_t *seconds = plan_cards(v, plan, PLAN_MEDIUM), *latest = json_array();
	fill(v, seconds, supply, SECONDS);
	fill(v, latest, supply, LATEST);
	json_object_set_new(v->json, "seconds", seconds);
	json_object_set_new(v->json, "large", plan_cards(v, plan, PLAN_LARGE));
	json_object_set_new(v->json, "small", plan_cards(v, plan, PLAN_SMALL));
	json_object_set_new(v->json, "latest", latest);
}

err_t front_view(struct stet *s, struct view *v)
{
	struct supply supply;
	struct plan plan;
	TRY(load_supply(s, v, &supply));
	TRY(plan_at(v->c, v->a, 0, clock_now(&s->clock), &plan));
	for (size_t i = 0; i < plan.n; i++)
		mark_used(&supply, plan.v[i].card.id);
	strs_add(v->a, &v->topics, topic_front());
	struct message_value name = { "name", s->config.name };
	struct page_head head = { .kind = "front", .title = s->config.name, .path = S("/"),
				  .description = s->config.tagline.n
							 ? s->config.tagline
							 : say_with(v, "front.description", &name, 1) };
	v->template = "front";
	const struct card *lead = choose_lead(&supply, &plan);
	if (lead) {
		json_object_set_new(v->json, "lead", view_card(v, lead));
		head.picture = &lead->picture.media;
		head.picture_alt = lead->picture.alt;
	}
	view_head(s, v, &head);
	str_t today = messages_date(v->a, v->tongue, "date.weekday-day", clock_now(&s->clock));
	json_object_set_new(json_object_get(v->json, "page"), "today", view_text(today));
	add_top(v, &supply, &plan);
	TRY(reads_add(s, v, MOST_READ));
	return add_bands(v, &supply);
}
