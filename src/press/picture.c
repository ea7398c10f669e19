/* picture.c: the process that reads a stranger's picture. libvips is loaded here and nowhere else, by
 * name, so that a server neither waits for its libraries nor carries them. */
#include "press/picture.h"
#include "press/picture_card.h"
#include "press/picture_words.h"

#include "base/file.h"
#include "base/sanitizer.h"

#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vips/vips.h>

/* What a decoder may use. */
enum {
	MEMORY_MOST_MB = 3072, /* address space: 120 megapixels in 16 bits, twice, and the libraries */
	SECONDS_MOST = 120,    /* of CPU */
	FILE_MOST_MB = 256,    /* a copy being written */
};

enum { WORDS_MEMORY = 64 << 20 }; /* for reading what a picture says of itself */

#define COPIES_USAGE "usage: stet picture copies FILE MEGAPIXELS WORDS (SIZE EXT PATH)..."

/* The functions of libvips that are used, with the types of its own header. */
struct vips {
	__typeof__(&vips_init)                      init;
	__typeof__(&vips_block_untrusted_set)       block_untrusted;
	__typeof__(&vips_concurrency_set)           concurrency;
	__typeof__(&vips_error_buffer)              error;
	__typeof__(&vips_foreign_find_load)         find_load;
	__typeof__(&vips_image_new_from_file)       open;
	__typeof__(&vips_image_get_width)           width;
	__typeof__(&vips_image_get_height)          height;
	__typeof__(&vips_image_get_orientation_swap) turned;
	__typeof__(&vips_avg)                       avg;
	__typeof__(&vips_thumbnail)                 thumbnail;
	__typeof__(&vips_image_hasalpha)            has_alpha;
	__typeof__(&vips_flatten)                   flatten;
	__typeof__(&vips_jpegsave)                  jpegsave;
	__typeof__(&vips_webpsave)                  webpsave;
	__typeof__(&vips_heifsave)                  heifsave;
	__typeof__(&vips_extract_area)              cut;
	__typeof__(&vips_copy)                      copy;
	__typeof__(&vips_image_get_fields)          fields;
	__typeof__(&vips_image_get_typeof)          has;
	__typeof__(&vips_image_get_blob)            blob;
	__typeof__(&vips_image_set_blob_copy)       set_blob;
	__typeof__(&vips_image_remove)              remove;
	__typeof__(&g_strfreev)                     free_names;
	__typeof__(&vips_array_double_new)          doubles;
	__typeof__(&g_object_unref)                 unref;
};

static bool load_vips(struct vips *v)
{
	void *lib = dlopen("libvips.so.42", RTLD_NOW | RTLD_GLOBAL);
	if (!lib)
		return false;
	const struct {
		void      **at;
		const char *name;
	} wanted[] = {
		{ (void **)&v->init, "vips_init" },
		{ (void **)&v->block_untrusted, "vips_block_untrusted_set" },
		{ (void **)&v->concurrency, "vips_concurrency_set" },
		{ (void **)&v->error, "vips_error_buffer" },
		{ (void **)&v->find_load, "vips_foreign_find_load" },
		{ (void **)&v->open, "vips_image_new_from_file" },
		{ (void **)&v->width, "vips_image_get_width" },
		{ (void **)&v->height, "vips_image_get_height" },
		{ (void **)&v->turned, "vips_image_get_orientation_swap" },
		{ (void **)&v->avg, "vips_avg" },
		{ (void **)&v->thumbnail, "vips_thumbnail" },
		{ (void **)&v->has_alpha, "vips_image_hasalpha" },
		{ (void **)&v->flatten, "vips_flatten" },
		{ (void **)&v->jpegsave, "vips_jpegsave" },
		{ (void **)&v->webpsave, "vips_webpsave" },
		{ (void **)&v->heifsave, "vips_heifsave" },
		{ (void **)&v->cut, "vips_extract_area" },
		{ (void **)&v->copy, "vips_copy" },
		{ (void **)&v->fields, "vips_image_get_fields" },
		{ (void **)&v->has, "vips_image_get_typeof" },
		{ (void **)&v->blob, "vips_image_get_blob" },
		{ (void **)&v->set_blob, "vips_image_set_blob_copy" },
		{ (void **)&v->remove, "vips_image_remove" },
		{ (void **)&v->free_names, "g_strfreev" },
		{ (void **)&v->doubles, "vips_array_double_new" },
		{ (void **)&v->unref, "g_object_unref" },
	};
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!(*wanted[i].at = dlsym(lib, wanted[i].name)))
			return false;
	return true;
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit r = { most, most };
	setrlimit(what, &r);
}

