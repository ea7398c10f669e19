/* media_crop.c: pictures cut to a shape. A card wants every picture alike, a search engine wants three
 * shapes of one; what is cut away is chosen by where the subject is. The focus is part of a cut
 * picture's address, so that moving it gives a new one. */
#include "press/media_files.h"

static const struct shape {
	int w, h;
} shapes[MEDIA_SHAPES] = {
	[MEDIA_16X9] = { 16, 9 },
	[MEDIA_3X2] = { 3, 2 },
	[MEDIA_4X3] = { 4, 3 },
	[MEDIA_1X1] = { 1, 1 },
};

enum { CROP_SRC = 960 };

/* The widest cut of that shape. */
static int widest(const struct media *m, enum media_shape shape)
{
	int64_t w = (int64_t)m->height * shapes[shape].w / shapes[shape].h;
	return w < 1 ? 1 : w < m->width ? (int)w : m->width;
}

static int height_of(int width, enum media_shape shape)
{
	int h = (width * shapes[shape].h + shapes[shape].w / 2) / shapes[shape].w;
	return h > 0 ? h : 1;
}

static size_t widths_of(const struct media *m, enum media_shape shape, int out[MEDIA_WIDTHS_MOST])
{
	struct media cut = { .width = widest(m, shape) };
	return media_copy_widths(&cut, out);
}

bool media_crop_offered(const struct media *m, const struct media_copy *copy)
{
	if (copy->focus_x > 100 || copy->focus_y > 100)
		return false;
	for (int k = 0; k < MEDIA_SHAPES; k++) {
		int widths[MEDIA_WIDTHS_MOST];
		size_t n = widths_of(m, (enum media_shape)k, widths);
		for (size_t i = 0; i < n; i++)
			if (widths[i] == copy->width &&
			    height_of(widths[i], (enum media_shape)k) == copy->height)
				return true;
	}
	return false;
}

static str_t crop_url(arena_t *a, const struct media *m, enum media_shape shape, int width,
		      enum media_format f)
{
	struct media_copy copy = { width, height_of(width, shape), m->focus_x, m->focus_y, f };
	return str_format(a, "/media/%.*s/%.*s", STR(m->hash), STR(media_copy_name(a, &copy)));
}

static int nearest(const struct media *m, enum media_shape shape, int wanted)
{
	int widths[MEDIA_WIDTHS_MOST];
	size_t n = widths_of(m, shape, widths);
	int best = widths[0];
	for (size_t i = 0; i < n && widths[i] <= wanted; i++)
		best = widths[i];
	return best;
}

str_t media_crop_src(arena_t *a, const struct media *m, enum media_shape shape, int wanted,
		     int *width, int *height)
{
	*width = nearest(m, shape, wanted);
	*height = height_of(*width, shape);
	return crop_url(a, m, shape, *width, MEDIA_JPEG);
}

/* Within a fiftieth of the shape the whole picture serves, whose copies are there anyway. */
static bool has_shape(const struct media *m, enum media_shape shape)
{
	int64_t is = (int64_t)m->width * shapes[shape].h, wanted = (int64_t)m->height * shapes[shape].w;
	int64_t off = is > wanted ? is - wanted : wanted - is;
	return off * 50 <= wanted;
}

json_t *media_cut_view(arena_t *a, const struct media *m, enum media_shape shape)
{
	static const char *const keys[] = { "avif", "webp", "jpeg" };
	if (!m->id || m->kind != PICTURE || has_shape(m, shape))
		return media_view(a, m);
	int widths[MEDIA_WIDTHS_MOST], width, height;
	size_t n = widths_of(m, shape, widths);
	json_t *j = json_object();
	str_t src = media_crop_src(a, m, shape, CROP_SRC, &width, &height);
	json_object_set_new(j, "src", json_stringn(src.p, src.n));
	json_object_set_new(j, "width", json_integer(width));
	json_object_set_new(j, "height", json_integer(height));
	json_object_set_new(j, "tall", json_false());
	for (int f = 0; f < MEDIA_FORMATS; f++) {
		struct buf b = buf_new(a, 80 * n);
		for (size_t i = 0; i < n; i++)
			buf_add_format(&b, "%s%.*s %dw", i ? ", " : "",
				       STR(crop_url(a, m, shape, widths[i], (enum media_format)f)),
				       widths[i]);
		json_object_set_new(j, keys[f], json_stringn(b.p, b.n));
	}
	return j;
}
