/* str.h: text as pointer and length.
 *
 * A str_t is never changed and owns nothing; the bytes belong to an arena, a literal or a buffer
 * that outlives it. They need no NUL behind them: at the edge of a library that wants one,
 * str_z makes it. Text is UTF-8 unless a comment says otherwise. */
#pragma once

#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct str {
	const char *p;
	size_t      n;
} str_t;

/* A literal as str_t. */
#define S(literal) ((str_t){ "" literal, sizeof(literal) - 1 })

/* For printf: "%.*s", STR(s). */
#define STR(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), ((s).p ? (s).p : "")

str_t str_of(const char *z);                         /* NULL gives the empty string */
str_t str_from(const char *p, size_t n);
bool  str_eq(str_t a, str_t b);
bool  str_eq_nocase(str_t a, str_t b);               /* ASCII letters only */
int   str_cmp(str_t a, str_t b);                     /* bytes, as memcmp, shorter first */
bool  str_starts(str_t s, str_t prefix);
bool  str_ends(str_t s, str_t suffix);
str_t str_slice(str_t s, size_t from, size_t to);    /* clamped to the string */
str_t str_trim(str_t s);                             /* ASCII white space at both ends */

/* Position of the first `c` or `needle` at or after `from`; STR_NONE if there is none. */
#define STR_NONE ((size_t)-1)
size_t str_find_char(str_t s, char c, size_t from);
size_t str_find(str_t s, str_t needle, size_t from);

/* Cuts `*rest` at the first `sep`: the part before it is returned, `*rest` becomes the part after.
 * Without a `sep` all is returned and `*rest` becomes {NULL, 0}, which ends a loop on `rest.p`. */
str_t str_cut(str_t *rest, char sep);

str_t str_copy(arena_t *a, str_t s);
str_t str_lower(arena_t *a, str_t s);                /* ASCII letters only */
str_t str_join(arena_t *a, const str_t *parts, size_t count, str_t between);
str_t str_replace(arena_t *a, str_t s, str_t what, str_t with);
str_t str_format(arena_t *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
str_t str_vformat(arena_t *a, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

/* With a NUL behind it, for a library; bytes after an inner NUL are out of its sight. */
char *str_z(arena_t *a, str_t s);

/* For an address inside a header, feed or sitemap: bytes that RFC 3986 has no place for (spaces,
 * controls, quotes, all that is not ASCII) as %XX. What is escaped already stays. */
str_t str_uri(arena_t *a, str_t s);

/* For a value in a query (RFC 3986 section 3.4): all but letters, digits and -._~ as %XX. */
str_t str_percent(arena_t *a, str_t s);

/* A whole decimal number and nothing else; false leaves `*out` alone. */
bool str_int(str_t s, int64_t *out);

/* True for well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF). `*bad`, if
 * wanted, is the first offending byte. */
bool str_is_utf8(str_t s, size_t *bad);

/* The next code point of `s` from `*at`, which moves on; U+FFFD for one bad byte. -1 at the end. */
int32_t str_next_rune(str_t s, size_t *at);

/* Code points in s. */
size_t str_runes(str_t s);

/* At most `n` bytes of s, cut where a code point ends. */
str_t str_clip(str_t s, size_t n);

/* Edits (insert, delete, replace one byte) that turn a into b; for "did you mean". At most 64 bytes
 * of each are looked at. */
size_t str_distance(str_t a, str_t b);

/* A growable list of strings in an arena. */
struct strs {
	str_t *v;
	size_t n, cap;
};
void strs_add(arena_t *a, struct strs *list, str_t s);
