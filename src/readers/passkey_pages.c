/* passkey_pages.c: making a passkey, signing in with one, naming and removing them.
 *
 * Two requests make a ceremony: one asks for the options that the browser hands to the authenticator,
 * with a challenge in them; the other brings the answer. Both are JSON, from script (passkey.js). A
 * challenge is bound to the browser, serves once, and is used up before its answer is looked at.
 *
 * Signing in names no credentials: the authenticator finds those that it has for us and says whose they
 * are, so nobody learns here who has an account. */
#include "readers/letters.h"
#include "readers/passkey.h"

#include "record/act.h"

static const struct act_kind ACT_ASK = { "challenge.ask" };
static const struct act_kind ACT_ANSWER = { "challenge.use" };
static const struct act_kind ACT_ADD = { "passkey.add" };
static const struct act_kind ACT_USE = { "passkey.use" };
static const struct act_kind ACT_RENAME = { "passkey.rename" };
static const struct act_kind ACT_REMOVE = { "passkey.remove" };

/* --- where --- */

static str_t host_of(str_t url)
{
	size_t at = str_find(url, S("://"), 0);
	str_t host = str_slice(url, at == STR_NONE ? 0 : at + 3, url.n);
	return str_cut(&host, ':');
}

/* What goes over the wire is derived from the row, as links and codes are (challenge.h). */
static struct ceremony ceremony_of(struct stet *s, arena_t *a, const struct challenge *x)
{
	unsigned char *bytes = arena_alloc(a, KEYED);
	keyed(s->readers, "passkey", x->random, bytes);
	return (struct ceremony){ .rp = host_of(s->config.url), .origin = s->config.url,
				  .challenge = str_from((const char *)bytes, KEYED) };
}

/* --- answers for script --- */

static int status_of(const struct err *e)
{
	if (e->field && strcmp(e->field, "json") == 0)
		return 415;
	return e->code == ERR_BUSY ? 429 : err_status(e);
}

/* What the reader can do about it, script says in words of the page: a reason is one of few. */
static err_t answer(struct request *q, struct response *r, err_t e)
{
	if (!e || (!is_mendable(e) && e->code != ERR_MISSING))
		return e;
	const char *reason = e->code == ERR_BUSY ? "busy" : e->field ? e->field : "over";
	json_t *j = json_pack("{s:s, s:o}", "reason", reason, "error", json_text(str_of(err_text(e))));
	if (strcmp(reason, "prove") == 0 || strcmp(reason, "sign-in") == 0)
		json_object_set_new(j, "go", json_string(reason[0] == 'p' ? "/account/prove" : "/sign-in"));
	int status = status_of(e);
	err_free(e);
	return answer_json(q, r, status, j);
}

/* A redirect said so that script can follow it. */
static err_t answer_next(struct stet *s, struct request *q, struct response *r)
{
	str_t next = S("/");
	size_t kept = 0;
	for (size_t i = 0; i < r->nheaders; i++) {
		str_t name = r->headers[i].name;
		if (str_eq_nocase(name, S("location")))
			next = r->headers[i].value;
		else if (!str_eq_nocase(name, S("cache-control")))
			r->headers[kept++] = r->headers[i];
	}
	r->nheaders = kept;
	if (str_starts(next, s->config.url))
		next = str_slice(next, s->config.url.n, next.n);
	return answer_json(q, r, 200, json_pack("{s:o}", "next", json_text(next)));
}

static err_t check_asked(struct stet *s, struct request *q)
{
	if (!json_is_object(q->json))
		return err_user(ERR_INPUT, "json", "what is sent here is a JSON object, as application/json");
	return rate_take(s->readers->rates, RATE_CEREMONY_CLIENT, client_hash(s->readers, q->a, q),
			 clock_now(&s->clock));
}

static err_t must_be_in(struct stet *s, struct request *q, struct who *who)
{
	TRY(who_asks(s, q, who));
	return who->reader.id ? OK : err_user(ERR_REFUSED, "sign-in", "sign in first");
}

