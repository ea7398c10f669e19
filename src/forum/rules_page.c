/* rules_page.c: the rules of conversations, with their numbers, in one page: seen and changed at the publication, a
 * section or a story; a text is tried against them, by the same code that judges what readers post; what the
 * classifier has learned. Lists of words have pages of their own (words_page.c). */
#include "forum/elsewhere.h"
#include "forum/moderation.h"
#include "forum/rules_page.h"

#include "page/clean.h"
#include "press/view.h"
#include "readers/roles.h"

struct rules_board {
	struct stet        *s;
	struct who          who;
	const struct request *q;
	struct rules_place  place;
	struct rules_changes changes;
	json_t             *errors;  /* of the form; NULL: it is new */
	bool                missed;  /* the place that was asked for is not there */
	bool                stale;   /* somebody else has changed it since */
	err_t               site;    /* what is wrong with a site to add */
	/* a text that was tried */
	bool                tried;
	err_t               refused; /* it is no comment */
	str_t               shown;   /* as readers would read it */
	struct judgement    judged;
	struct learn_opinion opinion;
};

/* --- where --- */

static str_t asked_place(const struct request *q)
{
	str_t story = params_get(&q->query, "story"), place = params_get(&q->form, "place");
	if (str_trim(story).n)
		return str_format(q->a, "story:%.*s", STR(str_trim(story)));
	if (!place.p)
		place = params_get(&q->query, "place");
	return place.p ? place : S("");
}

static err_t find_place(struct conn *c, arena_t *a, void *ctx)
{
	struct rules_board *b = ctx;
	err_t e = rules_place_find(c, a, asked_place(b->q), &b->place);
	if (!e && b->place.story.id && b->place.story.state == DRAFT && !role_may(b->who.reader.role, MAY_WRITE))
		e = err_new(ERR_MISSING, "there is no such story");
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	b->missed = true;
	return rules_place_find(c, a, S(""), &b->place);
}

static str_t page_path(arena_t *a, const struct rules_place *p, const char *more)
{
	return str_format(a, "/moderation/rules?place=%.*s%s", STR(str_percent(a, p->address)), more);
}

static err_t places_view(struct view *v, const struct rules_board *b)
{
	struct section *sections;
	size_t n;
	json_t *all = json_array();
	const struct rules_place *p = &b->place;
	json_object_set_new(v->json, "places", all);
	json_array_append_new(all, json_pack("{s:s, s:o, s:b}", "value", "publication", "text",
					     json_text(say(v, "rules.publication")), "chosen", !p->key.n));
	TRY(section_list(v->c, v->a, &sections, &n));
	for (size_t i = 0; i < n; i++) {
		str_t value = str_format(v->a, "section:%.*s", STR(sections[i].slug));
		json_array_append_new(all, json_pack("{s:o, s:o, s:b}", "value", json_text(value), "text",
						     json_text(sections[i].name), "chosen",
						     !p->story.id && p->section.id == sections[i].id));
	}
	json_object_set_new(v->json, "place", json_pack("{s:o, s:o, s:o, s:b}", "address", json_text(p->address), "name",
			    json_text(p->story.id ? p->story.headline : p->section.id ? p->section.name
								      : say(v, "rules.publication")),
			    "story", p->story.id ? json_text(p->story.slug) : json_null(), "whole", !p->key.n));
	if (b->missed)
		json_object_set_new(v->json, "no_place", json_text(say(v, "rules.no-place")));
	return OK;
}

/* --- a text that was tried --- */

static void mark(struct view *v, const struct rules_board *b, json_t *parts)
{
	size_t at = 0;
	for (size_t i = 0; i < b->judged.n; i++) {
		const struct rule_hit *h = &b->judged.v[i];
		if (h->till <= h->from || h->from < at)
			continue;
		json_array_append_new(parts, json_pack("{s:o, s:b}", "text", json_text(str_slice(b->shown, at, h->from)),
						       "hit", false));
		json_array_append_new(parts, json_pack("{s:o, s:b}", "text",
						       json_text(str_slice(b->shown, h->from, h->till)), "hit", true));
		at = h->till;
	}
	json_array_append_new(parts, json_pack("{s:o, s:b}", "text", json_text(str_slice(b->shown, at, b->shown.n)),
					       "hit", false));
	(void)v;
}

