/* held_page.c: how conversations are held, in the browser: the latest stories, and for each a page of forms: open or
 * closed, who reads first, the opening question; questions and answers with their time and guests. */
#include "forum/moderation.h"
#include "forum/question.h"

#include "press/view.h"

enum { STORIES = 40 };

static str_t held_path(arena_t *a, id64 story)
{
	return str_format(a, "/moderation/conversation/%.*s", STR(id_text(a, story)));
}

/* --- the latest --- */

static const struct sql select_latest = {
	"SELECT s.id, s.headline, s.published, coalesce(c.comments, 0) FROM story s LEFT JOIN conversation c ON c.story = s.id "
	"WHERE s.state = 'published' AND s.kind = 'story' AND (s.published, s.id) < ($1, $2) "
	"ORDER BY s.published DESC, s.id DESC LIMIT $3"
};

static err_t latest_view(struct stet *s, struct view *v)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct comment_key before = comment_key_first(SORT_NEWEST), last = before;
	str_t asked = params_get(&v->q->query, "before");
	json_t *list = json_array();
	size_t n = 0;
	json_object_set_new(v->json, "stories", list);
	if (asked.p) {
		str_t of = str_cut(&asked, '-');
		if (!str_int(of, &before.of) || !id_parse(asked, &before.id))
			return err_new(ERR_MISSING, "there is no such page");
	}
	moderation_head(s, v, say(v, "held.all"), S("/moderation/conversations"));
	TRY(db_query(v->c, &select_latest, ARGS(v_int(before.of), v_int(before.id), v_int(STORIES + 1)), &r));
	for (; n < STORIES && rows_next(&r, &e); n++) {
		last = (struct comment_key){ row_int(&r, 2), row_int(&r, 0) };
		int64_t comments = row_int(&r, 3);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "url", json_text(held_path(v->a, last.id)),
						      "headline", json_text(row_str(&r, v->a, 1)), "date",
						      view_date(v, last.of), "count", comments ? json_text(
						      say_count(v, "comments.count", comments)) : json_null()));
	}
	bool more = n == STORIES && rows_next(&r, &e);
	json_object_set_new(v->json, "older", more ? json_text(str_format(v->a, "?before=%lld-%.*s", (long long)last.of,
									  STR(id_text(v->a, last.id)))) : json_null());
	v->template = "conversations";
	return e;
}

static err_t latest_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (must_moderate(s, q, r, &who, &e))
		return e;
	return site_page_with(s, q, r, latest_view, NULL);
}

/* --- one --- */

struct holding {
	struct who who;
	id64       story;
	err_t      error;
	const char *form; /* that is shown again */
};

static const char *const how[] = { "open", "mode", "days", "slow", "question", "why", "downs" };
static const char *const when[] = { "answers", "from", "until", "among" };

/* "2026-11-27T14:00", as fields for a moment have it */
static str_t field_time(arena_t *a, usec_t t)
{
	return t ? str_slice(time_iso(a, t), 0, 16) : S("");
}

static void set_choices(struct view *v, json_t *form, const char *name, const char *const *values, str_t chosen)
{
	json_t *list = json_array();
	for (size_t i = 0; values[i]; i++) {
		str_t text = say(v, str_z(v->a, str_format(v->a, "held.%s.%s", name, values[i])));
		json_array_append_new(list, json_pack("{s:s, s:o, s:b}", "value", values[i], "text", json_text(text),
						      "chosen", str_eq(chosen, str_of(values[i]))));
	}
	json_object_set_new(form, str_z(v->a, str_format(v->a, "%s_choices", name)), list);
}

/* What is typed comes back; a form that is new has what is set. */
static str_t typed_or(const struct view *v, bool again, const char *name, str_t now)
{
	return again ? form_value(v->q, name) : now;
}

static str_t number_text(arena_t *a, int64_t n)
{
	return str_format(a, "%lld", (long long)n);
}

/* As its field has it. */
static str_t value_now(arena_t *a, const struct forum_settings *set, const char *name)
{
	bool closed = set->open == FORUM_CLOSED && !set->early && !set->over;
	str_t n = str_of(name);
	if (str_eq(n, S("open")))
		return set->open == FORUM_OFF ? S("off") : closed ? S("closed") : S("open");
	if (str_eq(n, S("mode")))
		return set->mode == MODE_BEFORE ? S("before") : S("after");
	if (str_eq(n, S("days")))
		return number_text(a, set->days);
	if (str_eq(n, S("slow")))
		return number_text(a, set->slow);
	if (str_eq(n, S("question")))
		return set->question;
	if (str_eq(n, S("why")))
		return set->why;
	if (str_eq(n, S("downs")))
		return set->downs ? S("yes") : S("no");
	return S("");
}

