/* copy.c: everything about a reader, for them to take away (GDPR, articles 15 and 20).
 *
 * Made in the background, one at a time, as a zip with the same twice: JSON for programs and a page for
 * people. A letter says when it is ready; the link in it serves for a day, to who is signed in as that
 * reader. */
#include "readers/copy.h"
#include "readers/letters.h"
#include "readers/pages.h"

#include "base/file.h"
#include "record/act.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct act_kind ACT_COPY = { "reader.copy" };

/* --- asking --- */

static const struct sql insert_copy = {
	"INSERT INTO reader_copy (id, reader, made, ready, ends) VALUES ($1, $2, $3, 0, $4)"
};
static const struct sql select_copy = {
	"SELECT id, ready, ends FROM reader_copy WHERE reader = $1 AND ends > $2 ORDER BY made DESC LIMIT 1"
};

struct copy {
	id64   id; /* 0: none */
	id64   reader;
	usec_t ready, ends;
};

static err_t find_copy(struct conn *c, id64 reader, usec_t now, struct copy *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct copy){ 0 };
	TRY(db_query(c, &select_copy, ARGS(v_int(reader), v_int(now)), &r));
	if (rows_next(&r, &e))
		*out = (struct copy){ row_int(&r, 0), reader, row_int(&r, 1), row_int(&r, 2) };
	return e;
}

struct asking {
	struct stet *s;
	struct act  *act;
	id64         reader;
};

static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	usec_t now = clock_now(&x->s->clock);
	struct copy there;
	TRY(find_copy(c, x->reader, now, &there));
	if (there.id)
		return err_say(ERR_CONFLICT, "form", there.ready ? "refused.copy-there" : "refused.copy-waits");
	id64 id = id_new(&x->s->ids, now);
	TRY(db_run(c, &insert_copy, ARGS(v_int(id), v_int(x->reader), v_int(now), v_int(now + COPY_LIFE)), NULL));
	act_job(x->act, COPY_MAKE, str_format(a, "{\"copy\":\"%.*s\"}", STR(id_text(a, id))), 0);
	return OK;
}

static err_t ask(struct stet *s, struct request *q, const struct who *who)
{
	id64 me = who->reader.id;
	struct act act = act_begin_quiet(s, q->a, &ACT_COPY, me, reader_actor(q->a, me));
	struct asking x = { s, &act, me };
	if (!letters_leave(s))
		return err_say(ERR_REFUSED, "form", "refused.no-mail");
	TRY(rate_take(s->readers->rates, RATE_COPY_ACCOUNT, id_text(q->a, me), clock_now(&s->clock)));
	return act_commit(&act, write_asking, &x);
}

/* --- making --- */

static const struct sql select_asked = {
	"SELECT reader, ready, ends FROM reader_copy WHERE id = $1"
};
static const struct sql set_ready = { "UPDATE reader_copy SET ready = $1, ends = $2 WHERE id = $3 AND ready = 0" };

char *copy_file(const struct stet *s, arena_t *a, id64 id)
{
	char *folder = path_join(a, s->folder, COPY_FOLDER);
	return path_join(a, folder, str_z(a, str_format(a, "%.*s.zip", STR(id_text(a, id)))));
}

struct making {
	struct stet  *s;
	struct act   *act;
	struct copy   copy;
	struct reader reader;
	json_t       *all; /* {"profile": …, "sessions": […] …} */
	bool          kept;
};

static void drop(void *json)
{
	json_decref(json);
}

/* One snapshot for all. */
static err_t read_all(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_asked, ARGS(v_int(m->copy.id)), &r));
	if (!rows_next(&r, &e))
		return e;
	m->copy.reader = row_int(&r, 0);
	m->copy.ready = row_int(&r, 1);
	TRY(reader_find(c, a, m->copy.reader, &m->reader));
	if (m->copy.ready || !m->reader.id || m->reader.state == READER_GONE)
		return OK;
	m->all = json_object();
	arena_defer(a, drop, m->all);
	return copy_collect(m->s, c, a, &m->reader, m->all);
}

static err_t write_ready(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	usec_t now = clock_now(&m->s->clock);
	int64_t changed;
	json_t *data = json_pack("{s:o}", "copy", json_text(id_text(a, m->copy.id)));
	arena_defer(a, drop, data);
	struct challenge link = { .kind = CHALLENGE_COPY, .reader = m->reader.id, .data = data };
	TRY(db_run(c, &set_ready, ARGS(v_int(now), v_int(now + COPY_LIFE), v_int(m->copy.id)), &changed));
	m->kept = changed > 0;
	if (!m->kept)
		return OK;
	TRY(challenge_insert(m->s, c, a, &link, COPY_LIFE));
	return letter_post(m->act, &(struct letter_draft){
		.kind = "copy", .to = m->reader.address, .name = m->reader.name, .challenge = &link,
		.language = m->reader.language });
}

