/* moderation_page.c: the moderators' pages: the queue in tabs, and one comment. All is done by forms; script
 * (moderation.js) sends the same ones by keys. */
#include "forum/queue_item.h"
#include "forum/report.h"

#include "press/view.h"
#include "readers/pages.h"
#include "readers/roles.h"

struct standing {
	struct stet         *s;
	const struct reader *reader;
	bool                 stopped;
};

static err_t read_standing(struct conn *c, arena_t *a, void *ctx)
{
	struct standing *x = ctx;
	return reader_stopped(x->s, c, a, x->reader->id, &x->stopped);
}

err_t check_moderates(struct stet *s, arena_t *a, const struct reader *r)
{
	struct standing x = { s, r, !may_moderate(r) };
	if (!x.stopped)
		TRY(store_read(s->store, a, read_standing, &x));
	return x.stopped ? err_new(ERR_REFUSED, "this page is for moderators") : OK;
}

bool must_moderate(struct stet *s, struct request *q, struct response *r, struct who *who, err_t *e)
{
	if (script_asks(q)) {
		*e = who_asks(s, q, who);
		if (!*e && !who->reader.id) {
			*e = answer_sign_in(q, r);
			return true;
		}
	} else if (who_must_sign_in(s, q, r, who, e)) {
		return true;
	}
	if (!*e)
		*e = check_moderates(s, q->a, &who->reader);
	return *e != OK;
}

json_t *reason_list(const struct view *v)
{
	return reason_list_of(v, form_value(v->q, "reason"));
}

json_t *reason_list_of(const struct view *v, str_t chosen)
{
	json_t *list = json_array();
	for (size_t i = 0; report_reasons[i]; i++) {
		str_t key = str_format(v->a, "report.%s", report_reasons[i]);
		str_t text = say(v, str_z(v->a, key));
		json_array_append_new(list, json_pack("{s:s, s:o, s:b}", "value", report_reasons[i], "text",
						      json_text(text), "chosen",
						      str_eq(chosen, str_of(report_reasons[i]))));
	}
	return list;
}

struct board {
	struct who     who;
	enum queue_tab tab;
	id64           one;   /* a comment alone; 0: the tab */
	err_t          error;
};

static str_t count_text(const struct view *v, int64_t n)
{
	str_t number = messages_number(v->a, v->tongue, n < QUEUE_COUNTED ? n : QUEUE_COUNTED - 1);
	return n < QUEUE_COUNTED ? number : str_format(v->a, "%.*s+", STR(number));
}

static err_t tabs(struct view *v, const struct board *b)
{
	json_t *list = json_array();
	json_object_set_new(v->json, "tabs", list);
	for (enum queue_tab t = 0; t < QUEUE_TABS; t++) {
		int64_t n;
		str_t key = str_format(v->a, "moderation.tab.%.*s", STR(queue_name(t)));
		TRY(queue_count(v->c, t, &n));
		str_t text = say(v, str_z(v->a, key));
		json_array_append_new(list, json_pack("{s:o, s:o, s:b, s:o}", "url", json_text(queue_path(v->a, t)),
						      "text", json_text(text), "current",
						      !b->one && t == b->tab, "count",
						      n > 0 ? json_text(count_text(v, n)) : json_null()));
	}
	return OK;
}

static err_t key_asked(const struct request *q, enum queue_tab t, struct comment_key *out)
{
	str_t text = params_get(&q->query, "after");
	*out = queue_first(t);
	if (!text.p)
		return OK;
	str_t of = str_cut(&text, '-');
	return str_int(of, &out->of) && id_parse(text, &out->id) ? OK : err_new(ERR_MISSING, "there is no such page");
}

static err_t item(struct stet *s, struct view *v, const struct board *b, id64 id, json_t **out)
{
	if (b->tab == QUEUE_APPEALS)
		return queue_appeal(v, id, out);
	if (b->tab == QUEUE_NOTICES)
		return queue_notice(v, id, out);
	return queue_comment(s, v, &b->who, id, out);
}

static err_t items(struct stet *s, struct view *v, const struct board *b)
{
	static const char *const lists[] = { "items", "items", "items", "items", "appeals", "notices" };
	struct queue_list found = { .n = 0 };
	struct comment_key after;
	json_t *list = json_array(), *one;
	json_object_set_new(v->json, b->one ? "items" : lists[b->tab], list);
	if (b->one) {
		TRY(queue_comment(s, v, &b->who, b->one, &one));
		str_t words = form_value(v->q, "words");
		json_object_set_new(one, "given", words.n ? json_text(words) : json_null());
		json_array_append_new(list, one);
		return OK;
	}
	TRY(key_asked(v->q, b->tab, &after));
	TRY(queue_load(v->c, b->tab, after, &found));
	for (size_t i = 0; i < found.n; i++) {
		TRY(item(s, v, b, found.v[i].id, &one));
		json_array_append_new(list, one);
	}
	if (found.more) {
		struct comment_key last = found.v[found.n - 1].key;
		json_object_set_new(v->json, "older", json_text(str_format(
			v->a, "%.*s?after=%lld-%.*s", STR(queue_path(v->a, b->tab)), (long long)last.of,
			STR(id_text(v->a, last.id)))));
	}
	json_object_set_new(v->json, "empty", json_boolean(!found.n));
	return OK;
}

