/* media_kind.c: the formats that are known by name: what kind each is, how its files end, and what a
 * browser is told it is. A format is found from the bytes (media_probe.h), never from a name. */
#include "press/media.h"

static const struct {
	const char     *format, *ext, *type;
	enum media_kind kind;
} known[] = {
	{ "jpeg", "jpg", "image/jpeg", PICTURE },
	{ "png", "png", "image/png", PICTURE },
	{ "webp", "webp", "image/webp", PICTURE },
	{ "gif", "gif", "image/gif", PICTURE },
	{ "avif", "avif", "image/avif", PICTURE },
	{ "mp4", "mp4", "video/mp4", VIDEO },
	{ "mov", "mov", "video/quicktime", VIDEO },
	{ "webm", "webm", "video/webm", VIDEO },
	{ "ogv", "ogv", "video/ogg", VIDEO },
	{ "m4a", "m4a", "audio/mp4", AUDIO },
	{ "weba", "weba", "audio/webm", AUDIO },
	{ "ogg", "ogg", "audio/ogg", AUDIO },
	{ "mp3", "mp3", "audio/mpeg", AUDIO },
	{ "flac", "flac", "audio/flac", AUDIO },
	{ "wav", "wav", "audio/wav", AUDIO },
	{ "pdf", "pdf", "application/pdf", PLAIN_FILE },
	{ "zip", "zip", "application/zip", PLAIN_FILE },
	{ "gzip", "gz", "application/gzip", PLAIN_FILE },
	{ "docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	  PLAIN_FILE },
	{ "xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	  PLAIN_FILE },
	{ "pptx", "pptx",
	  "application/vnd.openxmlformats-officedocument.presentationml.presentation", PLAIN_FILE },
	{ "odt", "odt", "application/vnd.oasis.opendocument.text", PLAIN_FILE },
	{ "ods", "ods", "application/vnd.oasis.opendocument.spreadsheet", PLAIN_FILE },
	{ "epub", "epub", "application/epub+zip", PLAIN_FILE },
	{ "csv", "csv", "text/csv; charset=utf-8", PLAIN_FILE },
	{ "json", "json", "application/json", PLAIN_FILE },
	{ "svg", "svg", "application/octet-stream", PLAIN_FILE }, /* a drawing here, a program in a page */
	{ "text", "txt", "text/plain; charset=utf-8", PLAIN_FILE },
	{ "data", "bin", "application/octet-stream", PLAIN_FILE }, /* last: what no other is */
};

static size_t index_of(str_t format)
{
	size_t i = 0;
	while (i + 1 < COUNT(known) && !str_eq(format, str_of(known[i].format)))
		i++;
	return i;
}

str_t media_type(const struct media *m)
{
	return str_of(known[index_of(m->format)].type);
}

str_t media_ext(const struct media *m)
{
	return str_of(known[index_of(m->format)].ext);
}

enum media_kind media_format_kind(str_t format)
{
	return known[index_of(format)].kind;
}

bool media_format_known(str_t format)
{
	return str_eq(format, str_of(known[index_of(format)].format));
}

/* The name it came with, made fit for an address; the ending is its content's. */
str_t media_original_url(arena_t *a, const struct media *m)
{
	size_t dot = m->name.n;
	while (dot > 0 && m->name.p[dot - 1] != '.')
		dot--;
	str_t name = slug_from(a, dot > 1 ? str_slice(m->name, 0, dot - 1) : m->name);
	if (!name.n)
		name = media_kind_name(m->kind);
	return str_format(a, "/media/%.*s/%.*s.%.*s", STR(m->hash), STR(name), STR(media_ext(m)));
}