static err_t make(struct making *m, arena_t *a)
{
	struct stet *s = m->s;
	TRY(store_read(s->store, a, read_all, m));
	if (!m->all)
		return OK;
	TRY(folder_make(path_join(a, s->folder, COPY_FOLDER)));
	if (chmod(path_join(a, s->folder, COPY_FOLDER), 0700) != 0)
		return err_errno(errno, "close the folder of copies to others");
	TRY(copy_pack(s, a, &m->reader, m->all, copy_file(s, a, m->copy.id)));
	struct act act = act_begin_quiet(s, a, &ACT_COPY, m->reader.id, reader_actor(a, m->reader.id));
	act_touch(&act, topic_reader(a, m->reader.id));
	m->act = &act;
	TRY(act_commit(&act, write_ready, m));
	if (!m->kept) /* the account went meanwhile */
		unlink(copy_file(s, a, m->copy.id));
	return OK;
}

err_t copy_make_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_t *payload = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	struct making m = { .s = s };
	if (payload)
		arena_defer(a, drop, payload);
	if (!id_parse(str_of(json_string_value(json_object_get(payload, "copy"))), &m.copy.id))
		return err_new(ERR_CORRUPT, "the job of a copy names none");
	return make(&m, a);
}

/* --- pages --- */

/* For the account's page: "copy" {waits, until}, leaving. */
err_t privacy_part(struct stet *s, struct view *v, const struct who *who)
{
	struct copy copy;
	const struct reader *me = &who->reader;
	TRY(find_copy(v->c, me->id, clock_now(&s->clock), &copy));
	json_object_set_new(v->json, "copy", json_pack("{s:b, s:b, s:o}", "waits", copy.id && !copy.ready,
						       "ready", copy.ready != 0, "until",
						       json_text(messages_date(v->a, v->tongue, "date.long",
									       copy.ends))));
	if (me->leaving)
		json_object_set_new(v->json, "leaving",
				    json_text(messages_date(v->a, v->tongue, "date.long", me->leaving)));
	return OK;
}

static err_t copy_fill(struct stet *s, struct view *v, void *ctx)
{
	return privacy_part(s, v, ctx);
}

static err_t copy_page(struct stet *s, struct request *q, struct response *r, struct who *who, err_t e)
{
	struct form f = { .template = "copy-ask", .title = "copy.title", .error = e, .fill = copy_fill,
			  .ctx = who };
	return form_page(s, q, r, &f);
}

static err_t copy_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	return who_must_prove(s, q, r, &who, &e) ? e : copy_page(s, q, r, &who, OK);
}

static err_t copy_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	e = ask(s, q, &who);
	if (e && is_mendable(e))
		return copy_page(s, q, r, &who, e);
	TRY(e);
	go_to(s, q, r, S("/account?said=copy"));
	return OK;
}

/* --- the link --- */

static err_t send_file(struct stet *s, struct request *q, struct response *r, const struct challenge *x)
{
	id64 id;
	if (!id_parse(challenge_text(x, "copy"), &id))
		return err_new(ERR_CORRUPT, "the link of a copy names none");
	int fd = open(copy_file(s, q->a, id), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_new(ERR_GONE, "this copy is gone");
	response_header(q, r, "Content-Type", S("application/zip"));
	response_header(q, r, "Content-Disposition", S("attachment; filename=\"account.zip\""));
	response_header(q, r, "Cache-Control", S("no-store"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	r->status = 200;
	r->file = fd;
	r->file_etag = str_format(q->a, "\"%.*s\"", STR(id_text(q->a, id)));
	return OK;
}

static err_t link_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct challenge *x = ctx;
	(void)s;
	json_object_set_new(v->json, "link", json_text(params_get(&v->q->route, "link")));
	json_object_set_new(v->json, "until",
			    json_text(messages_date(v->a, v->tongue, "date.long", x->ends)));
	return OK;
}

/* The letter may have been forwarded: the link alone is not enough. */
err_t copy_link(struct stet *s, struct request *q, struct response *r, struct challenge *x)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	if (who.reader.id != x->reader)
		return err_new(ERR_REFUSED, "this copy is another account's");
	if (q->method == POST)
		return send_file(s, q, r, x);
	struct form f = { .template = "copy-link", .title = "copy.title", .secret = true, .fill = link_fill,
			  .ctx = x };
	return form_page(s, q, r, &f);
}

const struct route copy_routes[] = {
	{ GET, "/account/copy", copy_form },
	{ POST, "/account/copy", copy_post },
	{ 0 },
};
