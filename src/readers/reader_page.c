/* reader_page.c: a reader as others see them: name, picture, a line about themselves, whom they follow.
 *
 * The page is the same for everybody, so a cache may hold it. Whether whoever looks follows this reader is
 * asked for by script, in a few bytes; on pages made for one reader it is there already. */
#include "readers/pages.h"
#include "readers/portrait.h"

static const struct sql select_followers = {
	"SELECT r.id, r.name, r.picture FROM reader_follow f JOIN reader r ON r.id = f.reader "
	"WHERE f.followed = $1 AND r.state IN ('active', 'leaving') AND r.show_following <> 0 "
	"ORDER BY f.since DESC, r.id LIMIT $2"
};
static const struct sql select_following = {
	"SELECT r.id, r.name, r.picture FROM reader_follow f JOIN reader r ON r.id = f.followed "
	"WHERE f.reader = $1 AND r.state IN ('active', 'leaving') ORDER BY f.since DESC, r.id LIMIT $2"
};
static const struct sql count_followers = {
	"SELECT count(*) FROM reader_follow f JOIN reader r ON r.id = f.reader "
	"WHERE f.followed = $1 AND r.state IN ('active', 'leaving')"
};
static const struct sql count_following = {
	"SELECT count(*) FROM reader_follow f JOIN reader r ON r.id = f.followed "
	"WHERE f.reader = $1 AND r.state IN ('active', 'leaving')"
};

static err_t count(struct conn *c, const struct sql *sql, id64 id, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, sql, ARGS(v_int(id)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

/* [{name, url, picture}]; each of them is shown, so a change of theirs is one of this page. */
static err_t people(struct view *v, const struct sql *sql, id64 id, json_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(v->c, sql, ARGS(v_int(id), v_int(FOLLOWERS_SHOWN)), &r));
	while (rows_next(&r, &e)) {
		struct reader one = { .id = row_int(&r, 0), .name = row_str(&r, v->a, 1),
				      .picture = row_str(&r, v->a, 2) };
		json_array_append_new(out, json_pack("{s:o, s:o, s:o}", "name", json_text(one.name), "url",
						     json_text(reader_path(v->a, one.id)), "picture",
						     json_text(portrait_path(v->a, &one))));
		strs_add(v->a, &v->topics, topic_reader(v->a, one.id));
	}
	return e;
}

struct group {
	const char       *key, *heading;
	const struct sql *count, *list;
};

static const struct group followers = { "followers", "reader.followers", &count_followers,
					&select_followers };
static const struct group following = { "following", "reader.following", &count_following,
					&select_following };

static err_t add_group(struct view *v, const struct group *g, id64 id)
{
	int64_t n;
	json_t *list = json_array();
	json_object_set_new(v->json, g->key, list);
	TRY(count(v->c, g->count, id, &n));
	json_t *summary = json_pack("{s:I, s:o}", "count", (json_int_t)n, "text",
				    json_text(say_count(v, g->heading, n)));
	json_object_set_new(v->json, str_z(v->a, str_format(v->a, "%s_count", g->key)), summary);
	return n ? people(v, g->list, id, list) : OK;
}

static void set_page(struct stet *s, struct view *v, const struct reader *r, str_t title)
{
	str_t path = reader_path(v->a, r->id);
	account_head(v, "reader.title");
	json_t *page = json_object_get(v->json, "page");
	json_object_set_new(page, "kind", json_string("reader"));
	json_object_set_new(page, "title", json_text(title));
	json_object_set_new(page, "canonical", json_text(str_format(v->a, "%.*s%.*s", STR(s->config.url),
								    STR(path))));
	json_object_set_new(page, "json", json_text(str_format(v->a, "%.*s.json", STR(path))));
	v->template = "reader";
}

static err_t former(struct stet *s, struct view *v, const struct reader *r)
{
	set_page(s, v, r, say(v, "reader.former"));
	json_object_set_new(v->json, "former", json_true());
	v->status = 410;
	return OK;
}

/* Whoever looks, if the page is theirs alone. */
static err_t add_mine(struct stet *s, struct view *v, const struct reader *r)
{
	struct who who;
	bool on = false;
	TRY(who_asks_in(s, v->c, v->q, &who));
	if (who.reader.id)
		TRY(reader_follows(v->c, who.reader.id, r->id, &on));
	json_object_set_new(v->json, "mine", json_pack("{s:b, s:b}", "self", who.reader.id == r->id,
						      "following", on));
	return OK;
}

static json_t *reader_json(const struct view *v, const struct reader *r)
{
	str_t role = S("");
	if (role_is_staff(r->role))
		role = say(v, str_z(v->a, str_format(v->a, "role.%.*s", STR(role_name(r->role)))));
	bool shown = r->state != READER_DISABLED;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", json_text(id_text(v->a, r->id)), "name",
			 json_text(r->name), "url", json_text(reader_path(v->a, r->id)), "about",
			 shown && r->about.n ? json_text(r->about) : json_null(), "picture",
			 json_text(portrait_path(v->a, shown ? r : &(struct reader){ .id = r->id })), "role",
			 role.n ? json_text(role) : json_null(), "since",
			 json_text(messages_date(v->a, v->tongue, "date.day", r->made)));
}