static err_t must_have_proven(struct stet *s, struct request *q, struct who *who)
{
	TRY(must_be_in(s, q, who));
	return who_has_proven(s, who) ? OK : err_user(ERR_REFUSED, "prove", "prove first that it is you");
}

static str_t body_text(const struct request *q, const char *key)
{
	const json_t *v = json_object_get(q->json, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

/* --- options --- */

struct asking {
	struct stet     *s;
	id64             reader;
	struct challenge made;
	struct passkeys  known;
};

static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	if (x->reader)
		TRY(passkey_list(c, a, x->reader, &x->known));
	return challenge_insert(x->s, c, a, &x->made, CEREMONY_LIFE);
}

static err_t ask(struct stet *s, struct request *q, struct response *r, struct asking *x)
{
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, 0, reader_actor(q->a, x->reader));
	x->s = s;
	x->made.reader = x->reader;
	x->made.device = device_of(q->a, q);
	TRY(challenge_browser(s, q, r, &x->made.browser));
	return act_commit(&act, write_asking, x);
}

static json_t *words_of(str_t list)
{
	json_t *j = json_array();
	for (str_t rest = list; rest.p && rest.n;)
		json_array_append_new(j, json_text(str_cut(&rest, ' ')));
	return j;
}

static json_t *descriptors(arena_t *a, const struct passkeys *all)
{
	json_t *j = json_array();
	for (size_t i = 0; i < all->n; i++) {
		const struct credential *c = &all->v[i].credential;
		json_t *one = json_pack("{s:s, s:o}", "type", "public-key", "id",
					json_text(base64_of(a, c->id)));
		if (c->transports.n)
			json_object_set_new(one, "transports", words_of(c->transports));
		json_array_append_new(j, one);
	}
	return j;
}

static err_t answer_options(struct request *q, struct response *r, const struct asking *x, json_t *key)
{
	struct ceremony c = ceremony_of(x->s, q->a, &x->made);
	json_object_set_new(key, "challenge", json_text(base64_of(q->a, c.challenge)));
	json_object_set_new(key, "timeout", json_integer(CEREMONY_LIFE / SECOND * 1000));
	return answer_json(q, r, 200, json_pack("{s:o, s:o}", "ceremony", json_text(id_text(q->a, x->made.id)),
						"publicKey", key));
}

static json_t *offered(void)
{
	json_t *j = json_array();
	for (size_t i = 0; webauthn_algorithms[i]; i++)
		json_array_append_new(j, json_pack("{s:s, s:i}", "type", "public-key", "alg",
						   webauthn_algorithms[i]));
	return j;
}

/* "rp", "user" ... of a new passkey: one that finds itself, and verifies its owner. */
static json_t *creation(struct stet *s, arena_t *a, const struct reader *me, const struct asking *x)
{
	json_t *user = json_pack("{s:o, s:o, s:o}", "id", json_text(base64_of(a, me->handle)), "name",
				 json_text(me->address), "displayName", json_text(me->name));
	json_t *choice = json_pack("{s:s, s:b, s:s}", "residentKey", "required", "requireResidentKey", 1,
				   "userVerification", "required");
	return json_pack("{s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:s}", "rp", "id",
			 json_text(host_of(s->config.url)), "name", json_text(s->config.name), "user", user,
			 "pubKeyCredParams", offered(), "excludeCredentials", descriptors(a, &x->known),
			 "authenticatorSelection", choice, "attestation", "none");
}

static err_t new_options(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct asking x = { .made = { .kind = CHALLENGE_PASSKEY_NEW } };
	TRY(check_asked(s, q));
	TRY(must_have_proven(s, q, &who));
	x.reader = who.reader.id;
	TRY(ask(s, q, r, &x));
	if (x.known.n >= PASSKEYS_MOST)
		return err_user(ERR_CONFLICT, "full", "an account has at most %d passkeys", PASSKEYS_MOST);
	return answer_options(q, r, &x, creation(s, q->a, &who.reader, &x));
}

