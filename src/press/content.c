/* content.c: a story as JSON, the form in which a revision keeps it for ever. Keys are added, never
 * renamed, so that every old revision can be read. */
#include "press/press.h"
#include "press/rows.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *moment(usec_t t)
{
	return t ? json_integer(t) : json_null();
}

static json_t *picture(const struct lead_picture *p)
{
	if (!p->media.id)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "media", text(p->media.hash), "alt", text(p->alt),
			 "caption", text(p->caption), "credit", text(p->credit));
}

static json_t *people(const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->nauthors; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}", "slug", text(st->authors[i].slug),
						      "name", text(st->authors[i].name)));
	return list;
}

static json_t *tags(const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->ntags; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}", "slug", text(st->tags[i].slug),
						      "name", text(st->tags[i].name)));
	return list;
}

static json_t *corrections(const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->ncorrections; i++)
		json_array_append_new(
			list, json_pack("{s:o, s:o, s:o, s:b, s:o, s:o}", "made",
					moment(st->corrections[i].made), "kind",
					text(correction_kind_name(st->corrections[i].kind)), "text",
					text(st->corrections[i].text), "serious",
					st->corrections[i].serious, "wrong",
					text(st->corrections[i].wrong), "right",
					text(st->corrections[i].right)));
	return list;
}

static json_t *related(const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->nrelated; i++)
		json_array_append_new(list, text(st->related[i].slug));
	return list;
}

err_t story_content(arena_t *a, const struct story *st, str_t *out)
{
	json_t *j = json_object();
	json_object_set_new(j, "kind", text(story_kind_name(st->kind)));
	json_object_set_new(j, "slug", text(st->slug));
	json_object_set_new(j, "state", text(story_state_name(st->state)));
	json_object_set_new(j, "section", text(st->section.slug));
	json_object_set_new(j, "kicker", text(st->kicker));
	json_object_set_new(j, "genre", text(story_genre_name(st->genre)));
	json_object_set_new(j, "headline", text(st->headline));
	json_object_set_new(j, "standfirst", text(st->standfirst));
	json_object_set_new(j, "dateline", text(st->dateline));
	json_object_set_new(j, "format", text(story_format_name(st->format)));
	json_object_set_new(j, "source", text(st->source));
	json_object_set_new(j, "body", text(st->body));
	json_object_set_new(j, "long_read", json_boolean(st->long_read));
	json_object_set_new(j, "picture", picture(&st->picture));
	json_object_set_new(j, "authors", people(st));
	json_object_set_new(j, "tags", tags(st));
	json_object_set_new(j, "corrections", corrections(st));
	json_object_set_new(j, "series", text(st->series.slug));
	json_object_set_new(j, "related", related(st));
	json_object_set_new(j, "language", text(st->language));
	json_object_set_new(j, "translates", text(st->translates.slug));
	json_object_set_new(j, "no_ask", json_boolean(st->no_ask));
	json_object_set_new(j, "sensitive", json_boolean(st->sensitive));
	json_object_set_new(j, "scheduled", moment(st->scheduled));
	json_object_set_new(j, "embargo", moment(st->embargo));
	json_object_set_new(j, "live", text(story_live_name(st->live)));
	json_object_set_new(j, "live_from", moment(st->live_from));
	json_object_set_new(j, "live_until", moment(st->live_until));
	json_object_set_new(j, "published", moment(st->published));
	json_object_set_new(j, "updated", moment(st->updated));
	json_object_set_new(j, "withdrawn_why", text(st->withdrawn_why));
	json_object_set_new(j, "withdrawn", moment(st->withdrawn));
	char *dump = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!dump)
		return err_new(ERR_MEMORY, "out of memory while keeping a revision");
	*out = str_copy(a, str_of(dump));
	free(dump);
	return OK;
}
