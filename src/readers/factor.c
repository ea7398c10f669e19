/* factor.c: the second factor of an account: set up, taken away, asked for.
 *
 * Its secret is sealed with the room's key, so that the database alone makes no code. A code serves once:
 * the step it belongs to is kept. Recovery codes are for a lost telephone: shown once, kept as hashes. */
#include "readers/factor.h"
#include "readers/letters.h"
#include "readers/passkey.h"
#include "readers/roles.h"
#include "readers/totp.h"

#include "record/act.h"

static const struct act_kind ACT_FACTOR = { "reader.factor" };
static const struct act_kind ACT_FACTOR_USED = { "reader.factor-used" };

/* --- what an account has --- */

static const struct sql count_codes = {
	"SELECT count(*) FROM recovery_code WHERE reader = $1 AND used = 0"
};

static err_t count(struct conn *c, const struct sql *sql, id64 reader, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, sql, ARGS(v_int(reader)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

err_t factors_of(struct conn *c, arena_t *a, const struct reader *r, struct factors *out)
{
	struct passkeys keys;
	*out = (struct factors){ .totp = r->totp.n > 0 };
	TRY(passkey_list(c, a, r->id, &keys));
	out->passkeys = keys.n > 0;
	return count(c, &count_codes, r->id, &out->codes);
}

struct looking {
	const struct reader *r;
	struct factors      *out;
};

static err_t read_factors(struct conn *c, arena_t *a, void *ctx)
{
	struct looking *x = ctx;
	return factors_of(c, a, x->r, x->out);
}

err_t factors_look(struct stet *s, arena_t *a, const struct reader *r, struct factors *out)
{
	struct looking x = { r, out };
	return store_read(s->store, a, read_factors, &x);
}

/* --- setting up --- */

static const struct sql update_totp = {
	"UPDATE reader SET totp = $1, totp_step = $2 WHERE id = $3 AND state IN ('active', 'leaving')"
};
static const struct sql delete_codes = { "DELETE FROM recovery_code WHERE reader = $1" };
static const struct sql delete_keys = { "DELETE FROM passkey WHERE reader = $1" };
static const struct sql insert_code = { "INSERT INTO recovery_code (reader, hash) VALUES ($1, $2)" };

struct setting {
	struct stet         *s;
	struct act          *act;
	const struct reader *r;
	id64                 keep;   /* session */
	bool                 secret; /* sets it, or takes it away; else only the codes are new */
	bool                 keys;   /* takes the passkeys away, too */
	str_t                sealed;
	int64_t              step;
	struct strs          codes;
	const char          *letter;
};

static err_t write_factor(struct conn *c, arena_t *a, void *ctx)
{
	struct setting *x = ctx;
	id64 id = x->r->id;
	if (x->secret) {
		TRY(db_run(c, &update_totp, ARGS(x->sealed.n ? v_blob(x->sealed) : v_null(), v_int(x->step),
						 v_int(id)), NULL));
		TRY(session_delete_all(c, id, x->keep));
	}
	TRY(db_run(c, &delete_codes, ARGS(v_int(id)), NULL));
	if (x->keys)
		TRY(db_run(c, &delete_keys, ARGS(v_int(id)), NULL));
	for (size_t i = 0; i < x->codes.n; i++)
		TRY(db_run(c, &insert_code,
			   ARGS(v_int(id), v_blob(recovery_hash(x->s->readers, a, id, x->codes.v[i]))), NULL));
	if (!letters_leave(x->s) || !x->letter)
		return OK;
	return letter_post(x->act, &(struct letter_draft){ .kind = x->letter, .to = x->r->address,
							  .name = x->r->name, .path = S("/account"),
							  .language = x->r->language });
}

static err_t set(struct stet *s, arena_t *a, struct setting *x)
{
	struct act act = act_begin_quiet(s, a, &ACT_FACTOR, x->r->id, reader_actor(a, x->r->id));
	x->s = s;
	x->act = &act;
	act_touch(&act, topic_reader(a, x->r->id));
	return act_commit(&act, write_factor, x);
}

static void make_codes(arena_t *a, struct strs *out)
{
	for (int i = 0; i < RECOVERY_CODES; i++)
		strs_add(a, out, recovery_new(a));
}

err_t factor_set(struct stet *s, arena_t *a, const struct reader *r, str_t secret, int64_t step, id64 keep,
		 struct strs *codes)
{
	struct setting x = { .r = r, .keep = keep, .secret = true, .step = step, .letter = "factor",
			     .sealed = key_seal(s->readers, a, secret) };
	make_codes(a, &x.codes);
	*codes = x.codes;
	return set(s, a, &x);
}

err_t factor_codes(struct stet *s, arena_t *a, const struct reader *r, struct strs *codes)
{
	struct setting x = { .r = r, .letter = "factor-codes" };
	make_codes(a, &x.codes);
	*codes = x.codes;
	return set(s, a, &x);
}

err_t factor_remove(struct stet *s, arena_t *a, const struct reader *r, id64 keep)
{
	struct setting x = { .r = r, .keep = keep, .secret = true, .letter = "factor-off" };
	return set(s, a, &x);
}

err_t reader_reset(struct stet *s, arena_t *a, const struct reader *r)
{
	struct setting x = { .r = r, .secret = true, .keys = true, .letter = "factor-off" };
	return set(s, a, &x);
}

/* --- proving --- */

static const struct sql use_step = {
	"UPDATE reader SET totp_step = $1 WHERE id = $2 AND totp_step < $1 AND totp IS NOT NULL"
};
static const struct sql use_code = {
	"UPDATE recovery_code SET used = $1 WHERE reader = $2 AND hash = $3 AND used = 0"
};

struct proving {
	struct stet            *s;
	const struct reader    *r;
	const struct challenge *x; /* is used up, or NULL */
	str_t                   typed;
	int64_t                 step;
	bool                    right;
};

static err_t write_proof(struct conn *c, arena_t *a, void *ctx)
{
	struct proving *p = ctx;
	usec_t now = clock_now(&p->s->clock);
	int64_t changed = 0;
	if (p->step)
		TRY(db_run(c, &use_step, ARGS(v_int(p->step), v_int(p->r->id)), &changed));
	else
		TRY(db_run(c, &use_code, ARGS(v_int(now), v_int(p->r->id),
			   v_blob(recovery_hash(p->s->readers, a, p->r->id, p->typed))), &changed));
	p->right = changed > 0;
	return p->right && p->x ? challenge_use(p->s, c, p->x) : OK;
}

err_t factor_prove(struct stet *s, arena_t *a, const struct reader *r, const struct challenge *x, str_t typed)
{
	struct act act = act_begin_quiet(s, a, &ACT_FACTOR_USED, r->id, reader_actor(a, r->id));
	struct proving p = { .s = s, .r = r, .x = x, .typed = str_trim(typed) };
	usec_t now = clock_now(&s->clock);
	str_t secret;
	TRY(rate_take(s->readers->rates, RATE_FACTOR_ACCOUNT, id_text(a, r->id), now));
	if (!key_open(s->readers, a, r->totp, &secret))
		return err_new(ERR_CORRUPT, "the second factor of an account cannot be opened: "
			       "keys/readers.key is another's");
	p.step = totp_step_of(a, secret, p.typed, now, r->totp_step);
	if (p.step || !totp_typed(a, p.typed).n)
		TRY(act_commit(&act, write_proof, &p));
	if (!p.right)
		return err_say(ERR_INPUT, "code", "refused.factor-code");
	rate_forget(s->readers->rates, RATE_FACTOR_ACCOUNT, id_text(a, r->id));
	return OK;
}
