/* glyph.c: see glyph.h.
 *
 * A code point goes through NFKC with case folding and is then taken apart; marks and what is ignorable fall
 * away. Of the alphabets that are cousins of the Latin one, letters that look like one of ours become it, by
 * Unicode's list of confusable characters (UTS 39). A capital may look otherwise than its small letter (Greek
 * N and v): both are folded as the small one, so that a word is the same in either, and the capital's
 * own look is its `alt`.
 *
 * A page is never changed once it stands in the table; two threads that make the same one at once make the
 * same page, and one is let go. */
#include "forum/glyph.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

enum {
	PAGES = 0x320,      /* to U+31FFF: no letters are assigned behind it */
	MOST = 21,          /* code points that one becomes: 18 of U+FDFA, and room for the last to be three */
};

struct page {
	struct glyph glyph[256];
	uint32_t     nmore;
	uint32_t     more[]; /* room for 256 * MOST while it is made */
};

struct folder {
	USpoofChecker           *spoof;
	const UNormalizer2      *folded, *apart; /* ICU's own */
	_Atomic(struct page *)   pages[PAGES];
};

static const struct {
	char digit, letter;
} digits[] = { { '0', 'o' }, { '1', 'i' }, { '3', 'e' }, { '4', 'a' }, { '5', 's' }, { '7', 't' } };

static const struct {
	uint32_t sign;
	char     letter;
} signs[] = { { '@', 'a' }, { '$', 's' }, { '!', 'i' }, { '|', 'i' }, { 0x20ac, 'e' } };

uint8_t glyph_digit(uint32_t c)
{
	for (size_t i = 0; i < COUNT(digits); i++)
		if ((uint32_t)digits[i].digit == c)
			return (uint8_t)digits[i].letter;
	return 0;
}

static uint8_t sign_letter(uint32_t c)
{
	for (size_t i = 0; i < COUNT(signs); i++)
		if (signs[i].sign == c)
			return (uint8_t)signs[i].letter;
	return 0;
}

err_t folder_new(struct folder **out)
{
	UErrorCode e = U_ZERO_ERROR;
	struct folder *f = calloc(1, sizeof *f);
	if (!f)
		return err_new(ERR_MEMORY, "out of memory");
	f->spoof = uspoof_open(&e);
	f->folded = unorm2_getNFKCCasefoldInstance(&e);
	f->apart = unorm2_getNFDInstance(&e);
	if (U_SUCCESS(e)) {
		*out = f;
		return OK;
	}
	folder_free(f);
	return err_new(ERR_SYSTEM, "ICU did not start: %s", u_errorName(e));
}

void folder_free(struct folder *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < PAGES; i++)
		free(atomic_load(&f->pages[i]));
	uspoof_close(f->spoof);
	free(f);
}

/* --- one code point --- */

