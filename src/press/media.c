/* media.c: pictures in pages: widths, addresses, views, and those within a body. */
#include "press/media.h"
#include "press/media_files.h"

/* Steps of about 1.3 to 1.5: a screen's need is met with at most half as many bytes again. */
const int media_widths[] = { 320, 480, 640, 960, 1280, 1600, 2000, 0 };

const struct media_copy_format media_copy_formats[] = {
	[MEDIA_AVIF] = { "avif", "image/avif" },
	[MEDIA_WEBP] = { "webp", "image/webp" },
	[MEDIA_JPEG] = { "jpg", "image/jpeg" },
};

enum { SRC_WIDTH = 960 };

/* --- sizes and addresses --- */

size_t media_copy_widths(const struct media *m, int out[MEDIA_WIDTHS_MOST])
{
	size_t n = 0;
	for (size_t i = 0; media_widths[i] && media_widths[i] <= m->width; i++)
		out[n++] = media_widths[i];
	if (n == 0)
		out[n++] = m->width;
	return n;
}

str_t media_url(arena_t *a, const struct media *m, int width, enum media_format f)
{
	return str_format(a, "/media/%.*s/%d.%s", STR(m->hash), width, media_copy_formats[f].ext);
}

static int src_width(const struct media *m)
{
	int widths[MEDIA_WIDTHS_MOST];
	size_t n = media_copy_widths(m, widths);
	int best = widths[0];
	for (size_t i = 0; i < n && widths[i] <= SRC_WIDTH; i++)
		best = widths[i];
	return best;
}

str_t media_src(arena_t *a, const struct media *m)
{
	return media_url(a, m, src_width(m), MEDIA_JPEG);
}

static str_t srcset(arena_t *a, const struct media *m, enum media_format f)
{
	int widths[MEDIA_WIDTHS_MOST];
	size_t n = media_copy_widths(m, widths);
	struct buf b = buf_new(a, 64 * n);
	for (size_t i = 0; i < n; i++)
		buf_add_format(&b, "%s%.*s %dw", i ? ", " : "", STR(media_url(a, m, widths[i], f)),
			       widths[i]);
	return buf_str(&b);
}

static int src_height(const struct media *m)
{
	int h = (int)((int64_t)src_width(m) * m->height / m->width);
	return h > 0 ? h : 1;
}

json_t *media_view(arena_t *a, const struct media *m)
{
	static const char *const keys[] = { "avif", "webp", "jpeg" };
	if (!m->id || m->kind != PICTURE)
		return NULL;
	json_t *j = json_object();
	str_t src = media_src(a, m);
	json_object_set_new(j, "src", json_stringn(src.p, src.n));
	json_object_set_new(j, "width", json_integer(src_width(m)));
	json_object_set_new(j, "height", json_integer(src_height(m)));
	json_object_set_new(j, "tall", json_boolean(m->height > m->width));
	for (size_t f = 0; f < MEDIA_FORMATS; f++) {
		str_t set = srcset(a, m, (enum media_format)f);
		json_object_set_new(j, keys[f], json_stringn(set.p, set.n));
	}
	return j;
}

/* --- pictures within a body --- */

bool media_is_hash(str_t s)
{
	if (s.n != MEDIA_HASH)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* The value of an attribute within one tag of clean HTML. */
static str_t attribute(arena_t *a, str_t tag, const char *name)
{
	str_t mark = str_format(a, " %s=\"", name);
	size_t from = str_find(tag, mark, 0);
	if (from == STR_NONE)
		return S("");
	from += mark.n;
	return str_slice(tag, from, str_find_char(tag, '"', from));
}

static void add_picture(struct buf *b, arena_t *a, const struct media *m, str_t alt)
{
	static const char sizes[] = "(min-width: 48rem) 44rem, 100vw";
	for (size_t f = 0; f < MEDIA_FORMATS; f++) {
		str_t set = srcset(a, m, (enum media_format)f);
		if (f == 0)
			buf_add(b, S("<picture>"));
		if (f != MEDIA_JPEG)
			buf_add_format(b, "<source type=\"%s\" srcset=\"%.*s\" sizes=\"%s\">",
				       media_copy_formats[f].type, STR(set), sizes);
		else
			buf_add_format(b, "<img src=\"%.*s\" srcset=\"%.*s\" sizes=\"%s\" "
				       "width=\"%d\" height=\"%d\" alt=\"%.*s\" loading=\"lazy\">",
				       STR(media_src(a, m)), STR(set), sizes, src_width(m),
				       src_height(m), STR(alt));
	}
	buf_add(b, S("</picture>"));
}

err_t media_expand(struct conn *c, arena_t *a, str_t html, str_t *out)
{
	str_t mark = S("<img ");
	size_t at = 0, hit;
	if (str_find(html, S("/media/"), 0) == STR_NONE) {
		*out = html;
		return OK;
	}
	struct buf b = buf_new(a, html.n + 4096);
	while ((hit = str_find(html, mark, at)) != STR_NONE) {
		size_t end = str_find_char(html, '>', hit); /* clean HTML has no '>' in values */
		if (end == STR_NONE)
			break;
		str_t tag = str_slice(html, hit, end + 1);
		str_t src = attribute(a, tag, "src");
		str_t hash = str_slice(src, 7, 7 + MEDIA_HASH);
		struct media m;
		buf_add(&b, str_slice(html, at, hit));
		at = end + 1;
		err_t e = str_starts(src, S("/media/")) && media_is_hash(hash)
				  ? media_by_hash(c, a, hash, &m)
				  : err_new(ERR_MISSING, "not a picture of ours");
		if (!e && m.kind != PICTURE)
			e = err_new(ERR_MISSING, "not a picture");
		if (e && e->code != ERR_MISSING)
			return e;
		if (e)
			buf_add(&b, tag);
		else
			add_picture(&b, a, &m, attribute(a, tag, "alt"));
		err_free(e);
	}
	buf_add(&b, str_slice(html, at, html.n));
	*out = buf_str(&b);
	return OK;
}

