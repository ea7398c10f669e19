/* talk.c: comments as JSON for templates.
 *
 * A template within a template sees the keys of those around it, so every comment has every key: an answer
 * without a picture would else show that of what it answers. Everything is the same for all readers, but
 * on pages made for one (view->personal), where it says what they voted and may change. */
#include "forum/talk.h"

#include "forum/elsewhere.h"
#include "forum/follow.h"
#include "forum/limits.h"
#include "forum/tame.h"
#include "page/clean.h"
#include "press/structured.h"
#include "press/view.h"
#include "readers/pages.h"
#include "readers/portrait.h"

static const struct sql select_votes = {
	"SELECT comment, way FROM comment_vote WHERE reader = $1 AND story = $2"
};

err_t comment_votes_of(struct conn *c, arena_t *a, id64 reader, id64 story, struct comment_votes *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct comment_votes){ 0 };
	TRY(db_query(c, &select_votes, ARGS(v_int(reader), v_int(story)), &r));
	while (rows_next(&r, &e)) {
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n].comment = row_int(&r, 0);
		out->v[out->n++].way = (int)row_int(&r, 1);
	}
	return e;
}

static const struct sql select_muted = { "SELECT muted FROM reader_mute WHERE reader = $1" };

static err_t load_muted(struct talk *t)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(t->v->c, &select_muted, ARGS(v_int(t->who.reader.id)), &r));
	while (rows_next(&r, &e)) {
		t->muted = arena_room(t->v->a, t->muted, t->nmuted, sizeof *t->muted);
		t->muted[t->nmuted++] = row_int(&r, 0);
	}
	return e;
}

static bool is_among(const id64 *v, size_t n, id64 id)
{
	for (size_t i = 0; id && i < n; i++)
		if (v[i] == id)
			return true;
	return false;
}

static const struct guest *guest_among(const struct talk *t, id64 reader)
{
	for (size_t i = 0; reader && i < t->guests.n; i++)
		if (t->guests.v[i].reader.id == reader)
			return &t->guests.v[i];
	return NULL;
}

static int vote_on(const struct talk *t, id64 comment)
{
	for (size_t i = 0; t->votes && i < t->votes->n; i++)
		if (t->votes->v[i].comment == comment)
			return t->votes->v[i].way;
	return 0;
}

err_t talk_begin(struct stet *s, struct view *v, const struct story *st, const struct forum_settings *set,
		 enum comment_sort sort, struct talk *out)
{
	*out = (struct talk){ .s = s, .v = v, .st = st, .set = set, .sort = sort };
	strs_add(v->a, &v->topics, topic_comments(v->a, st->id));
	TRY(guests_of(v->c, v->a, st->id, &out->guests));
	if (!v->personal)
		return OK;
	TRY(who_asks_in(s, v->c, v->q, &out->who));
	if (!out->who.reader.id)
		return OK;
	out->guest = guest_among(out, out->who.reader.id) != NULL;
	if (may_moderate(&out->who.reader)) {
		bool stopped;
		TRY(reader_stopped(s, v->c, v->a, out->who.reader.id, &stopped));
		out->moderates = !stopped;
	}
	TRY(load_muted(out));
	TRY(follow_is(v->c, out->who.reader.id, FOLLOW_STORY, st->id, &out->followed));
	TRY(follow_list(v->c, v->a, out->who.reader.id, FOLLOW_BRANCH, &out->branches, &out->nbranches));
	out->votes = arena_alloc(v->a, sizeof *out->votes);
	return comment_votes_of(v->c, v->a, out->who.reader.id, st->id, out->votes);
}

/* --- one comment --- */

