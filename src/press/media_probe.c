/* media_probe.c: see media_probe.h. Signatures first; containers that need more than one look are in
 * media_mp4.c, media_webm.c and media_sound.c. */
#include "press/media_probe.h"
#include "press/media_container.h"

#include <errno.h>
#include <unistd.h>

enum { HEAD = 64 * 1024 }; /* what is looked at to tell text from data */

size_t media_read(const struct media_bytes *f, int64_t at, void *out, size_t n)
{
	if (at < 0 || at >= f->size)
		return 0;
	if ((int64_t)n > f->size - at)
		n = (size_t)(f->size - at);
	if (f->mem.p) {
		memcpy(out, f->mem.p + at, n);
		return n;
	}
	size_t done = 0;
	while (done < n) {
		ssize_t got = pread(f->fd, (char *)out + done, n - done, at + (int64_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

usec_t media_duration(uint64_t units, uint64_t a_second)
{
	enum { LONGEST = 31 * 24 * 3600 }; /* seconds: more is a mistake of the header */
	if (!a_second)
		return 0;
	double seconds = (double)units / (double)a_second;
	return seconds >= 0 && seconds < LONGEST ? (usec_t)(seconds * (double)SECOND) : 0;
}

void media_size(struct media_facts *out, uint64_t width, uint64_t height)
{
	enum { LARGEST = 32768 };
	if (width && height && width <= LARGEST && height <= LARGEST) {
		out->width = (int)width;
		out->height = (int)height;
	}
}

/* --- what the first bytes say --- */

static const struct {
	size_t      at, n;
	const char *bytes, *format, *refused;
} signatures[] = {
	{ 0, 3, "\xff\xd8\xff", "jpeg", NULL },
	{ 0, 8, "\x89PNG\r\n\x1a\n", "png", NULL },
	{ 0, 6, "GIF87a", "gif", NULL },
	{ 0, 6, "GIF89a", "gif", NULL },
	{ 8, 4, "WEBP", "webp", NULL },
	{ 8, 4, "WAVE", "wav", NULL },
	{ 0, 4, "II*\0", "data", "TIFF" },
	{ 0, 4, "MM\0*", "data", "TIFF" },
	{ 0, 4, "8BPS", "data", "Photoshop" },
	{ 0, 2, "\xff\x0a", "data", "JPEG XL" },
	{ 0, 12, "\0\0\0\x0cJXL \r\n\x87\n", "data", "JPEG XL" },
	{ 0, 4, "\x1a\x45\xdf\xa3", "webm", NULL },
	{ 0, 4, "OggS", "ogg", NULL },
	{ 0, 4, "fLaC", "flac", NULL },
	{ 0, 3, "ID3", "mp3", NULL },
	{ 4, 4, "ftyp", "mp4", NULL },
	{ 0, 5, "%PDF-", "pdf", NULL },
	{ 0, 4, "PK\3\4", "zip", NULL },
	{ 0, 3, "\x1f\x8b\x08", "gzip", NULL },
};

static bool matches(str_t head, size_t at, const char *bytes, size_t n)
{
	return head.n >= at + n && memcmp(head.p + at, bytes, n) == 0;
}

static bool named(str_t name, const char *ending)
{
	size_t n = strlen(ending);
	return name.n > n && str_eq_nocase(str_slice(name, name.n - n, name.n), str_of(ending));
}

/* Archives that people know by another name, and texts that programs read. */
static const char *by_name(const char *format, str_t name)
{
	static const struct {
		const char *in, *ending, *format;
	} names[] = {
		{ "zip", ".docx", "docx" },  { "zip", ".xlsx", "xlsx" }, { "zip", ".pptx", "pptx" },
		{ "zip", ".odt", "odt" },    { "zip", ".ods", "ods" },   { "zip", ".epub", "epub" },
		{ "text", ".csv", "csv" },   { "text", ".json", "json" },
		{ "text", ".geojson", "json" }, { "text", ".svg", "svg" },
	};
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(format, names[i].in) == 0 && named(name, names[i].ending))
			return names[i].format;
	return format;
}

/* UTF-8 without control characters; the last code point may be cut. */
static bool is_text(str_t head, bool whole)
{
	size_t bad;
	for (size_t i = 0; i < head.n; i++) {
		unsigned char c = (unsigned char)head.p[i];
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f')
			return false;
	}
	return head.n && (str_is_utf8(head, &bad) || (!whole && head.n - bad < 4));
}

static bool looks_inside(const struct media_bytes *file, str_t head, struct media_facts *out)
{
	if (strcmp(out->format, "mp4") == 0)
		media_mp4(file, out);
	else if (strcmp(out->format, "webm") == 0)
		media_webm(file, out);
	else if (strcmp(out->format, "ogg") == 0)
		media_ogg(file, out);
	else if (strcmp(out->format, "flac") == 0)
		media_flac(head, out);
	else if (strcmp(out->format, "wav") == 0)
		media_wav(file, out);
	else if (strcmp(out->format, "mp3") == 0)
		media_mp3(file, out);
	else
		return false;
	return true;
}

void media_probe(const struct media_bytes *file, str_t name, struct media_facts *out)
{
	char bytes[HEAD];
	str_t head = str_from(bytes, media_read(file, 0, bytes, sizeof bytes));
	*out = (struct media_facts){ .format = NULL };
	for (size_t i = 0; i < COUNT(signatures) && !out->format; i++)
		if (matches(head, signatures[i].at, signatures[i].bytes, signatures[i].n) &&
		    (signatures[i].at != 8 || matches(head, 0, "RIFF", 4))) {
			out->format = signatures[i].format;
			out->refused = signatures[i].refused;
		}
	if (!out->format && matches(head, 0, "BM", 2) && matches(head, 6, "\0\0\0\0", 4)) {
		out->format = "data";
		out->refused = "BMP";
	}
	if (!out->format && media_is_mp3(file, 0))
		out->format = "mp3";
	if (!out->format)
		out->format = is_text(head, (int64_t)head.n == file->size) ? "text" : "data";
	if (!looks_inside(file, head, out))
		out->format = by_name(out->format, name);
	if (strcmp(out->format, "data") == 0)
		*out = (struct media_facts){ .format = "data", .refused = out->refused };
}
