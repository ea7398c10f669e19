/* leaving.c: the end of an account (GDPR, article 17).
 *
 * Whoever asks for it has a day to think again: a letter says so, a button takes it back, and so does
 * signing in. Then the row is emptied; what stays is a number and "former reader", so that what others
 * answered to does not hang in the air. A name that was theirs stays kept, as a hash with our key: nobody
 * shall go on under it, and nobody can read it. */
#include "readers/leaving.h"
#include "readers/copy.h"
#include "readers/letters.h"
#include "readers/pages.h"

#include "record/act.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct act_kind ACT_LEAVE = { "reader.leave" };
static const struct act_kind ACT_STAY = { "reader.stay" };
static const struct act_kind ACT_GONE = { "reader.gone" };

/* --- asking, and thinking again --- */

static const struct sql update_leave = {
	"UPDATE reader SET state = 'leaving', leaving = $1, keep_words = $2 WHERE id = $3 AND state = 'active'"
};
static const struct sql update_stay = {
	"UPDATE reader SET state = 'active', leaving = 0 WHERE id = $1 AND state = 'leaving'"
};

struct leave {
	struct stet         *s;
	struct act          *act;
	const struct reader *r;
	id64                 keep; /* the session that asks */
	bool                 words;
};

static err_t write_leave(struct conn *c, arena_t *a, void *ctx)
{
	struct leave *x = ctx;
	usec_t at = clock_now(&x->s->clock) + LEAVING_GRACE;
	int64_t changed;
	TRY(db_run(c, &update_leave, ARGS(v_int(at), v_int(x->words), v_int(x->r->id)), &changed));
	if (!changed)
		return err_say(ERR_CONFLICT, "form", "refused.leaving");
	TRY(session_delete_all(c, x->r->id, x->keep));
	act_job(x->act, READER_GO, str_format(a, "{\"reader\":\"%.*s\"}", STR(id_text(a, x->r->id))), at);
	if (!letters_leave(x->s))
		return OK;
	return letter_post(x->act, &(struct letter_draft){
		.kind = "leaving", .to = x->r->address, .name = x->r->name, .path = S("/account"),
		.language = x->r->language });
}

err_t reader_leave(struct stet *s, arena_t *a, const struct reader *r, bool keep_words, id64 keep)
{
	struct act act = act_begin(s, a, &ACT_LEAVE, r->id, reader_actor(a, r->id));
	struct leave x = { s, &act, r, keep, keep_words };
	act_touch(&act, topic_reader(a, r->id));
	return act_commit(&act, write_leave, &x);
}

static err_t write_stay(struct conn *c, arena_t *a, void *ctx)
{
	const id64 *id = ctx;
	(void)a;
	return db_run(c, &update_stay, ARGS(v_int(*id)), NULL);
}

err_t reader_stay(struct stet *s, arena_t *a, const struct reader *r)
{
	id64 id = r->id;
	struct act act = act_begin(s, a, &ACT_STAY, id, reader_actor(a, id));
	act_touch(&act, topic_reader(a, id));
	return act_commit(&act, write_stay, &id);
}

/* --- going --- */

static const struct sql empty_reader = {
	"UPDATE reader SET address = NULL, address_key = NULL, confirmed = 0, name = 'former reader', "
	"name_key = $1, name_look = $1, renamed = 0, about = '', picture = '', language = '', role = 'reader', "
	"state = 'gone', why = '', leaving = 0, handle = $2, password = NULL, totp = NULL, totp_step = 0, "
	"show_comments = 0, show_followers = 0, show_following = 0, no_followers = 0, "
	"seen = 0 WHERE id = $3"
};
static const struct sql select_kept = {
	"SELECT name_key, name_look, until FROM reader_name WHERE reader = $1"
};
static const struct sql insert_kept = {
	"INSERT INTO reader_name (name_key, reader, name_look, name, until) VALUES ($1, $2, $3, '', $4) "
	"ON CONFLICT (name_key, reader) DO NOTHING"
};
static const struct sql end_name = {
	"INSERT INTO reader_name (name_key, reader, name_look, name, until) "
	"SELECT name_key, id, name_look, name, $2 FROM reader WHERE id = $1 "
	"ON CONFLICT (name_key, reader) DO NOTHING"
};
static const struct sql forget_names = { "DELETE FROM reader_name WHERE reader = $1 AND name <> ''" };