static json_t *hit_view(struct view *v, const struct rule_hit *h)
{
	str_t key = str_format(v->a, "rule.%s", rule_name(h->rule));
	str_t effect = str_format(v->a, "rules.effect.%s", verdict_name(h->verdict));
	struct message_value values[] = { { "what", h->what.p ? h->what : S("") },
					  { "has", messages_number(v->a, v->tongue, h->n) },
					  { "most", messages_number(v->a, v->tongue, h->most) } };
	str_t text = say_with(v, str_z(v->a, key), values, COUNT(values));
	str_t what = say(v, str_z(v->a, effect));
	return json_pack("{s:o, s:s, s:o}", "text", json_text(text), "kind", verdict_name(h->verdict), "effect",
			 json_text(what));
}

static json_t *opinion_view(struct view *v, const struct learn_opinion *o)
{
	if (!o->trained)
		return json_null();
	json_t *why = json_array();
	struct message_value percent = { "percent", str_format(v->a, "%d", (int)(o->probability * 100)) };
	for (size_t i = 0; i < o->n; i++)
		if (o->why[i].kind != LEARN_LINKS && o->why[i].kind != LEARN_CAPITALS)
			json_array_append_new(why, json_pack("{s:o, s:b}", "text", json_text(o->why[i].text), "for",
							     o->why[i].weight > 0));
	return json_pack("{s:o, s:o}", "text", json_text(say_with(v, "rules.try.opinion", &percent, 1)), "why", why);
}

static void tried_view(struct view *v, const struct rules_board *b)
{
	json_t *hits = json_array(), *parts = json_array();
	json_t *j = json_object();
	str_t effect = str_format(v->a, "rules.try.%s", verdict_name(b->judged.verdict));
	json_object_set_new(v->json, "tried", j);
	json_object_set_new(j, "refused", b->refused ? json_text(say_error(v, b->refused)) : json_null());
	json_object_set_new(j, "judged", json_boolean(!b->refused));
	json_object_set_new(j, "hits", hits);
	json_object_set_new(j, "parts", parts);
	if (b->refused) {
		v->status = 422;
		return;
	}
	for (size_t i = 0; i < b->judged.n; i++)
		json_array_append_new(hits, hit_view(v, &b->judged.v[i]));
	mark(v, b, parts);
	json_object_set_new(j, "any_hits", json_boolean(b->judged.n > 0));
	json_object_set_new(j, "kind", json_string(verdict_name(b->judged.verdict)));
	json_object_set_new(j, "verdict", json_text(say(v, str_z(v->a, effect))));
	json_object_set_new(j, "opinion", opinion_view(v, &b->opinion));
}

/* --- what the classifier has learned --- */

static str_t percent(const struct view *v, double share)
{
	return messages_number(v->a, v->tongue, (int64_t)(share * 100 + .5));
}

static err_t learned_view(struct stet *s, struct view *v)
{
	struct judge_figures f;
	TRY(judge_figures(s, v->a, &f));
	const struct learn_figures *h = &f.held_out;
	struct message_value values[] = {
		{ "approved", messages_number(v->a, v->tongue, f.seen[LEARN_APPROVED]) },
		{ "removed", messages_number(v->a, v->tongue, f.seen[LEARN_REMOVED]) },
		{ "of-removed", messages_number(v->a, v->tongue, h->removed) },
		{ "found", messages_number(v->a, v->tongue, h->found) },
		{ "of-approved", messages_number(v->a, v->tongue, h->approved) },
		{ "wrong", messages_number(v->a, v->tongue, h->wrong) },
		{ "precision", percent(v, h->precision) }, { "recall", percent(v, h->recall) },
	};
	json_object_set_new(v->json, "learned", json_pack(
		"{s:o, s:o, s:b}", "seen", json_text(say_with(v, "rules.learned.seen", values, COUNT(values))), "figures",
		json_text(f.trained ? say_with(v, "rules.learned.figures", values, COUNT(values))
				    : say(v, "rules.learned.untrained")),
		"any", f.seen[LEARN_APPROVED] + f.seen[LEARN_REMOVED] > 0));
	return OK;
}

/* --- the page --- */

