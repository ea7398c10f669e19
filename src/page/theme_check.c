/* theme_check.c: see theme_check.h. Each mistake is told once, and after one the next is looked for. */
#include "page/theme_check.h"

#include "page/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FONT_LARGE = 100 << 10,   /* bytes: a second on a slow line */
	STYLE_LARGE = 128 << 10,  /* before compression, all sheets together */
	PICTURE_LARGE = 200 << 10,
};

/* --- telling --- */

static void add_finding(struct checking *c, bool error, str_t file, int line, int column, str_t text)
{
	struct findings *f = c->out;
	f->v = arena_room(c->a, f->v, f->n, sizeof *f->v);
	f->v[f->n++] = (struct finding){ error, file, line, column, text };
}

void finding_of(struct checking *c, bool error, str_t file, int line, int column, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	add_finding(c, error, file, line, column, str_vformat(c->a, format, ap));
	va_end(ap);
}

void finding_at(struct checking *c, bool error, str_t file, str_t bytes, size_t at, const char *format, ...)
{
	int line = 1, column = 1;
	va_list ap;
	for (size_t i = 0; i < at && i < bytes.n; i++) {
		column = bytes.p[i] == '\n' ? 1 : column + 1;
		line += bytes.p[i] == '\n';
	}
	va_start(ap, format);
	add_finding(c, error, file, line, column, str_vformat(c->a, format, ap));
	va_end(ap);
}

/* An error of a part that names its place itself: "template front:2:1: ...", "theme.conf:3: ...". */
static void take_error(struct checking *c, str_t file, err_t e)
{
	str_t text = str_of(err_text(e)), rest = text;
	int64_t line = 0, column = 0;
	size_t colon = str_find_char(text, ':', 0);
	if (colon != STR_NONE && colon + 1 < text.n && text.p[colon + 1] >= '0' && text.p[colon + 1] <= '9') {
		rest = str_slice(text, colon + 1, text.n);
		str_int(str_cut(&rest, ':'), &line);
		if (rest.n && rest.p[0] >= '0' && rest.p[0] <= '9')
			str_int(str_cut(&rest, ':'), &column);
		text = str_trim(rest);
	}
	add_finding(c, true, file, (int)line, (int)column, str_copy(c->a, text));
	err_free(e);
}

/* --- parts --- */

/* A file that cannot be read or laid takes the others with it; so each is laid by itself. */
static void lay_own(struct checking *c)
{
	for (size_t i = 0; i < c->own.n; i++) {
		struct theme_files one = { .a = c->a };
		theme_put(&one, c->own.v[i].path, c->own.v[i].bytes);
		err_t e = theme_stack_lay(&c->all, &one);
		if (e)
			take_error(c, c->own.v[i].path, e);
	}
	theme_stack_end(&c->all);
}

static void check_left_out(struct checking *c)
{
	for (size_t i = 0; i < c->own.notes.n; i++)
		finding_of(c, false, S(""), 0, 0, "%.*s", STR(c->own.notes.v[i]));
}

static void compile(struct checking *c)
{
	str_t under = S("templates/"), ext = S(".html");
	c->templates = arena_array(c->a, c->all.files.n + 1, sizeof *c->templates);
	for (size_t i = 0; i < c->all.files.n; i++) {
		str_t path = c->all.files.v[i].path;
		if (!str_starts(path, under))
			continue;
		err_t e = template_parse(c->a, str_slice(path, under.n, path.n - ext.n),
					 c->all.files.v[i].bytes, &c->templates[c->ntemplates]);
		if (e)
			take_error(c, path, e);
		else
			c->ntemplates++;
	}
}

static void drop_messages(void *m)
{
	messages_free(m);
}

