/* picture_words_write.c: XMP and IPTC of our own copies. */
#include "press/picture_words.h"

static void add_text(struct buf *b, const char *before, str_t s, const char *after)
{
	if (!s.n)
		return;
	buf_add(b, str_of(before));
	buf_add_html(b, s); /* the same five characters as in XML */
	buf_add(b, str_of(after));
}

static bool is_address(str_t s)
{
	return str_starts(s, S("https://")) || str_starts(s, S("http://"));
}

str_t picture_words_xmp(arena_t *a, const struct picture_words *w)
{
	if (!w->creator.n && !w->credit.n && !w->copyright.n && !w->licence.n)
		return S("");
	struct buf b = buf_new(a, 2048);
	buf_add(&b, S("<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
		      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
		      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
		      "<rdf:Description rdf:about=\"\""
		      " xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
		      " xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\""
		      " xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\">"));
	add_text(&b, "<dc:creator><rdf:Seq><rdf:li>", w->creator, "</rdf:li></rdf:Seq></dc:creator>");
	add_text(&b, "<photoshop:Credit>", w->credit, "</photoshop:Credit>");
	add_text(&b, "<dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">", w->copyright,
		 "</rdf:li></rdf:Alt></dc:rights>");
	if (is_address(w->licence))
		add_text(&b, "<xmpRights:WebStatement>", w->licence, "</xmpRights:WebStatement>");
	else
		add_text(&b, "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang=\"x-default\">",
			 w->licence, "</rdf:li></rdf:Alt></xmpRights:UsageTerms>");
	buf_add(&b, S("</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"));
	return buf_str(&b);
}

static void add_big(struct buf *b, size_t v, size_t n)
{
	while (n-- > 0)
		buf_add_char(b, (char)(v >> (8 * n) & 0xff));
}

static void add_dataset(struct buf *b, unsigned char dataset, str_t s, size_t most)
{
	s = str_clip(s, most); /* IIM is narrow */
	if (!s.n)
		return;
	add_big(b, 0x1c02, 2);
	add_big(b, dataset, 1);
	add_big(b, s.n, 2);
	buf_add(b, s);
}

static str_t datasets(arena_t *a, const struct picture_words *w)
{
	struct buf b = buf_new(a, 512);
	buf_add(&b, str_from("\x1c\x01\x5a\x00\x03\x1b%G", 8)); /* what follows is UTF-8 */
	add_dataset(&b, 80, w->creator, 32);
	add_dataset(&b, 110, w->credit, 32);
	add_dataset(&b, 116, w->copyright, 128);
	return buf_str(&b);
}

static void add_segment(struct buf *b, unsigned char marker, str_t name, str_t content)
{
	enum { SEGMENT_MOST = 65533 };
	if (name.n + content.n > SEGMENT_MOST)
		return;
	add_big(b, 0xff00u | marker, 2);
	add_big(b, name.n + content.n + 2, 2);
	buf_add(b, name);
	buf_add(b, content);
}

str_t picture_words_into_jpeg(arena_t *a, str_t jpeg, const struct picture_words *w, str_t xmp)
{
	static const char xmp_name[] = "http://ns.adobe.com/xap/1.0/"; /* with its NUL */
	struct buf b = buf_new(a, jpeg.n + xmp.n + 1024);
	size_t at = 2; /* behind the start, and behind JFIF, which comes first */
	if (jpeg.n > 6 && (unsigned char)jpeg.p[2] == 0xff && (unsigned char)jpeg.p[3] == 0xe0)
		at += 2 + ((size_t)(unsigned char)jpeg.p[4] << 8 | (unsigned char)jpeg.p[5]);
	buf_add(&b, str_slice(jpeg, 0, at));
	add_segment(&b, 0xe1, str_from(xmp_name, sizeof xmp_name), xmp);
	str_t iptc = datasets(a, w);
	struct buf block = buf_new(a, iptc.n + 32);
	buf_add(&block, str_from("8BIM\x04\x04\0\0", 8));
	add_big(&block, iptc.n, 4);
	buf_add(&block, iptc);
	if (iptc.n & 1)
		buf_add_char(&block, '\0');
	add_segment(&b, 0xed, str_from("Photoshop 3.0", 14), buf_str(&block));
	buf_add(&b, str_slice(jpeg, at, jpeg.n));
	return buf_str(&b);
}
