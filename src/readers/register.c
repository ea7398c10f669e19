/* register.c: a new account.
 *
 * A name and an address, and with what one will sign in. Nothing is made until the address is proven; so
 * nobody makes an account for somebody else, and the answer does not tell whether there is one already:
 * its owner is told by mail. */
#include "readers/letters.h"
#include "readers/pages.h"

#include "record/act.h"

static const struct act_kind ACT_ASK = { "challenge.ask" };

/* --- asking --- */

struct asking {
	struct stet     *s;
	struct act      *act;
	str_t            address, address_key, name;
	struct name_keys keys;
	json_t          *data;
	str_t            browser, device;
	struct challenge made;
};

/* The same rows for an address that is known: only the letter is another. */
static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	struct reader known;
	TRY(reader_by_address(c, a, x->address_key, &known));
	bool there = known.id != 0; /* a closed one is told so after the mail */
	/* The same whether there is an account: what this browser kept before is free again. */
	TRY(challenge_free_names(c, x->browser));
	TRY(name_free(x->s, c, a, x->name, 0, 0));
	x->made = (struct challenge){
		.kind = there ? CHALLENGE_SIGN_IN : CHALLENGE_REGISTER, .reader = known.id,
		.subject = x->address_key, .name_key = x->keys.key,
		.browser = x->browser, .data = x->data, .device = x->device,
	};
	TRY(challenge_insert(x->s, c, a, &x->made, MAIL_LIFE));
	return letter_post(x->act, &(struct letter_draft){
		.kind = there ? "known" : "register", .challenge = &x->made,
		/* To whom the account is, not to an address that folds to theirs. */
		.to = there ? known.address : x->address,
		.name = there ? known.name : x->name, .device = x->device });
}

static err_t check_password(struct stet *s, struct request *q, struct asking *x, str_t *hashed)
{
	struct strs about = { 0 };
	str_t rest = x->address;
	strs_add(q->a, &about, x->name);
	strs_add(q->a, &about, str_cut(&rest, '@'));
	str_t password = params_get(&q->form, "password");
	TRY(password_check(s, q->a, password, &about));
	return password_hash(s, q->a, password, hashed);
}

static err_t count_asking(struct stet *s, struct request *q, str_t address_key)
{
	return rate_mail(s, q, address_key);
}

static void let_go(void *json)
{
	json_decref(json);
}

static err_t read_form(struct stet *s, struct request *q, struct asking *x)
{
	str_t way = params_get(&q->form, "way"), hashed = S("");
	x->name = params_get(&q->form, "name");
	x->address = params_get(&q->form, "address");
	TRY(rate_take(s->readers->rates, RATE_NAME_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(name_check(s, q->a, &x->name));
	TRY(address_check(q->a, &x->address));
	TRY(address_key(s, q->a, x->address, &x->address_key));
	TRY(name_keys(s, q->a, x->name, &x->keys));
	if (str_eq(way, S("password")))
		TRY(check_password(s, q, x, &hashed));
	TRY(count_asking(s, q, x->address_key));
	x->data = json_pack("{s:o, s:o, s:o, s:o, s:o}", "address", json_text(x->address), "name",
			    json_text(x->name), "password", json_text(hashed), "way", json_text(way), "next",
			    json_text(next_of(q)));
	arena_defer(q->a, let_go, x->data);
	return x->data ? OK : err_new(ERR_MEMORY, "out of memory");
}

static err_t ask(struct stet *s, struct request *q, struct response *r)
{
	struct asking x = { .s = s, .device = device_of(q->a, q) };
	if (!letters_leave(s))
		return err_say(ERR_REFUSED, "form", "refused.no-mail");
	if (!config_allows(s->config.registration))
		return err_say(ERR_REFUSED, "form", "refused.no-readers");
	TRY(read_form(s, q, &x));
	TRY(challenge_browser(s, q, r, &x.browser));
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, 0, S("reader"));
	x.act = &act;
	err_t e = act_commit(&act, write_asking, &x);
	if (!e || e->code != ERR_CONFLICT || e->field)
		return e;
	err_free(e); /* two took the name in the same moment */
	return err_say_with(ERR_CONFLICT, "name", "refused.name-taken", "name=%.*s", STR(x.name));
}

/* --- pages --- */

static err_t register_fill(struct stet *s, struct view *v, void *ctx)
{
	str_t way = str_of(json_string_value(json_object_get(json_object_get(v->json, "form"), "way")));
	json_t *j = json_object_get(v->json, "form");
	json_object_set_new(j, "by_passkey", json_boolean(str_eq(way, S("passkey"))));
	json_object_set_new(j, "by_password", json_boolean(str_eq(way, S("password"))));
	json_object_set_new(j, "by_mail", json_boolean(!str_eq(way, S("passkey")) &&
						       !str_eq(way, S("password"))));
	json_object_set_new(v->json, "password_least", json_integer(PASSWORD_LEAST));
	json_object_set_new(v->json, "closed", json_boolean(!config_allows(s->config.registration)));
	return providers_fill(s, v, ctx);
}

static err_t register_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	if (who.reader.id) {
		go_to(s, q, r, next_of(q));
		return OK;
	}
	struct form f = { .template = "register", .title = "account.register", .fill = register_fill };
	return form_page(s, q, r, &f);
}

static err_t register_post(struct stet *s, struct request *q, struct response *r)
{
	err_t e = ask(s, q, r);
	if (e) {
		struct form f = { .template = "register", .title = "account.register", .error = e,
				  .fill = register_fill };
		return form_page(s, q, r, &f);
	}
	go_to(s, q, r, str_format(q->a, "/mail-sent?next=%.*s", STR(str_percent(q->a, next_of(q)))));
	return OK;
}

const struct route register_routes[] = {
	{ GET, "/register", register_form },
	{ POST, "/register", register_post },
	{ 0 },
};
