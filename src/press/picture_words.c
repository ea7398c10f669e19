/* picture_words.c: see picture_words.h. Reading; writing is in picture_words_write.c. */
#include "press/picture_words.h"

#include <expat.h>

enum {
	WORD_MOST = 600, /* bytes: longer is a treatise */
	XMP_MOST = 1 << 20,
};

const char *const picture_word_names[PICTURE_WORDS] = { "creator", "credit", "copyright", "licence",
							"caption" };

str_t *picture_word(struct picture_words *w, size_t i)
{
	str_t *const all[PICTURE_WORDS] = { &w->creator, &w->credit, &w->copyright, &w->licence,
					    &w->caption };
	return all[i];
}

/* Latin-1 where it is no UTF-8, as old programs write. White space is one space; what XML has no place
 * for is white space. */
static void to_utf8(struct buf *b, str_t s)
{
	bool utf8 = str_is_utf8(s, NULL);
	for (size_t at = 0; at < s.n && b->n < WORD_MOST;) {
		int32_t c = utf8 ? str_next_rune(s, &at) : (unsigned char)s.p[at++];
		bool blank = c <= ' ' || c == 0x7f || c == 0xfffe || c == 0xffff;
		if (!blank)
			buf_add_rune(b, (uint32_t)c);
		else if (b->n && b->p[b->n - 1] != ' ')
			buf_add_char(b, ' ');
	}
}

/* The first that is found stays. */
static void keep(arena_t *a, str_t *word, str_t raw)
{
	struct buf b = buf_new(a, WORD_MOST + 8);
	if (word->n || !raw.n)
		return;
	to_utf8(&b, raw);
	*word = str_trim(str_clip(buf_str(&b), WORD_MOST));
}

/* --- XMP: RDF in XML --- */

#define DC "http://purl.org/dc/elements/1.1/|"
#define PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/|"
#define RIGHTS "http://ns.adobe.com/xap/1.0/rights/|"
#define CC "http://creativecommons.org/ns#|"
#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#|"

static const struct {
	const char *name;
	size_t      word;
} properties[] = {
	{ DC "creator", 0 },           { PHOTOSHOP "Credit", 1 },  { DC "rights", 2 },
	{ RIGHTS "WebStatement", 3 },  { CC "license", 3 },        { RIGHTS "UsageTerms", 3 },
	{ DC "description", 4 },
};

struct xmp {
	arena_t              *a;
	XML_Parser            parser;
	struct picture_words  found[COUNT(properties)]; /* .creator holds it: properties may compete */
	int                   deep;
	size_t                property; /* the one being read */
	int                   at;       /* how deep it began; 0: none; negative: enough was read */
	struct buf            text;
	bool                  several;  /* creators */
};

static size_t property_of(const char *name)
{
	size_t i = 0;
	while (i < COUNT(properties) && strcmp(name, properties[i].name) != 0)
		i++;
	return i;
}

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
	struct xmp *x = ctx;
	x->deep++;
	for (size_t i = 0; attributes[i]; i += 2) {
		size_t k = property_of(attributes[i]);
		if (k < COUNT(properties))
			keep(x->a, &x->found[k].creator, str_of(attributes[i + 1]));
		if (strcmp(attributes[i], RDF "resource") == 0 && property_of(name) < COUNT(properties))
			keep(x->a, &x->found[property_of(name)].creator, str_of(attributes[i + 1]));
	}
	if (!x->at && property_of(name) < COUNT(properties)) {
		x->at = x->deep;
		x->property = property_of(name);
		buf_clear(&x->text);
		x->several = false;
	} else if (x->at > 0 && strcmp(name, RDF "li") == 0) {
		/* Of several languages the first; of several makers all. */
		while (x->text.n && x->text.p[x->text.n - 1] == ' ')
			x->text.n--;
		if (x->several && properties[x->property].word == 0)
			buf_add(&x->text, S(", "));
		else if (x->several)
			x->at = -x->at;
		x->several = true;
	}
}

static void XMLCALL on_end(void *ctx, const char *name)
{
	struct xmp *x = ctx;
	(void)name;
	if (x->at && (x->deep == x->at || x->deep == -x->at)) {
		keep(x->a, &x->found[x->property].creator, str_trim(buf_str(&x->text)));
		x->at = 0;
	}
	x->deep--;
}

static void XMLCALL on_text(void *ctx, const char *s, int n)
{
	struct xmp *x = ctx;
	str_t text = str_from(s, (size_t)n);
	if (x->at <= 0 || x->text.n > 2 * WORD_MOST)
		return;
	if (str_trim(text).n)
		buf_add(&x->text, text);
	else if (x->text.n)
		buf_add_char(&x->text, ' ');
}

