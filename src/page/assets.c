/* assets.c: see assets.h. */
#include "page/assets.h"

#include "http/http.h"
#include "page/css_lean.h"
#include "page/style_order.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Harder would save half a kilobyte of 7 in the style sheet, and keep the first who asks waiting. */
enum { EFFORT_SMALL = 5 };

struct asset {
	str_t name; /* "text-roman" */
	str_t file; /* "fonts/text-roman.woff2" */
	str_t url;
	str_t type;
	str_t bytes;
	_Atomic(struct answer *) answer; /* NULL until somebody asks */
};

struct assets {
	arena_t      *a;
	struct asset *v;
	size_t        n;
	json_t       *view;
	int           effort; /* of compression */
};

static const struct {
	const char *ext, *type;
} types[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".webp", "image/webp" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
};

static str_t type_of(str_t file)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (str_ends(file, str_of(types[i].ext)))
			return str_of(types[i].type);
	return (str_t){ NULL, 0 };
}

static str_t base_of(str_t file)
{
	for (size_t i = file.n; i > 0; i--)
		if (file.p[i - 1] == '/')
			return str_slice(file, i, file.n);
	return file;
}

static void split(str_t base, str_t *stem, str_t *ext)
{
	size_t dot = base.n;
	while (dot > 0 && base.p[dot - 1] != '.')
		dot--;
	*stem = dot ? str_slice(base, 0, dot - 1) : base;
	*ext = dot ? str_slice(base, dot - 1, base.n) : S("");
}

static str_t hash_of(arena_t *a, str_t bytes)
{
	unsigned char digest[16];
	char hex[13];
	crypto_generichash(digest, sizeof digest, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
	for (int i = 0; i < 6; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return str_copy(a, str_of(hex));
}

static const struct asset *find_name(const struct assets *s, str_t name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

static err_t make_answer(const struct assets *s, const struct asset *asset, struct answer **out)
{
	struct header nosniff = { S("X-Content-Type-Options"), S("nosniff") };
	return answer_new(&(struct answer_draft){
		.status = 200, .type = asset->type, .body = asset->bytes, .effort = s->effort,
		.headers = &nosniff, .nheaders = 1,
		.cache_control = S("public, max-age=31536000, immutable") }, out);
}

static err_t add(struct assets *s, str_t file, str_t bytes)
{
	str_t stem, ext, type = type_of(file);
	if (!type.p)
		return OK;
	split(base_of(file), &stem, &ext);
	const struct asset *other = find_name(s, stem);
	if (other)
		return err_new(ERR_CONFLICT, "the theme's %.*s and %.*s have the same name; "
			       "templates could not tell them apart", STR(other->file), STR(file));
	s->v = arena_room(s->a, s->v, s->n, sizeof *s->v);
	struct asset *asset = &s->v[s->n++];
	*asset = (struct asset){
		.name = str_copy(s->a, stem),
		.file = str_copy(s->a, file),
		.url = str_format(s->a, "/assets/%.*s.%.*s%.*s", STR(stem),
				  STR(hash_of(s->a, bytes)), STR(ext)),
		.type = type,
		.bytes = str_copy(s->a, bytes),
	};
	if (json_object_setn_new(s->view, stem.p, stem.n,
				 json_stringn(asset->url.p, asset->url.n)) != 0)
		return err_new(ERR_INPUT, "the theme's %.*s: the name is not UTF-8", STR(file));
	return OK;
}

/* --- the style sheet --- */

static str_t find_file(const struct asset_file *files, size_t n, str_t path)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(files[i].path, path))
			return files[i].bytes;
	return (str_t){ NULL, 0 };
}

/* The address in url(...): `from` is behind the parenthesis. */
static str_t address_at(str_t css, size_t from)
{
	while (from < css.n && (css.p[from] == ' ' || css.p[from] == '"' || css.p[from] == '\''))
		from++;
	size_t to = from;
	while (to < css.n && !strchr(" \"')\n", css.p[to]))
		to++;
	return str_slice(css, from, to);
}

/* Addresses of files beside the sheet, or beside its folder. */
static bool is_of_theme(str_t address)
{
	size_t colon = str_find_char(address, ':', 0), slash = str_find_char(address, '/', 0);
	return address.n && address.p[0] != '/' && address.p[0] != '#' &&
	       (colon == STR_NONE || colon > slash);
}

static const struct asset *find_address(const struct assets *s, arena_t *a, str_t address)
{
	size_t end = 0;
	while (end < address.n && address.p[end] != '?' && address.p[end] != '#')
		end++;
	address = str_slice(address, 0, end);
	str_t file = str_starts(address, S("../")) ? str_slice(address, 3, address.n)
						   : str_format(a, "style/%.*s", STR(address));
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].file, file))
			return &s->v[i];
	return NULL;
}

