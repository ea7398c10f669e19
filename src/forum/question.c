/* question.c: see question.h. */
#include "forum/question.h"

#include "forum/mention.h"
#include "forum/tame.h"
#include "readers/letters.h"
#include "record/act.h"

static const struct act_kind ACT_INVITE = { "forum.invite" };
static const struct act_kind ACT_DISMISS = { "forum.dismiss" };

/* --- guests --- */

static const struct sql select_guests = {
	"SELECT r.id, r.name, r.picture, r.role, r.state, g.title FROM question_guest g JOIN reader r ON r.id = g.reader "
	"WHERE g.story = $1 ORDER BY g.reader"
};

err_t guests_of(struct conn *c, arena_t *a, id64 story, struct guests *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct guests){ 0 };
	TRY(db_query(c, &select_guests, ARGS(v_int(story)), &r));
	while (rows_next(&r, &e)) {
		struct guest g = { { .id = row_int(&r, 0), .name = row_str(&r, a, 1), .picture = row_str(&r, a, 2) },
				   row_str(&r, a, 5) };
		role_parse(row_str(&r, a, 3), &g.reader.role);
		if (str_eq(row_str(&r, a, 4), S("gone")))
			g.reader.state = READER_GONE;
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = g;
	}
	return e;
}

static const struct sql select_guest = { "SELECT count(*) FROM question_guest WHERE story = $1 AND reader = $2" };

err_t guest_is(struct conn *c, id64 story, id64 reader, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_guest, ARGS(v_int(story), v_int(reader)), &r));
	*out = rows_next(&r, &e) && row_int(&r, 0) > 0;
	return e;
}

struct inviting {
	struct stet *s;
	struct act  *act;
	id64         story, reader;
	str_t        who, title;
};

static const struct sql save_guest = {
	"INSERT INTO question_guest (story, reader, title, since) VALUES ($1, $2, $3, $4) "
	"ON CONFLICT (story, reader) DO UPDATE SET title = excluded.title"
};
static const struct sql count_guests = { "SELECT count(*) FROM question_guest WHERE story = $1" };

static err_t find_invited(struct conn *c, arena_t *a, const struct inviting *x, struct reader *out)
{
	struct reader named;
	*out = (struct reader){ 0 };
	if (str_find_char(x->who, '@', 0) != STR_NONE) {
		str_t key;
		TRY(address_key(x->s, a, x->who, &key));
		TRY(reader_by_address(c, a, key, out));
	} else {
		TRY(reader_named(x->s, c, a, x->who, &named));
		if (named.id)
			TRY(reader_find(c, a, named.id, out));
	}
	if (!out->id || out->state != READER_ACTIVE)
		return err_say(ERR_INPUT, "who", "guest-refused.nobody");
	return role_is_staff(out->role) ? err_say(ERR_INPUT, "who", "guest-refused.staff") : OK;
}

static err_t check_room(struct conn *c, id64 story)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &count_guests, ARGS(v_int(story)), &r));
	bool full = rows_next(&r, &e) && row_int(&r, 0) >= GUESTS_MOST;
	TRY(e);
	return full ? err_say_with(ERR_CONFLICT, "who", "guest-refused.most", "most=%d", GUESTS_MOST) : OK;
}

static err_t write_invite(struct conn *c, arena_t *a, void *ctx)
{
	struct inviting *x = ctx;
	struct reader r;
	struct story st;
	bool there;
	TRY(story_load(c, a, x->story, &st));
	TRY(find_invited(c, a, x, &r));
	TRY(guest_is(c, x->story, r.id, &there));
	x->reader = r.id;
	if (!there)
		TRY(check_room(c, x->story));
	TRY(db_run(c, &save_guest, ARGS(v_int(x->story), v_int(r.id), v_str(x->title), v_int(clock_now(&x->s->clock))),
		   NULL));
	act_touch(x->act, topic_comments(a, x->story));
	if (there || !r.address.n)
		return OK;
	return letter_post(x->act, &(struct letter_draft){ .kind = "guest", .to = r.address, .language = r.language,
							   .name = r.name, .more = st.headline,
							   .path = S("/questions") });
}

err_t guest_invite(struct stet *s, arena_t *a, id64 story, str_t who, str_t title, str_t actor)
{
	struct act act = act_begin(s, a, &ACT_INVITE, story, actor);
	struct inviting x = { .s = s, .act = &act, .story = story };
	if (!str_is_utf8(who, NULL) || who.n > 500 || !(x.who = tame_line(a, who)).n)
		return err_say(ERR_INPUT, "who", "guest-refused.nobody");
	if (!str_is_utf8(title, NULL) || str_runes(title) > GUEST_TITLE)
		return err_say_with(ERR_INPUT, "title", "guest-refused.title", "most=%d", GUEST_TITLE);
	x.title = tame_line(a, title);
	return act_commit(&act, write_invite, &x);
}

static const struct sql delete_guest = { "DELETE FROM question_guest WHERE story = $1 AND reader = $2" };

static err_t write_dismiss(struct conn *c, arena_t *a, void *ctx)
{
	const struct inviting *x = ctx;
	act_touch(x->act, topic_comments(a, x->story));
	return db_run(c, &delete_guest, ARGS(v_int(x->story), v_int(x->reader)), NULL);
}

err_t guest_dismiss(struct stet *s, arena_t *a, id64 story, id64 reader, str_t actor)
{
	struct act act = act_begin(s, a, &ACT_DISMISS, story, actor);
	struct inviting x = { .s = s, .act = &act, .story = story, .reader = reader };
	return act_commit(&act, write_dismiss, &x);
}

/* --- the whole list --- */

