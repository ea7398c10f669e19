/* theme_logo.c: see theme_logo.h. A page must know a picture's shape before it is here, or it would
 * jump; so the shape is read from the first bytes of the file. */
#include "page/theme_logo.h"

#include "page/theme_layers.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE_MOST = 100000 };

/* A PNG begins with its signature and IHDR: width and height stand from byte 16 on. */
static bool png_shape(str_t bytes, int *width, int *height)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	if (bytes.n < 24 || !str_starts(bytes, S("\x89PNG\r\n\x1a\n")))
		return false;
	*width = (int)((unsigned)p[16] << 24 | (unsigned)p[17] << 16 | (unsigned)p[18] << 8 | p[19]);
	*height = (int)((unsigned)p[20] << 24 | (unsigned)p[21] << 16 | (unsigned)p[22] << 8 | p[23]);
	return true;
}

/* The value of an attribute in the tag of the <svg>. */
static str_t attribute(str_t tag, str_t name)
{
	for (size_t at = 0; (at = str_find(tag, name, at)) != STR_NONE; at += name.n) {
		size_t quote = at + name.n + 1;
		if (at == 0 || !strchr(" \t\r\n", tag.p[at - 1]) || quote >= tag.n ||
		    tag.p[quote - 1] != '=' || !strchr("\"'", tag.p[quote]))
			continue;
		return str_slice(tag, quote + 1, str_find_char(tag, tag.p[quote], quote + 1));
	}
	return (str_t){ NULL, 0 };
}

/* The next number of a list as "0 0 320.5 40". */
static double number(str_t *rest)
{
	char digits[32];
	while (rest->n && strchr(" ,", rest->p[0]))
		*rest = str_slice(*rest, 1, rest->n);
	size_t n = 0;
	while (n < rest->n && n + 1 < sizeof digits && strchr("0123456789.-", rest->p[n])) {
		digits[n] = rest->p[n];
		n++;
	}
	digits[n] = '\0';
	*rest = str_slice(*rest, n, rest->n);
	return strtod(digits, NULL);
}

static int whole(double side)
{
	return side >= 1 && side <= SIDE_MOST ? (int)(side + 0.5) : 0;
}

static bool svg_shape(str_t bytes, int *width, int *height)
{
	size_t from = str_find(bytes, S("<svg"), 0), to = str_find_char(bytes, '>', from);
	if (from == STR_NONE || to == STR_NONE)
		return false;
	str_t tag = str_slice(bytes, from, to), box = attribute(tag, S("viewBox"));
	if (box.p) {
		number(&box);
		number(&box);
		*width = whole(number(&box));
		*height = whole(number(&box));
		return true;
	}
	str_t w = attribute(tag, S("width")), h = attribute(tag, S("height"));
	*width = whole(number(&w));
	*height = whole(number(&h));
	return true;
}

static str_t asset_name(str_t path)
{
	size_t from = path.n, to = path.n;
	while (from > 0 && path.p[from - 1] != '/')
		from--;
	while (to > from && path.p[to - 1] != '.')
		to--;
	return str_slice(path, from, to - 1);
}

err_t theme_logo(const struct theme_files *f, str_t path, const struct assets *assets, json_t **out)
{
	str_t bytes = theme_file(f, path), name = asset_name(path);
	int width = 0, height = 0;
	if (!bytes.p)
		return err_user(ERR_MISSING, "logo", "theme.conf: logo: the theme has no \"%.*s\"",
				STR(path));
	bool known = str_ends(path, S(".svg"))   ? svg_shape(bytes, &width, &height)
		     : str_ends(path, S(".png")) ? png_shape(bytes, &width, &height)
						 : false;
	if (!known || width <= 0 || height <= 0)
		return err_user(ERR_INPUT, "logo", "theme.conf: logo: %.*s must be a PNG, or an SVG "
				"with a viewBox, that says how large it is", STR(path));
	json_t *src = json_object_get(assets_view(assets), str_z(f->a, name));
	*out = json_pack("{s:O, s:i, s:i}", "src", src, "width", width, "height", height);
	return *out ? OK : err_new(ERR_MEMORY, "out of memory while loading the theme");
}
