/* conversation_page.c: what is said about a story: under it, on pages of its own, and around one comment.
 *
 * All of it is HTML from the server, the same for all readers, from the page cache. Whatever is one reader's
 * alone (what they voted, what they may still edit) script asks for in a few bytes (mine.json). */
#include "forum/elsewhere.h"
#include "forum/follow.h"
#include "forum/limits.h"
#include "forum/pages.h"
#include "press/pages.h"
#include "press/structured_parts.h"
#include "press/view.h"
#include "readers/pages.h"
#include "record/act.h"

err_t conversation_at(struct stet *s, struct conn *c, const struct request *q, arena_t *a, struct story *st,
		      struct forum_settings *set)
{
	str_t section = params_get(&q->route, "section"), slug = params_get(&q->route, "slug");
	if (str_eq(section, S("elsewhere")))
		TRY(other_page_by_slug(c, a, slug, st));
	else
		TRY(story_row_by_slug(c, a, STORY, slug, st));
	if (!str_eq(st->section.slug, section))
		return err_new(ERR_MISSING, "there is no such story");
	TRY(forum_settings_of(s, c, a, st, set));
	return set->open == FORUM_OFF ? err_new(ERR_MISSING, "there is no conversation about this story") : OK;
}

err_t comment_asked(const struct request *q, id64 *out)
{
	return id_parse(params_get(&q->route, "id"), out) ? OK : err_new(ERR_MISSING, "there is no such comment");
}

/* --- keys in addresses --- */

static str_t key_text(arena_t *a, enum comment_sort sort, const struct comment *k)
{
	struct comment_key key = comment_key_of(sort, k);
	return str_format(a, "%lld-%.*s", (long long)key.of, STR(id_text(a, key.id)));
}

static err_t key_asked(const struct request *q, enum comment_sort sort, struct comment_key *out)
{
	str_t text = params_get(&q->query, "after");
	*out = comment_key_first(sort);
	if (!text.p)
		return OK;
	size_t dash = text.n;
	while (dash > 0 && text.p[dash - 1] != '-')
		dash--;
	if (dash < 2 || !str_int(str_slice(text, 0, dash - 1), &out->of) ||
	    !id_parse(str_slice(text, dash, text.n), &out->id))
		return err_new(ERR_MISSING, "there is no such page");
	return OK;
}

/* The page that begins with the branch of a comment: where one comes back to. */
static err_t key_of_branch(struct view *v, enum comment_sort sort, id64 story, struct comment_key *out)
{
	struct comment k;
	id64 id;
	if (!id_parse(params_get(&v->q->query, "at"), &id))
		return key_asked(v->q, sort, out);
	TRY(comment_load(v->c, v->a, id, &k));
	if (k.root != k.id)
		TRY(comment_load(v->c, v->a, k.root, &k));
	if (k.story != story)
		return err_new(ERR_MISSING, "there is no such comment here");
	*out = comment_key_at(sort, &k);
	return OK;
}

/* --- the whole conversation --- */

static const char *const shows[] = { "all", "waiting", "answered" };

static json_t *sorts_of(const struct talk *t)
{
	json_t *list = json_array();
	str_t url = conversation_path(t->v->a, t->st);
	for (enum comment_sort i = 0; i < SORTS; i++) {
		str_t name = comment_sort_name(i), key = str_format(t->v->a, "comments.sort.%.*s", STR(name));
		str_t to = i == SORT_BEST ? url : str_format(t->v->a, "%.*s?sort=%.*s", STR(url), STR(name));
		str_t text = say(t->v, str_z(t->v->a, key));
		json_array_append_new(list, json_pack("{s:o, s:o, s:b}", "url", json_text(to), "text",
						      json_text(text), "current",
						      i == t->sort));
	}
	return list;
}

/* Why it stands first, where that is not plain from the sort's name. */
static void set_why(struct talk *t, const struct branches *list, json_t *comments)
{
	if (t->sort != SORT_BEST || list->n < 2 || list->v[0].k.state != COMMENT_SHOWN)
		return;
	const struct comment *k = &list->v[0].k;
	str_t why = say(t->v, "comment.why.picked");
	if (!k->picked && k->downs) {
		struct message_value all = { "all", messages_number(t->v->a, t->v->tongue, k->ups + k->downs) };
		why = messages_fill(t->v->a, say_count(t->v, "comment.why.share", k->ups), &all, 1);
	} else if (!k->picked) {
		why = say_count(t->v, "comment.why.ups", k->ups);
	}
	if (k->picked || k->ups)
		json_object_set_new(json_array_get(comments, 0), "why", json_text(why));
}

