/* oidc.c: what is asked of a provider: its description, a token for a code, keys, who somebody is.
 *
 * A reader waits meanwhile, so each call ends after a few seconds and only a few run at a time: a slow
 * provider must not keep the workers from serving pages. Description and keys are kept for an hour; a key
 * that is not among them is looked for anew, once. */
#include "readers/oidc.h"
#include "readers/jwt.h"

#include "base/file.h"
#include "net/http_client.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { PROVIDERS_MOST = 8, CALLS_MOST = 3, ANSWER_MOST = 256 * 1024, SECRET_MOST = 4096 };

#define CALL_WITHIN (5 * SECOND)
#define KEPT_FOR    (HOUR)

enum document { DESCRIPTION, KEYS, DOCUMENTS };

struct kept {
	char  *text; /* NULL: nothing */
	usec_t until;
};

struct oidc {
	arena_t        *a;
	struct provider v[PROVIDERS_MOST];
	size_t          n;
	pthread_mutex_t lock; /* over kept */
	struct kept     kept[PROVIDERS_MOST][DOCUMENTS];
	_Atomic int     calls;
};

/* --- stet.conf --- */

static bool is_name(str_t s)
{
	bool good = s.n > 0 && s.n <= 30;
	for (size_t i = 0; i < s.n; i++)
		good &= (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
			(s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-';
	return good;
}

/* "NAME=ISSUER CLIENT" */
static err_t parse_one(const struct stet *s, arena_t *a, str_t text, struct provider *out)
{
	str_t rest = text;
	out->name = str_trim(str_cut(&rest, '='));
	rest = str_trim(rest);
	out->issuer = str_trim(str_cut(&rest, ' '));
	out->client = str_trim(rest);
	bool safe = str_starts(out->issuer, S("https://")) ||
		    (config_allows(s->config.private_calls) && str_starts(out->issuer, S("http://")));
	if (!is_name(out->name) || !safe || !out->client.n)
		return err_new(ERR_INPUT, "stet.conf: providers: \"%.*s\" is not \"NAME=ISSUER CLIENT\", as "
			       "\"Example=https://id.example.org our-client-id\" (a name of letters, digits and "
			       "hyphens; an address that begins with https://)", STR(text));
	char *path = path_join(a, path_join(a, s->folder, "keys"),
			       str_z(a, str_format(a, "%.*s.secret", STR(out->name))));
	if (!file_exists(path))
		return OK;
	str_t file;
	TRY(file_read(a, path, SECRET_MOST, &file));
	out->secret = str_trim(str_cut(&file, '\n'));
	return OK;
}

static err_t parse(const struct stet *s, struct oidc *o)
{
	for (str_t rest = s->config.providers; rest.p && rest.n;) {
		str_t one = str_trim(str_cut(&rest, ','));
		if (!one.n)
			continue;
		if (o->n == PROVIDERS_MOST)
			return err_new(ERR_INPUT, "stet.conf: providers: at most %d", PROVIDERS_MOST);
		TRY(parse_one(s, o->a, one, &o->v[o->n]));
		if (oidc_find(o, o->v[o->n].name))
			return err_new(ERR_INPUT, "stet.conf: providers: \"%.*s\" is there twice",
				       STR(o->v[o->n].name));
		o->n++;
	}
	return OK;
}

err_t oidc_new(const struct stet *s, struct oidc **out)
{
	struct oidc *o = calloc(1, sizeof *o);
	if (o)
		o->a = arena_create(0);
	if (!o || !o->a) {
		free(o);
		return err_new(ERR_MEMORY, "out of memory");
	}
	pthread_mutex_init(&o->lock, NULL);
	*out = o;
	return parse(s, o);
}

void oidc_free(struct oidc *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < PROVIDERS_MOST; i++)
		for (size_t d = 0; d < DOCUMENTS; d++)
			free(o->kept[i][d].text);
	pthread_mutex_destroy(&o->lock);
	arena_free(o->a);
	free(o);
}

size_t oidc_count(const struct oidc *o)
{
	return o->n;
}

const struct provider *oidc_at(const struct oidc *o, size_t i)
{
	return &o->v[i];
}

const struct provider *oidc_find(const struct oidc *o, str_t name)
{
	for (size_t i = 0; i < o->n; i++)
		if (str_eq(o->v[i].name, name))
			return &o->v[i];
	return NULL;
}

const struct provider *oidc_of_issuer(const struct oidc *o, str_t issuer)
{
	for (size_t i = 0; i < o->n; i++)
		if (str_eq(o->v[i].issuer, issuer))
			return &o->v[i];
	return NULL;
}

/* --- calls --- */

static err_t away(const struct provider *p)
{
	return err_say_with(ERR_BUSY, "form", "refused.provider-away", "provider=%.*s", STR(p->name));
}

static err_t refused(const struct provider *p)
{
	return err_say_with(ERR_REFUSED, "form", "refused.provider-answer", "provider=%.*s", STR(p->name));
}

/* What the reader need not know is in the log. */
static err_t told(struct stet *s, const struct provider *p, err_t why, err_t said)
{
	log_line(&s->log, LOG_WARN, "oidc", "%.*s: %s", STR(p->name), err_text(why));
	err_free(why);
	return said;
}

static err_t call(struct stet *s, arena_t *a, const struct provider *p, struct http_call *c,
		  struct http_result *out)
{
	struct oidc *o = s->readers->oidc;
	c->within = CALL_WITHIN;
	c->most = ANSWER_MOST;
	c->private_allowed = config_allows(s->config.private_calls);
	if (atomic_fetch_add(&o->calls, 1) >= CALLS_MOST) {
		atomic_fetch_sub(&o->calls, 1);
		return away(p);
	}
	err_t e = http_call(a, c, out);
	atomic_fetch_sub(&o->calls, 1);
	return e ? told(s, p, e, away(p)) : OK;
}

static void drop(void *json)
{
	json_decref(json);
}

static err_t read_json(arena_t *a, str_t text, json_t **out)
{
	*out = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL);
	if (*out)
		arena_defer(a, drop, *out);
	return json_is_object(*out) ? OK : err_new(ERR_REFUSED, "the answer is no JSON object");
}