/* {name, url, picture}; without url somebody who has no account. */
static json_t *author_of(const struct talk *t, const struct comment *k)
{
	arena_t *a = t->v->a;
	if (!k->reader.id || k->reader.state == READER_GONE)
		return json_pack("{s:o, s:n, s:n}", "name",
				 json_text(k->name.n ? k->name : say(t->v, "comment.former")), "url", "picture");
	strs_add(a, &t->v->topics, topic_reader(a, k->reader.id));
	return json_pack("{s:o, s:o, s:o}", "name", json_text(k->reader.name), "url",
			 json_text(reader_path(a, k->reader.id)), "picture",
			 json_text(portrait_path(a, &k->reader)));
}

static str_t stone_of(const struct talk *t, const struct comment *k)
{
	switch (k->state) {
	case COMMENT_REMOVED: return say(t->v, "comment.removed");
	case COMMENT_DELETED: return say(t->v, "comment.deleted");
	case COMMENT_HELD: return say(t->v, "comment.held");
	case COMMENT_SHOWN: break;
	}
	return S("");
}

/* {text, then}: `then` is where the words stand, if the story does not have them any more. */
static json_t *quote_of(struct talk *t, const struct comment *k)
{
	if (!k->quote.n)
		return json_null();
	if (!t->text.p)
		t->text = tame_line(t->v->a, clean_text(t->v->a, t->st->body));
	bool there = str_find(t->text, k->quote, 0) != STR_NONE;
	str_t then = str_format(t->v->a, "%.*s/history/%lld", STR(story_path(t->v->a, t->st)),
				(long long)k->quote_revision);
	return json_pack("{s:o, s:o}", "text", json_text(k->quote), "then", there ? json_null() : json_text(then));
}

static json_t *role_of(const struct talk *t, const struct comment *k)
{
	if (!k->staff)
		return json_null();
	str_t key = str_format(t->v->a, "role.%.*s", STR(role_name(k->reader.role)));
	return json_text(role_is_staff(k->reader.role) ? say(t->v, str_z(t->v->a, key)) : say(t->v, "comment.staff"));
}

/* Who a guest is; what they wrote as one stays theirs when they are one no more. */
static json_t *guest_of(const struct talk *t, const struct comment *k)
{
	if (!k->guest)
		return json_null();
	const struct guest *g = guest_among(t, k->reader.id);
	return json_text(g && g->title.n ? g->title : say(t->v, "questions.guest"));
}

str_t talk_slow(const struct talk *t, const struct comment *root)
{
	struct view *v = t->v;
	int64_t minutes = (t->set->heat_wait + 59) / 60;
	usec_t now = clock_now(&t->s->clock);
	if (root->slow <= now || !minutes)
		return S("");
	json_t *until = view_date(v, root->slow);
	const char *key = str_eq(time_day(v->a, now), time_day(v->a, root->slow)) ? "time" : "text";
	str_t when = str_copy(v->a, str_of(json_string_value(json_object_get(until, key))));
	json_decref(until);
	return messages_fill(v->a, say_count(v, "comment.slow", minutes), &(struct message_value){ "until", when }, 1);
}

/* Whether answers to it are others' than guests' and the newsroom's; and whoever looks may not. */
static bool reply_is_kept(const struct talk *t, id64 asker)
{
	const struct reader *me = &t->who.reader;
	return t->set->answers && !t->set->among && !t->guest && !is_newsroom(me) && !(me->id && me->id == asker);
}

static void set_question(const struct talk *t, const struct comment *k, json_t *j)
{
	bool shown = k->state == COMMENT_SHOWN;
	str_t slow = k->root == k->id ? talk_slow(t, k) : S("");
	bool waits = shown && t->set->answers && k->question == QUESTION_WAITS;
	json_object_set_new(j, "guest", shown ? guest_of(t, k) : json_null());
	json_object_set_new(j, "waits", json_boolean(waits));
	json_object_set_new(j, "asked", json_boolean(t->set->answers && !t->set->among));
	json_object_set_new(j, "reply_kept", json_boolean(reply_is_kept(t, t->asker)));
	json_object_set_new(j, "slow", slow.n ? json_text(slow) : json_null());
}