static err_t word_counts(struct view *v)
{
	static const char *const lists[] = { "banned", "suspect" };
	json_t *all = json_array();
	json_object_set_new(v->json, "lists", all);
	for (size_t i = 0; i < COUNT(lists); i++) {
		str_t text, list = str_of(lists[i]);
		TRY(words_load(v->c, v->a, list, &text));
		str_t name = say(v, str_z(v->a, str_format(v->a, "words.%s", lists[i])));
		str_t count = say_count(v, "words.count", words_listed(text));
		json_array_append_new(all, json_pack("{s:o, s:o, s:o}", "url", json_text(words_path(v->a, list)), "text",
						     json_text(name), "count", json_text(count)));
	}
	return OK;
}

static err_t sites_view(struct view *v, const struct rules_board *b)
{
	struct strs sites;
	json_t *all = json_array();
	TRY(other_sites(v->c, v->a, &sites));
	for (size_t i = 0; i < sites.n; i++)
		json_array_append_new(all, json_text(sites.v[i]));
	json_object_set_new(v->json, "sites", all);
	json_object_set_new(v->json, "may_set", json_boolean(role_may(b->who.reader.role, MAY_SET)));
	json_object_set_new(v->json, "site_code", json_text(str_format(
		v->a, "<script src=\"%.*s/embed/comments.js\" async></script>\n<div data-stet-comments></div>",
		STR(b->s->config.url))));
	json_object_set_new(v->json, "site_typed", json_text(b->site ? form_text(v->q, "origin") : S("")));
	json_object_set_new(v->json, "site_wrong", b->site ? json_text(say_error(v, b->site)) : json_null());
	if (b->site)
		v->status = b->site->code == ERR_CONFLICT ? 409 : 422;
	return OK;
}

static void set_said(struct view *v, const struct rules_board *b)
{
	str_t said = params_get(&v->q->query, "said");
	bool wrong = b->errors && json_object_size(b->errors) > 0;
	json_object_set_new(v->json, "said", str_eq(said, S("saved")) ? json_text(say(v, "rules.saved"))
				: str_eq(said, S("forgotten")) ? json_text(say(v, "rules.learned.forgotten")) : json_null());
	json_object_set_new(v->json, "error", b->stale ? json_text(say(v, "rules.stale"))
				: wrong ? json_text(say(v, "rules.wrong.some")) : json_null());
	if (b->stale || wrong)
		v->status = b->stale ? 409 : 422;
	if (b->missed)
		v->status = 404;
}

static err_t board_view(struct stet *s, struct view *v)
{
	struct rules_board *b = v->given;
	moderation_head(s, v, say(v, "rules.title"), S("/moderation/rules"));
	TRY(places_view(v, b));
	TRY(rules_fields(v, &b->place, b->errors));
	TRY(word_counts(v));
	TRY(learned_view(s, v));
	TRY(sites_view(v, b));
	set_said(v, b);
	json_object_set_new(v->json, "tried_text", json_text(b->tried ? form_text(v->q, "text") : S("")));
	json_object_set_new(v->json, "as_regular", json_boolean(str_eq(form_value(v->q, "as"), S("regular"))));
	if (b->tried)
		tried_view(v, b);
	v->template = "rules";
	return OK;
}

str_t form_text(const struct request *q, const char *name)
{
	str_t text = form_value(q, name);
	return str_is_utf8(text, NULL) ? str_replace(q->a, text, S("\r\n"), S("\n")) : S("");
}

static bool begin(struct stet *s, struct request *q, struct response *r, struct rules_board *b, err_t *e)
{
	*b = (struct rules_board){ .s = s, .q = q };
	if (who_must_be_staff(s, q, r, MAY_SET_RULES, &b->who, e))
		return true;
	*e = check_moderates(s, q->a, &b->who.reader);
	if (!*e)
		*e = store_read(s->store, q->a, find_place, b);
	return *e != OK;
}

static err_t rules_page(struct stet *s, struct request *q, struct response *r)
{
	struct rules_board b;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	return site_page_with(s, q, r, board_view, &b);
}

/* --- changing --- */

static err_t read_changes(struct conn *c, arena_t *a, void *ctx)
{
	struct rules_board *b = ctx;
	str_t seen, was = params_get(&b->q->form, "seen");
	TRY(rules_fields_seen(c, a, &b->place, &seen));
	b->stale = was.p && !str_eq(was, seen);
	return rules_fields_read(c, b->q, &b->place, &b->changes, b->errors);
}