/* Languages of the folder: what they lack (of a language that comes along: what it has too much). */
static void check_messages(struct checking *c)
{
	struct strs lines = { 0 };
	err_t e = messages_new(c->all.files.v, c->all.files.n, &c->messages);
	if (e) {
		c->messages = NULL;
		take_error(c, S("messages"), e);
		return;
	}
	arena_defer(c->a, drop_messages, c->messages);
	messages_check(c->messages, c->a, &lines);
	for (size_t i = 0; i < lines.n; i++) {
		str_t rest = lines.v[i], file = str_cut(&rest, ':');
		if (theme_file(&c->own, file).p)
			finding_of(c, false, file, 0, 0, "%.*s", STR(str_trim(rest)));
	}
}

static void check_manifest(struct checking *c)
{
	struct strs lines = { 0 };
	str_t file = S("theme.conf"), logo = c->all.manifest.logo;
	if (!theme_file(&c->own, file).p)
		return;
	if (!c->all.manifest.name.n)
		finding_of(c, false, file, 0, 0, "it has no name: write \"name = ...\"");
	tokens_legible(c->a, &c->all.manifest.tokens, &lines);
	for (size_t i = 0; i < lines.n; i++)
		finding_of(c, false, file, 0, 0, "%.*s", STR(lines.v[i]));
	if (logo.n && !theme_file(&c->all.files, logo).p)
		finding_of(c, true, file, 0, 0, "logo: the theme has no \"%.*s\"", STR(logo));
}

static void check_sizes(struct checking *c)
{
	size_t style = 0;
	for (size_t i = 0; i < c->all.files.n; i++)
		if (str_ends(c->all.files.v[i].path, S(".css")))
			style += c->all.files.v[i].bytes.n;
	for (size_t i = 0; i < c->own.n; i++) {
		const struct asset_file *f = &c->own.v[i];
		bool font = str_ends(f->path, S(".woff2"));
		if (font && !str_starts(f->bytes, S("wOF2")))
			finding_of(c, true, f->path, 0, 0, "it is no WOFF2 font");
		if (f->bytes.n > (font ? FONT_LARGE : PICTURE_LARGE))
			finding_of(c, false, f->path, 0, 0, "it has %zu KB: readers on slow lines wait; "
				   "cut it to the letters that are wanted", f->bytes.n >> 10);
	}
	if (style > STYLE_LARGE)
		finding_of(c, false, S("style"), 0, 0, "all sheets together have %zu KB; every page waits "
			   "for them", style >> 10);
}

/* What is left when every part is well by itself: two files of one name, a logo without a shape. */
static void check_whole(struct checking *c, const char *chosen, const char *folder)
{
	struct theme *t;
	for (size_t i = 0; i < c->out->n; i++)
		if (c->out->v[i].error)
			return;
	struct theme_options o = { chosen, folder, THEME_DEVELOPMENT };
	err_t e = theme_new(&o, &t);
	if (e)
		take_error(c, S(""), e);
	else
		theme_free(t);
}

err_t theme_check(arena_t *a, const char *chosen, const char *folder, struct findings *out)
{
	struct checking c = { .a = a, .own = { .a = a }, .out = out };
	str_t base = str_of(chosen);
	if (!theme_folder_there(folder))
		return err_new(ERR_MISSING, "there is no folder %s", folder);
	TRY(theme_read_folder(&c.own, folder));
	if (!base.n) {
		err_t e = theme_folder_base(&c.own, &base);
		err_free(e); /* laying it will say what is wrong */
	}
	err_t e = theme_stack_begin(a, base, &c.all);
	if (e && chosen[0])
		return e;
	if (e) {
		take_error(&c, S("theme.conf"), e);
		TRY(theme_stack_begin(a, S(""), &c.all));
	}
	lay_own(&c);
	check_left_out(&c);
	check_manifest(&c);
	compile(&c);
	check_messages(&c);
	theme_check_names(&c);
	theme_check_html(&c);
	theme_check_css(&c);
	check_sizes(&c);
	check_whole(&c, chosen, folder);
	return OK;
}