static void set_pager(struct talk *t, const struct branches *list, str_t path, bool first, int questions)
{
	arena_t *a = t->v->a;
	str_t name = comment_sort_name(t->sort), older = S("");
	str_t query = questions ? str_format(a, "show=%s", shows[questions]) : str_format(a, "sort=%.*s", STR(name));
	if (list->more)
		older = str_format(a, "%.*s?%.*s&after=%.*s", STR(path), STR(query),
				   STR(key_text(a, t->sort, &list->v[list->n - 1].k)));
	json_object_set_new(t->v->json, "older", older.n ? json_text(older) : json_null());
	json_object_set_new(t->v->json, "newest", first ? json_null()
						        : json_text(str_format(a, "%.*s?%.*s", STR(path), STR(query))));
}

/* All questions, those that wait, those with an answer: {url, text, count?, current}. */
static err_t filters_of(struct talk *t, int asked, json_t **out)
{
	struct view *v = t->v;
	str_t url = conversation_path(v->a, t->st);
	json_t *list = *out = json_array();
	for (int i = QUESTION_NOT; i <= QUESTION_ANSWERED; i++) {
		int64_t n = -1;
		str_t to = i ? str_format(v->a, "%.*s?show=%s", STR(url), shows[i]) : url;
		str_t text = say(v, str_z(v->a, str_format(v->a, "questions.show.%s", shows[i])));
		if (i)
			TRY(question_count(v->c, t->st->id, i == QUESTION_ANSWERED, &n));
		str_t number = n < 0 ? S("") : messages_number(v->a, v->tongue, n);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:b}", "url", json_text(to), "text",
						      json_text(text), "count", n < 0 ? json_null() : json_text(
						      n < QUESTIONS_COUNTED ? number : str_format(v->a, "%.*s+",
						      STR(number))), "current", i == asked));
	}
	return OK;
}

/* What "?show=" says; where nobody asks, all. */
static int questions_asked(const struct request *q, const struct forum_settings *set)
{
	str_t show = params_get(&q->query, "show");
	for (int i = QUESTION_WAITS; set->answers && i <= QUESTION_ANSWERED; i++)
		if (str_eq(show, str_of(shows[i])))
			return i;
	return QUESTION_NOT;
}

static err_t structure(struct talk *t, const struct branches *list)
{
	struct stet *s = t->s;
	arena_t *a = t->v->a;
	json_t *j = ld_new("DiscussionForumPosting", str_format(a, "%.*s#conversation",
								STR(view_absolute(s, a, conversation_path(a, t->st)))));
	ld_set(j, "headline", t->st->headline);
	ld_set(j, "url", view_absolute(s, a, conversation_path(a, t->st)));
	ld_set(j, "mainEntityOfPage", view_absolute(s, a, story_path(a, t->st)));
	ld_set(j, "datePublished", time_iso(a, t->st->published));
	json_object_set_new(j, "author", ld_publisher_name(s, a));
	json_object_set_new(j, "comment", talk_structured(t, list));
	json_array_append_new(ld_graph(t->v), j);
	return OK;
}

static err_t conversation_view(struct stet *s, struct view *v)
{
	struct story st;
	struct forum_settings set;
	struct talk t;
	struct branches list;
	enum comment_sort sort = comment_sort_parse(params_get(&v->q->query, "sort"));
	struct thread_asked ask = { .sort = sort, .most = ROOTS_PAGE, .all = SHOWN_PAGE, .depth = DEPTH_SHOWN };
	TRY(conversation_at(s, v->c, v->q, v->a, &st, &set));
	ask.questions = questions_asked(v->q, &set);
	if (ask.questions)
		ask.sort = sort = SORT_BEST;
	TRY(key_of_branch(v, sort, st.id, &ask.after));
	ask.story = st.id;
	TRY(thread_load(v->c, v->a, &ask, &list));
	strs_add(v->a, &v->topics, topic_story(v->a, st.id));
	TRY(talk_begin(s, v, &st, &set, sort, &t));
	bool first = !params_get(&v->q->query, "after").p && !params_get(&v->q->query, "at").p;
	talk_head(&t, say_with(v, "comments.title", &(struct message_value){ "headline", st.headline }, 1),
		  conversation_path(v->a, &st));
	TRY(talk_frame(&t, 0));
	json_t *comments = talk_comments(&t, &list);
	if (first)
		set_why(&t, &list, comments);
	json_object_set_new(v->json, "comments", comments);
	json_object_set_new(v->json, "sorts", sorts_of(&t));
	json_t *filters = json_null();
	if (set.answers)
		TRY(filters_of(&t, ask.questions, &filters));
	json_object_set_new(v->json, "filters", filters);
	json_object_set_new(v->json, "all", json_boolean(!ask.questions));
	json_object_set_new(v->json, "sort", json_text(comment_sort_name(sort)));
	set_pager(&t, &list, conversation_path(v->a, &st), first, ask.questions);
	v->template = "comments";
	return structure(&t, &list);
}

