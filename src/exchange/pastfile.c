/* pastfile.c: see pastfile.h. */
#include "exchange/pastfile.h"
#include "exchange/json_parts.h"

static const struct sql kept_comments = {
	"SELECT foreign_id, parent, state, type, author_name, author_email, author_url, author_ip, "
	"author_id, content, meta, source, written FROM imported_comment WHERE story = $1 "
	"ORDER BY foreign_id, source"
};

/* The texts of a comment, in the order of the query. */
struct word {
	const char *key;
	str_t      *at;
};
enum { WORDS = 12 };

static void words_of(struct import_comment *k, struct word out[WORDS])
{
	const struct word all[WORDS] = {
		{ "id", &k->foreign },	    { "parent", &k->parent }, { "state", &k->state },
		{ "type", &k->type },	    { "name", &k->name },     { "email", &k->email },
		{ "url", &k->url },	    { "ip", &k->ip },	      { "reader", &k->reader },
		{ "content", &k->content }, { "meta", &k->meta },	      { "source", &k->source },
	};
	memcpy(out, all, sizeof all);
}

/* --- writing --- */

static err_t add_revisions(arena_t *a, const struct story_past *p, json_t *j)
{
	json_t *list = json_array();
	json_object_set_new(j, "revisions", list);
	for (size_t i = 0; i < p->nrevisions; i++) {
		const struct revision *r = &p->revisions[i];
		json_t *one = json_object(), *content;
		json_array_append_new(list, one);
		json_object_set_new(one, "number", json_integer(r->number));
		json_set_moment(one, a, "saved", r->saved);
		json_set_text(one, "actor", r->actor);
		json_set_text(one, "state", r->state);
		TRY(json_read(a, "revision", r->content, &content));
		json_object_set(one, "content", content);
	}
	return OK;
}

static void add_withdrawals(arena_t *a, const struct story_past *p, json_t *j)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->nwithdrawals; i++) {
		const struct withdrawal *w = &p->withdrawals[i];
		json_t *one = json_object();
		json_array_append_new(list, one);
		json_set_text(one, "id", id_text(a, w->id));
		json_set_moment(one, a, "made", w->made);
		json_set_moment(one, a, "restored", w->restored);
		json_set_text(one, "reason", w->why);
	}
	json_object_set_new(j, "withdrawals", list);
}

static err_t add_comments(struct conn *c, arena_t *a, id64 story, json_t *j)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *list = json_array();
	json_object_set_new(j, "comments", list);
	TRY(db_query(c, &kept_comments, ARGS(v_int(story)), &r));
	while (rows_next(&r, &e)) {
		struct import_comment k = { 0 };
		struct word words[WORDS];
		json_t *one = json_object();
		words_of(&k, words);
		for (int i = 0; i < WORDS; i++)
			json_set_text(one, words[i].key, row_str(&r, a, i));
		json_set_moment(one, a, "written", row_int(&r, WORDS));
		json_array_append_new(list, one);
	}
	return e;
}

static err_t fill(struct conn *c, arena_t *a, const struct story *st, str_t file, json_t *j)
{
	struct story_past past;
	TRY(past_load(c, a, st, &past));
	json_t *addresses = json_array(), *corrections = json_array();
	json_set_text(j, "id", id_text(a, past.id));
	json_set_text(j, "file", import_digest(a, &file, 1));
	json_object_set_new(j, "addresses", addresses);
	for (size_t i = 0; i < past.addresses.n; i++)
		json_array_append_new(addresses, json_new_text(past.addresses.v[i]));
	json_object_set_new(j, "corrections", corrections);
	for (size_t i = 0; i < past.ncorrections; i++)
		json_array_append_new(corrections, json_new_text(id_text(a, past.corrections[i])));
	add_withdrawals(a, &past, j);
	TRY(add_comments(c, a, st->id, j));
	return add_revisions(a, &past, j);
}

err_t pastfile_write(struct conn *c, arena_t *a, const struct story *st, str_t file, str_t *out)
{
	json_t *j = json_object();
	err_t e = fill(c, a, st, file, j);
	if (e) {
		json_decref(j);
		return e;
	}
	return json_file(a, j, out);
}

