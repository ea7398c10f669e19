/* live.c: reading live blogs: one range of an index a page. */
#include "press/live.h"

#include "press/press.sql.h"
#include "press/rows.h"
#include "record/act.h"

#define LIVE_COLUMNS                                                                               \
	"id, story, time, headline, source, body, key, key_position, withdrawn, why, edited, "     \
	"revision, saved"

static const struct sql select_entries = {
	"SELECT " LIVE_COLUMNS " FROM live_entry WHERE story = $1 AND (time, id) < ($2, $3) "
	"ORDER BY time DESC, id DESC LIMIT $4"
};
static const struct sql select_entry = {
	"SELECT " LIVE_COLUMNS " FROM live_entry WHERE id = $1"
};
static const struct sql select_keys = {
	"SELECT id, story, time, headline, '', '', key, key_position, withdrawn, why, edited, "
	"revision, saved FROM live_entry WHERE story = $1 AND key_position IS NOT NULL "
	"ORDER BY key_position, id"
};
static const struct sql select_line = {
	"SELECT key, headline FROM live_entry WHERE story = $1 AND withdrawn = 0 AND "
	"(headline <> '' OR key <> '') ORDER BY time DESC, id DESC LIMIT 1"
};
static const struct sql select_changed = {
	"SELECT max(saved), (SELECT count(*) FROM live_entry WHERE story = $1) FROM live_entry "
	"WHERE story = $1"
};
static const struct sql select_newer = {
	"SELECT count(*) FROM live_entry WHERE story = $1 AND (time, id) > ($2, $3)"
};
static const struct sql select_authors = {
	"SELECT a.id, a.slug, a.name, '' FROM live_author x JOIN author a ON a.id = x.author "
	"WHERE x.entry = $1 ORDER BY x.position"
};
static const struct sql select_entry_corrections = {
	"SELECT k.id, k.made, k.text, k.kind, k.serious, k.was_wrong, k.is_right "
	"FROM live_correction x JOIN correction k ON k.id = x.correction WHERE x.entry = $1 "
	"ORDER BY k.made, k.id"
};
static const struct sql select_history = {
	"SELECT number, saved, actor, content FROM live_revision WHERE entry = $1 ORDER BY number"
};

str_t topic_live(arena_t *a, id64 story)
{
	return str_format(a, "live:%.*s", STR(id_text(a, story)));
}

static struct live_entry row_entry(const struct rows *r, arena_t *a)
{
	return (struct live_entry){
		.id = row_int(r, 0),
		.story = row_int(r, 1),
		.time = row_int(r, 2),
		.headline = row_str(r, a, 3),
		.source = row_str(r, a, 4),
		.body = row_str(r, a, 5),
		.key = row_str(r, a, 6),
		.position = row_int(r, 7),
		.withdrawn = row_int(r, 8) != 0,
		.why = row_str(r, a, 9),
		.edited = row_int(r, 10),
		.revision = row_int(r, 11),
		.saved = row_int(r, 12),
	};
}

/* All of a query's rows, or `limit` of them, with their authors and corrections. */
static err_t load_list(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		       size_t limit, struct live_entries *out)
{
	*out = (struct live_entries){ 0 };
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, args, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		if (out->n == limit) {
			out->more = true;
			break;
		}
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = row_entry(&r, a);
	}
	rows_end(&r);
	if (e)
		return e;
	for (size_t i = 0; i < out->n; i++) {
		struct live_entry *one = &out->v[i];
		TRY(authors_load(c, a, &select_authors, one->id, &one->authors, &one->nauthors));
		TRY(corrections_load(c, a, &select_entry_corrections, one->id, &one->corrections,
				     &one->ncorrections));
	}
	return OK;
}

err_t live_entries(struct conn *c, arena_t *a, id64 story, struct live_key before, size_t limit,
		   struct live_entries *out)
{
	bool newest = !before.time && !before.id;
	int64_t most = limit < INT64_MAX ? (int64_t)limit + 1 : INT64_MAX;
	return load_list(c, a, &select_entries,
			 ARGS(v_int(story), v_int(newest ? INT64_MAX : before.time),
			      v_int(newest ? INT64_MAX : before.id), v_int(most)), limit, out);
}

err_t live_keys(struct conn *c, arena_t *a, id64 story, struct live_entries *out)
{
	return load_list(c, a, &select_keys, ARGS(v_int(story)), SIZE_MAX, out);
}

err_t live_load(struct conn *c, arena_t *a, id64 id, struct live_entry *out)
{
	struct live_entries list;
	TRY(load_list(c, a, &select_entry, ARGS(v_int(id)), 1, &list));
	if (!list.n)
		return err_new(ERR_MISSING, "there is no such entry");
	*out = list.v[0];
	return OK;
}

err_t live_find(struct conn *c, arena_t *a, str_t name, struct live_entry *out)
{
	id64 id;
	str_t text = name;
	size_t hash = str_find(text, S("#entry-"), 0); /* a whole address, as it was copied */
	if (hash != STR_NONE)
		text = str_slice(text, hash + 7, text.n);
	err_t e = text.n == ID_TEXT && id_parse(text, &id)
			  ? live_load(c, a, id, out)
			  : err_new(ERR_MISSING, "no id");
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	return err_new(ERR_MISSING, "there is no entry \"%.*s\"; `stet live list STORY` shows them "
		       "with their ids", STR(name));
}

err_t live_line(struct conn *c, arena_t *a, id64 story, str_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = S("");
	TRY(db_query(c, &select_line, ARGS(v_int(story)), &r));
	if (rows_next(&r, &e)) {
		str_t key = row_str(&r, a, 0);
		*out = key.n ? key : row_str(&r, a, 1);
	}
	return e;
}

err_t live_state(struct conn *c, id64 story, usec_t *changed, int64_t *count)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*changed = *count = 0;
	TRY(db_query(c, &select_changed, ARGS(v_int(story)), &r));
	if (rows_next(&r, &e)) {
		*changed = row_int(&r, 0);
		*count = row_int(&r, 1);
	}
	return e;
}

err_t live_newer(struct conn *c, id64 story, struct live_key key, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = 0;
	TRY(db_query(c, &select_newer, ARGS(v_int(story), v_int(key.time), v_int(key.id)), &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

err_t live_history(struct conn *c, arena_t *a, id64 entry, struct live_history *out)
{
	AUTO_ROWS r = { 0 };
	*out = (struct live_history){ 0 };
	TRY(db_query(c, &select_history, ARGS(v_int(entry)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = (struct live_revision){ .number = row_int(&r, 0),
							   .saved = row_int(&r, 1),
							   .actor = row_str(&r, a, 2),
							   .content = row_str(&r, a, 3) };
	}
	return e;
}