static int line_of(str_t s, size_t at)
{
	int line = 1;
	for (size_t i = 0; i < at; i++)
		line += s.p[i] == '\n';
	return line;
}

/* Adds a sheet, each url(../fonts/x.woff2) in it by its hashed name. */
static err_t add_sheet(const struct assets *s, str_t name, str_t css, struct buf *out)
{
	size_t done = 0;
	for (size_t at; (at = str_find(css, S("url("), done)) != STR_NONE;) {
		str_t address = address_at(css, at + 4);
		size_t begin = (size_t)(address.p - css.p), end = begin + address.n;
		const struct asset *asset = find_address(s, s->a, address);
		if (is_of_theme(address) && !asset)
			return err_new(ERR_MISSING, "style/%.*s:%d: the theme has no \"%.*s\"",
				       STR(name), line_of(css, at), STR(address));
		buf_add(out, str_slice(css, done, begin));
		buf_add(out, asset ? asset->url : address);
		done = end;
	}
	buf_add(out, str_slice(css, done, css.n));
	buf_add_char(out, '\n');
	return OK;
}

/* The sheets of a group as one, without what only their writers need. */
static err_t add_group(struct assets *s, const struct asset_file *files, size_t n, str_t order, str_t group)
{
	struct style_order lines = style_order_begin(order);
	struct buf css = buf_new(s->a, 32 * 1024), lean = buf_new(s->a, 32 * 1024);
	for (struct style_line line; style_order_next(&lines, &line);) {
		if (!str_eq(line.group, group))
			continue;
		str_t sheet = find_file(files, n, str_format(s->a, "style/%.*s", STR(line.sheet)));
		if (!sheet.p)
			return err_new(ERR_MISSING, "style/ORDER names \"%.*s\", which is not there",
				       STR(line.sheet));
		TRY(add_sheet(s, line.sheet, sheet, &css));
	}
	css_lean(buf_str(&css), &lean);
	return add(s, str_format(s->a, "style/style%s%.*s.css", group.n ? "-" : "", STR(group)),
		   buf_str(&lean));
}

static err_t add_style(struct assets *s, const struct asset_file *files, size_t n)
{
	str_t order = find_file(files, n, S("style/ORDER"));
	struct strs groups = { 0 };
	if (!order.p)
		return err_new(ERR_MISSING, "the theme has no style/ORDER, which names its sheets");
	style_groups(s->a, order, &groups);
	for (size_t i = 0; i < groups.n; i++)
		TRY(add_group(s, files, n, order, groups.v[i]));
	return OK;
}

/* Fonts and pictures first, since the style sheets name them. */
static err_t add_all(struct assets *s, const struct asset_file *files, size_t n)
{
	static const char *const folders[] = { "fonts/", "icons/", "script/" };
	for (size_t f = 0; f < COUNT(folders); f++)
		for (size_t i = 0; i < n; i++)
			if (str_starts(files[i].path, str_of(folders[f])))
				TRY(add(s, files[i].path, files[i].bytes));
	return add_style(s, files, n);
}

err_t assets_new(const struct asset_file *files, size_t n, enum assets_effort effort,
		 struct assets **out)
{
	arena_t *a = arena_create(0);
	json_t *view = json_object();
	if (!a || !view) {
		arena_free(a);
		json_decref(view);
		return err_new(ERR_MEMORY, "out of memory while loading the theme");
	}
	struct assets *s = arena_new(a, struct assets);
	*s = (struct assets){ .a = a, .view = view,
			      .effort = effort == ASSETS_QUICK ? 1 : EFFORT_SMALL };
	err_t e = add_all(s, files, n);
	if (e)
		assets_free(s);
	else
		*out = s;
	return e;
}

void assets_free(struct assets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		answer_drop(s->v[i].answer);
	json_decref(s->view);
	arena_free(s->a);
}

/* Two who ask first at once make two; the second is dropped. */
static err_t first_answer(const struct assets *s, struct asset *asset, struct answer **out)
{
	struct answer *made, *other = NULL;
	TRY(make_answer(s, asset, &made));
	if (!atomic_compare_exchange_strong(&asset->answer, &other, made)) {
		answer_drop(made);
		made = other;
	}
	*out = answer_keep(made);
	return OK;
}

static struct asset *find_url(const struct assets *s, str_t url)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].url, url))
			return &s->v[i];
	return NULL;
}

err_t assets_get(const struct assets *s, str_t path, struct answer **out)
{
	struct asset *asset = find_url(s, path);
	*out = asset ? atomic_load(&asset->answer) : NULL;
	if (asset && !*out)
		return first_answer(s, asset, out);
	if (asset)
		answer_keep(*out);
	return OK;
}

str_t assets_bytes(const struct assets *s, str_t path)
{
	const struct asset *asset = find_url(s, path);
	return asset ? asset->bytes : (str_t){ NULL, 0 };
}

json_t *assets_view(const struct assets *s)
{
	return s->view;
}