static err_t reader_view(struct stet *s, struct view *v)
{
	struct reader r;
	id64 id;
	if (!id_parse(params_get(&v->q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such reader");
	TRY(reader_find(v->c, v->a, id, &r));
	if (!r.id)
		return err_new(ERR_MISSING, "there is no such reader");
	strs_add(v->a, &v->topics, topic_reader(v->a, id));
	if (r.state == READER_GONE)
		return former(s, v, &r);
	set_page(s, v, &r, r.name);
	json_object_set_new(v->json, "person", reader_json(v, &r));
	json_object_set_new(v->json, "closed", json_boolean(r.state == READER_DISABLED));
	if (r.state != READER_DISABLED && r.show_followers)
		TRY(add_group(v, &followers, id));
	if (r.state != READER_DISABLED && r.show_following)
		TRY(add_group(v, &following, id));
	if (v->personal)
		TRY(add_mine(s, v, &r));
	return s->readers->given.page ? s->readers->given.page(s, v, &r) : OK;
}

static err_t reader_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, reader_view);
}

/* --- following --- */

static err_t follow(struct stet *s, struct request *q, struct response *r, bool on)
{
	struct who who;
	err_t e;
	id64 id;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such reader");
	TRY(rate_take(s->readers->rates, RATE_CHANGE_ACCOUNT, id_text(q->a, who.reader.id),
		      clock_now(&s->clock)));
	if (who.reader.id != id)
		TRY(reader_follow(s, q->a, who.reader.id, id, on));
	go_to(s, q, r, reader_path(q->a, id));
	return OK;
}

static err_t follow_post(struct stet *s, struct request *q, struct response *r)
{
	return follow(s, q, r, true);
}

static err_t unfollow_post(struct stet *s, struct request *q, struct response *r)
{
	return follow(s, q, r, false);
}

struct asking {
	id64 reader, followed;
	bool on;
};

static err_t read_follows(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	(void)a;
	return reader_follows(c, x->reader, x->followed, &x->on);
}

/* For script: {"self": …, "following": …} of whoever looks. */
static err_t mine_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct asking x = { 0 };
	TRY(who_asks(s, q, &who));
	if (!id_parse(params_get(&q->route, "id"), &x.followed))
		return err_new(ERR_MISSING, "there is no such reader");
	x.reader = who.reader.id;
	if (x.reader)
		TRY(store_read(s->store, q->a, read_follows, &x));
	response_header(q, r, "Content-Type", S("application/json; charset=utf-8"));
	response_header(q, r, "Cache-Control", S("no-store"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	r->status = 200;
	r->body = str_format(q->a, "{\"self\":%s,\"following\":%s}",
			     x.reader && x.reader == x.followed ? "true" : "false", x.on ? "true" : "false");
	return OK;
}

const struct route reader_routes[] = {
	{ GET, "/reader/:id", reader_page },
	{ GET, "/reader/:id.json", reader_page },
	{ GET, "/reader/:id/mine.json", mine_page },
	{ POST, "/reader/:id/follow", follow_post },
	{ POST, "/reader/:id/unfollow", unfollow_post },
	{ 0 },
};