static str_t keep_lookup(struct oidc *o, arena_t *a, size_t i, enum document d, usec_t now)
{
	str_t found = { NULL, 0 };
	pthread_mutex_lock(&o->lock);
	char *text = o->kept[i][d].until > now && o->kept[i][d].text ? strdup(o->kept[i][d].text) : NULL;
	pthread_mutex_unlock(&o->lock);
	if (text)
		found = str_copy(a, str_of(text));
	free(text);
	return found;
}

static void keep_put(struct oidc *o, size_t i, enum document d, str_t text, usec_t until)
{
	char *copy = strndup(text.p, text.n);
	pthread_mutex_lock(&o->lock);
	free(o->kept[i][d].text);
	o->kept[i][d] = (struct kept){ copy, until };
	pthread_mutex_unlock(&o->lock);
}

static err_t document(struct stet *s, arena_t *a, const struct provider *p, enum document d, str_t url,
		      bool anew, json_t **out)
{
	struct oidc *o = s->readers->oidc;
	size_t i = (size_t)(p - o->v);
	usec_t now = clock_now(&s->clock);
	str_t text = anew ? (str_t){ NULL, 0 } : keep_lookup(o, a, i, d, now);
	if (text.p)
		return read_json(a, text, out);
	struct http_call c = { .url = url };
	struct http_result r;
	TRY(call(s, a, p, &c, &r));
	err_t e = r.status == 200 ? read_json(a, r.body, out)
				  : err_new(ERR_BUSY, "%.*s answered %d", STR(url), r.status);
	if (e)
		return told(s, p, e, away(p));
	keep_put(o, i, d, r.body, now + KEPT_FOR);
	return OK;
}