static json_t *request_of(struct stet *s, json_t *allowed)
{
	return json_pack("{s:o, s:s, s:o}", "rpId", json_text(host_of(s->config.url)), "userVerification",
			 "required", "allowCredentials", allowed);
}

static err_t sign_in_options(struct stet *s, struct request *q, struct response *r)
{
	struct asking x = { .made = { .kind = CHALLENGE_PASSKEY } };
	TRY(check_asked(s, q));
	TRY(ask(s, q, r, &x));
	return answer_options(q, r, &x, request_of(s, json_array()));
}

/* Who is signed in already may hear which are theirs. */
static err_t prove_options(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct asking x = { .made = { .kind = CHALLENGE_PASSKEY } };
	TRY(check_asked(s, q));
	TRY(must_be_in(s, q, &who));
	x.reader = who.reader.id;
	TRY(ask(s, q, r, &x));
	return answer_options(q, r, &x, request_of(s, descriptors(q->a, &x.known)));
}

/* --- the challenge that is answered --- */

struct using_up {
	struct stet         *s;
	const struct request *q;
	id64                 id, reader;
	enum challenge_kind  kind;
	struct challenge     x;
};

static err_t write_use(struct conn *c, arena_t *a, void *ctx)
{
	struct using_up *u = ctx;
	TRY(challenge_find(u->s, c, a, u->id, &u->x));
	if (!u->x.id || u->x.kind != u->kind || u->x.reader != u->reader ||
	    !challenge_is_from(u->s, u->q, &u->x))
		return err_new(ERR_MISSING, "this was not asked here, was answered already, or its time is over");
	return challenge_use(u->s, c, &u->x);
}

/* Whatever becomes of the answer: it was the only one. */
static err_t use_up(struct stet *s, struct request *q, enum challenge_kind kind, id64 reader,
		    struct ceremony *out)
{
	struct using_up u = { .s = s, .q = q, .kind = kind, .reader = reader };
	struct act act = act_begin_quiet(s, q->a, &ACT_ANSWER, 0, reader_actor(q->a, reader));
	if (!id_parse(body_text(q, "ceremony"), &u.id))
		return err_new(ERR_MISSING, "the ceremony is not named");
	TRY(act_commit(&act, write_use, &u));
	*out = ceremony_of(s, q->a, &u.x);
	return OK;
}

/* --- a new one --- */

static err_t post_letter(struct stet *s, struct act *act, const struct reader *to, const char *kind,
			 const struct passkey *p, str_t device)
{
	if (!letters_leave(s))
		return OK;
	return letter_post(act, &(struct letter_draft){ .kind = kind, .to = to->address, .name = to->name,
							.language = to->language, .path = S("/account"),
							.device = device, .more = p->name });
}

struct adding {
	struct stet    *s;
	struct act     *act;
	struct who      who;
	struct passkey  made;
	str_t           device;
};

static err_t write_new(struct conn *c, arena_t *a, void *ctx)
{
	struct adding *x = ctx;
	TRY(passkey_insert(x->s, c, a, &x->made));
	return post_letter(x->s, x->act, &x->who.reader, "passkey-added", &x->made, x->device);
}

/* A first name, which its owner may change. */
static str_t name_of(arena_t *a, const struct request *q, const struct credential *c)
{
	const char *maker = webauthn_maker(c->aaguid);
	return *maker ? str_of(maker) : str_clip(device_of(a, q), DEVICE_MOST);
}