static void confine(void)
{
	limit(RLIMIT_CPU, SECONDS_MOST);
	limit(RLIMIT_FSIZE, (rlim_t)FILE_MOST_MB << 20);
	limit(RLIMIT_CORE, 0);
	if (!UNDER_SANITIZER) /* which reserves terabytes of address space */
		limit(RLIMIT_AS, (rlim_t)MEMORY_MOST_MB << 20);
	errno = 0;
	if (nice(10) == -1 && errno)
		fputs("", stderr); /* no matter: it runs at the common priority then */
}

/* The decoders that are trusted with a stranger's file, by the name of libvips's loader. */
static const struct {
	const char *loader, *format;
} formats[] = {
	{ "VipsForeignLoadJpegFile", "jpeg" }, { "VipsForeignLoadPngFile", "png" },
	{ "VipsForeignLoadWebpFile", "webp" }, { "VipsForeignLoadNsgifFile", "gif" },
	{ "VipsForeignLoadHeifFile", "avif" },
};

static const char *format_of(const struct vips *v, const char *path)
{
	const char *loader = v->find_load(path);
	for (size_t i = 0; loader && i < COUNT(formats); i++)
		if (strcmp(loader, formats[i].loader) == 0)
			return formats[i].format;
	return NULL;
}

static int complain(const char *why)
{
	fprintf(stderr, "%s\n", why);
	return 2;
}

/* libvips's reason, its first line. */
static int complain_vips(const struct vips *v, const char *what)
{
	const char *said = v->error();
	fprintf(stderr, "%s: %.*s\n", what, (int)strcspn(said, "\n"), said);
	return 2;
}

/* The file's picture, its size judged before a pixel is decoded. */
static int open_picture(const struct vips *v, const char *path, int64_t megapixels, VipsImage **out)
{
	if (!format_of(v, path))
		return complain("this is no picture of a kind that is taken: send JPEG, PNG, WebP, "
				"GIF or AVIF");
	VipsImage *image = v->open(path, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
				   VIPS_FAIL_ON_TRUNCATED, NULL);
	if (!image)
		return complain_vips(v, "the picture could not be read");
	int64_t pixels = (int64_t)v->width(image) * v->height(image);
	if (pixels > megapixels * 1000000) {
		fprintf(stderr, "the picture has %d x %d points, %lld megapixels; at most %lld are "
			"taken (picture_megapixels in stet.conf)\n", v->width(image),
			v->height(image), (long long)(pixels / 1000000), (long long)megapixels);
		v->unref(image);
		return 2;
	}
	*out = image;
	return 0;
}

/* --- words --- */

static str_t blob_of(const struct vips *v, VipsImage *image, const char *name)
{
	const void *p;
	size_t n;
	if (!v->has(image, name) || v->blob(image, name, &p, &n) != 0)
		return S("");
	return str_from(p, n);
}

static void print_facts(const struct vips *v, VipsImage *image, const char *format)
{
	arena_t *a = arena_create(WORDS_MEMORY);
	struct picture_words words = { 0 };
	int width = v->width(image), height = v->height(image);
	bool turned = v->turned(image);
	json_t *j = json_pack("{s:s, s:i, s:i}", "format", format, "width", turned ? height : width,
			      "height", turned ? width : height);
	if (a)
		picture_words_read(a, blob_of(v, image, "xmp-data"), blob_of(v, image, "iptc-data"),
				   blob_of(v, image, "exif-data"), &words);
	for (size_t i = 0; i < PICTURE_WORDS; i++) {
		str_t s = *picture_word(&words, i);
		if (s.n)
			json_object_set_new(j, picture_word_names[i], json_stringn(s.p, s.n));
	}
	json_dumpf(j, stdout, JSON_COMPACT);
	json_decref(j);
	arena_free(a);
}

