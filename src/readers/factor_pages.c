/* factor_pages.c: the pages of the second factor: where it is set up, and where signing in asks for it.
 *
 * A secret that is being set up is in the form itself, sealed with the room's key together with whose it
 * is and until when: nothing is kept until a code shows that it arrived. */
#include "readers/factor.h"
#include "readers/qr.h"
#include "readers/roles.h"
#include "readers/totp.h"

#include "record/act.h"

static const struct act_kind ACT_ASK = { "challenge.ask" };

/* --- setting up --- */

struct showing {
	struct who     who;
	struct factors has;
	str_t          secret;  /* being set up */
	str_t          sealed;
	struct strs    codes;   /* shown once */
	bool           must;    /* staff without any */
};

static str_t seal(struct stet *s, arena_t *a, id64 reader, str_t secret)
{
	str_t until = id_text(a, clock_now(&s->clock) + PROVEN_FOR), id = id_text(a, reader);
	str_t plain = str_format(a, "factor%.*s%.*s", STR(id), STR(until));
	struct buf b = buf_new(a, 64);
	buf_add(&b, plain);
	buf_add(&b, secret);
	return base64_of(a, key_seal(s->readers, a, buf_str(&b)));
}

static bool unseal(struct stet *s, arena_t *a, id64 reader, str_t sealed, str_t *secret)
{
	str_t bytes, plain;
	id64 id, until;
	enum { SEALED_HEAD = 6 + 2 * ID_TEXT };
	if (sealed.n > 400 || !base64_read(a, sealed, &bytes) || !key_open(s->readers, a, bytes, &plain))
		return false;
	*secret = str_slice(plain, SEALED_HEAD, plain.n);
	return str_starts(plain, S("factor")) && secret->n == TOTP_SECRET &&
	       id_parse(str_slice(plain, 6, 6 + ID_TEXT), &id) && id == reader &&
	       id_parse(str_slice(plain, 6 + ID_TEXT, SEALED_HEAD), &until) && until > clock_now(&s->clock);
}

static str_t in_fours(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n * 2);
	for (size_t i = 0; i < s.n; i++) {
		if (i && i % 4 == 0)
			buf_add_char(&b, ' ');
		buf_add_char(&b, s.p[i]);
	}
	return buf_str(&b);
}

static err_t add_secret(struct stet *s, struct view *v, const struct showing *x)
{
	int size;
	str_t path;
	str_t uri = totp_uri(v->a, x->secret, s->config.name, x->who.reader.address);
	TRY(qr_path(v->a, uri, &size, &path));
	json_object_set_new(v->json, "setup", json_pack("{s:o, s:o, s:o, s:o, s:i}", "sealed",
			    json_text(x->sealed), "words",
			    json_text(in_fours(v->a, base32_of(v->a, x->secret))), "uri", json_text(uri), "path",
			    json_text(path), "size", size));
	return OK;
}

static err_t factor_fill(struct stet *s, struct view *v, void *ctx)
{
	struct showing *x = ctx;
	json_t *codes = json_array();
	json_object_set_new(v->json, "on", json_boolean(x->has.totp));
	json_object_set_new(v->json, "must", json_boolean(x->must));
	json_object_set_new(v->json, "left", json_text(say_count(v, "factor.left", x->has.codes)));
	json_object_set_new(v->json, "may_remove",
			    json_boolean(!role_is_staff(x->who.reader.role) || x->has.passkeys));
	json_object_set_new(v->json, "codes", codes);
	for (size_t i = 0; i < x->codes.n; i++)
		json_array_append_new(codes, json_text(x->codes.v[i]));
	return x->secret.n ? add_secret(s, v, x) : OK;
}

static err_t factor_page(struct stet *s, struct request *q, struct response *r, struct showing *x, err_t e)
{
	struct form f = { .template = "factor", .title = "factor.title", .error = e, .fill = factor_fill,
			  .ctx = x };
	if (!x->has.totp && !x->secret.n) {
		char *secret = arena_alloc(q->a, TOTP_SECRET);
		randombytes_buf(secret, TOTP_SECRET);
		x->secret = str_from(secret, TOTP_SECRET);
	}
	if (x->secret.n)
		x->sealed = seal(s, q->a, x->who.reader.id, x->secret);
	return form_page(s, q, r, &f);
}