static err_t board_view(struct stet *s, struct view *v)
{
	struct board *b = v->given;
	struct decision last;
	moderation_head(s, v, say(v, "moderation.title"), queue_path(v->a, b->tab));
	TRY(tabs(v, b));
	TRY(items(s, v, b));
	TRY(decision_last(v->c, v->a, b->who.reader.id, &last));
	json_object_set_new(v->json, "reasons", reason_list(v));
	json_object_set_new(v->json, "last", last.id ? decision_view(v, &last) : json_null());
	json_object_set_new(v->json, "next", json_text(b->one ? S("/moderation") : queue_path(v->a, b->tab)));
	json_object_set_new(v->json, "rules", json_boolean(role_may(b->who.reader.role, MAY_SET_RULES)));
	set_refusal(v, &b->error);
	v->template = "moderation";
	return OK;
}

static err_t show(struct stet *s, struct request *q, struct response *r, struct board *b)
{
	if (b->error && !is_mendable(b->error))
		return b->error;
	err_t e = site_page_with(s, q, r, board_view, b);
	err_free(b->error);
	return e;
}

err_t moderation_board(struct stet *s, struct request *q, struct response *r, const struct who *who,
		       enum queue_tab tab, err_t error)
{
	struct board b = { .who = *who, .tab = tab, .error = error };
	return show(s, q, r, &b);
}

static err_t board_page(struct stet *s, struct request *q, struct response *r)
{
	struct board b = { .tab = QUEUE_PENDING };
	str_t tab = params_get(&q->route, "tab");
	err_t e;
	if (must_moderate(s, q, r, &b.who, &e))
		return e;
	if (tab.p && (!queue_parse(tab, &b.tab) || b.tab == QUEUE_PENDING))
		return err_new(ERR_MISSING, "there is no such page");
	return show(s, q, r, &b);
}

static err_t one_page(struct stet *s, struct request *q, struct response *r)
{
	struct board b = { .tab = QUEUE_PENDING };
	err_t e;
	if (must_moderate(s, q, r, &b.who, &e))
		return e;
	TRY(comment_asked(q, &b.one));
	return show(s, q, r, &b);
}

/* --- deciding --- */

static err_t answer_decided(struct request *q, struct response *r, const struct decision *d)
{
	return answer_json(q, r, 200, json_pack("{s:o, s:o}", "decision", json_text(id_text(q->a, d->id)), "kind",
						json_text(decision_name(d->kind))));
}

static err_t read_draft(const struct request *q, const struct who *who, struct decision_draft *d)
{
	*d = (struct decision_draft){ .moderator = &who->reader, .reason = form_value(q, "reason"),
				      .words = form_value(q, "words"), .seen = form_value(q, "seen") };
	return decision_parse(form_value(q, "do"), &d->kind)
		       ? OK : err_say(ERR_INPUT, "do", "moderation-refused.choose");
}

static err_t comment_post_decision(struct stet *s, struct request *q, struct response *r)
{
	struct board b = { .tab = QUEUE_PENDING };
	struct decision_draft d;
	struct decision made;
	err_t e;
	if (must_moderate(s, q, r, &b.who, &e))
		return e;
	TRY(comment_asked(q, &b.one));
	e = read_draft(q, &b.who, &d);
	d.comment = b.one;
	if (!e && !decision_is_of_comment(d.kind))
		e = err_say(ERR_INPUT, "do", "moderation-refused.of-reader");
	if (!e)
		e = decide(s, q->a, &d, &made);
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	b.error = e;
	if (e)
		return show(s, q, r, &b);
	if (script_asks(q))
		return answer_decided(q, r, &made);
	go_to(s, q, r, next_of(q));
	return OK;
}

static err_t read_last(struct conn *c, arena_t *a, void *ctx)
{
	struct decision *d = ctx;
	return decision_last(c, a, d->moderator, d);
}

/* The last decision of theirs, or the one that is named. */
static err_t undo_post(struct stet *s, struct request *q, struct response *r)
{
	struct board b = { .tab = QUEUE_PENDING };
	struct decision d = { 0 };
	err_t e;
	if (must_moderate(s, q, r, &b.who, &e))
		return e;
	d.moderator = b.who.reader.id;
	if (!id_parse(form_value(q, "decision"), &d.id))
		TRY(store_read(s->store, q->a, read_last, &d));
	e = d.id ? decision_undo(s, q->a, &b.who.reader, d.id)
		 : err_say(ERR_CONFLICT, "do", "moderation-refused.nothing");
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	b.error = e;
	if (e)
		return show(s, q, r, &b);
	if (script_asks(q))
		return answer_json(q, r, 200, json_pack("{s:o}", "undone", json_text(id_text(q->a, d.id))));
	go_to(s, q, r, next_of(q));
	return OK;
}

static err_t claim_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	id64 id;
	err_t e;
	if (must_moderate(s, q, r, &who, &e))
		return e;
	TRY(comment_asked(q, &id));
	e = claim_take(s, q->a, &who.reader, id);
	if (e)
		return answer_refusal(s, q, r, e);
	return answer_json(q, r, 200, json_pack("{s:b}", "claimed", true));
}

const struct route moderation_routes[] = {
	{ GET, "/moderation", board_page },
	{ GET, "/moderation/:tab", board_page },
	{ GET, "/moderation/comment/:id", one_page },
	{ POST, "/moderation/comment/:id", comment_post_decision },
	{ POST, "/moderation/comment/:id/claim", claim_post },
	{ POST, "/moderation/undo", undo_post },
	{ 0 },
};
