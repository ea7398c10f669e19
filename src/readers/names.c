/* names.c: names, addresses and passwords as people type them, compared as people see them (ICU).
 *
 * Two names are the same if the eye takes them for the same, in small letters or as they are written:
 * the skeleton of Unicode's confusable characters (UTS 39, section 4), without what separates words. */
#include "readers/room.h"

#include "net/letter.h"
#include "store/store.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <zxcvbn.h>

struct spoof {
	USpoofChecker     *checker;
	const UNormalizer2 *nfkc, *folded; /* ICU's own */
};

/* Kept for those who speak for the publication. */
static const char *const kept[] = {
	"admin", "administrator", "moderator", "moderation", "editor", "the editor", "editors", "staff",
	"newsroom", "support", "help", "root", "system", "security", "webmaster", "postmaster", "stet",
	"deleted", "former reader", "anonymous",
};

err_t spoof_new(struct spoof **out)
{
	UErrorCode e = U_ZERO_ERROR;
	struct spoof *s = calloc(1, sizeof *s);
	if (!s)
		return err_new(ERR_MEMORY, "out of memory");
	s->checker = uspoof_open(&e);
	s->nfkc = unorm2_getNFKCInstance(&e);
	s->folded = unorm2_getNFKCCasefoldInstance(&e);
	uspoof_setChecks(s->checker, USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE | USPOOF_MIXED_NUMBERS, &e);
	uspoof_setRestrictionLevel(s->checker, USPOOF_MODERATELY_RESTRICTIVE);
	if (U_SUCCESS(e)) {
		*out = s;
		return OK;
	}
	spoof_free(s);
	return err_new(ERR_SYSTEM, "ICU did not start: %s", u_errorName(e));
}

void spoof_free(struct spoof *s)
{
	if (!s)
		return;
	uspoof_close(s->checker);
	free(s);
}

/* --- text for ICU and back --- */

struct wide {
	UChar  *p;
	int32_t n;
};

static err_t failed(UErrorCode e)
{
	if (e == U_INVALID_CHAR_FOUND)
		return err_new(ERR_INPUT, "is not UTF-8");
	return err_new(ERR_SYSTEM, "ICU: %s", u_errorName(e));
}

static err_t widen(arena_t *a, str_t s, struct wide *out)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t room = (int32_t)s.n + 1;
	out->p = arena_array(a, (size_t)room, sizeof(UChar));
	u_strFromUTF8(out->p, room, &out->n, s.p ? s.p : "", (int32_t)s.n, &e);
	return U_FAILURE(e) ? failed(e) : OK;
}

static err_t narrow(arena_t *a, struct wide w, str_t *out)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t room = w.n * 3 + 1, n;
	char *p = arena_alloc(a, (size_t)room);
	u_strToUTF8(p, room, &n, w.p, w.n, &e);
	*out = str_from(p, (size_t)n);
	return U_FAILURE(e) ? failed(e) : OK;
}

static err_t normalize(arena_t *a, const UNormalizer2 *form, str_t s, str_t *out)
{
	UErrorCode e = U_ZERO_ERROR;
	struct wide from, to;
	TRY(widen(a, s, &from));
	int32_t room = from.n * 18 + 1; /* the longest decomposition there is */
	to.p = arena_array(a, (size_t)room, sizeof(UChar));
	to.n = unorm2_normalize(form, from.p, from.n, to.p, room, &e);
	return U_FAILURE(e) ? failed(e) : narrow(a, to, out);
}

err_t text_normal(struct spoof *s, arena_t *a, str_t text, str_t *out)
{
	return normalize(a, s->nfkc, text, out);
}

err_t text_fold(struct spoof *s, arena_t *a, str_t text, str_t *out)
{
	return normalize(a, s->folded, text, out);
}

/* --- names --- */

str_t text_spaced(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n + 1);
	size_t at = 0;
	int32_t c;
	bool gap = false;
	while ((c = str_next_rune(s, &at)) >= 0) {
		if (u_isUWhiteSpace(c)) {
			gap = b.n > 0;
			continue;
		}
		if (gap)
			buf_add_char(&b, ' ');
		gap = false;
		buf_add_rune(&b, (uint32_t)c);
	}
	return buf_str(&b);
}

