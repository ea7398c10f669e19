/* media_mp4.c: MP4, M4A and QuickTime: boxes within boxes, each a length and a name. Asked of it: the
 * brand, the movie's duration, each track's handler and size. */
#include "press/media_container.h"

enum {
	BOXES_MOST = 4096, /* looked at in one file: a film has a few dozen */
	DEEPEST = 4,       /* moov / trak / mdia / hdlr */
};

struct mp4 {
	const struct media_bytes *f;
	struct media_facts       *out;
	int                       boxes;
	bool                      video, sound;
	uint64_t                  timescale;
	uint64_t                  width, height; /* of the track being read */
	bool                      is_video;
};

static bool is(const unsigned char *name, const char *what)
{
	return memcmp(name, what, 4) == 0;
}

/* mvhd and mdhd begin alike: version, then times of 4 or 8 bytes. */
static void movie_head(struct mp4 *x, int64_t at)
{
	unsigned char b[32];
	if (media_read(x->f, at, b, sizeof b) < sizeof b)
		return;
	bool wide = b[0] == 1;
	x->timescale = big(b + (wide ? 20 : 12), 4);
	uint64_t units = wide ? big(b + 24, 8) : big(b + 16, 4);
	if (units != UINT32_MAX && units != UINT64_MAX)
		x->out->duration = media_duration(units, x->timescale);
}

/* mehd: the whole duration where the movie comes in fragments. */
static void fragments_head(struct mp4 *x, int64_t at)
{
	unsigned char b[12];
	size_t n = media_read(x->f, at, b, sizeof b);
	if (n >= 8 && !x->out->duration)
		x->out->duration = media_duration(b[0] == 1 && n == 12 ? big(b + 4, 8)
								       : big(b + 4, 4), x->timescale);
}

/* tkhd: the size as it is shown, 16.16; a matrix that turns by a quarter swaps it. */
static void track_head(struct mp4 *x, int64_t at)
{
	unsigned char b[96];
	if (media_read(x->f, at, b, 1) < 1)
		return;
	size_t matrix = b[0] == 1 ? 52 : 40;
	if (media_read(x->f, at, b, matrix + 44) < matrix + 44)
		return;
	uint64_t w = big(b + matrix + 36, 4) >> 16, h = big(b + matrix + 40, 4) >> 16;
	bool turned = !big(b + matrix, 4) && big(b + matrix + 4, 4);
	x->width = turned ? h : w;
	x->height = turned ? w : h;
}

static void handler(struct mp4 *x, int64_t at)
{
	unsigned char b[12];
	if (media_read(x->f, at, b, sizeof b) < sizeof b)
		return;
	x->is_video |= is(b + 8, "vide");
	x->sound |= is(b + 8, "soun");
}

static void boxes(struct mp4 *x, int64_t at, int64_t end, int deep);

static void track(struct mp4 *x, int64_t at, int64_t end, int deep)
{
	x->is_video = false;
	x->width = x->height = 0;
	boxes(x, at, end, deep);
	if (x->is_video && !x->video)
		media_size(x->out, x->width, x->height);
	x->video |= x->is_video;
}

static void one_box(struct mp4 *x, const unsigned char *name, int64_t at, int64_t end, int deep)
{
	if (is(name, "mvhd"))
		movie_head(x, at);
	else if (is(name, "mehd"))
		fragments_head(x, at);
	else if (is(name, "tkhd"))
		track_head(x, at);
	else if (is(name, "hdlr"))
		handler(x, at);
	else if (is(name, "trak"))
		track(x, at, end, deep + 1);
	else if (is(name, "moov") || is(name, "mdia") || is(name, "mvex"))
		boxes(x, at, end, deep + 1);
}

static void boxes(struct mp4 *x, int64_t at, int64_t end, int deep)
{
	while (deep <= DEEPEST && at + 8 <= end && x->boxes++ < BOXES_MOST) {
		unsigned char b[16];
		size_t got = media_read(x->f, at, b, sizeof b);
		if (got < 8)
			return;
		uint64_t size = big(b, 4), head = 8;
		if (size == 1 && got == 16) {
			size = big(b + 8, 8);
			head = 16;
		} else if (size == 0) {
			size = (uint64_t)(end - at); /* to the end of the file */
		}
		if (size < head || size > (uint64_t)(end - at))
			return;
		one_box(x, b + 4, at + (int64_t)head, at + (int64_t)size, deep);
		at += (int64_t)size;
	}
}

/* Pictures come in the same boxes. True if the brand says so. */
static bool picture_brand(const unsigned char *brand, struct media_facts *out)
{
	static const char *const refused[] = { "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1",
					       "msf1", "crx " };
	if (is(brand, "avif") || is(brand, "avis")) {
		out->format = "avif";
		return true;
	}
	for (size_t i = 0; i < COUNT(refused); i++)
		if (is(brand, refused[i])) {
			out->format = "data";
			out->refused = is(brand, "crx ") ? "Canon raw" : "HEIC";
			return true;
		}
	return false;
}

void media_mp4(const struct media_bytes *f, struct media_facts *out)
{
	struct mp4 x = { .f = f, .out = out };
	unsigned char head[256];
	size_t n = media_read(f, 0, head, sizeof head);
	if (n < 12) {
		out->format = "data";
		return;
	}
	/* "mif1" is the brand of many AVIF files, whose own name then stands among the others. */
	uint64_t size = big(head, 4);
	for (size_t i = 8; i + 4 <= n && i + 4 <= size; i += i == 8 ? 8 : 4)
		if (is(head + i, "avif") || is(head + i, "avis")) {
			out->format = "avif";
			return;
		}
	if (picture_brand(head + 8, out))
		return;
	boxes(&x, 0, f->size, 0);
	if (is(head + 8, "qt  ") && x.video)
		out->format = "mov";
	else if (x.video)
		out->format = "mp4";
	else
		out->format = x.sound ? "m4a" : "data";
}