/* No document type: nothing that grows, nothing that fetches. */
static void XMLCALL on_doctype(void *ctx, const char *name, const char *system, const char *id, int own)
{
	struct xmp *x = ctx;
	(void)name;
	(void)system;
	(void)id;
	(void)own;
	XML_StopParser(x->parser, XML_FALSE);
}

static void read_xmp(arena_t *a, str_t text, struct picture_words *out)
{
	if (!text.n || text.n > XMP_MOST)
		return;
	struct xmp *x = arena_new(a, struct xmp);
	x->a = a;
	x->text = buf_new(a, 1024);
	x->parser = XML_ParserCreateNS(NULL, '|');
	if (!x->parser)
		return;
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	XML_Parse(x->parser, text.p, (int)text.n, 1); /* what could be read until a fault counts */
	XML_ParserFree(x->parser);
	for (size_t i = 0; i < COUNT(properties); i++)
		keep(a, picture_word(out, properties[i].word), x->found[i].creator);
}

/* --- IPTC-IIM: datasets, in Photoshop's blocks or bare --- */

static const struct {
	unsigned char dataset;
	size_t        word;
} datasets[] = { { 80, 0 }, { 110, 1 }, { 116, 2 }, { 120, 4 } };

static void read_datasets(arena_t *a, str_t s, struct picture_words *out)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t at = 0;
	while (at + 5 <= s.n && p[at] == 0x1c) {
		size_t n = (size_t)p[at + 3] << 8 | p[at + 4];
		if (n & 0x8000 || n > s.n - at - 5)
			return; /* extended: longer than any word of ours */
		for (size_t i = 0; p[at + 1] == 2 && i < COUNT(datasets); i++)
			if (datasets[i].dataset == p[at + 2])
				keep(a, picture_word(out, datasets[i].word),
				     str_slice(s, at + 5, at + 5 + n));
		at += 5 + n;
	}
}

static void read_iptc(arena_t *a, str_t s, struct picture_words *out)
{
	/* "8BIM", a number, a name of even length, a size. */
	static const char block[] = "8BIM\x04\x04";
	size_t at = str_find(s, str_from(block, 6), 0);
	if (at == STR_NONE) {
		size_t bare = str_find(s, str_from("\x1c\x02", 2), 0);
		if (bare != STR_NONE)
			read_datasets(a, str_slice(s, bare, s.n), out);
		return;
	}
	at += 6;
	size_t name = at < s.n ? ((size_t)(unsigned char)s.p[at] + 2) & ~(size_t)1 : 0;
	if (at + name + 4 < s.n)
		read_datasets(a, str_slice(s, at + name + 4, s.n), out);
}

/* --- EXIF: the first directory of a TIFF --- */

static const struct {
	unsigned tag;
	size_t   word;
} exif_tags[] = { { 0x013b, 0 }, { 0x8298, 2 }, { 0x010e, 4 } };

static unsigned long number(str_t s, size_t at, size_t n, bool little)
{
	unsigned long v = 0;
	for (size_t i = 0; i < n && at + n <= s.n; i++)
		v = v << 8 | (unsigned char)s.p[little ? at + n - 1 - i : at + i];
	return v;
}

static void read_exif(arena_t *a, str_t s, struct picture_words *out)
{
	enum { ENTRY = 12, ASCII = 2, ENTRIES_MOST = 512 };
	if (str_starts(s, str_from("Exif\0\0", 6)))
		s = str_slice(s, 6, s.n);
	if (s.n < 8)
		return;
	bool little = s.p[0] == 'I';
	size_t at = number(s, 4, 4, little), n = number(s, at, 2, little);
	for (size_t i = 0; i < n && i < ENTRIES_MOST; i++) {
		size_t entry = at + 2 + i * ENTRY;
		if (entry > s.n || s.n - entry < ENTRY)
			return;
		size_t length = number(s, entry + 4, 4, little);
		size_t from = length <= 4 ? entry + 8 : number(s, entry + 8, 4, little);
		if (number(s, entry + 2, 2, little) != ASCII || from > s.n || length > s.n - from)
			continue;
		str_t text = str_slice(s, from, from + length);
		text = str_slice(text, 0, str_find_char(text, '\0', 0));
		for (size_t k = 0; k < COUNT(exif_tags); k++)
			if (exif_tags[k].tag == number(s, entry, 2, little))
				keep(a, picture_word(out, exif_tags[k].word), str_trim(text));
	}
}

void picture_words_read(arena_t *a, str_t xmp, str_t iptc, str_t exif, struct picture_words *out)
{
	*out = (struct picture_words){ 0 };
	read_xmp(a, xmp, out);
	read_iptc(a, iptc, out);
	read_exif(a, exif, out);
}
