/* session.c: where a reader is signed in.
 *
 * The secret in the cookie is 32 random bytes; kept is its SHA-256. It changes once a day and whenever its
 * owner proved themselves; the one before stays good for a minute, since several tabs ask at a time. Two
 * more cookies tell scripts and nobody else: that there is a session (so that pages of readers who are
 * not signed in ask for nothing), and that no script runs (page/site.h). */
#include "readers/session.h"

#include "http/cookie.h"
#include "record/act.h"

static const struct act_kind ACT_BEGIN = { "session.begin" };
static const struct act_kind ACT_TURN = { "session.turn" };
static const struct act_kind ACT_END = { "session.end" };

enum { SECRET = 32 };

#define HINT_COOKIE "stet_in"

/* --- cookies --- */

const char *session_cookie_name(const struct readers *r)
{
	return r->secure ? "__Host-stet" : "stet";
}

static err_t add_cookie(struct stet *s, struct request *q, struct response *r, const char *name,
			str_t value, usec_t age, bool hidden)
{
	str_t text;
	struct cookie c = { .name = name, .value = value, .path = "/", .max_age = age / SECOND,
			    .secure = s->readers->secure, .http_only = hidden,
			    .same_site = SAME_SITE_LAX };
	TRY(cookie_format(q->a, &c, &text));
	response_header(q, r, "Set-Cookie", text);
	return OK;
}

static const char *full_name(struct stet *s, arena_t *a, const char *name)
{
	return s->readers->secure ? str_z(a, str_format(a, "__Host-%s", name)) : name;
}

err_t cookie_set(struct stet *s, struct request *q, struct response *r, const char *name, str_t value,
		 usec_t age)
{
	return add_cookie(s, q, r, full_name(s, q->a, name), value, age, true);
}

str_t cookie_get(struct stet *s, const struct request *q, const char *name)
{
	return request_cookie(q, full_name(s, q->a, name));
}

/* Script adds "script" to the forms that it sees; where there is no form, what was found before counts. */
static bool runs_script(const struct request *q)
{
	if (q->method == POST)
		return q->json || params_get(&q->form, "script").p;
	return !request_cookie(q, PLAIN_COOKIE).p;
}

static err_t set_cookies(struct stet *s, struct request *q, struct response *r, str_t secret, usec_t age)
{
	TRY(add_cookie(s, q, r, session_cookie_name(s->readers), secret, age, true));
	TRY(add_cookie(s, q, r, HINT_COOKIE, S("1"), age, false));
	if (!runs_script(q))
		TRY(add_cookie(s, q, r, PLAIN_COOKIE, S("1"), age, false));
	return OK;
}

static err_t take_cookies(struct stet *s, struct request *q, struct response *r)
{
	TRY(add_cookie(s, q, r, session_cookie_name(s->readers), S(""), 0, true));
	TRY(add_cookie(s, q, r, HINT_COOKIE, S(""), 0, false));
	return add_cookie(s, q, r, PLAIN_COOKIE, S(""), 0, false);
}

static str_t hash_of(arena_t *a, str_t secret)
{
	unsigned char *out = arena_alloc(a, crypto_hash_sha256_BYTES);
	crypto_hash_sha256(out, (const unsigned char *)secret.p, secret.n);
	return str_from((const char *)out, crypto_hash_sha256_BYTES);
}

static str_t make_secret(arena_t *a)
{
	char bytes[SECRET];
	randombytes_buf(bytes, sizeof bytes);
	str_t text = base64_of(a, str_from(bytes, sizeof bytes));
	sodium_memzero(bytes, sizeof bytes);
	return text;
}

static usec_t idle_of(enum role role)
{
	return role_is_staff(role) ? STAFF_SESSION_IDLE : SESSION_IDLE;
}

static usec_t life_of(enum role role)
{
	return role_is_staff(role) ? STAFF_SESSION_LIFE : SESSION_LIFE;
}

/* --- finding --- */

#define COLUMNS "id, reader, turned, made, used, ends, proven, way, strong, device"

static const struct sql select_session = {
	"SELECT " COLUMNS " FROM session WHERE hash = $1 AND ends > $2 "
	/* What was proven since is the new secret's. */
	"UNION ALL SELECT id, reader, turned, made, used, ends, 0, way, 0, device FROM session "
	"WHERE previous = $1 AND ends > $2 AND turned > $3"
};
static const struct sql select_sessions = {
	"SELECT " COLUMNS " FROM session WHERE reader = $1 AND ends > $2 ORDER BY used DESC, id DESC"
};

