/* json_parts.c: see json_parts.h. */
#include "exchange/json_parts.h"

#include <stdlib.h>

json_t *json_new_text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

void json_set_text(json_t *j, const char *key, str_t s)
{
	if (s.n)
		json_object_set_new(j, key, json_new_text(s));
}

void json_set_moment(json_t *j, arena_t *a, const char *key, usec_t t)
{
	if (t)
		json_object_set_new(j, key, json_new_text(time_iso_utc(a, t)));
}

str_t json_get_text(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

err_t json_get_moment(const json_t *j, const char *key, bool needed, usec_t *out)
{
	str_t said = json_get_text(j, key);
	*out = 0;
	if (!said.n && !needed)
		return OK;
	return err_wrap(time_parse(said, out), "%s", key);
}

err_t json_id(const json_t *v, const char *what, id64 *out)
{
	str_t text = json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
	if (text.n == ID_TEXT && id_parse(text, out) && *out)
		return OK;
	return err_new(ERR_INPUT, "%s: \"%.*s\" is no id", what, STR(str_clip(text, 60)));
}

err_t json_get_id(const json_t *j, const char *key, id64 *out)
{
	const json_t *v = json_object_get(j, key);
	*out = 0;
	return v ? json_id(v, key, out) : OK;
}

static err_t dump(arena_t *a, const json_t *j, size_t flags, const char *end, str_t *out)
{
	char *text = json_dumps(j, flags | JSON_ENCODE_ANY);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while writing JSON");
	*out = str_format(a, "%s%s", text, end);
	free(text);
	return OK;
}

err_t json_file(arena_t *a, json_t *j, str_t *out)
{
	err_t e = dump(a, j, JSON_INDENT(1), "\n", out);
	json_decref(j);
	return e;
}

err_t json_line(arena_t *a, const json_t *j, str_t *out)
{
	return dump(a, j, JSON_COMPACT, "", out);
}

static void drop_json(void *json)
{
	json_decref(json);
}

err_t json_read(arena_t *a, const char *name, str_t text, json_t **out)
{
	json_error_t why;
	*out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &why);
	if (!*out)
		return err_new(ERR_INPUT, "%s:%d: %s", name, why.line, why.text);
	arena_defer(a, drop_json, *out);
	return OK;
}
