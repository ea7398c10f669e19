/* assets.c: see assets.h. Fonts and pictures first, since the style sheet names them. */
#include "page/assets.h"

#include "http/http.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct asset {
	str_t          name; /* "text-roman" */
	str_t          file; /* "fonts/text-roman.woff2" */
	str_t          url;
	struct answer *answer;
};

struct assets {
	arena_t      *a;
	struct asset *v;
	size_t        n;
	json_t       *view;
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

static err_t add(struct assets *s, str_t file, str_t bytes)
{
	str_t stem, ext, type = type_of(file);
	if (!type.p)
		return OK; /* licences, notes */
	split(base_of(file), &stem, &ext);
	struct asset asset = {
		.name = str_copy(s->a, stem),
		.file = str_copy(s->a, file),
		.url = str_format(s->a, "/assets/%.*s.%.*s%.*s", STR(stem),
				  STR(hash_of(s->a, bytes)), STR(ext)),
	};
	struct header nosniff = { S("X-Content-Type-Options"), S("nosniff") };
	TRY(answer_new(&(struct answer_draft){
		.status = 200, .type = type, .body = bytes, .effort = 6,
		.headers = &nosniff, .nheaders = 1,
		.cache_control = S("public, max-age=31536000, immutable") }, &asset.answer));
	s->v = arena_room(s->a, s->v, s->n, sizeof *s->v);
	s->v[s->n++] = asset;
	json_object_set_new(s->view, str_z(s->a, asset.name),
			    json_stringn(asset.url.p, asset.url.n));
	return OK;
}

static str_t find_file(const struct asset_file *files, size_t n, str_t path)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(files[i].path, path))
			return files[i].bytes;
	return (str_t){ NULL, 0 };
}

/* Each url(../fonts/x.woff2) by its hashed name. */
static str_t hash_addresses(const struct assets *s, arena_t *a, str_t css)
{
	for (size_t i = 0; i < s->n; i++) {
		str_t local = str_format(a, "../%.*s", STR(s->v[i].file));
		css = str_replace(a, css, local, s->v[i].url);
	}
	return css;
}

/* The sheets that style/ORDER names, one a line, as one. */
static err_t add_style(struct assets *s, const struct asset_file *files, size_t n)
{
	str_t order = find_file(files, n, S("style/ORDER"));
	struct buf css = buf_new(s->a, 32 * 1024);
	for (str_t rest = order; rest.p;) {
		str_t name = str_trim(str_cut(&rest, '\n'));
		if (!name.n)
			continue;
		str_t sheet = find_file(files, n, str_format(s->a, "style/%.*s", STR(name)));
		if (!sheet.p)
			return err_new(ERR_MISSING, "style/ORDER names \"%.*s\", which is not there",
				       STR(name));
		buf_add(&css, sheet);
		buf_add_char(&css, '\n');
	}
	return add(s, S("style/style.css"), hash_addresses(s, s->a, buf_str(&css)));
}

static err_t add_all(struct assets *s, const struct asset_file *files, size_t n)
{
	static const char *const folders[] = { "fonts/", "icons/", "script/" };
	for (size_t f = 0; f < COUNT(folders); f++)
		for (size_t i = 0; i < n; i++)
			if (str_starts(files[i].path, str_of(folders[f])))
				TRY(add(s, files[i].path, files[i].bytes));
	return add_style(s, files, n);
}

err_t assets_new(const struct asset_file *files, size_t n, struct assets **out)
{
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory while loading the theme");
	struct assets *s = arena_new(a, struct assets);
	s->a = a;
	s->view = json_object();
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

struct answer *assets_get(const struct assets *s, str_t path)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].url, path))
			return answer_keep(s->v[i].answer);
	return NULL;
}

json_t *assets_view(const struct assets *s)
{
	return s->view;
}