static void row_session(const struct rows *r, arena_t *a, struct session *out)
{
	*out = (struct session){ .id = row_int(r, 0), .reader = row_int(r, 1), .turned = row_int(r, 2),
				 .made = row_int(r, 3), .used = row_int(r, 4), .ends = row_int(r, 5),
				 .proven = row_int(r, 6), .way = row_str(r, a, 7),
				 .strong = row_int(r, 8) != 0, .device = row_str(r, a, 9) };
}

err_t session_asks(struct stet *s, struct conn *c, const struct request *q, struct session *out)
{
	str_t secret = request_cookie(q, session_cookie_name(s->readers));
	usec_t now = clock_now(&s->clock);
	err_t e = OK;
	*out = (struct session){ 0 };
	if (!secret.n)
		return OK;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_session,
		     ARGS(v_blob(hash_of(q->a, secret)), v_int(now), v_int(now - SESSION_GRACE)), &r));
	if (rows_next(&r, &e))
		row_session(&r, q->a, out);
	return e;
}

err_t session_list(struct conn *c, arena_t *a, id64 reader, usec_t now, struct session **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct session *v = NULL;
	*n = 0;
	TRY(db_query(c, &select_sessions, ARGS(v_int(reader), v_int(now)), &r));
	while (rows_next(&r, &e)) {
		v = arena_room(a, v, *n, sizeof *v);
		row_session(&r, a, &v[(*n)++]);
	}
	*out = v;
	return e;
}

/* --- beginning --- */

static const struct sql insert_session = {
	"INSERT INTO session (id, reader, hash, turned, made, used, ends, proven, way, strong, device, "
	"address_hash) VALUES ($1, $2, $3, $4, $4, $4, $5, $4, $6, $7, $8, $9)"
};
static const struct sql delete_by_hash = { "DELETE FROM session WHERE hash = $1 OR previous = $1" };
static const struct sql delete_oldest = {
	"DELETE FROM session WHERE id IN (SELECT id FROM session WHERE reader = $1 "
	"ORDER BY used DESC, id DESC LIMIT 1000 OFFSET $2)"
};
static const struct sql touch_reader = { "UPDATE reader SET seen = $1 WHERE id = $2" };

struct beginning {
	struct stet                *s;
	const struct request       *q;
	const struct session_draft *d;
	id64                        id;
	str_t                       secret;
};

static err_t write_session(struct conn *c, arena_t *a, void *ctx)
{
	const struct beginning *x = ctx;
	usec_t now = clock_now(&x->s->clock);
	str_t old = request_cookie(x->q, session_cookie_name(x->s->readers));
	id64 reader = x->d->reader->id;
	if (old.n)
		TRY(db_run(c, &delete_by_hash, ARGS(v_blob(hash_of(a, old))), NULL));
	TRY(db_run(c, &insert_session,
		   ARGS(v_int(x->id), v_int(reader), v_blob(hash_of(a, x->secret)), v_int(now),
			v_int(now + idle_of(x->d->reader->role)), v_str(str_of(x->d->way)),
			v_int(x->d->strong), v_str(str_clip(device_of(a, x->q), DEVICE_MOST)),
			v_str(client_hash(x->s->readers, a, x->q))), NULL));
	TRY(db_run(c, &delete_oldest, ARGS(v_int(reader), v_int(SESSIONS_MOST)), NULL));
	return db_run(c, &touch_reader, ARGS(v_int(now), v_int(reader)), NULL);
}

err_t session_begin(struct stet *s, struct request *q, struct response *r,
		    const struct session_draft *d)
{
	struct beginning x = { s, q, d, id_new(&s->ids, clock_now(&s->clock)), make_secret(q->a) };
	struct act act = act_begin_quiet(s, q->a, &ACT_BEGIN, x.id, reader_actor(q->a, d->reader->id));
	TRY(act_commit(&act, write_session, &x));
	return set_cookies(s, q, r, x.secret, life_of(d->reader->role));
}

/* --- keeping --- */

static const struct sql turn_session = {
	"UPDATE session SET previous = hash, hash = $1, turned = $2, used = $2, ends = $3, "
	"proven = max(proven, $4), strong = max(strong, $5) WHERE id = $6 AND turned = $7"
};
static const struct sql prove_session = {
	"UPDATE session SET proven = max(proven, $1), strong = max(strong, $2) WHERE id = $3"
};
static const struct sql touch_session = {
	"UPDATE session SET used = $1, ends = $2 WHERE id = $3 AND used < $1"
};

struct turning {
	const struct who *who;
	usec_t            now, ends, proven;
	bool              strong, turn;
	str_t             secret;
	bool              turned;
};