/* How many answers are not on this page, and where they are. */
static json_t *more_of(const struct talk *t, const struct branch *b)
{
	int64_t left = b->k.replies - (int64_t)b->below.n;
	if (left <= 0 || (!b->below.more && !b->deeper))
		return json_null();
	return json_pack("{s:o, s:o}", "url", json_text(str_format(t->v->a, "%.*s#answers",
								   STR(comment_path(t->v->a, t->st, b->k.id)))),
			 "text", json_text(say_count(t->v, b->deeper ? "comment.go-on" : "comment.more", left)));
}

static void set_what_is_theirs(const struct talk *t, const struct comment *k, json_t *j)
{
	const struct reader *me = &t->who.reader;
	int way = vote_on(t, k->id);
	json_object_set_new(j, "own", json_boolean(me->id && me->id == k->reader.id));
	json_object_set_new(j, "editable", json_boolean(may_edit(t->s, me, k, t->set)));
	json_object_set_new(j, "recommended", json_boolean(way > 0));
	json_object_set_new(j, "opposed", json_boolean(way < 0));
	json_object_set_new(j, "muted", json_boolean(k->state == COMMENT_SHOWN && is_among(t->muted, t->nmuted, k->reader.id)));
	json_object_set_new(j, "followed", json_boolean(is_among(t->branches, t->nbranches, k->id)));
	json_object_set_new(j, "moderated", json_boolean(t->moderates));
	bool told = k->state == COMMENT_REMOVED && me->id && (me->id == k->reader.id || t->moderates);
	json_object_set_new(j, "decision", told ? json_text(str_format(t->v->a, "%.*s/decision",
								       STR(comment_short(t->v->a, k->id))))
						: json_null());
}

static json_t *words_of(struct talk *t, const struct comment *k)
{
	struct view *v = t->v;
	json_t *j = json_object();
	str_t stone = stone_of(t, k);
	/* What waits is seen by its writer and by moderators; on pages that are everybody's, `who` is nobody. */
	const struct reader *me = &t->who.reader;
	bool theirs = me->id && (me->id == k->reader.id || t->moderates);
	bool shown = k->state == COMMENT_SHOWN || (k->state == COMMENT_HELD && theirs);
	json_object_set_new(j, "id", json_text(id_text(v->a, k->id)));
	json_object_set_new(j, "url", json_text(comment_path(v->a, t->st, k->id)));
	json_object_set_new(j, "short", json_text(comment_short(v->a, k->id)));
	json_object_set_new(j, "answers", k->parent ? json_text(id_text(v->a, k->parent)) : json_null());
	json_object_set_new(j, "author", shown ? author_of(t, k) : json_null());
	json_object_set_new(j, "role", shown ? role_of(t, k) : json_null());
	json_object_set_new(j, "staff", json_boolean(shown && k->staff));
	json_object_set_new(j, "picked", json_boolean(shown && k->picked));
	json_object_set_new(j, "date", view_date(v, k->made));
	json_object_set_new(j, "edited", shown && k->edited ? view_date(v, k->edited) : json_null());
	json_object_set_new(j, "quote", shown ? quote_of(t, k) : json_null());
	json_object_set_new(j, "body", shown ? json_text(k->body) : json_null());
	json_object_set_new(j, "stone", stone.n ? json_text(stone) : json_null());
	json_object_set_new(j, "is_shown", json_boolean(k->state == COMMENT_SHOWN));
	json_object_set_new(j, "ups", json_text(messages_number(v->a, v->tongue, k->ups)));
	json_object_set_new(j, "any_ups", json_boolean(k->ups > 0));
	json_object_set_new(j, "downs", t->set->downs ? json_text(messages_number(v->a, v->tongue, k->downs))
						       : json_null());
	json_object_set_new(j, "open", json_boolean(t->set->open == FORUM_OPEN && !k->closed));
	json_object_set_new(j, "shut", json_boolean(k->closed));
	json_object_set_new(j, "here", json_false());
	json_object_set_new(j, "why", json_null());
	return j;
}