/* --- reading --- */

static err_t read_revisions(arena_t *a, const json_t *list, struct story_past *p)
{
	size_t i;
	json_t *one;
	p->revisions = arena_array(a, json_array_size(list), sizeof *p->revisions);
	json_array_foreach(list, i, one) {
		enum story_state state;
		struct revision *r = &p->revisions[p->nrevisions++];
		int64_t before = i ? r[-1].number : 0;
		*r = (struct revision){ .number = json_integer_value(json_object_get(one, "number")),
					.actor = json_get_text(one, "actor"),
					.state = json_get_text(one, "state") };
		TRY(json_get_moment(one, "saved", true, &r->saved));
		if (r->number <= before || !r->actor.n || !story_state_parse(r->state, &state) ||
		    !json_is_object(json_object_get(one, "content")))
			return err_new(ERR_INPUT, "revision %zu: has number, saved, actor, state and "
				       "content; numbers ascend", i + 1);
		TRY(json_line(a, json_object_get(one, "content"), &r->content));
	}
	if (!p->nrevisions)
		return err_new(ERR_INPUT, "revisions: there is none");
	return OK;
}

static err_t read_withdrawals(arena_t *a, const json_t *list, struct story_past *p)
{
	size_t i;
	json_t *one;
	p->withdrawals = arena_array(a, json_array_size(list), sizeof *p->withdrawals);
	json_array_foreach(list, i, one) {
		struct withdrawal *w = &p->withdrawals[p->nwithdrawals++];
		*w = (struct withdrawal){ .why = json_get_text(one, "reason") };
		TRY(json_id(json_object_get(one, "id"), "withdrawals", &w->id));
		TRY(json_get_moment(one, "made", true, &w->made));
		TRY(json_get_moment(one, "restored", false, &w->restored));
	}
	return OK;
}

static err_t read_corrections(arena_t *a, const json_t *list, struct story_past *p)
{
	size_t i;
	json_t *one;
	p->corrections = arena_array(a, json_array_size(list), sizeof *p->corrections);
	json_array_foreach(list, i, one)
		TRY(json_id(one, "corrections", &p->corrections[p->ncorrections++]));
	return OK;
}

static err_t read_comments(arena_t *a, const json_t *list, struct import_story *in)
{
	size_t i;
	json_t *one;
	in->comments = arena_array(a, json_array_size(list), sizeof *in->comments);
	json_array_foreach(list, i, one) {
		struct import_comment *k = &in->comments[in->ncomments++];
		struct word words[WORDS];
		*k = (struct import_comment){ 0 };
		words_of(k, words);
		for (int w = 0; w < WORDS; w++)
			*words[w].at = json_get_text(one, words[w].key);
		TRY(json_get_moment(one, "written", false, &k->written));
	}
	return OK;
}

static err_t read_all(arena_t *a, const json_t *j, struct story_past *p, struct import_story *in)
{
	size_t i;
	json_t *one;
	TRY(json_id(json_object_get(j, "id"), "id", &p->id));
	json_array_foreach(json_object_get(j, "addresses"), i, one)
		if (json_is_string(one) && json_string_value(one)[0] == '/')
			strs_add(a, &p->addresses, str_of(json_string_value(one)));
	TRY(read_corrections(a, json_object_get(j, "corrections"), p));
	TRY(read_withdrawals(a, json_object_get(j, "withdrawals"), p));
	TRY(read_comments(a, json_object_get(j, "comments"), in));
	return read_revisions(a, json_object_get(j, "revisions"), p);
}

err_t pastfile_read(arena_t *a, const char *name, str_t text, str_t file, struct import_story *in)
{
	json_t *j;
	struct story_past *p = arena_new(a, struct story_past);
	*p = (struct story_past){ 0 };
	TRY(json_read(a, name, text, &j));
	TRY(err_wrap(read_all(a, j, p, in), "%s", name));
	p->exact = str_eq(json_get_text(j, "file"), import_digest(a, &file, 1));
	in->past = p;
	return OK;
}