static int probe(const struct vips *v, const char *path, int64_t megapixels)
{
	VipsImage *image;
	int code = open_picture(v, path, megapixels, &image);
	if (code)
		return code;
	double average;
	if (v->avg(image, &average, NULL) != 0) /* decodes it all */
		return complain_vips(v, "the picture is broken");
	print_facts(v, image, format_of(v, path));
	v->unref(image);
	return 0;
}

/* --- copies --- */

struct copying {
	const struct vips          *v;
	arena_t                    *a;
	const char                 *path;
	int                         width, height; /* of the original, upright */
	const struct picture_words *words;
	str_t                       xmp; /* empty: there is nothing to say */
};

/* JPEG has no transparency: paper shows through. */
static int flatten(const struct vips *v, VipsImage **image)
{
	if (!v->has_alpha(*image))
		return 0;
	double white[] = { 255, 255, 255 };
	VipsImage *flat;
	if (v->flatten(*image, &flat, "background", v->doubles(white, 3), NULL) != 0)
		return complain_vips(v, "the picture could not be flattened");
	v->unref(*image);
	*image = flat;
	return 0;
}

/* Everything the original says of itself goes; then comes what its makers want said. */
static int keep_words(const struct copying *x, VipsImage **image)
{
	VipsImage *bare;
	if (x->v->copy(*image, &bare, NULL) != 0)
		return complain_vips(x->v, "the picture could not be copied");
	x->v->unref(*image);
	*image = bare;
	char **names = x->v->fields(bare);
	for (size_t i = 0; names && names[i]; i++)
		x->v->remove(bare, names[i]);
	x->v->free_names(names);
	x->v->set_blob(bare, "xmp-data", x->xmp.p, x->xmp.n);
	return 0;
}

/* The savers of WebP and AVIF take the words along. That of JPEG would add a whole EXIF of its own;
 * there they are put in afterwards. */
static int save(const struct copying *x, VipsImage *image, const char *ext, const char *path)
{
	const struct vips *v = x->v;
	gboolean strip = !x->xmp.n;
	if (strcmp(ext, "avif") == 0)
		return v->heifsave(image, path, "Q", 54, "compression",
				   VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 2, "strip", strip,
				   NULL);
	if (strcmp(ext, "webp") == 0)
		return v->webpsave(image, path, "Q", 78, "effort", 4, "strip", strip, NULL);
	return v->jpegsave(image, path, "Q", 80, "optimize_coding", TRUE, "interlace", TRUE,
			   "strip", TRUE, NULL);
}

static int add_to_jpeg(const struct copying *x, const char *path)
{
	str_t bytes;
	err_t e = file_read(x->a, path, (size_t)FILE_MOST_MB << 20, &bytes);
	if (!e)
		e = file_write(path, picture_words_into_jpeg(x->a, bytes, x->words, x->xmp), 0644);
	int code = e ? complain(err_text(e)) : 0;
	err_free(e);
	return code;
}

/* "960" or "960x540-50-30" */
static bool parse_size(const char *text, struct picture_copy *out)
{
	int *const numbers[] = { &out->width, &out->height, &out->focus_x, &out->focus_y };
	static const char separators[] = "x--";
	str_t rest = str_of(text);
	size_t n = 0;
	*out = (struct picture_copy){ .focus_x = 50, .focus_y = 50 };
	while (rest.p && n < COUNT(numbers)) {
		int64_t value;
		if (!str_int(str_cut(&rest, n < 3 ? separators[n] : ' '), &value) || value < 0 ||
		    value > 10000)
			return false;
		*numbers[n++] = (int)value;
	}
	return (n == 1 || n == 4) && !rest.p && out->width > 0 && out->focus_x <= 100 &&
	       out->focus_y <= 100;
}

/* The stretch of `length` within `all` whose middle is as near to `percent` as it can be. */
static int stretch(int all, int length, int percent)
{
	int from = (int)((int64_t)all * percent / 100) - length / 2;
	return from < 0 ? 0 : from + length > all ? all - length : from;
}

/* A picture just large enough for the shape, which is then cut out of it. */
static int cut(const struct vips *v, const struct picture_copy *copy, VipsImage **image)
{
	int w = v->width(*image), h = v->height(*image);
	int cw = copy->width < w ? copy->width : w, ch = copy->height < h ? copy->height : h;
	VipsImage *out;
	if (v->cut(*image, &out, stretch(w, cw, copy->focus_x), stretch(h, ch, copy->focus_y), cw, ch,
		   NULL) != 0)
		return complain_vips(v, "the picture could not be cut");
	v->unref(*image);
	*image = out;
	return 0;
}