static bool fits_a_name(int32_t c)
{
	return u_isalnum(c) || c == ' ' || c == '-' || c == '\'' || c == 0x2019 || c == '.' || c == '_' ||
	       c == 0xb7 || (U_GET_GC_MASK(c) & U_GC_M_MASK);
}

static err_t check_letters(str_t name)
{
	size_t at = 0, letters = 0;
	int32_t c;
	while ((c = str_next_rune(name, &at)) >= 0) {
		if (c == '@')
			return err_say(ERR_INPUT, "name", "refused.name-address");
		if (!fits_a_name(c))
			return err_say(ERR_INPUT, "name", "refused.name-signs");
		letters += u_isalpha(c) ? 1 : 0;
	}
	return letters ? OK : err_say(ERR_INPUT, "name", "refused.name-letter");
}

static err_t name_length(void)
{
	return err_say_with(ERR_INPUT, "name", "refused.name-length", "least=%d\nn=%d", READER_NAME_LEAST,
			    READER_NAME_MOST);
}

err_t name_check(struct stet *s, arena_t *a, str_t *name)
{
	UErrorCode e = U_ZERO_ERROR;
	str_t normal;
	if (!str_is_utf8(*name, NULL) || name->n > 4 * READER_NAME_MOST + 64)
		return name_length();
	TRY(text_normal(s->readers->spoof, a, *name, &normal));
	*name = text_spaced(a, normal);
	size_t n = str_runes(*name);
	if (n < READER_NAME_LEAST || n > READER_NAME_MOST)
		return name_length();
	TRY(check_letters(*name));
	struct wide w;
	TRY(widen(a, *name, &w));
	if (uspoof_check2(s->readers->spoof->checker, w.p, w.n, NULL, &e) != 0 || U_FAILURE(e))
		return err_say(ERR_INPUT, "name", "refused.name-mixed");
	return OK;
}

/* UTS 39 section 4: what stands for every text that looks like this one. */
static err_t skeleton(struct spoof *s, arena_t *a, str_t text, str_t *out)
{
	UErrorCode e = U_ZERO_ERROR;
	struct wide from, to;
	TRY(widen(a, text, &from));
	int32_t room = from.n * 18 + 1;
	to.p = arena_array(a, (size_t)room, sizeof(UChar));
	to.n = uspoof_getSkeleton(s->checker, 0, from.p, from.n, to.p, room, &e);
	return U_FAILURE(e) ? failed(e) : narrow(a, to, out);
}

/* Without what separates words. */
static str_t letters_of(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n + 1);
	size_t at = 0;
	int32_t c;
	while ((c = str_next_rune(s, &at)) >= 0)
		if (u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK))
			buf_add_rune(&b, (uint32_t)c);
	return buf_str(&b);
}

err_t name_keys(struct stet *s, arena_t *a, str_t name, struct name_keys *out)
{
	struct spoof *sp = s->readers->spoof;
	str_t text;
	TRY(text_fold(sp, a, name, &text));
	TRY(skeleton(sp, a, text, &text));
	TRY(text_fold(sp, a, text, &text)); /* that of 0 is O */
	out->key = letters_of(a, text);
	TRY(text_normal(sp, a, name, &text));
	TRY(skeleton(sp, a, text, &text));
	TRY(text_fold(sp, a, text, &text));
	out->look = letters_of(a, text);
	return OK;
}

static const struct sql select_name = {
	"SELECT 1 FROM reader WHERE name_key = $1 AND id <> $2 "
	"UNION ALL SELECT 1 FROM reader WHERE name_look = $5 AND id <> $2 "
	"UNION ALL SELECT 1 FROM reader_name WHERE name_key = $1 AND reader <> $2 "
	"UNION ALL SELECT 1 FROM reader_name WHERE name_look = $5 AND reader <> $2 "
	"UNION ALL SELECT 1 FROM challenge WHERE name_key = $1 AND id <> $3 AND used = 0 AND ends > $4"
};

static err_t looks_like(struct stet *s, arena_t *a, const struct name_keys *keys, str_t other, bool *same)
{
	struct name_keys k;
	TRY(name_keys(s, a, other, &k));
	*same |= str_eq(k.key, keys->key) || str_eq(k.look, keys->look);
	return OK;
}

