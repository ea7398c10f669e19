/* picture.c: the process that reads a stranger's picture. libvips is loaded here and nowhere else, by
 * name, so that a server neither waits for its libraries nor carries them. */
#include "press/picture.h"
#include "press/picture_card.h"

#include "base/sanitizer.h"

#include <dlfcn.h>
#include <errno.h>
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

static int probe(const struct vips *v, const char *path, int64_t megapixels)
{
	VipsImage *image;
	int code = open_picture(v, path, megapixels, &image);
	if (code)
		return code;
	double average;
	if (v->avg(image, &average, NULL) != 0) /* decodes it all */
		return complain_vips(v, "the picture is broken");
	int width = v->width(image), height = v->height(image);
	bool turned = v->turned(image);
	printf("{\"format\":\"%s\",\"width\":%d,\"height\":%d}\n", format_of(v, path),
	       turned ? height : width, turned ? width : height);
	v->unref(image);
	return 0;
}

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

static int save(const struct vips *v, VipsImage *image, const char *ext, const char *path)
{
	if (strcmp(ext, "avif") == 0)
		return v->heifsave(image, path, "Q", 54, "compression",
				   VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 2, "strip", TRUE,
				   NULL);
	if (strcmp(ext, "webp") == 0)
		return v->webpsave(image, path, "Q", 78, "effort", 4, "strip", TRUE, NULL);
	return v->jpegsave(image, path, "Q", 80, "optimize_coding", TRUE, "interlace", TRUE,
			   "strip", TRUE, NULL);
}

static int make_copy(const struct vips *v, const char *path, int width, const char *ext,
		     const char *to)
{
	VipsImage *image;
	char beside[4096];
	/* The extension stays last: libvips chooses nothing by it here, but people do. */
	if (snprintf(beside, sizeof beside, "%s.%d.part", to, (int)getpid()) >= (int)sizeof beside)
		return complain("the path of the copy is too long");
	if (v->thumbnail(path, &image, width, "height", 10000000, "size", VIPS_SIZE_DOWN,
			 "export_profile", "srgb", "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL) != 0)
		return complain_vips(v, "the picture could not be made smaller");
	int code = strcmp(ext, "jpg") == 0 ? flatten(v, &image) : 0;
	if (!code && save(v, image, ext, beside) != 0)
		code = complain_vips(v, "the copy could not be written");
	v->unref(image);
	if (!code && rename(beside, to) != 0)
		code = complain("the copy could not be put in its place");
	if (code)
		unlink(beside);
	return code;
}

static int copies(const struct vips *v, const char *path, int64_t megapixels, int argc, char **argv)
{
	VipsImage *image;
	int code = open_picture(v, path, megapixels, &image);
	if (code)
		return code;
	v->unref(image);
	for (int i = 0; !code && i + 2 < argc; i += 3) {
		int64_t width;
		if (!str_int(str_of(argv[i]), &width) || width < 1 || width > 10000)
			return complain("usage: stet picture copies FILE MEGAPIXELS (WIDTH EXT PATH)...");
		code = make_copy(v, path, (int)width, argv[i + 1], argv[i + 2]);
	}
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
