/* manifest.c: see manifest.h. */
#include "page/manifest.h"

#include <stddef.h>

enum { MOST_MANIFEST = 64 * 1024 }; /* bytes */

/* What is no token. */
static const struct {
	const char *name;
	size_t      at;
} fields[] = {
	{ "name", offsetof(struct manifest, name) },
	{ "version", offsetof(struct manifest, version) },
	{ "author", offsetof(struct manifest, author) },
	{ "description", offsetof(struct manifest, description) },
	{ "based_on", offsetof(struct manifest, based_on) },
	{ "logo", offsetof(struct manifest, logo) },
};

static str_t *field(struct manifest *m, size_t i)
{
	return (str_t *)(void *)((char *)m + fields[i].at);
}

static size_t find_field(str_t key)
{
	size_t i = 0;
	while (i < COUNT(fields) && !str_eq(str_of(fields[i].name), key))
		i++;
	return i;
}

static const char *nearest(str_t key)
{
	const char *name = token_nearest(key)->name;
	for (size_t i = 0; i < COUNT(fields); i++)
		if (str_distance(key, str_of(fields[i].name)) < str_distance(key, str_of(name)))
			name = fields[i].name;
	return name;
}

/* A theme's file, below its folder. */
static bool is_path(str_t v)
{
	return str_starts(v, S("icons/")) && str_find(v, S(".."), 0) == STR_NONE;
}

static err_t assign(arena_t *a, struct manifest *m, str_t key, str_t value)
{
	size_t f = find_field(key), token = token_find(key);
	str_t *at = f < COUNT(fields) ? field(m, f) : token < TOKENS ? &m->tokens.v[token] : NULL;
	if (!at)
		return err_user(ERR_INPUT, nearest(key), "unknown key \"%.*s\"; did you mean \"%s\"?",
				STR(str_clip(key, 64)), nearest(key));
	if (at->n)
		return err_new(ERR_INPUT, "\"%.*s\" stands here a second time", STR(key));
	if (!value.n)
		return err_new(ERR_INPUT, "\"%.*s\" has no value", STR(key));
	if (token < TOKENS)
		TRY(err_wrap(token_check(&theme_tokens[token], value), "%.*s", STR(key)));
	if (at == &m->logo && !is_path(value))
		return err_new(ERR_INPUT, "logo: \"%.*s\" must be a file of the theme as "
			       "\"icons/logo.svg\"", STR(str_clip(value, 64)));
	*at = str_copy(a, value);
	return OK;
}

static err_t parse_line(arena_t *a, struct manifest *m, str_t line)
{
	str_t value = line;
	str_t key = str_trim(str_cut(&value, '='));
	if (!value.p)
		return err_new(ERR_INPUT, "write \"key = value\"");
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
			return err_new(ERR_INPUT, "holds a control character");
	return assign(a, m, key, value);
}

err_t manifest_parse(arena_t *a, str_t file, str_t text, struct manifest *out)
{
	size_t bad;
	int number = 0;
	*out = (struct manifest){ 0 };
	if (text.n > MOST_MANIFEST)
		return err_new(ERR_TOO_LARGE, "%.*s may have %d KB", STR(file), MOST_MANIFEST >> 10);
	if (!str_is_utf8(text, &bad))
		return err_new(ERR_INPUT, "%.*s: is not UTF-8 at byte %zu", STR(file), bad + 1);
	for (str_t rest = text; rest.p;) {
		str_t line = str_trim(str_cut(&rest, '\n'));
		number++;
		if (!line.n || line.p[0] == '#')
			continue;
		TRY(err_wrap(parse_line(a, out, line), "%.*s:%d", STR(file), number));
	}
	return OK;
}

void manifest_lay(struct manifest *under, const struct manifest *above)
{
	struct manifest m = *above;
	if (!m.logo.n)
		m.logo = under->logo;
	for (size_t i = 0; i < TOKENS; i++)
		if (!m.tokens.v[i].n)
			m.tokens.v[i] = under->tokens.v[i];
	*under = m;
}

str_t manifest_write(arena_t *a, const struct manifest *m)
{
	struct buf b = buf_new(a, 1024);
	struct manifest copy = *m;
	for (size_t i = 0; i < COUNT(fields); i++)
		if (field(&copy, i)->n)
			buf_add_format(&b, "%s = %.*s\n", fields[i].name, STR(*field(&copy, i)));
	for (size_t i = 0; i < TOKENS; i++)
		if (m->tokens.v[i].n)
			buf_add_format(&b, "%s = %.*s\n", theme_tokens[i].name, STR(m->tokens.v[i]));
	return buf_str(&b);
}