static const char *const parameters[] = { "sort", "after", "at", "show", NULL };

static err_t conversation_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page_for(s, q, r, conversation_view, parameters);
}

/* --- one comment --- */

/* Those above it, the nearest ANCESTORS_SHOWN, from the top. */
static err_t ancestors(struct talk *t, const struct comment *k, json_t *out)
{
	id64 id = k->parent;
	for (int i = 0; id && i < ANCESTORS_SHOWN; i++) {
		struct branch b = { 0 };
		TRY(comment_load(t->v->c, t->v->a, id, &b.k));
		json_array_insert_new(out, 0, talk_comment(t, &b));
		id = b.k.parent;
	}
	json_object_set_new(t->v->json, "above_more", id ? json_text(comment_path(t->v->a, t->st, id)) : json_null());
	return OK;
}

/* Whether it is to be seen by whoever looks. */
static err_t check_seen(const struct talk *t, const struct comment *k)
{
	bool theirs = t->who.reader.id && (t->who.reader.id == k->reader.id || t->moderates);
	if (k->stands || (k->state == COMMENT_HELD && theirs) || (k->state == COMMENT_REMOVED && theirs))
		return OK;
	return k->state == COMMENT_HELD ? err_new(ERR_MISSING, "there is no such comment")
					: err_new(ERR_GONE, "this comment is gone");
}

static err_t comment_view(struct stet *s, struct view *v)
{
	struct story st;
	struct forum_settings set;
	struct talk t;
	struct branch b = { 0 };
	id64 id;
	enum comment_sort sort = SORT_OLDEST;
	TRY(comment_asked(v->q, &id));
	TRY(conversation_at(s, v->c, v->q, v->a, &st, &set));
	TRY(comment_load(v->c, v->a, id, &b.k));
	if (b.k.story != st.id)
		return err_new(ERR_MISSING, "there is no such comment here");
	strs_add(v->a, &v->topics, topic_story(v->a, st.id));
	TRY(talk_begin(s, v, &st, &set, sort, &t));
	TRY(check_seen(&t, &b.k));
	struct thread_asked ask = { st.id, id, sort, { 0, 0 }, ROOTS_PAGE, SHOWN_PAGE, DEPTH_SHOWN - 1, 0 };
	TRY(key_asked(v->q, sort, &ask.after));
	TRY(thread_load(v->c, v->a, &ask, &b.below));
	talk_head(&t, say_with(v, "comments.title", &(struct message_value){ "headline", st.headline }, 1),
		  comment_path(v->a, &st, id));
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
	TRY(talk_frame(&t, id));
	json_t *above = json_array(), *mine = talk_comment(&t, &(struct branch){ .k = b.k });
	json_object_set_new(v->json, "above", above);
	TRY(ancestors(&t, &b.k, above));
	json_object_set_new(mine, "here", json_true());
	json_object_set_new(v->json, "comment", mine);
	json_object_set_new(v->json, "answers_count", json_text(b.k.replies
		? say_count(v, "comment.replies", b.k.replies) : say(v, "comment.no-replies")));
	json_object_set_new(v->json, "comments", talk_comments(&t, &b.below));
	json_object_set_new(v->json, "back", json_text(str_format(v->a, "%.*s?at=%.*s#c-%.*s",
								  STR(conversation_path(v->a, &st)),
								  STR(id_text(v->a, id)), STR(id_text(v->a, id)))));
	set_pager(&t, &b.below, comment_path(v->a, &st, id), !params_get(&v->q->query, "after").p,
		  0);
	v->template = "comment-page";
	return OK;
}

