/* picture_card.c: a picture of words, drawn in the picture process: a story that has no picture of its
 * own is shared with its headline in the publication's colours.
 *
 * libvips sets text with Pango, which knows every script that the machine has a font for; our own
 * faces (Latin) are compiled in and handed over as files in memory. A letter that no font has is drawn
 * as a box: nothing here fails for what a headline says. Laying out and colouring is done here, on
 * plain bytes. */
#include "press/picture_card.h"

#include "base/base.h"
#include "base/embed.h"

#include <dlfcn.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vips/vips.h>

extern const struct embedded card_fonts[];

enum { EDGE = 72, RULE = 6, LABEL_SIZE = 30, FOOT_SIZE = 34 };

/* Sizes of a headline, the largest that fits is taken. */
static const int sizes[] = { 92, 84, 76, 68, 62, 56, 50, 44, 40, 36, 32, 28, 24 };

#define HEAD_FACES  "Stet Head,Noto Serif,DejaVu Serif,serif"
#define LABEL_FACES "Stet Label,Noto Sans,DejaVu Sans,sans"

struct drawing {
	__typeof__(&vips_init)                       init;
	__typeof__(&vips_error_buffer)               error;
	__typeof__(&vips_text)                       text;
	__typeof__(&vips_image_get_width)            width;
	__typeof__(&vips_image_get_height)           height;
	__typeof__(&vips_image_write_to_memory)      bytes;
	__typeof__(&vips_image_new_from_memory)      image;
	__typeof__(&vips_pngsave)                    pngsave;
	__typeof__(&g_object_unref)                  unref;
	__typeof__(&g_free)                          free;
	const char *font; /* file of a face, where one is to be made known */

	uint8_t *pixels;  /* RGBA */
	int      w, h;
	uint8_t  ink[3];
};

/* Coverage of set text, a byte a point. */
struct mask {
	uint8_t *bytes;
	int      w, h;
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "the picture could not be drawn: %s%.*s\n", what, (int)strcspn(why, "\n"), why);
	return 2;
}

static bool load(struct drawing *d)
{
	void *lib = dlopen("libvips.so.42", RTLD_NOW | RTLD_GLOBAL);
	const struct {
		void      **at;
		const char *name;
	} wanted[] = {
		{ (void **)&d->init, "vips_init" },
		{ (void **)&d->error, "vips_error_buffer" },
		{ (void **)&d->text, "vips_text" },
		{ (void **)&d->width, "vips_image_get_width" },
		{ (void **)&d->height, "vips_image_get_height" },
		{ (void **)&d->bytes, "vips_image_write_to_memory" },
		{ (void **)&d->image, "vips_image_new_from_memory" },
		{ (void **)&d->pngsave, "vips_pngsave" },
		{ (void **)&d->unref, "g_object_unref" },
		{ (void **)&d->free, "g_free" },
	};
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!lib || !(*wanted[i].at = dlsym(lib, wanted[i].name)))
			return false;
	return true;
}

/* --- text --- */

/* Pango reads markup: what stands in a headline is text. */
static char *escaped(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n + 64);
	buf_add_html(&b, text);
	return str_z(a, buf_str(&b));
}

/* Where lines may be broken: a word longer than a line stands out of it, or not. */
enum breaking { BREAK_BETWEEN_WORDS, BREAK_ANYWHERE };

/* Text set at most `width` wide. False where the library cannot: the card goes without. */
static bool set_text(struct drawing *d, arena_t *a, str_t text, const char *faces, int size, int width,
		     enum breaking breaking, struct mask *out)
{
	VipsImage *image;
	size_t n;
	*out = (struct mask){ 0 };
	if (!str_trim(text).n)
		return false;
	char *font = str_z(a, str_format(a, "%s %d", faces, size));
	/* Only if need be: a library before 8.14 does not know of it. */
	const char *how = breaking == BREAK_ANYWHERE ? "wrap" : NULL;
	if (d->text(&image, escaped(a, text), "font", font, "width", width, "dpi", 72, how,
		    VIPS_TEXT_WRAP_WORD_CHAR, NULL) != 0)
		return false;
	out->w = d->width(image);
	out->h = d->height(image);
	out->bytes = d->bytes(image, &n);
	d->unref(image);
	return out->bytes && n >= (size_t)out->w * (size_t)out->h;
}

