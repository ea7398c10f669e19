/* letters.c: see letters.h. */
#include "readers/letters.h"

#include "base/file.h"
#include "net/letter.h"
#include "net/smtp.h"
#include "page/theme.h"
#include "record/act.h"

#include <stdio.h>

enum { SENTENCES_MOST = 6, PASSWORD_LINE = 4096 };

bool letters_leave(const struct stet *s)
{
	return s->config.smtp.n > 0;
}

bool letters_are_kept(const struct stet *s)
{
	str_t url = s->config.url;
	return str_eq(s->config.smtp, S(SMTP_OUTBOX)) &&
	       (str_starts(url, S("http://localhost")) || str_starts(url, S("http://127.")) ||
		str_starts(url, S("http://[::1]")));
}

/* --- posting --- */

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

err_t letter_post(struct act *act, const struct letter_draft *d)
{
	json_t *j = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "letter", d->kind, "to",
			      text(d->to), "language", text(d->language), "path", text(d->path), "name",
			      text(d->name), "device", text(d->device), "more", text(d->more), "challenge",
			      text(d->challenge ? id_text(act->a, d->challenge->id) : S("")));
	if (!j)
		return err_new(ERR_MEMORY, "out of memory while writing a letter");
	size_t n = json_dumpb(j, NULL, 0, JSON_COMPACT);
	char *p = arena_alloc(act->a, n + 1);
	json_dumpb(j, p, n, JSON_COMPACT);
	json_decref(j);
	act_job(act, LETTER_SEND, str_from(p, n), 0);
	return OK;
}

/* --- writing --- */

struct writing {
	struct stet          *s;
	arena_t              *a;
	const json_t         *job;
	const struct tongue  *tongue;
	const struct theme_set *theme;
	struct challenge      challenge; /* .id 0: none */
	struct message_value  values[8];
	size_t                nvalues;
};

static str_t job_text(const struct writing *w, const char *key)
{
	const char *s = json_string_value(json_object_get(w->job, key));
	return str_of(s);
}

/* "letter.KIND.PART", filled in; empty if there is no such message. */
static str_t part(const struct writing *w, const char *name)
{
	char key[96];
	snprintf(key, sizeof key, "letter.%s.%s", json_string_value(json_object_get(w->job, "letter")), name);
	str_t message = messages_get(w->tongue, key);
	if (str_eq(message, str_of(key)) || !message.n)
		return S("");
	return messages_fill(w->a, message, w->values, w->nvalues);
}

static void add_value(struct writing *w, const char *name, str_t value)
{
	w->values[w->nvalues++] = (struct message_value){ name, value };
}

static void set_values(struct writing *w)
{
	str_t device = job_text(w, "device");
	add_value(w, "site", w->s->config.name);
	add_value(w, "name", job_text(w, "name"));
	add_value(w, "address", job_text(w, "to"));
	add_value(w, "device", device.n ? device : messages_get(w->tongue, "letter.some-device"));
	add_value(w, "minutes", str_format(w->a, "%d", (int)(MAIL_LIFE / MINUTE)));
	add_value(w, "more", job_text(w, "more"));
}

static json_t *sentences(const struct writing *w, struct buf *plain)
{
	json_t *all = json_array();
	for (int i = 1; i <= SENTENCES_MOST; i++) {
		char name[16];
		snprintf(name, sizeof name, "text.%d", i);
		str_t s = part(w, name);
		if (!str_trim(s).n)
			continue;
		json_array_append_new(all, text(s));
		buf_add_format(plain, "%.*s\n\n", STR(s));
	}
	return all;
}

static str_t link_of(const struct writing *w)
{
	str_t path = job_text(w, "path");
	if (!path.n && w->challenge.id)
		path = str_format(w->a, "/mail/%.*s",
				  STR(challenge_link(w->s->readers, w->a, &w->challenge)));
	return path.n ? str_format(w->a, "%.*s%.*s", STR(w->s->config.url), STR(path)) : S("");
}

/* Two groups of four are read at a glance. */
static str_t code_of(const struct writing *w)
{
	if (!w->challenge.id || !part(w, "code").n)
		return S("");
	str_t code = challenge_code(w->s->readers, w->a, &w->challenge);
	return str_format(w->a, "%.*s %.*s", STR(str_slice(code, 0, 4)), STR(str_slice(code, 4, 8)));
}

static void drop(void *json)
{
	json_decref(json);
}