/* A comment that waits is seen by its writer and by moderators. */
static err_t comment_page(struct stet *s, struct request *q, struct response *r)
{
	struct comment k;
	struct story st;
	struct who who;
	id64 id;
	TRY(comment_asked(q, &id));
	TRY(who_asks(s, q, &who));
	if (who.reader.id) {
		TRY(comment_place(s, q->a, id, &k, &st));
		if (k.state != COMMENT_SHOWN && (k.reader.id == who.reader.id || may_moderate(&who.reader)))
			return site_page_with(s, q, r, comment_view, NULL);
	}
	return site_page_for(s, q, r, comment_view, parameters);
}

struct placing {
	struct stet    *s;
	id64            id;
	struct comment *k;
	struct story   *st;
};

static err_t read_place(struct conn *c, arena_t *a, void *ctx)
{
	struct placing *x = ctx;
	TRY(comment_load(c, a, x->id, x->k));
	return talked_about(c, a, x->k->story, x->st);
}

err_t comment_place(struct stet *s, arena_t *a, id64 id, struct comment *k, struct story *st)
{
	struct placing x = { s, id, k, st };
	return store_read(s->store, a, read_place, &x);
}

/* The short address, which stays whatever becomes of the story's. */
static err_t short_page(struct stet *s, struct request *q, struct response *r)
{
	struct comment k;
	struct story st;
	id64 id;
	TRY(comment_asked(q, &id));
	TRY(comment_place(s, q->a, id, &k, &st));
	if (st.state == DRAFT) /* its address is nobody's to know */
		return err_new(ERR_MISSING, "there is no such comment");
	go_to(s, q, r, str_format(q->a, "%.*s#c-%.*s", STR(comment_path(q->a, &st, id)), STR(id_text(q->a, id))));
	return OK;
}

/* --- under the story --- */

/* Those that have an answer, then those that wait. */
static err_t load_questions(struct view *v, struct thread_asked *ask, struct branches *out)
{
	struct branches waiting;
	ask->questions = QUESTION_ANSWERED;
	TRY(thread_load(v->c, v->a, ask, out));
	ask->questions = QUESTION_WAITS;
	ask->most -= out->n < ask->most ? out->n : ask->most;
	if (!ask->most)
		return OK;
	TRY(thread_load(v->c, v->a, ask, &waiting));
	struct branch *all = arena_array(v->a, out->n + waiting.n, sizeof *all);
	for (size_t i = 0; i < out->n + waiting.n; i++)
		all[i] = i < out->n ? out->v[i] : waiting.v[i - out->n];
	*out = (struct branches){ all, out->n + waiting.n, waiting.more };
	return OK;
}

err_t forum_story_part(struct stet *s, struct view *v, const struct story *st)
{
	struct forum_settings set;
	struct talk t;
	struct branches list;
	enum comment_sort sort = SORT_BEST;
	TRY(forum_settings_of(s, v->c, v->a, st, &set));
	if (set.open == FORUM_OFF)
		return OK;
	struct thread_asked ask = { st->id, 0, sort, comment_key_first(sort), ROOTS_STORY, SHOWN_STORY, 2, 0 };
	TRY(set.answers ? load_questions(v, &ask, &list) : thread_load(v->c, v->a, &ask, &list));
	TRY(talk_begin(s, v, st, &set, sort, &t));
	TRY(talk_frame(&t, 0));
	json_t *comments = talk_comments(&t, &list), *talk = json_object_get(v->json, "talk");
	if (!set.answers) /* there answered ones come first */
		set_why(&t, &list, comments);
	json_object_set_new(v->json, "comments", comments);
	int64_t count = json_integer_value(json_object_get(talk, "count"));
	json_object_set_new(talk, "more", count > (int64_t)list.n
			    ? json_text(say_count(v, "comments.all", count)) : json_null());
	json_t *story = json_array_get(ld_graph(v), 0), *said = talk_structured(&t, &list);
	json_object_set_new(story, "commentCount", json_integer(count));
	ld_set(story, "discussionUrl", view_absolute(s, v->a, conversation_path(v->a, st)));
	if (json_array_size(said))
		json_object_set(story, "comment", said);
	json_decref(said);
	return OK;
}

