/* slug.c: addresses from words.
 *
 * Latin letters are brought to a-z by a small table of the marks and ligatures that European
 * languages use; letters of other scripts stay as they are (browsers show them, UTF-8 carries
 * them); everything else becomes one hyphen. */
#include "press/limits.h"
#include "press/press.h"


/* Latin-1 supplement and Latin extended A by ranges of the same base letter. */
static const struct {
	uint16_t    from, to;
	const char *ascii;
} folds[] = {
	{ 0xc0, 0xc5, "a" },   { 0xc6, 0xc6, "ae" },  { 0xc7, 0xc7, "c" },   { 0xc8, 0xcb, "e" },
	{ 0xcc, 0xcf, "i" },   { 0xd0, 0xd0, "d" },   { 0xd1, 0xd1, "n" },   { 0xd2, 0xd6, "o" },
	{ 0xd8, 0xd8, "o" },   { 0xd9, 0xdc, "u" },   { 0xdd, 0xdd, "y" },   { 0xde, 0xde, "th" },
	{ 0xdf, 0xdf, "ss" },  { 0xe0, 0xe5, "a" },   { 0xe6, 0xe6, "ae" },  { 0xe7, 0xe7, "c" },
	{ 0xe8, 0xeb, "e" },   { 0xec, 0xef, "i" },   { 0xf0, 0xf0, "d" },   { 0xf1, 0xf1, "n" },
	{ 0xf2, 0xf6, "o" },   { 0xf8, 0xf8, "o" },   { 0xf9, 0xfc, "u" },   { 0xfd, 0xfd, "y" },
	{ 0xfe, 0xfe, "th" },  { 0xff, 0xff, "y" },   { 0x100, 0x105, "a" }, { 0x106, 0x10d, "c" },
	{ 0x10e, 0x111, "d" }, { 0x112, 0x11b, "e" }, { 0x11c, 0x123, "g" }, { 0x124, 0x127, "h" },
	{ 0x128, 0x131, "i" }, { 0x132, 0x133, "ij" }, { 0x134, 0x135, "j" }, { 0x136, 0x138, "k" },
	{ 0x139, 0x142, "l" }, { 0x143, 0x14b, "n" }, { 0x14c, 0x151, "o" }, { 0x152, 0x153, "oe" },
	{ 0x154, 0x159, "r" }, { 0x15a, 0x161, "s" }, { 0x162, 0x167, "t" }, { 0x168, 0x173, "u" },
	{ 0x174, 0x175, "w" }, { 0x176, 0x178, "y" }, { 0x179, 0x17e, "z" }, { 0x218, 0x219, "s" },
	{ 0x21a, 0x21b, "t" },
};

static const char *fold(int32_t rune)
{
	for (size_t i = 0; i < COUNT(folds); i++)
		if (rune >= folds[i].from && rune <= folds[i].to)
			return folds[i].ascii;
	return NULL;
}

/* A letter of another script, near enough for an address: not punctuation, not a symbol, not an
 * invisible character. */
static bool other_letter(int32_t r)
{
	return (r >= 0x370 && r < 0x2000 && r != 0x37e && r != 0x387) ||
	       (r >= 0x2c00 && r < 0x2e00) || (r >= 0x3041 && r < 0xd7ff) ||
	       (r >= 0xf900 && r < 0xfb00) || (r >= 0x20000 && r < 0x32000);
}

static bool combining(int32_t r)
{
	return r >= 0x300 && r < 0x370;
}

static bool apostrophe(int32_t r)
{
	return r == '\'' || r == 0x2019 || r == 0x2bc;
}

str_t slug_from(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n);
	bool hyphen = false;
	int32_t r;
	for (size_t at = 0, from = 0; (r = str_next_rune(text, &at)) >= 0; from = at) {
		char one[2] = { 0 };
		const char *ascii = fold(r);
		if (r >= 'A' && r <= 'Z')
			one[0] = (char)(r - 'A' + 'a'), ascii = one;
		else if ((r >= 'a' && r <= 'z') || (r >= '0' && r <= '9'))
			one[0] = (char)r, ascii = one;
		if (combining(r) || apostrophe(r))
			continue;
		str_t piece = ascii ? str_of(ascii) : str_slice(text, from, at);
		if (!ascii && !other_letter(r)) {
			hyphen = b.n > 0;
			continue;
		}
		if (b.n + hyphen + piece.n > SLUG_MOST)
			break;
		if (hyphen)
			buf_add_char(&b, '-');
		hyphen = false;
		buf_add(&b, piece);
	}
	return buf_str(&b);
}

static const char *const reserved[] = {
	"tag",    "author",  "media",   "assets", "feed",  "search", "record",  "archive",
	"account", "forum",  "notices", "support", "desk", "api",    "dev",     "page",
	"static", "index",   "rss",     "atom",   "sitemap", "robots", "favicon",
	"series", "corrections", "date", "live",  "most-read", "saved", "following", "offline",
	"share",  "oembed",  "embed",   "upload", "events",  "manifest", "theme", "messages",
	"reader", "register", "sign-in", "sign-out", "mail-sent", "invite", "me", "comment", "comments",
	"following", "moderation", "decision", "notice", "elsewhere",
};

err_t slug_check(const char *field, str_t slug)
{
	if (!slug.n)
		return err_user(ERR_INPUT, field, "%s: must not be empty", field);
	if (slug.n > SLUG_MOST)
		return err_user(ERR_INPUT, field, "%s: at most %d bytes", field, SLUG_MOST);
	int32_t r;
	for (size_t at = 0; (r = str_next_rune(slug, &at)) >= 0;) {
		bool plain = (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') || r == '-' ||
			     r == '_';
		if (!plain && !other_letter(r) && !combining(r))
			return err_user(ERR_INPUT, field,
					"%s: \"%.*s\" may hold lower-case letters, digits and "
					"hyphens only", field, STR(slug));
	}
	return OK;
}

err_t slug_check_top(const char *field, str_t slug)
{
	TRY(slug_check(field, slug));
	for (size_t i = 0; i < COUNT(reserved); i++)
		if (str_eq(slug, str_of(reserved[i])))
			return err_user(ERR_INPUT, field, "%s: \"%s\" is a word of Stet's own; "
					"choose another", field, reserved[i]);
	return OK;
}