/* True if it is answered. */
static bool begin(struct stet *s, struct request *q, struct response *r, struct showing *x, err_t *e)
{
	if (who_must_prove(s, q, r, &x->who, e))
		return true;
	*e = factors_look(s, q->a, &x->who.reader, &x->has);
	x->must = role_is_staff(x->who.reader.role) && !x->has.totp && !x->has.passkeys;
	return *e != OK;
}

static err_t factor_form(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	return begin(s, q, r, &x, &e) ? e : factor_page(s, q, r, &x, OK);
}

static err_t set_up(struct stet *s, struct request *q, struct response *r, struct showing *x)
{
	str_t sealed = params_get(&q->form, "sealed");
	usec_t now = clock_now(&s->clock);
	if (x->has.totp)
		return err_say(ERR_CONFLICT, "form", "refused.factor-there");
	if (!unseal(s, q->a, x->who.reader.id, sealed, &x->secret)) {
		x->secret = S("");
		return err_say(ERR_INPUT, "form", "refused.factor-late");
	}
	TRY(rate_take(s->readers->rates, RATE_FACTOR_ACCOUNT, id_text(q->a, x->who.reader.id), now));
	int64_t step = totp_step_of(q->a, x->secret, params_get(&q->form, "code"), now, 0);
	if (!step)
		return err_say(ERR_INPUT, "code", "refused.factor-clock");
	TRY(factor_set(s, q->a, &x->who.reader, x->secret, step, x->who.session.id, &x->codes));
	return session_prove(s, q, r, &x->who, true);
}

static err_t factor_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (begin(s, q, r, &x, &e))
		return e;
	e = set_up(s, q, r, &x);
	if (e)
		return factor_page(s, q, r, &x, e);
	x.has.totp = true;
	x.secret = S("");
	x.must = false;
	x.has.codes = (int64_t)x.codes.n;
	return factor_page(s, q, r, &x, OK);
}

static err_t codes_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (begin(s, q, r, &x, &e))
		return e;
	if (!x.has.totp)
		return factor_page(s, q, r, &x, err_say(ERR_CONFLICT, "form", "refused.factor-none"));
	TRY(factor_codes(s, q->a, &x.who.reader, &x.codes));
	x.has.codes = (int64_t)x.codes.n;
	return factor_page(s, q, r, &x, OK);
}

static err_t off_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (begin(s, q, r, &x, &e))
		return e;
	if (role_is_staff(x.who.reader.role) && !x.has.passkeys)
		return factor_page(s, q, r, &x, err_say(ERR_REFUSED, "form", "refused.factor-staff"));
	TRY(factor_remove(s, q->a, &x.who.reader, x.who.session.id));
	go_to(s, q, r, S("/account?said=no-factor"));
	return OK;
}

/* For the account's page: "factor" {on, left}. */
err_t factor_part(struct stet *s, struct view *v, const struct who *who)
{
	struct factors has;
	(void)s;
	TRY(factors_of(v->c, v->a, &who->reader, &has));
	json_object_set_new(v->json, "factor", json_pack("{s:b, s:o}", "on", has.totp, "left",
			    json_text(say_count(v, "factor.left", has.codes))));
	return OK;
}

/* --- asked for while signing in --- */

struct asking {
	struct stet     *s;
	struct challenge x;
};

static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	return challenge_insert(x->s, c, a, &x->x, MAIL_LIFE);
}

static void drop(void *json)
{
	json_decref(json);
}

err_t factor_ask(struct stet *s, struct request *q, struct response *r, const struct reader *reader,
		 const char *way, str_t next)
{
	struct asking x = { s, { .kind = CHALLENGE_FACTOR, .reader = reader->id, .device = device_of(q->a, q) } };
	TRY(challenge_browser(s, q, r, &x.x.browser));
	x.x.data = json_pack("{s:s, s:o}", "way", way, "next", json_text(next));
	arena_defer(q->a, drop, x.x.data);
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, reader->id, reader_actor(q->a, reader->id));
	TRY(act_commit(&act, write_asking, &x));
	go_to(s, q, r, str_format(q->a, "/sign-in/factor?next=%.*s", STR(str_percent(q->a, next))));
	return OK;
}