static bool is_letter(uint32_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static UScriptCode script_of(uint32_t c)
{
	UErrorCode e = U_ZERO_ERROR;
	return uscript_getScript((UChar32)c, &e);
}

/* Their letters are looked at for ours. In others, likeness is chance, and would make words one that differ. */
static bool is_cousin(uint32_t c)
{
	switch (script_of(c)) {
	case USCRIPT_LATIN:
	case USCRIPT_GREEK:
	case USCRIPT_CYRILLIC:
	case USCRIPT_ARMENIAN:
	case USCRIPT_CHEROKEE:
	case USCRIPT_COPTIC:
	case USCRIPT_LISU:
	case USCRIPT_CANADIAN_ABORIGINAL: return c != 0x3c3 && c != 0x3c2; /* σ is no o to who reads Greek */
	default: return false;
	}
}

/* Marks of which a letter is the same without: accents, points, strokes; not the vowels of Indic scripts. */
static bool is_mark(uint32_t c)
{
	if (!(U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK))
		return false;
	UScriptCode s = script_of(c);
	return s == USCRIPT_INHERITED || s == USCRIPT_COMMON || s == USCRIPT_HEBREW || s == USCRIPT_ARABIC ||
	       s == USCRIPT_CYRILLIC || s == USCRIPT_LATIN || s == USCRIPT_GREEK;
}

static bool is_unseen(uint32_t c)
{
	return is_mark(c) || c == 0x640 || /* the stroke that stretches Arabic words */
	       u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	       u_hasBinaryProperty((UChar32)c, UCHAR_EMOJI_MODIFIER);
}

/* The next code point of ICU's text. */
static uint32_t next_of(const UChar *s, int32_t *at, int32_t n)
{
	uint32_t c = s[(*at)++];
	if (!U16_IS_LEAD(c) || *at == n || !U16_IS_TRAIL(s[*at]))
		return c;
	return 0x10000 + ((c - 0xd800) << 10) + (s[(*at)++] - 0xdc00u);
}

/* The letter in a box or a disc, of which Unicode makes symbols of their own. */
static uint32_t boxed(uint32_t c)
{
	static const uint32_t first[] = { 0x1f130, 0x1f150, 0x1f170, 0x1f1e6 };
	for (size_t i = 0; i < COUNT(first); i++)
		if (c >= first[i] && c < first[i] + 26)
			return 'a' + c - first[i];
	return 0;
}

/* LATIN LETTER SMALL CAPITAL K */
static uint32_t small_capital(uint32_t c)
{
	static const char begins[] = "LATIN LETTER SMALL CAPITAL ";
	char name[64];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = u_charName((UChar32)c, U_UNICODE_CHAR_NAME, name, sizeof name, &e);
	bool is = U_SUCCESS(e) && n == sizeof begins && memcmp(name, begins, sizeof begins - 1) == 0;
	return is ? (uint32_t)name[n - 1] | 32 : 0;
}

/* What `c` looks like, as ASCII letters in small; 0 of them if like none. */
static size_t look(const struct folder *f, uint32_t c, uint32_t *out)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar in[2], as[64];
	int32_t nin = 0, at = 0;
	size_t n = 0;
	bool latin = script_of(c) == USCRIPT_LATIN;
	if (latin && (*out = small_capital(c)) != 0)
		return 1;
	U16_APPEND_UNSAFE(in, nin, (int32_t)c);
	int32_t len = uspoof_getSkeleton(f->spoof, 0, in, nin, as, COUNT(as), &e);
	while (U_SUCCESS(e) && at < len) {
		uint32_t d = next_of(as, &at, len);
		if (latin && is_mark(d))
			continue;
		if (!is_letter(d) || n == 3)
			return 0;
		out[n++] = d | 32;
	}
	if (n == 2 && out[0] == 'r' && out[1] == 'n') { /* how Unicode writes m */
		out[0] = 'm';
		return 1;
	}
	return latin || n == 1 ? n : 0;
}

/* One that is folded and taken apart already. */
static size_t canonical(const struct folder *f, uint32_t c, uint32_t *out)
{
	uint32_t box = boxed(c);
	size_t n = 0;
	*out = box ? box : c;
	if (c < 0x80 || box || !is_cousin(c))
		return 1;
	n = look(f, c, out);
	if (!n && script_of(c) != USCRIPT_LATIN)
		n = look(f, (uint32_t)u_toupper((UChar32)c), out);
	if (!n)
		*out = c;
	return n ? n : 1;
}

/* All that `c` becomes; the marks are gone. */
static size_t becomes(const struct folder *f, uint32_t c, uint32_t out[MOST])
{
	UErrorCode e = U_ZERO_ERROR;
	UChar in[2], folded[64], apart[128];
	int32_t n = 0, at = 0;
	size_t count = 0;
	U16_APPEND_UNSAFE(in, n, (int32_t)c);
	n = unorm2_normalize(f->folded, in, n, folded, COUNT(folded), &e);
	n = unorm2_normalize(f->apart, folded, n, apart, COUNT(apart), &e);
	while (U_SUCCESS(e) && at < n && count + 3 <= MOST) {
		uint32_t d = next_of(apart, &at, n);
		if (!is_unseen(d))
			count += canonical(f, d, out + count);
	}
	return count;
}