/* What hangs on the account and on nothing else. */
static const struct sql forget[] = {
	{ "DELETE FROM session WHERE reader = $1" },
	{ "DELETE FROM passkey WHERE reader = $1" },
	{ "DELETE FROM recovery_code WHERE reader = $1" },
	{ "DELETE FROM identity WHERE reader = $1" },
	{ "DELETE FROM reader_follow WHERE reader = $1 OR followed = $1" },
	{ "DELETE FROM reader_picture WHERE reader = $1" },
	{ "DELETE FROM reader_copy WHERE reader = $1" },
};
static const struct sql forget_challenges = {
	"DELETE FROM challenge WHERE reader = $1 OR ($2 <> '' AND subject = $2)"
};
/* Those to this address that wait, and those that were given up. */
static const struct sql forget_letters = {
	"DELETE FROM job WHERE kind = $1 AND payload <> replace(payload, $2, '')"
};
static const struct sql forget_failed = {
	"DELETE FROM failed_job WHERE kind = $1 AND payload <> replace(payload, $2, '')"
};
static const struct sql select_copies = { "SELECT id FROM reader_copy WHERE reader = $1" };
static const struct sql select_followed = {
	"SELECT followed FROM reader_follow WHERE reader = $1 UNION SELECT reader FROM reader_follow "
	"WHERE followed = $1"
};

struct going {
	struct stet  *s;
	struct act   *act;
	struct reader reader;
	bool          over; /* there is nothing to do */
};

struct kept {
	str_t  key, look;
	usec_t until;
};

/* Their names, now and before, as hashes. */
static err_t hide_names(struct going *x, struct conn *c, arena_t *a)
{
	id64 id = x->reader.id;
	err_t e = OK;
	struct kept *v = NULL;
	size_t n = 0;
	TRY(db_run(c, &end_name, ARGS(v_int(id), v_int(clock_now(&x->s->clock))), NULL));
	{
		AUTO_ROWS r = { 0 };
		TRY(db_query(c, &select_kept, ARGS(v_int(id)), &r));
		while (rows_next(&r, &e)) {
			v = arena_room(a, v, n, sizeof *v);
			v[n].key = row_str(&r, a, 0);
			v[n].look = row_str(&r, a, 1);
			v[n++].until = row_int(&r, 2);
		}
	}
	TRY(e);
	TRY(db_run(c, &forget_names, ARGS(v_int(id)), NULL));
	for (size_t i = 0; i < n; i++)
		TRY(db_run(c, &insert_kept, ARGS(v_str(name_hidden(x->s->readers, a, v[i].key)), v_int(id),
						 v_str(name_hidden(x->s->readers, a, v[i].look)),
						 v_int(v[i].until)), NULL));
	return OK;
}

/* Pages that show them among others change, too. */
static err_t touch_others(struct going *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_followed, ARGS(v_int(x->reader.id)), &r));
	while (rows_next(&r, &e))
		act_touch(x->act, topic_reader(a, row_int(&r, 0)));
	return e;
}

static err_t drop_files(struct going *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_copies, ARGS(v_int(x->reader.id)), &r));
	while (rows_next(&r, &e))
		if (unlink(copy_file(x->s, a, row_int(&r, 0))) != 0 && errno != ENOENT)
			return err_errno(errno, "remove a copy");
	return e;
}

static err_t drop_letters(struct going *x, struct conn *c, arena_t *a)
{
	json_t *to = json_text(x->reader.address);
	char *text = json_dumps(to, JSON_ENCODE_ANY);
	json_decref(to);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory");
	str_t mark = str_format(a, "\"to\":%s", text);
	free(text);
	if (!x->reader.address.n)
		return OK;
	TRY(db_run(c, &forget_letters, ARGS(v_str(S(LETTER_SEND)), v_str(mark)), NULL));
	return db_run(c, &forget_failed, ARGS(v_str(S(LETTER_SEND)), v_str(mark)), NULL);
}

