/* media_webm.c: WebM: elements of EBML, each an identifier, a length and a content. */
#include "press/media_container.h"

enum {
	ELEMENTS_MOST = 4096,
	SCALE_USUAL = 1000000, /* nanoseconds in a unit of time, unless it says otherwise */
};

enum element {
	EBML = 0x1a45dfa3, DOC_TYPE = 0x4282, SEGMENT = 0x18538067, INFO = 0x1549a966,
	SCALE = 0x2ad7b1, DURATION = 0x4489, TRACKS = 0x1654ae6b, TRACK = 0xae, TRACK_TYPE = 0x83,
	VIDEO_SETTINGS = 0xe0, WIDTH = 0xb0, HEIGHT = 0xba, CLUSTER = 0x1f43b675,
};

struct webm {
	const struct media_bytes *f;
	struct media_facts       *out;
	int                       elements;
	bool                      is_webm, video, sound;
	uint64_t                  scale;
	double                    units;
	uint64_t                  width, height;
};

/* A number of variable length at `at`; how many bytes it takes, 0 if it is none. `keep` leaves its mark
 * in, as identifiers have it. */
static size_t number(const struct webm *x, int64_t at, bool keep, uint64_t *out, bool *unknown)
{
	unsigned char b[8];
	size_t got = media_read(x->f, at, b, sizeof b), n = 1;
	if (!got || !b[0])
		return 0;
	for (unsigned mask = 0x80; !(b[0] & mask); mask >>= 1)
		n++;
	if (n > got)
		return 0;
	uint64_t all = n == 8 ? ((uint64_t)1 << 56) - 1 : ((uint64_t)1 << (7 * n)) - 1;
	uint64_t v = big(b, n), bare = v & all;
	*out = keep ? v : bare;
	if (unknown)
		*unknown = bare == all;
	return n;
}

static uint64_t whole(const struct webm *x, int64_t at, uint64_t n)
{
	unsigned char b[8];
	return n <= 8 && media_read(x->f, at, b, (size_t)n) == n ? big(b, (size_t)n) : 0;
}

static double real(const struct webm *x, int64_t at, uint64_t n)
{
	uint64_t bits = whole(x, at, n);
	uint32_t half = (uint32_t)bits;
	float f;
	double d;
	memcpy(&f, &half, sizeof f);
	memcpy(&d, &bits, sizeof d);
	return n == 4 ? (double)f : n == 8 ? d : 0;
}

static void elements(struct webm *x, int64_t at, int64_t end, int deep);

static void one_element(struct webm *x, uint64_t id, int64_t at, uint64_t n, int deep)
{
	char type[4];
	switch (id) {
	case EBML: case SEGMENT: case INFO: case TRACKS: case TRACK: case VIDEO_SETTINGS:
		elements(x, at, at + (int64_t)n, deep + 1);
		break;
	case DOC_TYPE:
		x->is_webm = n == 4 && media_read(x->f, at, type, 4) == 4 &&
			     memcmp(type, "webm", 4) == 0;
		break;
	case SCALE: x->scale = whole(x, at, n); break;
	case DURATION: x->units = real(x, at, n); break;
	case TRACK_TYPE:
		x->video |= whole(x, at, n) == 1;
		x->sound |= whole(x, at, n) == 2;
		break;
	case WIDTH: x->width = x->width ? x->width : whole(x, at, n); break;
	case HEIGHT: x->height = x->height ? x->height : whole(x, at, n); break;
	default: break;
	}
}

static void elements(struct webm *x, int64_t at, int64_t end, int deep)
{
	enum { DEEPEST = 5 };
	while (deep <= DEEPEST && at < end && x->elements++ < ELEMENTS_MOST) {
		uint64_t id, n;
		bool unknown;
		size_t a = number(x, at, true, &id, NULL);
		size_t b = a ? number(x, at + (int64_t)a, false, &n, &unknown) : 0;
		if (!b)
			return;
		at += (int64_t)(a + b);
		if (unknown)
			n = at < end ? (uint64_t)(end - at) : 0;
		if (id == CLUSTER || at > end || n > (uint64_t)(end - at))
			return; /* what is asked for stands before the first of the recording */
		one_element(x, id, at, n, deep);
		at += (int64_t)n;
	}
}

void media_webm(const struct media_bytes *f, struct media_facts *out)
{
	struct webm x = { .f = f, .out = out, .scale = SCALE_USUAL };
	elements(&x, 0, f->size, 0);
	if (x.units > 0 && x.units < 1e15 && x.scale && x.scale < 1000000000000)
		out->duration = media_duration((uint64_t)(x.units * (double)x.scale / 1000.0),
					       1000000);
	if (x.video)
		media_size(out, x.width, x.height);
	out->format = !x.is_webm ? "data" : x.video ? "webm" : x.sound ? "weba" : "data";
}