static json_t *how_view(struct view *v, const struct forum_settings *set, bool again)
{
	static const char *const opens[] = { "open", "closed", "off", NULL }, *const modes[] = { "after", "before", NULL };
	static const char *const typed[] = { "days", "slow", "question", "why" };
	json_t *j = json_object();
	set_choices(v, j, "open", opens, typed_or(v, again, "open", value_now(v->a, set, "open")));
	set_choices(v, j, "mode", modes, typed_or(v, again, "mode", value_now(v->a, set, "mode")));
	for (size_t i = 0; i < COUNT(typed); i++)
		json_object_set_new(j, typed[i], json_text(typed_or(v, again, typed[i], value_now(v->a, set, typed[i]))));
	json_object_set_new(j, "downs", json_boolean(again ? params_get(&v->q->form, "downs").p != NULL : set->downs));
	return j;
}

static json_t *when_view(struct view *v, const struct forum_settings *set, bool again)
{
	json_t *j = json_object();
	bool answers = again ? params_get(&v->q->form, "answers").p != NULL : set->answers;
	bool among = again ? params_get(&v->q->form, "among").p != NULL : set->among;
	json_object_set_new(j, "answers", json_boolean(answers));
	json_object_set_new(j, "among", json_boolean(among));
	json_object_set_new(j, "from", json_text(typed_or(v, again, "from", field_time(v->a, set->from))));
	json_object_set_new(j, "until", json_text(typed_or(v, again, "until", field_time(v->a, set->until))));
	return j;
}

static err_t guests_view(struct view *v, id64 story)
{
	struct guests found;
	json_t *list = json_array();
	json_object_set_new(v->json, "guests", list);
	TRY(guests_of(v->c, v->a, story, &found));
	for (size_t i = 0; i < found.n; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "id",
						      json_text(id_text(v->a, found.v[i].reader.id)), "name",
						      json_text(found.v[i].reader.name), "url",
						      json_text(reader_path(v->a, found.v[i].reader.id)), "title",
						      found.v[i].title.n ? json_text(found.v[i].title) : json_null()));
	return OK;
}

static err_t one_view(struct stet *s, struct view *v)
{
	struct holding *x = v->given;
	struct story st;
	struct forum_settings set;
	TRY(talked_about(v->c, v->a, x->story, &st));
	if (st.state == DRAFT && !role_may(x->who.reader.role, MAY_WRITE))
		return err_new(ERR_MISSING, "there is no such story");
	TRY(forum_settings_of(s, v->c, v->a, &st, &set));
	moderation_head(s, v, say(v, "held.title"), held_path(v->a, st.id));
	bool again = x->error != OK;
	json_object_set_new(v->json, "headline", json_text(st.headline));
	json_object_set_new(v->json, "story", json_text(story_path(v->a, &st)));
	json_object_set_new(v->json, "conversation", json_text(conversation_path(v->a, &st)));
	json_object_set_new(v->json, "action", json_text(held_path(v->a, st.id)));
	json_object_set_new(v->json, "how", how_view(v, &set, again && strcmp(x->form, "how") == 0));
	json_object_set_new(v->json, "qa", when_view(v, &set, again && strcmp(x->form, "when") == 0));
	bool inviting = again && strcmp(x->form, "invite") == 0;
	json_object_set_new(v->json, "who", json_text(inviting ? form_value(v->q, "who") : S("")));
	json_object_set_new(v->json, "guest_title", json_text(inviting ? form_value(v->q, "title") : S("")));
	json_object_set_new(v->json, "saved", json_boolean(params_get(&v->q->query, "saved").p != NULL));
	TRY(guests_view(v, st.id));
	bool whole = x->error && !x->error->field;
	set_refusal(v, &x->error);
	if (!whole)
		json_object_set_new(v->json, "error", json_null());
	v->template = "conversation";
	return OK;
}

static err_t show(struct stet *s, struct request *q, struct response *r, struct holding *x)
{
	if (x->error && !is_mendable(x->error))
		return x->error;
	err_t e = site_page_with(s, q, r, one_view, x);
	err_free(x->error);
	return e;
}