/* The headline as large as `w` by `h` can hold; at the smallest size what is too much is cut off. */
static bool set_headline(struct drawing *d, arena_t *a, str_t text, int w, int h, struct mask *out)
{
	for (size_t i = 0; i < COUNT(sizes); i++) {
		if (!set_text(d, a, text, HEAD_FACES, sizes[i], w, BREAK_BETWEEN_WORDS, out))
			return false;
		if (out->w <= w && out->h <= h)
			return true;
		d->free(out->bytes);
	}
	int least = sizes[COUNT(sizes) - 1];
	return set_text(d, a, text, HEAD_FACES, least, w, BREAK_ANYWHERE, out) ||
	       set_text(d, a, text, HEAD_FACES, least, w, BREAK_BETWEEN_WORDS, out);
}

/* Makes the faces that came with the program known to the library, by setting a letter in each. */
static void add_faces(struct drawing *d)
{
	for (size_t i = 0; card_fonts[i].name; i++) {
		int fd = memfd_create(card_fonts[i].name, 0);
		str_t f = card_fonts[i].content;
		char path[64];
		VipsImage *image;
		if (fd < 0 || write(fd, f.p, f.n) != (ssize_t)f.n)
			continue;
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		if (d->text(&image, ".", "font", "Stet 12", "fontfile", path, NULL) == 0)
			d->unref(image);
	}
}

/* --- points --- */

static void colour(str_t hex, uint8_t out[3])
{
	for (size_t i = 0; i < 3; i++) {
		char pair[3] = { hex.n == 6 ? hex.p[2 * i] : '0', hex.n == 6 ? hex.p[2 * i + 1] : '0', 0 };
		out[i] = (uint8_t)strtol(pair, NULL, 16);
	}
}

/* `strength` of 255 of the ink over what is there. */
static void touch(struct drawing *d, int x, int y, int strength)
{
	if (x < 0 || y < 0 || x >= d->w || y >= d->h)
		return;
	uint8_t *p = d->pixels + 4 * ((size_t)y * (size_t)d->w + (size_t)x);
	for (int i = 0; i < 3; i++)
		p[i] = p[3] ? (uint8_t)((p[i] * (255 - strength) + d->ink[i] * strength + 127) / 255)
			    : d->ink[i];
	if (p[3] < 255)
		p[3] = (uint8_t)(p[3] + strength * (255 - p[3]) / 255);
}

static void put(struct drawing *d, const struct mask *m, int x, int y, int strength, int bottom)
{
	for (int j = 0; j < m->h && y + j < bottom; j++)
		for (int i = 0; i < m->w; i++)
			touch(d, x + i, y + j, m->bytes[j * m->w + i] * strength / 255);
}

static void fill(struct drawing *d, const uint8_t c[3], uint8_t alpha)
{
	for (int i = 0; i < d->w * d->h; i++) {
		memcpy(d->pixels + 4 * (size_t)i, c, 3);
		d->pixels[4 * (size_t)i + 3] = alpha;
	}
}

static void rule(struct drawing *d, int x, int y, int w, int h, int strength)
{
	for (int j = 0; j < h; j++)
		for (int i = 0; i < w; i++)
			touch(d, x + i, y + j, strength);
}

/* --- the card --- */