json_t *talk_comments(struct talk *t, const struct branches *list)
{
	json_t *all = json_array();
	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(all, talk_comment(t, &list->v[i]));
	return all;
}

json_t *talk_comment(struct talk *t, const struct branch *b)
{
	if (b->k.root == b->k.id)
		t->asker = b->k.reader.id;
	json_t *j = words_of(t, &b->k);
	set_question(t, &b->k, j);
	set_what_is_theirs(t, &b->k, j);
	json_object_set_new(j, "replies", talk_comments(t, &b->below));
	json_object_set_new(j, "any_replies", json_boolean(b->below.n > 0));
	json_object_set_new(j, "more", more_of(t, b));
	return j;
}

/* --- the conversation --- */

static json_t *form_of(const struct talk *t, id64 where, str_t slow)
{
	arena_t *a = t->v->a;
	bool asks = t->set->answers && !where && !t->guest && !is_newsroom(&t->who.reader);
	json_t *j = json_pack("{s:o, s:o, s:i, s:n, s:n, s:n, s:n, s:b}", "action",
			      json_text(conversation_path(a, t->st)), "answers",
			      where ? json_text(id_text(a, where)) : json_null(), "most", COMMENT_MOST, "text",
			      "quote", "error", "preview", "sure", 0);
	json_object_set_new(j, "slow", slow.n ? json_text(slow) : json_null());
	json_object_set_new(j, "asks", json_boolean(asks));
	return j;
}

/* What is said before one answers in it: the branch of `where` is slow. */
static err_t slow_words(const struct talk *t, id64 where, str_t *out)
{
	struct comment k;
	*out = S("");
	if (!where)
		return OK;
	TRY(comment_load(t->v->c, t->v->a, where, &k));
	if (k.root != k.id)
		TRY(comment_load(t->v->c, t->v->a, k.root, &k));
	*out = talk_slow(t, &k);
	return OK;
}

static str_t moment_words(const struct talk *t, const char *key, usec_t moment)
{
	json_t *date = view_date(t->v, moment);
	str_t day = str_copy(t->v->a, str_of(json_string_value(json_object_get(date, "text"))));
	json_decref(date);
	return say_with(t->v, key, &(struct message_value){ "date", day }, 1);
}

static json_t *qa_guests(const struct talk *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->guests.n; i++) {
		const struct guest *g = &t->guests.v[i];
		if (g->reader.state == READER_GONE)
			continue;
		strs_add(t->v->a, &t->v->topics, topic_reader(t->v->a, g->reader.id));
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(g->reader.name), "url",
						      json_text(reader_path(t->v->a, g->reader.id)), "picture",
						      json_text(portrait_path(t->v->a, &g->reader)), "title",
						      g->title.n ? json_text(g->title) : json_null()));
	}
	return list;
}

/* "qa": who answers, until when; null where nobody does. */
static json_t *qa_of(const struct talk *t)
{
	const struct forum_settings *set = t->set;
	str_t when = S("");
	if (!set->answers)
		return json_null();
	if (set->early)
		when = moment_words(t, "questions.from", set->from);
	else if (set->over)
		when = moment_words(t, "questions.over", set->until);
	else if (set->until)
		when = moment_words(t, "questions.until", set->until);
	json_t *guests = qa_guests(t);
	return json_pack("{s:b, s:o, s:o, s:b, s:b}", "any_guests", json_array_size(guests) > 0, "guests", guests, "when",
			 when.n ? json_text(when) : json_null(), "for_you", t->guest, "over", set->over);
}

static str_t closed_words(const struct talk *t)
{
	if (t->set->open != FORUM_CLOSED || t->set->early || t->set->over) /* the questions' own box says when */
		return S("");
	return t->set->why.n ? t->set->why : say(t->v, "comments.closed");
}