static void drop(void *json)
{
	json_decref(json);
}

/* The rules go first: only they can be wrong together. */
static err_t save(struct stet *s, struct request *q, struct rules_board *b)
{
	str_t actor = reader_actor(q->a, b->who.reader.id);
	const struct rules_changes *x = &b->changes;
	if (x->nrules)
		TRY(rules_change(s, q->a, b->place.key, x->rules, x->nrules, actor));
	for (size_t i = 0; i < x->nsettings; i++)
		TRY(forum_setting_save(s, q->a, b->place.key, str_z(q->a, x->settings[i].name), x->settings[i].value,
				       actor));
	return OK;
}

static err_t rules_post(struct stet *s, struct request *q, struct response *r)
{
	struct rules_board b;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	if (b.missed)
		return err_new(ERR_MISSING, "there is no such place");
	b.errors = json_object();
	arena_defer(q->a, drop, b.errors);
	TRY(store_read(s->store, q->a, read_changes, &b));
	if (!json_object_size(b.errors) && !b.stale) {
		e = save(s, q, &b);
		if (e && (e->code != ERR_INPUT || !e->field))
			return e;
		if (e)
			json_object_set_new(b.errors, e->field, json_string("together"));
		err_free(e);
	}
	if (json_object_size(b.errors) || b.stale)
		return site_page_with(s, q, r, board_view, &b);
	go_to(s, q, r, page_path(q->a, &b.place, "&said=saved"));
	return OK;
}

/* --- trying a text --- */

struct preview {
	struct stet *s;
	str_t        source, body;
};

static err_t read_preview(struct conn *c, arena_t *a, void *ctx)
{
	struct preview *x = ctx;
	return comment_preview(x->s, c, a, x->source, &x->body);
}

static err_t try_text(struct stet *s, struct request *q, struct rules_board *b)
{
	struct preview x = { s, form_text(q, "text"), S("") };
	TRY(store_read(s->store, q->a, read_preview, &x));
	b->shown = clean_text(q->a, x.body);
	struct judge_asked asked = {
		.story = b->place.story.id, .section = b->place.section.id, .source = x.source, .body = x.body,
		.trial = str_eq(form_value(q, "as"), S("regular")) ? TRY_REGULAR : TRY_NEWCOMER, .opinion = &b->opinion,
	};
	return judge_comment(s, q->a, &asked, &b->judged);
}

static err_t try_post(struct stet *s, struct request *q, struct response *r)
{
	struct rules_board b;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	b.tried = true;
	b.refused = try_text(s, q, &b);
	if (b.refused && !is_mendable(b.refused))
		return b.refused;
	e = site_page_with(s, q, r, board_view, &b);
	err_free(b.refused);
	return e;
}

static err_t forget_post(struct stet *s, struct request *q, struct response *r)
{
	struct rules_board b;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	TRY(judge_unlearn(s, q->a, reader_actor(q->a, b.who.reader.id)));
	go_to(s, q, r, page_path(q->a, &b.place, "&said=forgotten#learned"));
	return OK;
}

/* Which sites may show conversations is the publication's, so the owner's. */
static err_t sites_post(struct stet *s, struct request *q, struct response *r)
{
	struct rules_board b = { .s = s, .q = q };
	err_t e;
	if (who_must_be_staff(s, q, r, MAY_SET, &b.who, &e))
		return e;
	TRY(store_read(s->store, q->a, find_place, &b));
	str_t origin = form_text(q, "origin"), actor = reader_actor(q->a, b.who.reader.id);
	b.site = str_eq(form_value(q, "do"), S("remove")) ? other_site_remove(s, q->a, origin, actor)
							  : other_site_add(s, q->a, origin, actor);
	if (!b.site) {
		go_to(s, q, r, S("/moderation/rules?said=saved#sites"));
		return OK;
	}
	if (!is_mendable(b.site))
		return b.site;
	e = site_page_with(s, q, r, board_view, &b);
	err_free(b.site);
	return e;
}

const struct route rules_routes[] = {
	{ GET, "/moderation/rules", rules_page },
	{ POST, "/moderation/rules", rules_post },
	{ POST, "/moderation/rules/try", try_post },
	{ POST, "/moderation/rules/forget", forget_post },
	{ POST, "/moderation/rules/sites", sites_post },
	{ 0 },
};