static bool sets_no_spaces(uint32_t c)
{
	switch (u_getIntPropertyValue((UChar32)c, UCHAR_LINE_BREAK)) {
	case U_LB_IDEOGRAPHIC:
	case U_LB_CONDITIONAL_JAPANESE_STARTER:
	case U_LB_COMPLEX_CONTEXT: return true;
	default: return false;
	}
}

static enum fold_kind kind_of(uint32_t c)
{
	if (u_isdigit((UChar32)c))
		return FOLD_DIGIT;
	if (u_hasBinaryProperty((UChar32)c, UCHAR_EXTENDED_PICTOGRAPHIC) && c > 0xff)
		return FOLD_FREE;
	if (!u_isalnum((UChar32)c) && !(U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK))
		return FOLD_GAP;
	return sets_no_spaces(c) ? FOLD_FREE : FOLD_LETTER;
}

static uint8_t flags_of(uint32_t c)
{
	bool upper = u_isUUppercase((UChar32)c), cased = upper || u_isULowercase((UChar32)c);
	bool mark = (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) != 0;
	return (uint8_t)((upper ? GLYPH_UPPER : 0) | (cased ? GLYPH_CASED : 0) | (mark ? GLYPH_MARK : 0));
}

/* A sign's letter, a digit's, or what a capital looks like if that is not its small letter. */
static uint8_t alt_of(const struct folder *f, uint32_t c, const struct glyph *g)
{
	uint32_t as[3];
	if (g->kind == FOLD_DIGIT)
		return glyph_digit(g->letter);
	if (g->kind == FOLD_GAP)
		return sign_letter(g->letter);
	if (!(g->flags & GLYPH_UPPER) || c < 0x80 || !is_cousin(c) || look(f, c, as) != 1)
		return 0;
	return as[0] == g->letter || as[0] == 'l' ? 0 : (uint8_t)as[0];
}

/* --- pages --- */

static struct page *page_make(const struct folder *f, uint32_t first)
{
	struct page *p = calloc(1, sizeof *p + sizeof p->more[0] * 256 * MOST), *fit;
	if (!p)
		return NULL;
	for (uint32_t i = 0; i < 256; i++) {
		struct glyph *g = &p->glyph[i];
		uint32_t c = first + i, out[MOST] = { 0 };
		size_t n = U_IS_SURROGATE(c) ? 0 : becomes(f, c, out);
		*g = (struct glyph){ .letter = out[0], .n = (uint8_t)n, .flags = flags_of(c) };
		g->kind = (uint8_t)(n == 1 ? kind_of(out[0]) : FOLD_GAP);
		g->alt = n == 1 ? alt_of(f, c, g) : 0;
		if (n < 2)
			continue;
		g->letter = p->nmore;
		memcpy(p->more + p->nmore, out, n * sizeof *out);
		p->nmore += (uint32_t)n;
	}
	fit = realloc(p, sizeof *p + sizeof p->more[0] * p->nmore);
	return fit ? fit : p;
}

const struct glyph *glyph_of(struct folder *f, uint32_t c, const uint32_t **more)
{
	static const struct glyph gap = { .n = 1, .kind = FOLD_GAP, .letter = ' ' }, unseen = { 0 };
	uint32_t at = c >> 8;
	*more = NULL;
	if (at >= PAGES)
		return c >= 0xe0000 && c < 0xe1000 ? &unseen : &gap;
	struct page *p = atomic_load_explicit(&f->pages[at], memory_order_acquire), *other = NULL;
	if (!p) {
		p = page_make(f, c & ~0xffu);
		if (!p)
			return NULL;
		if (!atomic_compare_exchange_strong(&f->pages[at], &other, p)) {
			free(p);
			p = other;
		}
	}
	*more = p->more;
	return &p->glyph[c & 0xff];
}