static str_t text_of(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

/* Its description, which must be its own. */
static err_t describe(struct stet *s, arena_t *a, const struct provider *p, json_t **out)
{
	str_t base = p->issuer;
	if (str_ends(base, S("/")))
		base = str_slice(base, 0, base.n - 1);
	TRY(document(s, a, p, DESCRIPTION, str_format(a, "%.*s/.well-known/openid-configuration", STR(base)),
		     false, out));
	static const char *const needed[] = { "authorization_endpoint", "token_endpoint", "jwks_uri" };
	bool good = str_eq(text_of(*out, "issuer"), p->issuer);
	for (size_t i = 0; i < COUNT(needed); i++) {
		str_t url = text_of(*out, needed[i]);
		good &= str_starts(url, S("https://")) ||
			(config_allows(s->config.private_calls) && str_starts(url, S("http://")));
	}
	if (!good) /* it may be mended sooner than in an hour */
		keep_put(s->readers->oidc, (size_t)(p - s->readers->oidc->v), DESCRIPTION, S(""), 0);
	return good ? OK : told(s, p, err_new(ERR_REFUSED, "its description is another's, or lacks addresses"),
				away(p));
}

/* --- there --- */

static str_t derived(const struct readers *r, arena_t *a, const char *purpose, const struct challenge *x)
{
	unsigned char out[KEYED];
	keyed(r, purpose, x->random, out);
	return base64_of(a, str_from((const char *)out, KEYED));
}

static str_t return_to(const struct stet *s, arena_t *a, const struct provider *p)
{
	return str_format(a, "%.*s/sign-in/with/%.*s/back", STR(s->config.url), STR(p->name));
}

err_t oidc_leave(struct stet *s, arena_t *a, const struct provider *p, const struct challenge *x, str_t *location)
{
	json_t *d;
	unsigned char hash[crypto_hash_sha256_BYTES];
	TRY(describe(s, a, p, &d));
	str_t verifier = derived(s->readers, a, "oidc verifier", x), place = text_of(d, "authorization_endpoint");
	crypto_hash_sha256(hash, (const unsigned char *)verifier.p, verifier.n);
	*location = str_format(a, "%.*s%sresponse_type=code&client_id=%.*s&redirect_uri=%.*s&scope=%.*s&state=%.*s"
			       "&nonce=%.*s&code_challenge=%.*s&code_challenge_method=S256", STR(place),
			       str_find_char(place, '?', 0) == STR_NONE ? "?" : "&",
			       STR(str_percent(a, p->client)), STR(str_percent(a, return_to(s, a, p))),
			       STR(str_percent(a, S("openid email profile"))),
			       STR(challenge_link(s->readers, a, x)), STR(derived(s->readers, a, "oidc nonce", x)),
			       STR(base64_of(a, str_from((const char *)hash, sizeof hash))));
	return OK;
}

/* --- and back --- */

static bool takes(const json_t *d, const char *method)
{
	const json_t *all = json_object_get(d, "token_endpoint_auth_methods_supported"), *one;
	size_t i;
	json_array_foreach((json_t *)(uintptr_t)all, i, one)
		if (json_is_string(one) && strcmp(json_string_value(one), method) == 0)
			return true;
	return !json_is_array(all) && strcmp(method, "client_secret_basic") == 0;
}

/* RFC 6749, 2.3.1: both parts as in a form, then base 64. */
static str_t basic(arena_t *a, const struct provider *p)
{
	str_t pair = str_format(a, "%.*s:%.*s", STR(str_percent(a, p->client)), STR(str_percent(a, p->secret)));
	size_t n = sodium_base64_encoded_len(pair.n, sodium_base64_VARIANT_ORIGINAL);
	char *b64 = arena_alloc(a, n);
	sodium_bin2base64(b64, n, (const unsigned char *)pair.p, pair.n, sodium_base64_VARIANT_ORIGINAL);
	return str_format(a, "Basic %s", b64);
}

static err_t trade(struct stet *s, arena_t *a, const struct provider *p, const json_t *d,
		   const struct challenge *x, str_t code, json_t **out)
{
	struct buf body = buf_new(a, 1024);
	struct http_field fields[] = { { "Accept", S("application/json") }, { NULL, S("") }, { NULL, S("") } };
	struct http_result r;
	bool by_header = p->secret.n && takes(d, "client_secret_basic");
	buf_add_format(&body, "grant_type=authorization_code&code=%.*s&redirect_uri=%.*s&code_verifier=%.*s",
		       STR(str_percent(a, code)), STR(str_percent(a, return_to(s, a, p))),
		       STR(derived(s->readers, a, "oidc verifier", x)));
	if (by_header)
		fields[1] = (struct http_field){ "Authorization", basic(a, p) };
	else
		buf_add_format(&body, "&client_id=%.*s", STR(str_percent(a, p->client)));
	if (p->secret.n && !by_header)
		buf_add_format(&body, "&client_secret=%.*s", STR(str_percent(a, p->secret)));
	struct http_call c = { .url = text_of(d, "token_endpoint"), .fields = fields, .body = buf_str(&body),
			       .type = S("application/x-www-form-urlencoded") };
	TRY(call(s, a, p, &c, &r));
	if (r.status >= 500)
		return told(s, p, err_new(ERR_BUSY, "the token's address answered %d", r.status), away(p));
	err_t e = r.status == 200 ? read_json(a, r.body, out)
				  : err_new(ERR_REFUSED, "the token's address answered %d: %.*s", r.status,
					    STR(str_clip(r.body, 200)));
	return e ? told(s, p, e, refused(p)) : OK;
}

static err_t verify(struct stet *s, arena_t *a, const struct provider *p, const json_t *d, str_t token,
		    json_t **claims)
{
	json_t *keys;
	bool unknown;
	str_t url = text_of(d, "jwks_uri");
	TRY(document(s, a, p, KEYS, url, false, &keys));
	err_t e = jwt_verify(a, token, keys, claims, &unknown);
	if (!e || !unknown)
		return e;
	err_free(e); /* it may have new keys */
	TRY(document(s, a, p, KEYS, url, true, &keys));
	return jwt_verify(a, token, keys, claims, &unknown);
}

/* Address and name stand in the token or are asked for; both must speak of the same subject. */
static err_t add_claims(struct stet *s, arena_t *a, const struct provider *p, const json_t *d,
			const json_t *answer, json_t **claims)
{
	str_t url = text_of(d, "userinfo_endpoint"), access = text_of(answer, "access_token");
	if (text_of(*claims, "email").n || !url.n || !access.n || str_find_char(access, '\n', 0) != STR_NONE)
		return OK;
	struct http_field fields[] = {
		{ "Authorization", str_format(a, "Bearer %.*s", STR(access)) }, { NULL, S("") }
	};
	struct http_call c = { .url = url, .fields = fields };
	struct http_result r;
	json_t *more = NULL;
	TRY(call(s, a, p, &c, &r));
	err_t e = r.status == 200 ? read_json(a, r.body, &more)
				  : err_new(ERR_REFUSED, "who they are: answered %d", r.status);
	if (!e && !str_eq(text_of(more, "sub"), text_of(*claims, "sub")))
		e = err_new(ERR_REFUSED, "who they are: it speaks of another");
	if (e)
		return told(s, p, e, refused(p));
	*claims = more;
	return OK;
}

err_t oidc_return(struct stet *s, arena_t *a, const struct provider *p, const struct challenge *x, str_t code,
		  struct identity *out)
{
	json_t *d = NULL, *answer = NULL, *claims = NULL;
	TRY(describe(s, a, p, &d));
	TRY(trade(s, a, p, d, x, code, &answer));
	struct id_token_rules rules = { p->issuer, p->client, derived(s->readers, a, "oidc nonce", x),
					clock_now(&s->clock) };
	err_t e = verify(s, a, p, d, text_of(answer, "id_token"), &claims);
	if (e && e->code == ERR_BUSY)
		return e;
	if (!e)
		e = id_token_check(claims, &rules);
	if (e)
		return told(s, p, e, refused(p));
	*out = (struct identity){ .issuer = p->issuer, .subject = text_of(claims, "sub") };
	TRY(add_claims(s, a, p, d, answer, &claims));
	if (json_is_true(json_object_get(claims, "email_verified")))
		out->address = text_of(claims, "email");
	out->name = text_of(claims, "name");
	return OK;
}
