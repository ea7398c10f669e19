/* profile_form.c: where a reader says what others see of them. */
#include "readers/pages.h"
#include "readers/portrait.h"

#include "page/theme.h"

/* Languages by their own names; those that the theme speaks are offered. */
static const struct {
	const char *code, *name;
} languages[] = {
	{ "en", "English" },  { "fr", "Français" }, { "ar", "العربية" },  { "de", "Deutsch" },
	{ "es", "Español" },  { "it", "Italiano" }, { "nl", "Nederlands" }, { "pt", "Português" },
	{ "pl", "Polski" },   { "uk", "Українська" }, { "tr", "Türkçe" },  { "he", "עברית" },
	{ "fa", "فارسی" },    { "hi", "हिन्दी" },	 { "ja", "日本語" },	 { "ko", "한국어" },
	{ "sv", "Svenska" },  { "el", "Ελληνικά" }, { "cs", "Čeština" },
};

static json_t *language_options(const struct view *v, str_t chosen)
{
	json_t *all = json_array();
	for (size_t i = 0; i < COUNT(languages); i++) {
		str_t code = str_of(languages[i].code);
		if (!str_eq(tongue_name(messages_tongue(v->theme->messages, code)), code))
			continue;
		json_array_append_new(all, json_pack("{s:s, s:s, s:b}", "code", languages[i].code, "name",
						     languages[i].name, "chosen", str_eq(code, chosen)));
	}
	return all;
}

/* For the account's page: "profile" {picture, about}. */
err_t profile_part(struct stet *s, struct view *v, const struct who *who)
{
	(void)s;
	json_object_set_new(v->json, "profile",
			    json_pack("{s:o, s:o}", "picture", json_text(portrait_path(v->a, &who->reader)),
				      "about", who->reader.about.n ? json_text(who->reader.about)
								   : json_null()));
	return OK;
}

/* What was just sent, if the form comes back, else what is. */
static bool ticked(const struct view *v, const char *name, bool now)
{
	return v->q->method == POST ? params_get(&v->q->form, name).p != NULL : now;
}

static str_t typed(const struct view *v, const char *name, str_t now)
{
	str_t value = params_get(&v->q->form, name);
	return value.p && str_is_utf8(value, NULL) ? value : now;
}

static err_t profile_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct who *who = ctx;
	const struct reader *me = &who->reader;
	usec_t now = clock_now(&s->clock), again = me->renamed ? me->renamed + NAME_PACE : 0;
	json_t *form = json_object_get(v->json, "form");
	TRY(profile_part(s, v, who));
	json_object_set_new(form, "name", json_text(typed(v, "name", me->name)));
	json_object_set_new(form, "about", json_text(typed(v, "about", me->about)));
	json_object_set_new(form, "comments", json_boolean(ticked(v, "comments", me->show_comments)));
	json_object_set_new(form, "followers", json_boolean(ticked(v, "followers", me->show_followers)));
	json_object_set_new(form, "following", json_boolean(ticked(v, "following", me->show_following)));
	json_object_set_new(form, "no_followers", json_boolean(ticked(v, "no_followers", me->no_followers)));
	json_object_set_new(v->json, "languages",
			    language_options(v, typed(v, "language", me->language)));
	json_object_set_new(v->json, "about_most", json_integer(ABOUT_MOST));
	json_object_set_new(v->json, "uploaded", json_boolean(me->picture.n > 0));
	json_object_set_new(v->json, "url", json_text(reader_path(v->a, me->id)));
	if (again > now)
		json_object_set_new(v->json, "rename_again",
				    json_text(messages_date(v->a, v->tongue, "date.day", again)));
	return OK;
}

static err_t profile_page(struct stet *s, struct request *q, struct response *r, struct who *who, err_t e)
{
	struct form f = { .template = "profile", .title = "profile.title", .error = e, .fill = profile_fill,
			  .ctx = who };
	return form_page(s, q, r, &f);
}

static err_t profile_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	return profile_page(s, q, r, &who, OK);
}

static err_t count_change(struct stet *s, struct request *q, const struct who *who)
{
	return rate_take(s->readers->rates, RATE_CHANGE_ACCOUNT, id_text(q->a, who->reader.id),
			 clock_now(&s->clock));
}

static err_t save(struct stet *s, struct request *q, const struct who *who)
{
	struct profile p = {
		.name = params_get(&q->form, "name"), .about = params_get(&q->form, "about"),
		.language = params_get(&q->form, "language"),
		.show_comments = params_get(&q->form, "comments").p != NULL,
		.show_followers = params_get(&q->form, "followers").p != NULL,
		.show_following = params_get(&q->form, "following").p != NULL,
		.no_followers = params_get(&q->form, "no_followers").p != NULL,
	};
	TRY(count_change(s, q, who));
	if (!p.about.p)
		p.about = S("");
	if (!p.language.p)
		p.language = S("");
	return reader_set_profile(s, q->a, &who->reader, &p, reader_actor(q->a, who->reader.id));
}

static err_t profile_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	e = save(s, q, &who);
	if (e && is_mendable(e))
		return profile_page(s, q, r, &who, e);
	TRY(e);
	go_to(s, q, r, S("/account?said=profile"));
	return OK;
}

static err_t put_picture(struct stet *s, struct request *q, const struct who *who)
{
	TRY(count_change(s, q, who));
	if (params_get(&q->form, "none").p)
		return portrait_put(s, q->a, who->reader.id, S(""));
	return portrait_upload(s, q, who->reader.id);
}

static err_t picture_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	e = put_picture(s, q, &who);
	if (e && is_mendable(e))
		return profile_page(s, q, r, &who, e);
	TRY(e);
	go_to(s, q, r, S("/account?said=picture"));
	return OK;
}

const struct route profile_routes[] = {
	{ GET, "/account/profile", profile_form },
	{ POST, "/account/profile", profile_post },
	{ POST, "/account/picture", picture_post },
	{ 0 },
};