err_t talk_frame(struct talk *t, id64 where)
{
	struct view *v = t->v;
	struct conversation about;
	TRY(conversation_load(v->c, t->st->id, &about));
	str_t url = conversation_path(v->a, t->st), closed = closed_words(t), slow;
	TRY(slow_words(t, where, &slow));
	json_t *j = json_object();
	json_object_set_new(v->json, "talk", j);
	json_object_set_new(j, "url", json_text(url));
	json_object_set_new(j, "count", json_integer(about.comments));
	json_object_set_new(j, "text", json_text(about.comments
		? say_count(v, "comments.count", about.comments) : say(v, "comments.join")));
	json_object_set_new(j, "change", json_integer(about.change));
	json_object_set_new(j, "closed", closed.n ? json_text(closed) : json_null());
	json_object_set_new(j, "open", json_boolean(t->set->open == FORUM_OPEN));
	json_object_set_new(j, "question", t->set->question.n ? json_text(t->set->question) : json_null());
	json_object_set_new(j, "before", json_boolean(t->set->mode == MODE_BEFORE));
	json_object_set_new(j, "downs", json_boolean(t->set->downs));
	json_object_set_new(j, "followed", json_boolean(t->followed));
	json_object_set_new(j, "headline", json_text(t->st->headline));
	json_object_set_new(j, "story", json_text(story_path(v->a, t->st)));
	json_object_set_new(j, "form", form_of(t, where, slow));
	json_object_set_new(j, "more", json_null());
	json_object_set_new(j, "qa", qa_of(t));
	json_object_set_new(j, "held_by", json_text(str_format(v->a, "/moderation/conversation/%.*s",
							       STR(id_text(v->a, t->st->id)))));
	json_object_set_new(j, "moderated", json_boolean(t->moderates));
	return OK;
}

void talk_head(struct talk *t, str_t title, str_t path)
{
	view_head(t->s, t->v, &(struct page_head){ .kind = "comments", .title = title,
						   .description = t->st->headline, .path = path });
	if (t->st->language.n)
		view_language(t->v, t->st->language);
	if (is_elsewhere(t->st)) /* what it is about stands there, for search engines too */
		json_object_set_new(json_object_get(t->v->json, "page"), "robots", json_string("noindex"));
}

/* --- for programs --- */

static json_t *structured_one(struct talk *t, const struct branch *b)
{
	const struct comment *k = &b->k;
	arena_t *a = t->v->a;
	if (k->state != COMMENT_SHOWN)
		return NULL;
	json_t *j = json_pack("{s:s, s:o, s:o, s:o, s:i}", "@type", "Comment", "text",
			      json_text(clean_text(a, k->body)), "dateCreated", json_text(time_iso(a, k->made)),
			      "url", json_text(view_absolute(t->s, a, comment_path(a, t->st, k->id))),
			      "upvoteCount", (int)k->ups);
	bool known = k->reader.id && k->reader.state != READER_GONE;
	json_t *author = json_pack("{s:s, s:o}", "@type", "Person", "name",
				   json_text(known ? k->reader.name : k->name.n ? k->name
									      : say(t->v, "comment.former")));
	if (known)
		json_object_set_new(author, "url", json_text(view_absolute(t->s, a, reader_path(a, k->reader.id))));
	json_object_set_new(j, "author", author);
	json_t *below = talk_structured(t, &b->below);
	if (json_array_size(below))
		json_object_set(j, "comment", below);
	json_decref(below);
	return j;
}

json_t *talk_structured(struct talk *t, const struct branches *list)
{
	json_t *all = json_array();
	for (size_t i = 0; i < list->n; i++) {
		json_t *one = structured_one(t, &list->v[i]);
		if (one)
			json_array_append_new(all, one);
	}
	return all;
}