/* How wide the whole must be for the shape to be cut out of it. */
static int wide_enough(const struct copying *x, const struct picture_copy *copy)
{
	int64_t by_height = ((int64_t)copy->height * x->width + x->height - 1) / x->height;
	return by_height > copy->width ? (int)by_height : copy->width;
}

static int draw(const struct copying *x, const struct picture_copy *copy, const char *to)
{
	VipsImage *image;
	const struct vips *v = x->v;
	bool jpeg = strcmp(copy->ext, "jpg") == 0;
	if (v->thumbnail(x->path, &image, wide_enough(x, copy), "height", 10000000, "size",
			 VIPS_SIZE_DOWN, "export_profile", "srgb", "fail_on",
			 VIPS_FAIL_ON_TRUNCATED, NULL) != 0)
		return complain_vips(v, "the picture could not be made smaller");
	int code = copy->height ? cut(v, copy, &image) : 0;
	if (!code && jpeg)
		code = flatten(v, &image);
	if (!code && x->xmp.n && !jpeg)
		code = keep_words(x, &image);
	if (!code && save(x, image, copy->ext, to) != 0)
		code = complain_vips(v, "the copy could not be written");
	v->unref(image);
	return !code && x->xmp.n && jpeg ? add_to_jpeg(x, to) : code;
}

static int make_copy(const struct copying *x, const struct picture_copy *copy, const char *to)
{
	char beside[4096];
	/* The extension stays last: libvips chooses nothing by it here, but people do. */
	if (snprintf(beside, sizeof beside, "%s.%d.part", to, (int)getpid()) >= (int)sizeof beside)
		return complain("the path of the copy is too long");
	int code = draw(x, copy, beside);
	if (!code && rename(beside, to) != 0)
		code = complain("the copy could not be put in its place");
	if (code)
		unlink(beside);
	return code;
}

static bool read_words(arena_t *a, const char *text, struct picture_words *out)
{
	json_error_t why;
	json_t *j = json_loads(text, 0, &why);
	*out = (struct picture_words){ 0 };
	for (size_t i = 0; j && i < PICTURE_WORDS; i++)
		*picture_word(out, i) = str_copy(a, str_of(json_string_value(
			json_object_get(j, picture_word_names[i]))));
	json_decref(j);
	return j != NULL;
}

static int copies(const struct vips *v, const char *path, int64_t megapixels, int argc, char **argv)
{
	VipsImage *image;
	struct picture_words words;
	arena_t *a = arena_create(0);
	int code = open_picture(v, path, megapixels, &image);
	if (code)
		return code;
	bool turned = v->turned(image);
	int width = v->width(image), height = v->height(image);
	v->unref(image);
	if (!a || argc < 1 || !read_words(a, argv[0], &words))
		return complain(COPIES_USAGE);
	struct copying x = { v, a, path, turned ? height : width, turned ? width : height, &words,
			     picture_words_xmp(a, &words) };
	for (int i = 1; !code && i + 2 < argc; i += 3) {
		struct picture_copy copy;
		if (!parse_size(argv[i], &copy))
			return complain(COPIES_USAGE);
		copy.ext = argv[i + 1];
		code = make_copy(&x, &copy, argv[i + 2]);
	}
	arena_free(a);
	return code;
}

int picture_main(int argc, char **argv)
{
	struct vips v;
	int64_t megapixels;
	if (argc == 3 && strcmp(argv[0], "card") == 0) {
		confine();
		return card_draw(argv[1], argv[2]);
	}
	if (argc < 3 || !str_int(str_of(argv[2]), &megapixels))
		return complain("usage: stet picture probe FILE MEGAPIXELS");
	confine();
	if (!load_vips(&v) || v.init("stet") != 0)
		return complain("libvips could not be loaded: install libvips42 (8.13 or newer)");
	v.block_untrusted(TRUE);
	v.concurrency(1);
	if (strcmp(argv[0], "probe") == 0)
		return probe(&v, argv[1], megapixels);
	return copies(&v, argv[1], megapixels, argc - 3, argv + 3);
}