static err_t new_finish(struct stet *s, struct request *q, struct response *r)
{
	struct adding x = { .s = s, .device = device_of(q->a, q) };
	struct ceremony c;
	TRY(check_asked(s, q));
	TRY(must_have_proven(s, q, &x.who));
	TRY(use_up(s, q, CHALLENGE_PASSKEY_NEW, x.who.reader.id, &c));
	TRY(webauthn_register(q->a, &c, json_object_get(q->json, "credential"), &x.made.credential));
	x.made.reader = x.who.reader.id;
	x.made.name = name_of(q->a, q, &x.made.credential);
	struct act act = act_begin_quiet(s, q->a, &ACT_ADD, x.who.reader.id,
					 reader_actor(q->a, x.who.reader.id));
	x.act = &act;
	act_touch(&act, topic_reader(q->a, x.who.reader.id));
	TRY(act_commit(&act, write_new, &x));
	TRY(session_prove(s, q, r, &x.who, true));
	str_t next = body_text(q, "next");
	go_to(s, q, r, path_is_ours(next) ? next : S("/account?said=passkey"));
	return answer_next(s, q, r);
}

/* --- one that is used --- */

struct proving {
	struct stet    *s;
	struct act     *act;
	struct assertion given;
	struct passkey  passkey;
	struct reader   reader;
	struct asserted said;
	str_t           device;
};

static err_t read_passkey(struct conn *c, arena_t *a, void *ctx)
{
	struct proving *x = ctx;
	TRY(passkey_find(c, a, x->given.id, &x->passkey));
	return x->passkey.id ? reader_find(c, a, x->passkey.reader, &x->reader) : OK;
}

static err_t write_used(struct conn *c, arena_t *a, void *ctx)
{
	struct proving *x = ctx;
	(void)a;
	TRY(passkey_used(x->s, c, &x->passkey, &x->said));
	return x->said.copied ? post_letter(x->s, x->act, &x->reader, "passkey-copied", &x->passkey, x->device)
			      : OK;
}

/* `reader` 0: whoever it is. */
static err_t prove(struct stet *s, struct request *q, id64 reader, struct proving *x)
{
	struct ceremony c;
	x->s = s;
	x->device = device_of(q->a, q);
	TRY(use_up(s, q, CHALLENGE_PASSKEY, reader, &c));
	TRY(webauthn_read(q->a, json_object_get(q->json, "credential"), &x->given));
	TRY(store_read(s->store, q->a, read_passkey, x));
	if (!x->passkey.id || (reader && x->passkey.reader != reader))
		return err_user(ERR_MISSING, "unknown", "no account has this passkey: it was removed, or never "
				"finished");
	TRY(webauthn_verify(q->a, &c, &x->given, &x->passkey.credential, x->reader.handle, reader == 0,
			    &x->said));
	struct act act = act_begin_quiet(s, q->a, &ACT_USE, x->reader.id, reader_actor(q->a, x->reader.id));
	x->act = &act;
	if (x->said.copied)
		log_line(&s->log, LOG_WARN, "passkeys", "a passkey of %.*s counted less than before: there "
			 "may be a copy of it", STR(topic_reader(q->a, x->reader.id)));
	return act_commit(&act, write_used, x);
}

static err_t sign_in_finish(struct stet *s, struct request *q, struct response *r)
{
	struct proving x = { 0 };
	str_t next = body_text(q, "next");
	TRY(check_asked(s, q));
	TRY(prove(s, q, 0, &x));
	TRY(challenge_forget_browser(s, q, r));
	TRY(sign_in_with(s, q, r, &x.reader, "passkey", true, path_is_ours(next) ? next : S("/")));
	return answer_next(s, q, r);
}

static err_t prove_finish(struct stet *s, struct request *q, struct response *r)
{
	struct proving x = { 0 };
	struct who who;
	str_t next = body_text(q, "next");
	TRY(check_asked(s, q));
	TRY(must_be_in(s, q, &who));
	TRY(prove(s, q, who.reader.id, &x));
	TRY(session_prove(s, q, r, &who, true));
	go_to(s, q, r, path_is_ours(next) ? next : S("/account"));
	return answer_next(s, q, r);
}

/* --- the handlers of script's requests --- */

static err_t new_options_post(struct stet *s, struct request *q, struct response *r)
{
	return answer(q, r, new_options(s, q, r));
}

