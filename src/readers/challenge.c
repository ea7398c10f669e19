/* challenge.c: see challenge.h. */
#include "readers/challenge.h"
#include "readers/session.h"

#include "record/act.h"

static const struct act_kind ACT_TRY = { "challenge.try" };

#define BROWSER_COOKIE "stet_ask"

enum { LINK_MAC = 18 }; /* bytes: 24 characters behind the 13 of the id */

static const char *const kinds[CHALLENGE_KINDS] = {
	[CHALLENGE_REGISTER] = "register",  [CHALLENGE_SIGN_IN] = "sign-in",
	[CHALLENGE_NOBODY] = "nobody",	    [CHALLENGE_ADDRESS] = "address",
	[CHALLENGE_INVITE] = "invite",	    [CHALLENGE_FACTOR] = "factor",
	[CHALLENGE_PASSKEY_NEW] = "passkey-new", [CHALLENGE_PASSKEY] = "passkey",
	[CHALLENGE_PROVIDER] = "provider",  [CHALLENGE_COPY] = "copy",
};

/* --- rows --- */

#define COLUMNS                                                                                    \
	"id, kind, reader, subject, name_key, browser, secret, data, device, tries, made, ends, used"

static const struct sql insert_challenge = {
	"INSERT INTO challenge (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, 0)"
};
/* A name that it kept is free again. */
static const struct sql end_older = {
	"UPDATE challenge SET used = $1, name_key = NULL WHERE kind = $2 AND subject = $3 AND used = 0 "
	"AND $3 <> '' AND (browser IS NULL OR browser = $4)"
};
/* Ways in by mail end each other, whether there is an account or not; those that another browser asked
 * for stay: nobody can end another's. */
static const struct sql end_mails = {
	"UPDATE challenge SET used = $1, name_key = NULL WHERE kind IN ('register', 'sign-in', 'nobody') "
	"AND subject = $2 AND used = 0 AND $2 <> '' AND (browser IS NULL OR browser = $3)"
};
static const struct sql free_names = {
	"UPDATE challenge SET name_key = NULL WHERE browser = $1 AND name_key IS NOT NULL"
};
static const struct sql free_name = {
	"UPDATE challenge SET name_key = NULL WHERE name_key = $1 AND (used > 0 OR ends <= $2)"
};
static const struct sql use_challenge = {
	"UPDATE challenge SET used = $1, name_key = NULL WHERE id = $2 AND used = 0 AND ends > $1"
};
static const struct sql select_id = {
	"SELECT " COLUMNS " FROM challenge WHERE id = $1 AND used = 0 AND ends > $2"
};
static const struct sql select_browser = {
	"SELECT " COLUMNS " FROM challenge WHERE browser = $1 AND used = 0 AND ends > $2 "
	"AND kind IN ($3, $4) ORDER BY made DESC, id DESC LIMIT 1"
};
static const struct sql count_try = {
	"UPDATE challenge SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND used = 0"
};

static void let_go(void *json)
{
	json_decref(json);
}

static enum challenge_kind kind_of(str_t s)
{
	size_t i = 0;
	while (i + 1 < COUNT(kinds) && !str_eq(s, str_of(kinds[i])))
		i++;
	return (enum challenge_kind)i;
}

static void row_challenge(const struct rows *r, arena_t *a, struct challenge *out)
{
	str_t data = row_str(r, a, 7);
	*out = (struct challenge){
		.id = row_int(r, 0), .kind = kind_of(row_str(r, a, 1)), .reader = row_int(r, 2),
		.subject = row_str(r, a, 3), .name_key = row_str(r, a, 4), .browser = row_str(r, a, 5),
		.random = row_str(r, a, 6), .device = row_str(r, a, 8), .tries = row_int(r, 9),
		.made = row_int(r, 10), .ends = row_int(r, 11), .used = row_int(r, 12),
	};
	out->data = json_loadb(data.p ? data.p : "{}", data.p ? data.n : 2, 0, NULL);
	if (out->data)
		arena_defer(a, let_go, out->data);
}

