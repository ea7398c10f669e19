/* follow_page.c: the buttons that follow a conversation, a story, an author. */
#include "forum/follow.h"
#include "forum/pages.h"
#include "press/pages.h"

/* --- what is followed --- */

struct asking {
	struct stet          *s;
	const struct request *q;
	enum follow_kind      kind;
	id64                  reader, subject;
	str_t                 path; /* its page */
	bool                  on;
};

static err_t find_story(struct conn *c, arena_t *a, struct asking *x)
{
	struct story st;
	struct forum_settings set;
	TRY(conversation_at(x->s, c, x->q, a, &st, &set));
	x->subject = st.id;
	x->path = conversation_path(a, &st);
	return OK;
}

/* The branch that the comment is of. */
static err_t find_branch(struct conn *c, arena_t *a, struct asking *x)
{
	struct comment k;
	id64 id;
	TRY(comment_asked(x->q, &id));
	TRY(comment_load(c, a, id, &k));
	if (x->on && !k.stands)
		return err_new(ERR_MISSING, "there is no such comment");
	if (x->on)
		TRY(conversation_there(x->s, c, a, k.story));
	x->subject = k.root;
	x->path = comment_short(a, id);
	return OK;
}

static err_t find_author(struct conn *c, arena_t *a, struct asking *x)
{
	struct author author;
	TRY(author_by_slug(c, a, params_get(&x->q->route, "slug"), &author));
	x->subject = author.id;
	x->path = str_format(a, "/author/%.*s", STR(author.slug));
	return OK;
}

static err_t find(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	if (x->kind == FOLLOW_STORY)
		return find_story(c, a, x);
	return x->kind == FOLLOW_BRANCH ? find_branch(c, a, x) : find_author(c, a, x);
}

/* --- buttons --- */

static err_t refused(struct stet *s, struct request *q, struct response *r, err_t e)
{
	struct form f = { .template = "refused", .title = "reader.refused", .error = e };
	return script_asks(q) ? answer_refusal(s, q, r, e) : form_page(s, q, r, &f);
}

static err_t press(struct stet *s, struct request *q, struct response *r, enum follow_kind kind, bool on)
{
	struct asking x = { .s = s, .q = q, .kind = kind, .on = on };
	struct who who;
	err_t e;
	if (who_must_act(s, q, r, &who, &e))
		return e;
	TRY(store_read(s->store, q->a, find, &x));
	e = rate_reader(s, q->a, RATE_TIE_ACCOUNT, who.reader.id);
	if (!e)
		e = follow_set(s, q->a, who.reader.id, kind, x.subject, on);
	if (e && is_mendable(e))
		return refused(s, q, r, e);
	TRY(e);
	if (script_asks(q))
		return answer_json(q, r, 200, json_pack("{s:b}", "following", on));
	go_to(s, q, r, next_or(q, x.path));
	return OK;
}

#define BUTTON(name, kind, on)                                                                     \
	static err_t name(struct stet *s, struct request *q, struct response *r)                    \
	{                                                                                          \
		return press(s, q, r, kind, on);                                                   \
	}

BUTTON(follow_story, FOLLOW_STORY, true)
BUTTON(unfollow_story, FOLLOW_STORY, false)
BUTTON(follow_branch, FOLLOW_BRANCH, true)
BUTTON(unfollow_branch, FOLLOW_BRANCH, false)
BUTTON(follow_author, FOLLOW_AUTHOR, true)
BUTTON(unfollow_author, FOLLOW_AUTHOR, false)

/* --- whether one does --- */

err_t follow_author_part(struct stet *s, struct view *v, const struct author *author)
{
	struct who who;
	bool on = false;
	if (!v->personal)
		return OK;
	TRY(who_asks_in(s, v->c, v->q, &who));
	if (who.reader.id)
		TRY(follow_is(v->c, who.reader.id, FOLLOW_AUTHOR, author->id, &on));
	json_object_set_new(v->json, "mine", json_pack("{s:b}", "following", on));
	return OK;
}

static err_t read_author(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	TRY(find_author(c, a, x));
	return x->reader ? follow_is(c, x->reader, FOLLOW_AUTHOR, x->subject, &x->on) : OK;
}

/* For script: {"following": …} of whoever looks. */
static err_t author_mine(struct stet *s, struct request *q, struct response *r)
{
	struct asking x = { .s = s, .q = q };
	struct who who;
	TRY(who_asks(s, q, &who));
	x.reader = who.reader.id;
	TRY(store_read(s->store, q->a, read_author, &x));
	return answer_json(q, r, 200, json_pack("{s:b}", "following", x.on));
}

const struct route follow_routes[] = {
	{ POST, "/:section/:slug/comments/follow", follow_story },
	{ POST, "/:section/:slug/comments/unfollow", unfollow_story },
	{ POST, "/comment/:id/follow", follow_branch },
	{ POST, "/comment/:id/unfollow", unfollow_branch },
	{ POST, "/author/:slug/follow", follow_author },
	{ POST, "/author/:slug/unfollow", unfollow_author },
	{ GET, "/author/:slug/mine.json", author_mine },
	{ 0 },
};
