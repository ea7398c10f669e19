/* icons.c: the addresses at which programs look for an icon without asking the page: /favicon.ico and
 * /apple-touch-icon.png. Both give the theme's own icons; one that has no .ico gets its PNG in an ICO's
 * frame, which has been allowed since Windows Vista and is what browsers take. */
#include "press/icons.h"
#include "press/view.h"

#include "http/answer.h"
#include "record/act.h"

enum { ICO_HEAD = 22, PNG_HEAD = 24, ICO_SIDE_MOST = 256 };

/* The bytes of a theme's file by its base name, if it has that ending. */
static str_t file_of(struct view *v, const char *name, const char *ending)
{
	str_t url = str_of(json_string_value(json_object_get(assets_view(v->theme->assets), name)));
	return str_ends(url, str_of(ending)) ? assets_bytes(v->theme->assets, url)
					     : (str_t){ NULL, 0 };
}

static uint32_t png_number(str_t png, size_t at)
{
	const unsigned char *p = (const unsigned char *)png.p + at;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void add_little(struct buf *b, uint32_t n, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_char(b, (char)(n >> (8 * i) & 0xff));
}

/* An ICO of one image; its sides are told in a byte each, where 0 is 256. */
static str_t ico_of(arena_t *a, str_t png)
{
	uint32_t width = png_number(png, 16), height = png_number(png, 20);
	struct buf b = buf_new(a, png.n + ICO_HEAD);
	if (!width || !height || width > ICO_SIDE_MOST || height > ICO_SIDE_MOST)
		return (str_t){ NULL, 0 };
	add_little(&b, 0, 2);
	add_little(&b, 1, 2); /* an icon */
	add_little(&b, 1, 2); /* of one image */
	add_little(&b, width % ICO_SIDE_MOST, 1);
	add_little(&b, height % ICO_SIDE_MOST, 1);
	add_little(&b, 0, 2);
	add_little(&b, 1, 2);
	add_little(&b, 32, 2);
	add_little(&b, (uint32_t)png.n, 4);
	add_little(&b, ICO_HEAD, 4);
	buf_add(&b, png);
	return buf_str(&b);
}

static err_t give(struct view *v, str_t bytes, const char *type)
{
	if (!bytes.n)
		return err_new(ERR_MISSING, "the theme has no such icon");
	v->type = str_of(type);
	v->body = bytes;
	strs_add(v->a, &v->topics, topic_site());
	return OK;
}

static err_t favicon_view(struct stet *s, struct view *v)
{
	str_t bytes = file_of(v, "favicon", ".ico");
	str_t png = file_of(v, "icon-192", ".png");
	(void)s;
	if (!bytes.n && png.n > PNG_HEAD)
		bytes = ico_of(v->a, png);
	return give(v, bytes, "image/x-icon");
}

static err_t touch_view(struct stet *s, struct view *v)
{
	(void)s;
	return give(v, file_of(v, "icon-touch", ".png"), "image/png");
}

static err_t favicon(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, favicon_view);
}

static err_t touch_icon(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, touch_view);
}

const struct route icons_routes[] = {
	{ GET, "/favicon.ico", favicon },
	{ GET, "/apple-touch-icon.png", touch_icon },
	{ GET, "/apple-touch-icon-precomposed.png", touch_icon },
	{ METHOD_OTHER, NULL, NULL },
};