static err_t data_text(arena_t *a, const json_t *data, str_t *out)
{
	size_t n = data ? json_dumpb(data, NULL, 0, JSON_COMPACT) : 0;
	char *p = arena_alloc(a, n + 1);
	if (data && (!n || json_dumpb(data, p, n, JSON_COMPACT) != n))
		return err_new(ERR_INPUT, "a challenge's data cannot be written as JSON");
	*out = n ? str_from(p, n) : S("{}");
	return OK;
}

err_t challenge_insert(struct stet *s, struct conn *c, arena_t *a, struct challenge *x, usec_t life)
{
	char *random = arena_alloc(a, CHALLENGE_RANDOM);
	str_t data = S(""), kind = str_of(kinds[x->kind]);
	randombytes_buf(random, CHALLENGE_RANDOM);
	x->random = str_from(random, CHALLENGE_RANDOM);
	x->made = clock_now(&s->clock);
	x->ends = x->made + life;
	x->id = id_new(&s->ids, x->made);
	TRY(data_text(a, x->data, &data));
	str_t subject = x->subject.p ? x->subject : S("");
	struct value browser = x->browser.n ? v_blob(x->browser) : v_null();
	bool by_mail = x->kind == CHALLENGE_REGISTER || x->kind == CHALLENGE_SIGN_IN ||
		       x->kind == CHALLENGE_NOBODY;
	if (by_mail)
		TRY(db_run(c, &end_mails, ARGS(v_int(x->made), v_str(subject), browser), NULL));
	else
		TRY(db_run(c, &end_older, ARGS(v_int(x->made), v_str(kind), v_str(subject), browser), NULL));
	if (x->name_key.n)
		TRY(db_run(c, &free_name, ARGS(v_str(x->name_key), v_int(x->made)), NULL));
	return db_run(c, &insert_challenge,
		      ARGS(v_int(x->id), v_str(kind), v_ref(x->reader), v_str(subject),
			   v_opt(x->name_key.n ? x->name_key : (str_t){ NULL, 0 }),
			   browser, v_blob(x->random), v_str(data),
			   v_str(x->device.p ? x->device : S("")), v_int(x->made), v_int(x->ends)), NULL);
}

static err_t gone(void)
{
	return err_new(ERR_MISSING, "this was used already, or its time is over");
}

err_t challenge_free_names(struct conn *c, str_t browser)
{
	return db_run(c, &free_names, ARGS(v_blob(browser)), NULL);
}

err_t challenge_use(struct stet *s, struct conn *c, const struct challenge *x)
{
	int64_t changed;
	TRY(db_run(c, &use_challenge, ARGS(v_int(clock_now(&s->clock)), v_int(x->id)), &changed));
	return changed ? OK : gone();
}

static err_t find(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		  struct challenge *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct challenge){ 0 };
	TRY(db_query(c, sql, args, &r));
	if (rows_next(&r, &e))
		row_challenge(&r, a, out);
	return e;
}

err_t challenge_find(struct stet *s, struct conn *c, arena_t *a, id64 id, struct challenge *out)
{
	return find(c, a, &select_id, ARGS(v_int(id), v_int(clock_now(&s->clock))), out);
}