/* --- for script --- */

struct mine {
	struct stet          *s;
	struct request       *q;
	struct who            who;
	json_t               *out;
};

static const struct sql select_own = {
	"SELECT id, made FROM comment WHERE reader = $1 AND story = $2 AND state IN ('shown', 'held') "
	"ORDER BY made DESC LIMIT 200"
};
/* Whether they follow the story; the branches that they do. */
static err_t add_followed(struct conn *c, arena_t *a, const struct mine *x, id64 story)
{
	id64 *ids;
	size_t n;
	bool on;
	json_t *list = json_array();
	json_object_set_new(x->out, "branches", list);
	TRY(follow_is(c, x->who.reader.id, FOLLOW_STORY, story, &on));
	json_object_set_new(x->out, "following", json_boolean(on));
	TRY(follow_list(c, a, x->who.reader.id, FOLLOW_BRANCH, &ids, &n));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_text(id_text(a, ids[i])));
	return OK;
}

static const struct sql select_muted = { "SELECT muted FROM reader_mute WHERE reader = $1" };

static err_t add_votes(struct conn *c, arena_t *a, const struct mine *x, id64 story)
{
	struct comment_votes list;
	json_t *votes = json_object();
	json_object_set_new(x->out, "votes", votes);
	TRY(comment_votes_of(c, a, x->who.reader.id, story, &list));
	for (size_t i = 0; i < list.n; i++)
		json_object_set_new(votes, str_z(a, id_text(a, list.v[i].comment)), json_integer(list.v[i].way));
	return OK;
}

/* Their own, each with how long it may be edited: seconds. */
static err_t add_own(struct conn *c, arena_t *a, const struct mine *x, id64 story,
		     const struct forum_settings *set)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *own = json_object();
	json_object_set_new(x->out, "own", own);
	TRY(db_query(c, &select_own, ARGS(v_int(x->who.reader.id), v_int(story)), &r));
	while (rows_next(&r, &e)) {
		usec_t left = row_int(&r, 1) + set->edit * MINUTE - clock_now(&x->s->clock);
		left = set->open == FORUM_OPEN ? left : 0;
		json_object_set_new(own, str_z(a, id_text(a, row_int(&r, 0))),
				    json_integer(left > 0 ? left / SECOND : 0));
	}
	return e;
}

static err_t add_muted(struct conn *c, arena_t *a, const struct mine *x)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *muted = json_array();
	json_object_set_new(x->out, "muted", muted);
	TRY(db_query(c, &select_muted, ARGS(v_int(x->who.reader.id)), &r));
	while (rows_next(&r, &e))
		json_array_append_new(muted, json_text(reader_path(a, row_int(&r, 0))));
	return e;
}

static err_t read_mine(struct conn *c, arena_t *a, void *ctx)
{
	struct mine *x = ctx;
	struct story st;
	struct forum_settings set;
	bool guest;
	TRY(conversation_at(x->s, c, x->q, a, &st, &set));
	TRY(guest_is(c, st.id, x->who.reader.id, &guest));
	json_object_set_new(x->out, "guest", json_boolean(guest));
	TRY(add_votes(c, a, x, st.id));
	TRY(add_own(c, a, x, st.id, &set));
	TRY(add_followed(c, a, x, st.id));
	return add_muted(c, a, x);
}

static err_t mine_page(struct stet *s, struct request *q, struct response *r)
{
	struct mine x = { .s = s, .q = q, .out = json_object() };
	err_t e = who_asks(s, q, &x.who);
	if (!e && x.who.reader.id)
		e = store_read(s->store, q->a, read_mine, &x);
	if (e) {
		json_decref(x.out);
		return e;
	}
	json_object_set_new(x.out, "moderator", json_boolean(may_moderate(&x.who.reader)));
	return answer_json(q, r, 200, x.out);
}

const struct route forum_routes[] = {
	{ GET, "/:section/:slug/comments", conversation_page },
	{ GET, "/:section/:slug/comments.json", conversation_page },
	{ GET, "/:section/:slug/comments/mine.json", mine_page },
	{ GET, "/:section/:slug/comments/:id", comment_page },
	{ GET, "/:section/:slug/comments/:id.json", comment_page },
	{ GET, "/comment/:id", short_page },
	{ 0 },
};