static err_t new_post(struct stet *s, struct request *q, struct response *r)
{
	return answer(q, r, new_finish(s, q, r));
}

static err_t sign_in_options_post(struct stet *s, struct request *q, struct response *r)
{
	return answer(q, r, sign_in_options(s, q, r));
}

static err_t sign_in_post(struct stet *s, struct request *q, struct response *r)
{
	return answer(q, r, sign_in_finish(s, q, r));
}

static err_t prove_options_post(struct stet *s, struct request *q, struct response *r)
{
	return answer(q, r, prove_options(s, q, r));
}

static err_t prove_post(struct stet *s, struct request *q, struct response *r)
{
	return answer(q, r, prove_finish(s, q, r));
}

/* --- pages --- */

static err_t page_fill(struct stet *s, struct view *v, void *ctx)
{
	return passkeys_part(s, v, ctx);
}

/* Where one is made; without script it says how else one gets in. */
static err_t new_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	struct form f = { .template = "passkey-new", .title = "passkey.new", .fill = page_fill, .ctx = &who };
	return form_page(s, q, r, &f);
}

struct changing {
	struct stet      *s;
	struct act       *act;
	const struct who *who;
	id64              id;
	str_t             name, device;
};

static err_t write_name(struct conn *c, arena_t *a, void *ctx)
{
	const struct changing *x = ctx;
	(void)a;
	return passkey_rename(c, x->who->reader.id, x->id, x->name);
}

static err_t rename_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct changing x = { .s = s, .who = &who, .name = params_get(&q->form, "passkey") };
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &x.id))
		return err_new(ERR_MISSING, "there is no such passkey");
	TRY(passkey_name_check(q->a, &x.name));
	struct act act = act_begin_quiet(s, q->a, &ACT_RENAME, x.id, reader_actor(q->a, who.reader.id));
	TRY(act_commit(&act, write_name, &x));
	go_to(s, q, r, S("/account"));
	return OK;
}

static err_t write_removal(struct conn *c, arena_t *a, void *ctx)
{
	const struct changing *x = ctx;
	struct passkeys all;
	TRY(passkey_list(c, a, x->who->reader.id, &all));
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].id == x->id)
			TRY(post_letter(x->s, x->act, &x->who->reader, "passkey-removed", &all.v[i], x->device));
	if (role_is_staff(x->who->reader.role) && all.n == 1 && !x->who->reader.totp.n)
		return err_say(ERR_REFUSED, "form", "refused.factor-staff");
	/* Where the lost device is signed in. */
	TRY(session_delete_all(c, x->who->reader.id, x->who->session.id));
	return passkey_delete(c, x->who->reader.id, x->id);
}

static err_t remove_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct changing x = { .s = s, .who = &who, .device = device_of(q->a, q) };
	err_t e;
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &x.id))
		return err_new(ERR_MISSING, "there is no such passkey");
	struct act act = act_begin_quiet(s, q->a, &ACT_REMOVE, x.id, reader_actor(q->a, who.reader.id));
	x.act = &act;
	act_touch(&act, topic_reader(q->a, who.reader.id));
	TRY(act_commit(&act, write_removal, &x));
	TRY(session_prove(s, q, r, &who, who.session.strong));
	go_to(s, q, r, S("/account?said=no-passkey"));
	return OK;
}

const struct route passkey_routes[] = {
	{ GET, "/account/passkeys", new_page },
	{ POST, "/account/passkeys", new_post },
	{ POST, "/account/passkeys/options", new_options_post },
	{ POST, "/account/passkeys/:id", rename_post },
	{ POST, "/account/passkeys/:id/remove", remove_post },
	{ POST, "/sign-in/passkey/options", sign_in_options_post },
	{ POST, "/sign-in/passkey", sign_in_post },
	{ POST, "/account/prove/passkey/options", prove_options_post },
	{ POST, "/account/prove/passkey", prove_post },
	{ 0 },
};
