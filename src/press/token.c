/* token.c: see token.h. */
#include "press/token.h"
#include "press/limits.h"

#include "record/act.h"

#include <sodium.h>

static const struct act_kind ACT_TOKEN_ADD = { "token.add" };
static const struct act_kind ACT_TOKEN_REVOKE = { "token.revoke" };

static const struct sql insert_token = {
	"INSERT INTO token (id, name, hash, made) VALUES ($1, $2, $3, $4)"
};
static const struct sql revoke_token = {
	"UPDATE token SET revoked = $1 WHERE name = $2 AND revoked IS NULL"
};
static const struct sql all_tokens = { "SELECT id, name, made, revoked FROM token ORDER BY id" };
static const struct sql select_token = {
	"SELECT id, name, made, revoked FROM token WHERE hash = $1"
};

#define PREFIX S("stet_")

enum { SECRET = 32 };

static str_t hash_of(arena_t *a, str_t secret)
{
	unsigned char digest[crypto_generichash_BYTES];
	char hex[2 * sizeof digest + 1];
	crypto_generichash(digest, sizeof digest, (const unsigned char *)secret.p, secret.n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	return str_copy(a, str_of(hex));
}

static str_t make_secret(arena_t *a)
{
	unsigned char bytes[SECRET];
	char text[sodium_base64_ENCODED_LEN(SECRET, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(text, sizeof text, bytes, sizeof bytes,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof bytes);
	return str_format(a, "%.*s%s", STR(PREFIX), text);
}

static void row_token(const struct rows *r, arena_t *a, struct token *out)
{
	*out = (struct token){ row_int(r, 0), row_str(r, a, 1), row_int(r, 2), row_int(r, 3) };
}

/* --- keeping them --- */

struct adding {
	struct token t;
	str_t        hash;
};

static err_t write_token(struct conn *c, arena_t *a, void *ctx)
{
	struct adding *x = ctx;
	(void)a;
	err_t e = db_run(c, &insert_token,
			 ARGS(v_int(x->t.id), v_str(x->t.name), v_str(x->hash), v_int(x->t.made)),
			 NULL);
	if (!e || e->code != ERR_CONFLICT)
		return e;
	err_free(e);
	return err_user(ERR_CONFLICT, "name", "there is, or was, a token \"%.*s\": the record names "
			"people by it; choose another name", STR(x->t.name));
}

err_t token_add(struct stet *s, arena_t *a, str_t name, str_t actor, str_t *secret)
{
	name = str_trim(name);
	if (!name.n || !str_is_utf8(name, NULL) || str_runes(name) > NAME_MOST)
		return err_user(ERR_INPUT, "name", "name: is that of a person or a program, at most %d "
				"characters", NAME_MOST);
	*secret = make_secret(a);
	struct adding x = { .hash = hash_of(a, *secret) };
	x.t = (struct token){ .id = id_new(&s->ids, clock_now(&s->clock)), .name = name,
			      .made = clock_now(&s->clock) };
	struct act act = act_begin(s, a, &ACT_TOKEN_ADD, x.t.id, actor);
	act_detail(&act, json_pack("{s:s%}", "name", name.p, name.n));
	return act_commit(&act, write_token, &x);
}

struct revoking {
	str_t  name;
	usec_t now;
};

static err_t write_revoked(struct conn *c, arena_t *a, void *ctx)
{
	struct revoking *x = ctx;
	int64_t changed;
	(void)a;
	TRY(db_run(c, &revoke_token, ARGS(v_int(x->now), v_str(x->name)), &changed));
	return changed ? OK : err_new(ERR_MISSING, "there is no token \"%.*s\" that holds; "
				      "`stet token list` shows all", STR(x->name));
}

err_t token_revoke(struct stet *s, arena_t *a, str_t name, str_t actor)
{
	struct revoking x = { name, clock_now(&s->clock) };
	struct act act = act_begin(s, a, &ACT_TOKEN_REVOKE, 0, actor);
	act_detail(&act, json_pack("{s:s%}", "name", name.p, name.n));
	return act_commit(&act, write_revoked, &x);
}

struct listing {
	struct token *v;
	size_t        n;
};

static err_t read_tokens(struct conn *c, arena_t *a, void *ctx)
{
	struct listing *x = ctx;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &all_tokens, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		x->v = arena_room(a, x->v, x->n, sizeof *x->v);
		row_token(&r, a, &x->v[x->n++]);
	}
	return e;
}

err_t token_list(struct stet *s, arena_t *a, struct token **out, size_t *n)
{
	struct listing x = { 0 };
	TRY(store_read(s->store, a, read_tokens, &x));
	*out = x.v;
	*n = x.n;
	return OK;
}

/* --- using them --- */

str_t token_hash(arena_t *a, const struct request *q)
{
	str_t value = str_trim(request_header(q, "authorization"));
	str_t scheme = str_slice(value, 0, 7);
	if (!str_eq_nocase(scheme, S("bearer ")))
		return S("");
	str_t secret = str_trim(str_slice(value, 7, value.n));
	return str_starts(secret, PREFIX) ? hash_of(a, secret) : S("");
}

struct checking {
	str_t        hash;
	struct token token;
};

static err_t find_token(struct conn *c, arena_t *a, void *ctx)
{
	struct checking *x = ctx;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_token, ARGS(v_str(x->hash)), &r));
	err_t e = OK;
	if (rows_next(&r, &e))
		row_token(&r, a, &x->token);
	return e;
}

err_t token_verify(struct stet *s, const struct request *q, struct token *out)
{
	struct checking x = { .hash = token_hash(q->a, q) };
	if (x.hash.n)
		TRY(store_read(s->store, q->a, find_token, &x));
	*out = x.token;
	if (x.token.id && !x.token.revoked)
		return OK;
	return err_new(ERR_REFUSED, "a newsroom token is needed: `stet token add NAME` makes one");
}