/* The same letter twice: as text, and as a view for the template. */
static err_t compose(struct writing *w, struct letter *out)
{
	struct buf plain = buf_new(w->a, 2048), html = buf_new(w->a, 8192);
	str_t heading = part(w, "subject"), button = part(w, "button"), link = link_of(w);
	str_t code = code_of(w), foot = messages_fill(w->a, messages_get(w->tongue, "letter.foot"),
						      w->values, w->nvalues);
	buf_add_format(&plain, "%.*s\n\n", STR(heading));
	json_t *v = json_pack("{s:o, s:o, s:o, s:o}", "heading", text(heading), "sentences",
			      sentences(w, &plain), "site", json_pack("{s:o, s:o}", "name",
			      text(w->s->config.name), "url", text(w->s->config.url)), "foot", text(foot));
	if (!v)
		return err_new(ERR_MEMORY, "out of memory while writing a letter");
	arena_defer(w->a, drop, v);
	if (link.n && button.n) {
		json_object_set_new(v, "button", json_pack("{s:o, s:o}", "url", text(link), "text",
							   text(button)));
		buf_add_format(&plain, "%.*s:\n%.*s\n\n", STR(button), STR(link));
	}
	if (code.n) {
		json_object_set_new(v, "code", json_pack("{s:o, s:o}", "text", text(part(w, "code")), "code",
							 text(code)));
		buf_add_format(&plain, "%.*s %.*s\n\n", STR(part(w, "code")), STR(code));
	}
	buf_add_format(&plain, "-- \n%.*s\n%.*s\n", STR(foot), STR(w->s->config.url));
	json_object_set_new(v, "language", text(tongue_name(w->tongue)));
	json_object_set(v, "theme", w->theme->look);
	TRY(template_render(w->theme->templates, S("letter"), v, &html));
	out->subject = heading;
	out->text = buf_str(&plain);
	out->html = buf_str(&html);
	out->language = tongue_name(w->tongue);
	return OK;
}

/* --- sending --- */

static str_t host_of(str_t url)
{
	size_t at = str_find(url, S("://"), 0);
	str_t host = str_slice(url, at == STR_NONE ? 0 : at + 3, url.n);
	return str_cut(&host, ':');
}

static err_t keep(struct stet *s, arena_t *a, id64 id, str_t bytes)
{
	char *folder = path_join(a, s->folder, "outbox");
	TRY(folder_make(folder));
	return file_write(path_join(a, folder, str_z(a, str_format(a, "%.*s.eml", STR(id_text(a, id))))),
			  bytes, 0600);
}

static err_t server_of(const struct stet *s, arena_t *a, struct smtp *out)
{
	*out = (struct smtp){ .url = s->config.smtp, .user = s->config.smtp_user,
			      .hello = host_of(s->config.url) };
	if (s->config.smtp_authorities.n)
		out->authorities = str_of(path_join(a, s->folder, str_z(a, s->config.smtp_authorities)));
	if (!out->user.n)
		return OK;
	str_t file;
	TRY(file_read(a, path_join(a, s->folder, str_z(a, s->config.smtp_password)), PASSWORD_LINE, &file));
	out->password = str_trim(str_cut(&file, '\n'));
	return OK;
}

static err_t send(struct stet *s, arena_t *a, const struct job *job, struct letter *l)
{
	struct smtp server;
	l->from = s->config.mail_from.n ? s->config.mail_from
					: str_format(a, "noreply@%.*s", STR(host_of(s->config.url)));
	l->from_name = s->config.name;
	l->date = clock_now(&s->clock);
	l->automatic = true;
	l->id = str_format(a, "%.*s@%.*s", STR(id_text(a, job->id)), STR(host_of(s->config.url)));
	str_t bytes = letter_write(a, l);
	if (letters_are_kept(s))
		return keep(s, a, job->id, bytes);
	if (!letters_leave(s) || str_eq(s->config.smtp, S(SMTP_OUTBOX)))
		return err_new(ERR_SYSTEM, "mail waits: smtp in stet.conf names no mail server");
	TRY(server_of(s, a, &server));
	err_t e = smtp_send(a, &server, l->from, l->to, bytes);
	if (!e || e->code != ERR_REFUSED)
		return e;
	/* The mail server will never take it; to try again would be rude, and to stop others' mail wrong. */
	log_line(&s->log, LOG_WARN, "letters", "a letter was refused for good: %s", err_text(e));
	err_free(e);
	return OK;
}

struct seeking {
	struct stet      *s;
	id64              id;
	struct challenge *out;
};

static err_t read_challenge(struct conn *c, arena_t *a, void *ctx)
{
	struct seeking *x = ctx;
	return challenge_find(x->s, c, a, x->id, x->out);
}

/* False if what the letter is for is over: then nobody wants it. */
static err_t find_challenge(struct writing *w, bool *over)
{
	str_t id = job_text(w, "challenge");
	struct seeking x = { w->s, 0, &w->challenge };
	*over = false;
	if (!id.n)
		return OK;
	if (id_parse(id, &x.id))
		TRY(store_read(w->s->store, w->a, read_challenge, &x));
	*over = w->challenge.id == 0;
	return OK;
}

static err_t write_letter(struct writing *w, const struct job *job)
{
	struct letter l = { .to = job_text(w, "to") };
	bool over;
	str_t language = job_text(w, "language");
	TRY(find_challenge(w, &over));
	if (over)
		return OK;
	w->tongue = messages_tongue(w->theme->messages, language.n ? language : w->s->config.language);
	set_values(w);
	TRY(compose(w, &l));
	return send(w->s, w->a, job, &l);
}

err_t letter_send_job(struct stet *s, arena_t *a, const struct job *job)
{
	struct writing w = { .s = s, .a = a };
	json_t *payload = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	if (!payload)
		return err_new(ERR_CORRUPT, "the job of a letter holds no JSON");
	arena_defer(a, drop, payload);
	w.job = payload;
	TRY(theme_hold(s->theme, &w.theme));
	err_t e = write_letter(&w, job);
	theme_release(s->theme, w.theme);
	return e;
}