struct listing {
	struct stet   *s;
	id64           story;
	struct guests  were;
	struct reader *v; /* as the list has them */
	str_t         *titles, list;
	size_t         n;
};

/* Everyone in it, before anything is changed: a list with a name nobody has changes nothing. */
static err_t read_list(struct conn *c, arena_t *a, void *ctx)
{
	struct listing *x = ctx;
	str_t rest = x->list;
	TRY(guests_of(c, a, x->story, &x->were));
	while (rest.n) {
		str_t one = str_trim(str_cut(&rest, ';')), title = S("");
		size_t at = str_find_char(one, '(', 0);
		if (at < one.n && one.p[one.n - 1] == ')') {
			title = str_trim(str_slice(one, at + 1, one.n - 1));
			one = str_trim(str_slice(one, 0, at));
		}
		if (!one.n)
			continue;
		if (x->n == GUESTS_MOST)
			return err_say_with(ERR_CONFLICT, "guests", "guest-refused.most", "most=%d", GUESTS_MOST);
		if (str_runes(title) > GUEST_TITLE)
			return err_say_with(ERR_INPUT, "guests", "guest-refused.title", "most=%d", GUEST_TITLE);
		struct inviting asked = { .s = x->s, .story = x->story, .who = one };
		x->v = arena_room(a, x->v, x->n, sizeof *x->v);
		x->titles = arena_room(a, x->titles, x->n, sizeof *x->titles);
		TRY(find_invited(c, a, &asked, &x->v[x->n]));
		x->titles[x->n++] = title;
	}
	return OK;
}

err_t guests_set(struct stet *s, arena_t *a, id64 story, str_t list, str_t actor)
{
	struct listing x = { .s = s, .story = story, .list = str_eq(list, S("inherit")) ? S("") : list };
	if (!str_is_utf8(list, NULL))
		return err_say(ERR_INPUT, "guests", "guest-refused.nobody");
	TRY(store_read(s->store, a, read_list, &x));
	for (size_t i = 0; i < x.were.n; i++) {
		bool stays = false;
		for (size_t j = 0; j < x.n; j++)
			stays |= x.v[j].id == x.were.v[i].reader.id;
		if (!stays)
			TRY(guest_dismiss(s, a, story, x.were.v[i].reader.id, actor));
	}
	for (size_t i = 0; i < x.n; i++)
		TRY(guest_invite(s, a, story, x.v[i].name, x.titles[i], actor));
	return OK;
}

/* --- questions --- */

#define FIRST_ANSWER                                                                               \
	"coalesce((SELECT min(a.id) FROM comment a WHERE a.story = comment.story AND a.parent = comment.id AND "  \
	"a.stands = 1 AND a.state = 'shown' AND (a.staff = 1 OR a.guest = 1)), 0)"

static const struct sql adopt_guests = {
	"UPDATE comment SET guest = 1 WHERE story = $1 AND parent <> 0 AND reader IN (SELECT reader FROM question_guest WHERE "
	"story = $1)"
};
static const struct sql adopt = {
	"UPDATE comment SET question = 0, answer = " FIRST_ANSWER " WHERE story = $1 AND parent = 0 AND "
	"staff = 0 AND guest = 0"
};
static const struct sql mark_answered = {
	"UPDATE comment SET question = 1 WHERE story = $1 AND parent = 0 AND question = 0 AND answer <> 0"
};

err_t questions_begin(struct conn *c, id64 story)
{
	TRY(db_run(c, &adopt_guests, ARGS(v_int(story)), NULL));
	TRY(db_run(c, &adopt, ARGS(v_int(story)), NULL));
	return db_run(c, &mark_answered, ARGS(v_int(story)), NULL);
}

static const struct sql mark_guest = { "UPDATE comment SET guest = 1 WHERE id = $1" };
static const struct sql mark_question = { "UPDATE comment SET question = 0 WHERE id = $1" };

err_t question_posted(struct conn *c, const struct comment *k)
{
	bool theirs = k->guest || k->staff;
	if (k->guest)
		TRY(db_run(c, &mark_guest, ARGS(v_int(k->id)), NULL));
	if (!k->parent)
		return theirs ? OK : db_run(c, &mark_question, ARGS(v_int(k->id)), NULL);
	return theirs ? question_settle(c, k->parent) : OK;
}

static const struct sql find_answer = {
	"UPDATE comment SET answer = " FIRST_ANSWER " WHERE id = $1 AND question IS NOT NULL"
};
static const struct sql settle_question = {
	"UPDATE comment SET question = CASE answer WHEN 0 THEN 0 ELSE 1 END WHERE id = $1 AND question IS NOT NULL"
};

err_t question_settle(struct conn *c, id64 id)
{
	TRY(db_run(c, &find_answer, ARGS(v_int(id)), NULL));
	return db_run(c, &settle_question, ARGS(v_int(id)), NULL);
}

err_t question_may_answer(struct conn *c, arena_t *a, const struct reader *r, const struct comment *above,
			  const struct forum_settings *set)
{
	struct comment first = *above;
	bool guest;
	if (!set->answers || set->among || is_newsroom(r))
		return OK;
	TRY(guest_is(c, above->story, r->id, &guest));
	if (guest)
		return OK;
	if (above->root != above->id)
		TRY(comment_load(c, a, above->root, &first));
	return first.reader.id == r->id ? OK : err_say(ERR_REFUSED, "text", "comment-refused.question");
}

static const struct sql count_questions = {
	"SELECT count(*) FROM (SELECT 1 FROM comment WHERE story = $1 AND question = $2 AND stands = 1 LIMIT $3) AS x"
};

err_t question_count(struct conn *c, id64 story, bool answered, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &count_questions, ARGS(v_int(story), v_int(answered), v_int(QUESTIONS_COUNTED)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}