str_t challenge_text(const struct challenge *x, const char *key)
{
	const json_t *v = json_object_get(x->data, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

/* --- links and codes --- */

static str_t link_mac(const struct readers *r, arena_t *a, const struct challenge *x)
{
	unsigned char out[KEYED];
	keyed(r, "link", x->random, out);
	return base64_of(a, str_from((const char *)out, LINK_MAC));
}

str_t challenge_link(const struct readers *r, arena_t *a, const struct challenge *x)
{
	return str_format(a, "%.*s%.*s", STR(id_text(a, x->id)), STR(link_mac(r, a, x)));
}

static bool same(str_t a, str_t b)
{
	return a.n == b.n && sodium_memcmp(a.p, b.p, a.n) == 0;
}

err_t challenge_by_link(struct stet *s, struct conn *c, arena_t *a, str_t link, struct challenge *out)
{
	id64 id;
	*out = (struct challenge){ 0 };
	if (link.n != LINK_TEXT || !id_parse(str_slice(link, 0, ID_TEXT), &id))
		return OK;
	TRY(challenge_find(s, c, a, id, out));
	if (out->id && !same(link_mac(s->readers, a, out), str_slice(link, ID_TEXT, link.n)))
		*out = (struct challenge){ 0 };
	return OK;
}

str_t challenge_code(const struct readers *r, arena_t *a, const struct challenge *x)
{
	unsigned char out[KEYED];
	uint64_t n;
	keyed(r, "code", x->random, out);
	memcpy(&n, out, sizeof n);
	return str_format(a, "%08llu", (unsigned long long)(n % 100000000u));
}

struct trying {
	const struct challenge *x;
	bool                    counted;
};

static err_t write_try(struct conn *c, arena_t *a, void *ctx)
{
	struct trying *t = ctx;
	int64_t changed;
	(void)a;
	TRY(db_run(c, &count_try, ARGS(v_int(t->x->id), v_int(CODE_TRIES)), &changed));
	t->counted = changed > 0;
	return OK;
}

/* People type codes in groups. */
static str_t digits_of(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, 16);
	for (size_t i = 0; i < s.n && b.n < 16; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			buf_add_char(&b, s.p[i]);
	return buf_str(&b);
}

err_t challenge_try_code(struct stet *s, arena_t *a, const struct challenge *x, str_t code)
{
	struct trying t = { .x = x };
	struct act act = act_begin_quiet(s, a, &ACT_TRY, x->id, S("reader"));
	TRY(act_commit(&act, write_try, &t));
	if (!t.counted)
		return err_say(ERR_INPUT, "code", "refused.code-tries");
	if (same(digits_of(a, code), challenge_code(s->readers, a, x)))
		return OK;
	return err_say(ERR_INPUT, "code", "refused.code");
}

/* --- the browser that asked --- */

static str_t browser_hash(struct stet *s, arena_t *a, str_t secret)
{
	unsigned char *out = arena_alloc(a, KEYED);
	keyed(s->readers, "browser", secret, out);
	return str_from((const char *)out, KEYED);
}

err_t challenge_browser(struct stet *s, struct request *q, struct response *r, str_t *out)
{
	str_t secret = cookie_get(s, q, BROWSER_COOKIE);
	if (secret.n != 22) {
		char random[16];
		randombytes_buf(random, sizeof random);
		secret = base64_of(q->a, str_from(random, sizeof random));
	}
	/* Again, too: this answer may have taken it away for the challenge before. */
	TRY(cookie_set(s, q, r, BROWSER_COOKIE, secret, HOUR));
	*out = browser_hash(s, q->a, secret);
	return OK;
}

bool challenge_is_from(struct stet *s, const struct request *q, const struct challenge *x)
{
	str_t secret = cookie_get(s, q, BROWSER_COOKIE);
	return secret.n && x->browser.n && same(browser_hash(s, q->a, secret), x->browser);
}

err_t challenge_forget_browser(struct stet *s, struct request *q, struct response *r)
{
	return cookie_get(s, q, BROWSER_COOKIE).p ? cookie_set(s, q, r, BROWSER_COOKIE, S(""), 0) : OK;
}

err_t challenge_by_browser(struct stet *s, struct conn *c, const struct request *q,
			   enum challenge_kind kind, enum challenge_kind other, struct challenge *out)
{
	str_t secret = cookie_get(s, q, BROWSER_COOKIE);
	*out = (struct challenge){ 0 };
	if (!secret.n)
		return OK;
	return find(c, q->a, &select_browser,
		    ARGS(v_blob(browser_hash(s, q->a, secret)), v_int(clock_now(&s->clock)),
			 v_str(str_of(kinds[kind])), v_str(str_of(kinds[other]))), out);
}

/* --- how many mails --- */

err_t rate_mail(struct stet *s, const struct request *q, str_t address_key)
{
	struct rates *rates = s->readers->rates;
	usec_t now = clock_now(&s->clock);
	str_t client = client_hash(s->readers, q->a, q);
	TRY(rate_take(rates, RATE_MAIL_CLIENT, client, now));
	TRY(rate_take(rates, RATE_MAIL_PAIR, str_format(q->a, "%.*s %.*s", STR(address_key), STR(client)),
		      now));
	return rate_take(rates, RATE_MAIL_ADDRESS, address_key, now);
}