/* Names of those who speak for the publication. */
static err_t is_kept(struct stet *s, struct conn *c, arena_t *a, const struct name_keys *keys, bool *is)
{
	struct strs bylines = { 0 };
	for (size_t i = 0; i < COUNT(kept) && !*is; i++)
		TRY(looks_like(s, a, keys, str_of(kept[i]), is));
	TRY(looks_like(s, a, keys, s->config.name, is));
	if (s->readers->given.bylines)
		TRY(s->readers->given.bylines(c, a, &bylines));
	for (size_t i = 0; i < bylines.n && !*is; i++)
		TRY(looks_like(s, a, keys, bylines.v[i], is));
	return OK;
}

static const struct sql select_role = { "SELECT role FROM reader WHERE id = $1" };

static err_t is_staff(struct conn *c, arena_t *a, id64 reader, bool *staff)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	enum role role;
	TRY(db_query(c, &select_role, ARGS(v_int(reader)), &r));
	if (rows_next(&r, &e))
		*staff = role_parse(row_str(&r, a, 0), &role) && role_is_staff(role);
	return e;
}

/* Of an account that is gone the names are kept as hashes (leaving.c). */
static const struct sql select_hidden = {
	"SELECT 1 FROM reader_name WHERE name_key = $1 UNION ALL SELECT 1 FROM reader_name WHERE name_look = $2"
};

str_t name_hidden(const struct readers *r, arena_t *a, str_t key)
{
	unsigned char out[KEYED];
	keyed(r, "name", key, out);
	return str_format(a, "gone:%.*s", STR(base64_of(a, str_from((const char *)out, KEYED))));
}

static err_t was_gone(struct stet *s, struct conn *c, arena_t *a, const struct name_keys *keys, bool *was)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_hidden, ARGS(v_str(name_hidden(s->readers, a, keys->key)),
					     v_str(name_hidden(s->readers, a, keys->look))), &r));
	*was |= rows_next(&r, &e);
	return e;
}

err_t name_free(struct stet *s, struct conn *c, arena_t *a, str_t name, id64 reader, id64 challenge)
{
	struct name_keys keys;
	bool taken = false, staff = false;
	err_t e = OK;
	TRY(name_keys(s, a, name, &keys));
	TRY(is_staff(c, a, reader, &staff));
	if (!staff)
		TRY(is_kept(s, c, a, &keys, &taken));
	TRY(was_gone(s, c, a, &keys, &taken));
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_name, ARGS(v_str(keys.key), v_int(reader), v_int(challenge),
					   v_int(clock_now(&s->clock)), v_str(keys.look)), &r));
	taken |= rows_next(&r, &e);
	if (e || !taken)
		return e;
	return err_say_with(ERR_CONFLICT, "name", "refused.name-taken", "name=%.*s", STR(name));
}

/* --- addresses --- */

err_t address_check(arena_t *a, str_t *address)
{
	*address = str_copy(a, str_trim(*address));
	if (!address->n)
		return err_say(ERR_INPUT, "address", "refused.address-none");
	if (!address_is_mail(*address))
		return err_say(ERR_INPUT, "address", "refused.address");
	return OK;
}

err_t address_key(struct stet *s, arena_t *a, str_t address, str_t *out)
{
	return text_fold(s->readers->spoof, a, address, out);
}

/* --- passwords --- */

enum { JUDGED_BYTES = 100 }; /* what comes after makes it no weaker, and judging takes the square of it */

err_t password_check(struct stet *s, arena_t *a, str_t password, const struct strs *about)
{
	str_t normal;
	if (password.n > PASSWORD_BYTES)
		return err_say_with(ERR_TOO_LARGE, "password", "refused.password-long", "n=%d", PASSWORD_BYTES);
	if (!str_is_utf8(password, NULL) || memchr(password.p ? password.p : "", 0, password.n))
		return err_say(ERR_INPUT, "password", "refused.password-text");
	TRY(text_normal(s->readers->spoof, a, password, &normal));
	if (str_runes(normal) < PASSWORD_LEAST)
		return err_say_with(ERR_INPUT, "password", "refused.password-short", "n=%d", PASSWORD_LEAST);
	const char **words = arena_array(a, about->n + 2, sizeof *words);
	for (size_t i = 0; i < about->n; i++)
		words[i] = str_z(a, about->v[i]);
	words[about->n] = str_z(a, s->config.name);
	double bits = ZxcvbnMatch(str_z(a, str_clip(normal, JUDGED_BYTES)), words, NULL);
	if (bits < PASSWORD_BITS)
		return err_say(ERR_INPUT, "password", "refused.password-weak");
	return OK;
}
