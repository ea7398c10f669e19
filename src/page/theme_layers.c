/* theme_layers.c: see theme_layers.h. */
#include "page/theme_layers.h"

#include "page/style_order.h"

static const str_t conf = S("theme.conf");

str_t theme_file(const struct theme_files *f, str_t path)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->v[i].path, path))
			return f->v[i].bytes;
	return (str_t){ NULL, 0 };
}

void theme_names(arena_t *a, struct strs *out)
{
	strs_add(a, out, S(THEME_BASE));
	for (const struct embedded *e = theme_layers; e->name; e++) {
		str_t name = str_slice(str_of(e->name), 0, str_find_char(str_of(e->name), '/', 0));
		if (!str_eq(name, out->v[out->n - 1]))
			strs_add(a, out, name);
	}
}

/* --- laying --- */

static str_t key_of(str_t line)
{
	str_t rest = line, key = str_trim(str_cut(&rest, '='));
	return rest.p && key.n && key.p[0] != '#' ? key : S("");
}

static bool has_key(str_t text, str_t key)
{
	for (str_t rest = text; rest.p;)
		if (str_eq(key_of(str_cut(&rest, '\n')), key))
			return true;
	return false;
}

/* The upper file, so that its lines keep their numbers, then what only the lower one says. */
static str_t lay_messages(arena_t *a, str_t under, str_t above)
{
	struct buf b = buf_new(a, under.n + above.n + 2);
	buf_add(&b, above);
	for (str_t rest = under; rest.p;) {
		str_t line = str_cut(&rest, '\n'), key = key_of(line);
		if (!key.n || has_key(above, key))
			continue;
		buf_add_char(&b, '\n');
		buf_add(&b, line);
	}
	return buf_str(&b);
}

static err_t lay_manifest(struct theme_stack *s, str_t text)
{
	struct manifest above;
	TRY(manifest_parse(s->a, conf, text, &above));
	manifest_lay(&s->manifest, &above);
	return OK;
}

static err_t lay_file(struct theme_stack *s, str_t path, str_t bytes)
{
	if (str_eq(path, conf))
		return lay_manifest(s, bytes);
	str_t under = theme_file(&s->files, path);
	if (under.p && str_eq(path, S("style/ORDER")))
		bytes = style_order_lay(s->a, under, bytes);
	else if (under.p && str_starts(path, S("messages/")))
		bytes = lay_messages(s->a, under, bytes);
	theme_put(&s->files, path, bytes);
	return OK;
}

err_t theme_stack_lay(struct theme_stack *s, const struct theme_files *above)
{
	for (size_t i = 0; i < above->n; i++)
		TRY(lay_file(s, above->v[i].path, above->v[i].bytes));
	for (size_t i = 0; i < above->notes.n; i++)
		strs_add(s->a, &s->files.notes, above->notes.v[i]);
	return OK;
}

/* --- themes that come along --- */

/* A file of ours; a template under the theme's name, too. */
static err_t lay_ours(struct theme_stack *s, str_t theme, str_t path, str_t bytes)
{
	str_t under = S("templates/");
	if (!theme_knows(path))
		return OK;
	if (str_starts(path, under))
		theme_put(&s->files, str_format(s->a, "templates/%.*s/%.*s", STR(theme),
						STR(str_slice(path, under.n, path.n))), bytes);
	return lay_file(s, path, bytes);
}

static err_t lay_base(struct theme_stack *s)
{
	s->name = S(THEME_BASE);
	for (const struct embedded *e = theme_files; e->name; e++)
		TRY(lay_ours(s, s->name, str_of(e->name), e->content));
	return OK;
}

static err_t no_theme(arena_t *a, str_t name)
{
	struct strs names = { 0 };
	str_t nearest = S(THEME_BASE);
	theme_names(a, &names);
	for (size_t i = 0; i < names.n; i++)
		if (str_distance(name, names.v[i]) < str_distance(name, nearest))
			nearest = names.v[i];
	return err_user(ERR_MISSING, "theme", "there is no theme \"%.*s\"; did you mean \"%.*s\"? "
			"(The path of a folder holds a slash: \"./%.*s\".)",
			STR(str_clip(name, 64)), STR(nearest), STR(str_clip(name, 64)));
}

static err_t lay_named(struct theme_stack *s, str_t name)
{
	bool found = false;
	TRY(lay_base(s));
	if (!name.n || str_eq(name, S(THEME_BASE)))
		return OK;
	str_t under = str_format(s->a, "%.*s/", STR(name));
	for (const struct embedded *e = theme_layers; e->name; e++) {
		str_t path = str_of(e->name);
		if (!str_starts(path, under))
			continue;
		found = true;
		TRY(lay_ours(s, name, str_slice(path, under.n, path.n), e->content));
	}
	s->name = str_copy(s->a, name);
	return found ? OK : no_theme(s->a, name);
}

err_t theme_folder_base(const struct theme_files *folder, str_t *out)
{
	struct manifest m;
	str_t text = theme_file(folder, conf);
	*out = S("");
	if (!text.p)
		return OK;
	TRY(manifest_parse(folder->a, conf, text, &m));
	*out = m.based_on;
	return OK;
}

static err_t lay_chosen_folder(struct theme_stack *s, str_t path)
{
	struct theme_files f = { .a = s->a };
	str_t base;
	char *folder = str_z(s->a, path);
	if (!theme_folder_there(folder))
		return err_user(ERR_MISSING, "theme", "theme: there is no folder %s", folder);
	TRY(theme_read_folder(&f, folder));
	TRY(err_wrap(theme_folder_base(&f, &base), "%s", folder));
	TRY(err_wrap(lay_named(s, base), "%s/theme.conf: based_on", folder));
	return err_wrap(theme_stack_lay(s, &f), "%s", folder);
}

err_t theme_stack_begin(arena_t *a, str_t chosen, struct theme_stack *out)
{
	*out = (struct theme_stack){ .a = a, .files = { .a = a } };
	if (str_find_char(chosen, '/', 0) != STR_NONE)
		return lay_chosen_folder(out, chosen);
	return lay_named(out, chosen);
}

void theme_stack_end(struct theme_stack *s)
{
	theme_put(&s->files, S("style/tokens.css"), tokens_css(s->a, &s->manifest.tokens));
}
