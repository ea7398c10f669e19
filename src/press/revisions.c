/* revisions.c: see revisions.h. */
#include "press/revisions.h"

#include "press/media.h"
#include "page/clean.h"
#include "store/store.h"

#include <jansson.h>

static const struct sql select_versions = {
	"SELECT number, saved, state FROM revision WHERE story = $1 AND state <> 'draft' "
	"ORDER BY number"
};

/* --- the list --- */

static void add_version(arena_t *a, struct versions *all, struct version v)
{
	all->v = arena_room(a, all->v, all->n, sizeof *all->v);
	all->v[all->n++] = v;
}

/* Until when each stood, and which are closed. */
static void finish_versions(const struct story *st, struct versions *all)
{
	bool closed = false;
	for (size_t i = all->n; i-- > 0;) {
		struct version *v = &all->v[i];
		if (i + 1 < all->n)
			v->until = all->v[i + 1].from;
		v->closed = closed;
		closed |= v->withdrawn;
		all->changes += !v->withdrawn && i > 0;
	}
	/* What was brought in from elsewhere stood before it was saved here. */
	if (all->n && st->published && st->published < all->v[0].from)
		all->v[0].from = st->published;
}

err_t versions_list(struct conn *c, arena_t *a, const struct story *st, struct versions *out)
{
	err_t e = OK;
	AUTO_ROWS r = { 0 };
	*out = (struct versions){ 0 };
	TRY(db_query(c, &select_versions, ARGS(v_int(st->id)), &r));
	while (rows_next(&r, &e)) {
		struct version v = { .number = row_int(&r, 0), .from = row_int(&r, 1) };
		v.withdrawn = str_eq(row_str(&r, a, 2), story_state_name(WITHDRAWN));
		/* Saved again while withdrawn: nothing that readers could see. */
		if (v.withdrawn && (!out->n || out->v[out->n - 1].withdrawn))
			continue;
		add_version(a, out, v);
	}
	if (!e)
		finish_versions(st, out);
	return e;
}

err_t version_find(const struct versions *all, int64_t number, size_t *index)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].number == number) {
			*index = i;
			return OK;
		}
	return err_new(ERR_MISSING, "readers never saw a version %lld of this story",
		       (long long)number);
}

/* --- a story out of its JSON --- */

static str_t text(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	return v && json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

static usec_t moment(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static void read_people(arena_t *a, const json_t *j, struct story *st)
{
	size_t i;
	json_t *one, *authors = json_object_get(j, "authors"), *tags = json_object_get(j, "tags");
	st->authors = arena_array(a, json_array_size(authors) + 1, sizeof *st->authors);
	json_array_foreach(authors, i, one)
		st->authors[st->nauthors++] = (struct author){ .slug = text(one, "slug"),
							       .name = text(one, "name") };
	st->tags = arena_array(a, json_array_size(tags) + 1, sizeof *st->tags);
	json_array_foreach(tags, i, one)
		st->tags[st->ntags++] = (struct tag){ .slug = text(one, "slug"),
						      .name = text(one, "name") };
}

static void read_corrections(arena_t *a, const json_t *j, struct story *st)
{
	size_t i;
	json_t *one, *list = json_object_get(j, "corrections");
	st->corrections = arena_array(a, json_array_size(list) + 1, sizeof *st->corrections);
	json_array_foreach(list, i, one) {
		struct correction *k = &st->corrections[st->ncorrections++];
		*k = (struct correction){
			.made = moment(one, "made"), .text = text(one, "text"),
			.serious = json_is_true(json_object_get(one, "serious")),
			.wrong = text(one, "wrong"), .right = text(one, "right") };
		correction_kind_parse(text(one, "kind"), &k->kind);
	}
}

/* A picture that is no longer kept leaves its words. */
static err_t read_picture(struct conn *c, arena_t *a, const json_t *j, struct lead_picture *out)
{
	const json_t *p = json_object_get(j, "picture");
	str_t hash = text(p, "media");
	if (!hash.n)
		return OK;
	err_t e = media_by_hash(c, a, hash, &out->media);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		e = OK;
		out->media = (struct media){ .hash = hash };
	}
	out->alt = text(p, "alt");
	out->caption = text(p, "caption");
	out->credit = text(p, "credit");
	return e;
}

static err_t read_section(struct conn *c, arena_t *a, const json_t *j, struct section *out)
{
	str_t slug = text(j, "section");
	if (!slug.n)
		return OK;
	err_t e = section_by_slug(c, a, slug, out);
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	*out = (struct section){ .slug = slug, .name = slug };
	return OK;
}

static err_t read_story(struct conn *c, arena_t *a, const json_t *j, const struct story *now,
			struct story *out)
{
	*out = (struct story){
		.id = now->id, .kind = now->kind, .slug = now->slug, .kicker = text(j, "kicker"),
		.headline = text(j, "headline"), .standfirst = text(j, "standfirst"),
		.dateline = text(j, "dateline"), .body = text(j, "body"),
		.long_read = json_is_true(json_object_get(j, "long_read")),
		.language = text(j, "language"), .withdrawn_why = text(j, "withdrawn_why"),
		.sensitive = json_is_true(json_object_get(j, "sensitive")),
		.published = moment(j, "published"), .updated = moment(j, "updated"),
		.words = clean_words(text(j, "body")),
	};
	story_genre_parse(text(j, "genre"), &out->genre);
	story_state_parse(text(j, "state"), &out->state);
	read_people(a, j, out);
	read_corrections(a, j, out);
	TRY(read_picture(c, a, j, &out->picture));
	return read_section(c, a, j, &out->section);
}

static void drop_json(void *json)
{
	json_decref(json);
}

err_t revision_read(struct conn *c, arena_t *a, const struct story *st, int64_t number,
		    struct story *out)
{
	struct revision rev;
	json_error_t why;
	TRY(revision_load(c, a, st->id, number, &rev));
	json_t *j = json_loadb(rev.content.p, rev.content.n, 0, &why);
	if (!j)
		return err_new(ERR_CORRUPT, "revision %lld of \"%.*s\" cannot be read: %s",
			       (long long)number, STR(st->slug), why.text);
	arena_defer(a, drop_json, j); /* the story's strings are in it */
	TRY(read_story(c, a, j, st, out));
	out->revision = rev.number;
	out->saved = rev.saved;
	return OK;
}

err_t version_read(struct conn *c, arena_t *a, const struct story *st, const struct version *v,
		   struct story *out)
{
	if (v->withdrawn || v->closed)
		return err_new(ERR_GONE, "this version was withdrawn");
	return revision_read(c, a, st, v->number, out);
}