/* Whether a text begins in a script written from the right: Hebrew, Arabic and their kin. */
static bool from_right(str_t text)
{
	int32_t r;
	for (size_t at = 0; (r = str_next_rune(text, &at)) >= 0;) {
		if ((r >= 0x590 && r <= 0x8ff) || (r >= 0xfb1d && r <= 0xfdff) ||
		    (r >= 0xfe70 && r <= 0xfeff))
			return true;
		if ((r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z') || r >= 0xc0)
			return false;
	}
	return false;
}

struct words {
	str_t headline, label, name, note;
};

/* One end of a line of small text, in at most `room`; what it took. A name too long for it is left
 * out. */
static int put_line(struct drawing *d, arena_t *a, str_t text, const char *faces, int size, int y,
		    bool at_right, int strength, int room)
{
	struct mask m;
	if (!set_text(d, a, text, faces, size, room, BREAK_BETWEEN_WORDS, &m))
		return 0;
	bool fits = m.w <= room && m.h <= 2 * size;
	if (fits)
		put(d, &m, at_right ? d->w - EDGE - m.w : EDGE, y, strength, d->h);
	d->free(m.bytes);
	return fits ? m.w : 0;
}

static void draw_card(struct drawing *d, arena_t *a, const struct words *w)
{
	enum { TOP = EDGE + RULE + 30, FOOT = 96, SOFT = 205 };
	bool right = from_right(w->headline);
	int top = w->label.n ? TOP + LABEL_SIZE + 40 : TOP, foot = d->h - EDGE - FOOT_SIZE;
	struct mask m;
	rule(d, right ? d->w - EDGE - 160 : EDGE, EDGE, 160, RULE, 255);
	put_line(d, a, w->label, LABEL_FACES, LABEL_SIZE, TOP, right, SOFT, d->w - 2 * EDGE);
	if (set_headline(d, a, w->headline, d->w - 2 * EDGE, foot - 60 - top, &m)) {
		put(d, &m, right ? d->w - EDGE - m.w : EDGE, top, 255, foot - 40);
		d->free(m.bytes);
	}
	rule(d, EDGE, foot - 30, d->w - 2 * EDGE, 2, 90);
	int room = d->w - 2 * EDGE;
	room -= put_line(d, a, w->name, HEAD_FACES, FOOT_SIZE, foot, right, 255, room) + LABEL_SIZE;
	if (room > 0)
		put_line(d, a, w->note, LABEL_FACES, LABEL_SIZE - 4, foot + 4, !right, SOFT, room);
}

/* Only a name, as high as the picture. */
static void draw_logo(struct drawing *d, arena_t *a, const struct words *w)
{
	struct mask m;
	if (!set_headline(d, a, w->headline, d->w, d->h, &m))
		return;
	put(d, &m, (d->w - m.w) / 2, (d->h - m.h) / 2, 255, d->h);
	d->free(m.bytes);
}

static str_t text_of(const json_t *j, const char *key)
{
	const json_t *t = json_object_get(j, key);
	return str_from(json_string_value(t), json_string_length(t));
}

static int save(struct drawing *d, const char *path)
{
	char beside[4096];
	size_t n = 4 * (size_t)d->w * (size_t)d->h;
	if (snprintf(beside, sizeof beside, "%s.%d.part", path, (int)getpid()) >= (int)sizeof beside)
		return complain("its path is too long", "");
	VipsImage *image = d->image(d->pixels, n, d->w, d->h, 4, VIPS_FORMAT_UCHAR);
	if (!image || d->pngsave(image, beside, "compression", 9, NULL) != 0 ||
	    rename(beside, path) != 0) {
		unlink(beside);
		return complain("", d->error());
	}
	d->unref(image);
	return 0;
}

static int draw(struct drawing *d, arena_t *a, const json_t *j, const char *path)
{
	enum { MOST = 4000 };
	uint8_t ground[3];
	bool logo = json_is_true(json_object_get(j, "logo"));
	d->w = (int)json_integer_value(json_object_get(j, "width"));
	d->h = (int)json_integer_value(json_object_get(j, "height"));
	if (d->w < 1 || d->h < 1 || d->w > MOST || d->h > MOST)
		return complain("it has no sensible size", "");
	d->pixels = arena_array(a, (size_t)d->w * (size_t)d->h, 4);
	colour(text_of(j, "ground"), ground);
	colour(text_of(j, "ink"), d->ink);
	fill(d, logo ? d->ink : ground, logo ? 0 : 255);
	struct words w = { text_of(j, "headline"), text_of(j, "label"), text_of(j, "name"),
			   text_of(j, "note") };
	if (logo)
		draw_logo(d, a, &w);
	else
		draw_card(d, a, &w);
	return save(d, path);
}

int card_draw(const char *path, const char *json)
{
	struct drawing d = { 0 };
	json_t *j = json_loads(json, 0, NULL);
	arena_t *a = arena_create(0);
	if (!j || !a)
		return complain("its description makes no sense", "");
	if (!load(&d) || d.init("stet") != 0)
		return complain("libvips could not be loaded: install libvips42 (8.13 or newer)", "");
	add_faces(&d);
	return draw(&d, a, j, path);
}
