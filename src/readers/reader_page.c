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
	json_t *summary = json_pack("{s:I, s:b, s:o}", "count", (json_int_t)n, "some", n > 0, "text",
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

/* What whoever looks has to do with them. */
struct tie {
	bool      self, on;
	enum mute mute;
};

static err_t read_tie(struct conn *c, id64 reader, id64 other, struct tie *out)
{
	*out = (struct tie){ .self = reader == other };
	TRY(reader_follows(c, reader, other, &out->on));
	return reader_mutes(c, reader, other, &out->mute);
}

static json_t *tie_json(const struct tie *t)
{
	return json_pack("{s:b, s:b, s:b, s:b}", "self", t->self, "following", t->on, "muted",
			 t->mute != MUTE_NOT, "blocked", t->mute == MUTE_BLOCKS);
}

/* Whoever looks, if the page is theirs alone. */
static err_t add_mine(struct stet *s, struct view *v, const struct reader *r)
{
	struct who who;
	struct tie tie = { 0 };
	TRY(who_asks_in(s, v->c, v->q, &who));
	if (who.reader.id)
		TRY(read_tie(v->c, who.reader.id, r->id, &tie));
	json_object_set_new(v->json, "mine", tie_json(&tie));
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
	json_object_set_new(v->json, "no_followers", json_boolean(r.no_followers));
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

struct asking {
	id64       reader, other;
	struct tie tie;
};

static err_t read_mine(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	(void)a;
	return read_tie(c, x->reader, x->other, &x->tie);
}

/* For script: {"self": …, "following": …, "muted": …, "blocked": …} of whoever looks. */
static err_t mine_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct asking x = { 0 };
	TRY(who_asks(s, q, &who));
	if (!id_parse(params_get(&q->route, "id"), &x.other))
		return err_new(ERR_MISSING, "there is no such reader");
	x.reader = who.reader.id;
	if (x.reader)
		TRY(store_read(s->store, q->a, read_mine, &x));
	return answer_json(q, r, 200, tie_json(&x.tie));
}

const struct route reader_routes[] = {
	{ GET, "/reader/:id", reader_page },
	{ GET, "/reader/:id.json", reader_page },
	{ GET, "/reader/:id/mine.json", mine_page },
	{ 0 },
};