/* Whoever may set it, and for which story. */
static bool must_hold(struct stet *s, struct request *q, struct response *r, struct holding *x, err_t *e)
{
	if (must_moderate(s, q, r, &x->who, e))
		return true;
	if (!id_parse(params_get(&q->route, "id"), &x->story))
		*e = err_new(ERR_MISSING, "there is no such story");
	return *e != OK;
}

static err_t one_page(struct stet *s, struct request *q, struct response *r)
{
	struct holding x = { .error = OK, .form = "" };
	err_t e;
	if (must_hold(s, q, r, &x, &e))
		return e;
	return show(s, q, r, &x);
}

struct checking {
	struct stet         *s;
	const struct holding *x;
	struct forum_settings set; /* as it is now */
};

static err_t check(struct conn *c, arena_t *a, void *ctx)
{
	struct checking *k = ctx;
	struct story st;
	TRY(may_take_part(k->s, c, a, &k->x->who.reader, 0));
	TRY(talked_about(c, a, k->x->story, &st));
	return forum_settings_of(k->s, c, a, &st, &k->set);
}

/* A box that is not ticked says nothing: it is "no"; a moment that is empty is none. */
static str_t given_value(const struct request *q, const char *name, bool box, bool moment)
{
	str_t value = form_value(q, name);
	if (box)
		return value.n ? S("yes") : S("no");
	return moment && !value.n ? S("inherit") : value;
}

/* What is as it was stays the wider place's to say. */
static err_t save(struct stet *s, struct request *q, const struct holding *x, const struct forum_settings *now,
		  const char *const *names, size_t n)
{
	struct setting_given given[8];
	size_t changed = 0;
	for (size_t i = 0; i < n; i++) {
		bool box = strcmp(names[i], "downs") == 0 || strcmp(names[i], "answers") == 0 ||
			   strcmp(names[i], "among") == 0;
		bool moment = strcmp(names[i], "from") == 0 || strcmp(names[i], "until") == 0;
		str_t value = given_value(q, names[i], box, moment);
		if (names == when || !str_eq(value, value_now(q->a, now, names[i])))
			given[changed++] = (struct setting_given){ names[i], value };
	}
	return forum_settings_save(s, q->a, forum_place_of(q->a, x->story), given, changed,
				   topic_reader(q->a, x->who.reader.id));
}

static err_t invite(struct stet *s, struct request *q, const struct holding *x)
{
	TRY(rate_reader(s, q->a, RATE_COMMENT_ACCOUNT, x->who.reader.id));
	return guest_invite(s, q->a, x->story, form_value(q, "who"), form_value(q, "title"),
			    topic_reader(q->a, x->who.reader.id));
}

static err_t dismiss(struct stet *s, struct request *q, const struct holding *x)
{
	id64 guest;
	if (!id_parse(form_value(q, "dismiss"), &guest))
		return err_say(ERR_INPUT, "who", "guest-refused.nobody");
	return guest_dismiss(s, q->a, x->story, guest, topic_reader(q->a, x->who.reader.id));
}

static err_t do_form(struct stet *s, struct request *q, struct holding *x)
{
	struct checking k = { s, x, { 0 } };
	str_t form = form_value(q, "form");
	TRY(store_read(s->store, q->a, check, &k));
	x->form = str_z(q->a, form);
	if (str_eq(form, S("how")))
		return save(s, q, x, &k.set, how, COUNT(how));
	if (str_eq(form, S("when")))
		return save(s, q, x, &k.set, when, COUNT(when));
	if (str_eq(form, S("invite")))
		return invite(s, q, x);
	return str_eq(form, S("dismiss")) ? dismiss(s, q, x) : err_say(ERR_INPUT, NULL, "moderation-refused.choose");
}

static err_t one_post(struct stet *s, struct request *q, struct response *r)
{
	struct holding x = { .error = OK, .form = "" };
	err_t e;
	if (must_hold(s, q, r, &x, &e))
		return e;
	x.error = do_form(s, q, &x);
	if (x.error && script_asks(q))
		return answer_refusal(s, q, r, x.error);
	if (x.error)
		return show(s, q, r, &x);
	go_to(s, q, r, str_format(q->a, "%.*s?saved=1", STR(held_path(q->a, x.story))));
	return OK;
}

const struct route held_routes[] = {
	{ GET, "/moderation/conversations", latest_page },
	{ GET, "/moderation/conversation/:id", one_page },
	{ POST, "/moderation/conversation/:id", one_post },
	{ 0 },
};