static err_t write_turn(struct conn *c, arena_t *a, void *ctx)
{
	struct turning *x = ctx;
	int64_t changed;
	TRY(db_run(c, &touch_reader, ARGS(v_int(x->now), v_int(x->who->reader.id)), NULL));
	if (!x->turn)
		return db_run(c, &touch_session,
			      ARGS(v_int(x->now), v_int(x->ends), v_int(x->who->session.id)), NULL);
	TRY(db_run(c, &turn_session,
		   ARGS(v_blob(hash_of(a, x->secret)), v_int(x->now), v_int(x->ends), v_int(x->proven),
			v_int(x->strong), v_int(x->who->session.id), v_int(x->who->session.turned)),
		   &changed));
	x->turned = changed > 0;
	if (x->turned || !x->proven)
		return OK;
	/* Another tab turned it in the same moment: what was proven counts all the same. */
	return db_run(c, &prove_session, ARGS(v_int(x->proven), v_int(x->strong),
					      v_int(x->who->session.id)), NULL);
}

/* Never past the whole life since it was made. */
static usec_t ends_at(const struct who *who, usec_t now)
{
	usec_t last = who->session.made + life_of(who->reader.role);
	usec_t idle = now + idle_of(who->reader.role);
	return idle < last ? idle : last;
}

static err_t turn(struct stet *s, struct request *q, struct response *r, struct turning *x)
{
	struct act act = act_begin_quiet(s, q->a, &ACT_TURN, x->who->session.id,
				   reader_actor(q->a, x->who->reader.id));
	x->secret = make_secret(q->a);
	x->ends = ends_at(x->who, x->now);
	TRY(act_commit(&act, write_turn, x));
	/* Of two tabs that came at once one has turned it; the other's cookie is good for a minute. */
	return x->turned ? set_cookies(s, q, r, x->secret,
				       x->who->session.made + life_of(x->who->reader.role) - x->now)
			 : OK;
}

err_t session_keep(struct stet *s, struct request *q, struct response *r, const struct who *who)
{
	struct turning x = { .who = who, .now = clock_now(&s->clock) };
	x.turn = x.now - who->session.turned >= SESSION_TURN;
	if (!x.turn && x.now - who->session.used < SESSION_TOUCH)
		return OK;
	return turn(s, q, r, &x);
}

err_t session_note(struct stet *s, arena_t *a, const struct who *who)
{
	struct turning x = { .who = who, .now = clock_now(&s->clock) };
	usec_t idle = idle_of(who->reader.role);
	if (x.now - who->session.used < (idle / 4 < DAY ? idle / 4 : DAY))
		return OK;
	struct act act = act_begin_quiet(s, a, &ACT_TURN, who->session.id, reader_actor(a, who->reader.id));
	x.ends = ends_at(who, x.now);
	return act_commit(&act, write_turn, &x);
}

err_t session_prove(struct stet *s, struct request *q, struct response *r, const struct who *who,
		    bool strong)
{
	usec_t now = clock_now(&s->clock);
	struct turning x = { .who = who, .now = now, .proven = now, .strong = strong, .turn = true };
	return turn(s, q, r, &x);
}

/* --- ending --- */

static const struct sql delete_one = { "DELETE FROM session WHERE id = $1 AND reader = $2" };
static const struct sql delete_all = { "DELETE FROM session WHERE reader = $1 AND id <> $2" };

err_t session_delete_all(struct conn *c, id64 reader, id64 keep)
{
	return db_run(c, &delete_all, ARGS(v_int(reader), v_int(keep)), NULL);
}

struct ending {
	id64  reader, one, keep;
	str_t secret;
};

static err_t write_end(struct conn *c, arena_t *a, void *ctx)
{
	struct ending *x = ctx;
	if (x->secret.n)
		return db_run(c, &delete_by_hash, ARGS(v_blob(hash_of(a, x->secret))), NULL);
	if (x->one)
		return db_run(c, &delete_one, ARGS(v_int(x->one), v_int(x->reader)), NULL);
	return session_delete_all(c, x->reader, x->keep);
}

static err_t end(struct stet *s, arena_t *a, struct ending *x)
{
	struct act act = act_begin_quiet(s, a, &ACT_END, x->reader, reader_actor(a, x->reader));
	if (x->reader)
		act_touch(&act, topic_reader(a, x->reader));
	return act_commit(&act, write_end, x);
}

err_t session_revoke(struct stet *s, arena_t *a, id64 reader, id64 session)
{
	return end(s, a, &(struct ending){ .reader = reader, .one = session });
}

err_t session_revoke_all(struct stet *s, arena_t *a, id64 reader, id64 keep)
{
	return end(s, a, &(struct ending){ .reader = reader, .keep = keep });
}

err_t session_end(struct stet *s, struct request *q, struct response *r)
{
	str_t secret = request_cookie(q, session_cookie_name(s->readers));
	struct who who;
	TRY(who_asks(s, q, &who));
	if (secret.n)
		TRY(end(s, q->a, &(struct ending){ .reader = who.reader.id, .secret = secret }));
	return take_cookies(s, q, r);
}