struct finding {
	struct stet          *s;
	const struct request *q;
	struct challenge      x;
	struct reader         reader;
	struct factors        has;
};

static err_t read_asked(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	TRY(challenge_by_browser(f->s, c, f->q, CHALLENGE_FACTOR, CHALLENGE_FACTOR, &f->x));
	if (!f->x.id)
		return OK;
	TRY(reader_find(c, a, f->x.reader, &f->reader));
	return factors_of(c, a, &f->reader, &f->has);
}

static err_t second_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct finding *f = ctx;
	(void)s;
	json_object_set_new(v->json, "totp", json_boolean(f->has.totp));
	json_object_set_new(v->json, "has_passkeys", json_boolean(f->has.passkeys));
	return OK;
}

static err_t second_page(struct stet *s, struct request *q, struct response *r, struct finding *f, err_t e)
{
	struct form form = { .template = "second", .title = "factor.second", .error = e, .fill = second_fill,
			     .ctx = f };
	return form_page(s, q, r, &form);
}

/* True if it is answered: nothing is asked for. */
static bool find_asked(struct stet *s, struct request *q, struct response *r, struct finding *f, err_t *e)
{
	*f = (struct finding){ .s = s, .q = q };
	*e = store_read(s->store, q->a, read_asked, f);
	if (*e || f->x.id)
		return *e != OK;
	go_to(s, q, r, S("/sign-in"));
	return true;
}

static err_t second_form(struct stet *s, struct request *q, struct response *r)
{
	struct finding f;
	err_t e;
	return find_asked(s, q, r, &f, &e) ? e : second_page(s, q, r, &f, OK);
}

static err_t try_second(struct stet *s, struct request *q, struct response *r, struct finding *f)
{
	str_t way = challenge_text(&f->x, "way"), next = challenge_text(&f->x, "next");
	if (!f->has.totp)
		return err_say(ERR_REFUSED, "form", "refused.factor-passkey");
	TRY(rate_take(s->readers->rates, RATE_CODE_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(factor_prove(s, q->a, &f->reader, &f->x, params_get(&q->form, "code")));
	TRY(challenge_forget_browser(s, q, r));
	return sign_in_with(s, q, r, &f->reader, str_z(q->a, way), true, next.n ? next : S("/"));
}

static err_t second_post(struct stet *s, struct request *q, struct response *r)
{
	struct finding f;
	err_t e;
	if (find_asked(s, q, r, &f, &e))
		return e;
	e = try_second(s, q, r, &f);
	return e && is_mendable(e) ? second_page(s, q, r, &f, e) : e;
}

/* --- staff --- */

bool who_must_be_staff(struct stet *s, struct request *q, struct response *r, enum may what,
		       struct who *out, err_t *e)
{
	struct factors has;
	if (who_must_sign_in(s, q, r, out, e))
		return true;
	if (!role_may(out->reader.role, what)) {
		*e = err_new(ERR_REFUSED, "only those who may %s come here", may_name(what));
		return true;
	}
	if (out->session.strong)
		return false;
	*e = factors_look(s, q->a, &out->reader, &has);
	if (*e)
		return true;
	str_t next = q->method == GET || q->method == HEAD ? q->target : next_of(q);
	if (has.totp || has.passkeys)
		*e = factor_ask(s, q, r, &out->reader, str_z(q->a, out->session.way), next);
	else
		go_to(s, q, r, S("/account/factor"));
	return true;
}

const struct route factor_routes[] = {
	{ GET, "/account/factor", factor_form },
	{ POST, "/account/factor", factor_post },
	{ POST, "/account/factor/codes", codes_post },
	{ POST, "/account/factor/off", off_post },
	{ GET, "/sign-in/factor", second_form },
	{ POST, "/sign-in/factor", second_post },
	{ 0 },
};