static err_t empty(struct going *x, struct conn *c, arena_t *a)
{
	id64 id = x->reader.id;
	str_t key = S("");
	unsigned char handle[32];
	if (x->reader.address.n)
		TRY(address_key(x->s, a, x->reader.address, &key));
	TRY(touch_others(x, c, a));
	TRY(hide_names(x, c, a));
	TRY(drop_files(x, c, a));
	TRY(drop_letters(x, c, a));
	TRY(db_run(c, &forget_challenges, ARGS(v_int(id), v_str(key)), NULL));
	for (size_t i = 0; i < COUNT(forget); i++)
		TRY(db_run(c, &forget[i], ARGS(v_int(id)), NULL));
	randombytes_buf(handle, sizeof handle);
	/* No name has a colon in its key, so nobody ever has this one. */
	return db_run(c, &empty_reader, ARGS(v_str(str_format(a, "gone:%.*s", STR(id_text(a, id)))),
					     v_blob(str_from((const char *)handle, sizeof handle)),
					     v_int(id)), NULL);
}

static err_t write_gone(struct conn *c, arena_t *a, void *ctx)
{
	struct going *x = ctx;
	struct stet *s = x->s;
	TRY(reader_find(c, a, x->reader.id, &x->reader));
	x->over = !x->reader.id || x->reader.state == READER_GONE || !x->reader.leaving ||
		  x->reader.leaving > clock_now(&s->clock);
	if (x->over)
		return err_new(ERR_CONFLICT, "this account stays"); /* undoes the act; see reader_go */
	TRY(empty(x, c, a));
	if (s->readers->given.gone)
		TRY(s->readers->given.gone(s, x->act, c, &x->reader));
	if (!letters_leave(s))
		return OK;
	return letter_post(x->act, &(struct letter_draft){ .kind = "gone", .to = x->reader.address,
							  .name = x->reader.name,
							  .language = x->reader.language });
}

err_t reader_go(struct stet *s, arena_t *a, id64 id)
{
	struct act act = act_begin(s, a, &ACT_GONE, id, S("readers"));
	struct going x = { .s = s, .act = &act, .reader.id = id };
	act_touch(&act, topic_reader(a, id));
	err_t e = act_commit(&act, write_gone, &x);
	if (e && x.over) {
		err_free(e);
		return OK;
	}
	return e;
}

err_t reader_go_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_t *payload = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	id64 id;
	bool good = id_parse(str_of(json_string_value(json_object_get(payload, "reader"))), &id);
	json_decref(payload);
	return good ? reader_go(s, a, id) : err_new(ERR_CORRUPT, "the job of leaving names no reader");
}

/* --- pages --- */

static err_t leave_fill(struct stet *s, struct view *v, void *ctx)
{
	(void)s;
	(void)ctx;
	json_object_set_new(v->json, "hours", json_integer((json_int_t)(LEAVING_GRACE / HOUR)));
	return OK;
}

static err_t leave_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	struct form f = { .template = "leave", .title = "leave.title", .fill = leave_fill };
	return form_page(s, q, r, &f);
}

static err_t leave_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	e = reader_leave(s, q->a, &who.reader, !str_eq(params_get(&q->form, "words"), S("remove")),
			 who.session.id);
	if (e && is_mendable(e)) {
		struct form f = { .template = "leave", .title = "leave.title", .error = e,
				  .fill = leave_fill };
		return form_page(s, q, r, &f);
	}
	TRY(e);
	go_to(s, q, r, S("/account?said=leaving"));
	return OK;
}

static err_t stay_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	if (who.reader.state == READER_LEAVING)
		TRY(reader_stay(s, q->a, &who.reader));
	go_to(s, q, r, S("/account?said=staying"));
	return OK;
}

const struct route leaving_routes[] = {
	{ GET, "/account/delete", leave_form },
	{ POST, "/account/delete", leave_post },
	{ POST, "/account/keep", stay_post },
	{ 0 },
};
