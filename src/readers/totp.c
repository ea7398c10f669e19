/* totp.c: see totp.h. */
#include "readers/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

str_t totp_code(arena_t *a, str_t secret, int64_t step)
{
	unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	for (int i = 0; i < 8; i++)
		counter[i] = (unsigned char)((uint64_t)step >> (8 * (7 - i)));
	if (!HMAC(EVP_sha1(), secret.p, (int)secret.n, counter, sizeof counter, mac, &n) || n != 20)
		return S("");
	const unsigned char *p = mac + (mac[19] & 0xf); /* RFC 4226, section 5.3 */
	uint32_t v = (uint32_t)(p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return str_format(a, "%06u", v % 1000000u);
}

str_t totp_typed(arena_t *a, str_t typed)
{
	struct buf b = buf_new(a, 16);
	for (size_t i = 0; i < typed.n; i++) {
		if (typed.p[i] == ' ' || typed.p[i] == '-')
			continue;
		if (typed.p[i] < '0' || typed.p[i] > '9' || b.n > TOTP_DIGITS)
			return S("");
		buf_add_char(&b, typed.p[i]);
	}
	return buf_str(&b);
}

int64_t totp_step_of(arena_t *a, str_t secret, str_t typed, usec_t now, int64_t last)
{
	str_t code = totp_typed(a, typed);
	int64_t step = now / SECOND / TOTP_STEP, found = 0;
	if (code.n != TOTP_DIGITS)
		return 0;
	for (int64_t i = step - TOTP_SLACK; i <= step + TOTP_SLACK; i++) {
		str_t want = totp_code(a, secret, i);
		if (want.n == code.n && sodium_memcmp(want.p, code.p, code.n) == 0 && i > last)
			found = i;
	}
	return found;
}

str_t base32_of(arena_t *a, str_t bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct buf b = buf_new(a, bytes.n * 2);
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < bytes.n; i++) {
		bits = (bits << 8 | (unsigned char)bytes.p[i]) & 0xffff;
		have += 8;
		for (; have >= 5; have -= 5)
			buf_add_char(&b, letters[bits >> (have - 5) & 31]);
	}
	if (have > 0)
		buf_add_char(&b, letters[bits << (5 - have) & 31]);
	return buf_str(&b);
}

str_t totp_uri(arena_t *a, str_t secret, str_t site, str_t account)
{
	return str_format(a, "otpauth://totp/%.*s:%.*s?secret=%.*s&issuer=%.*s&algorithm=SHA1&digits=%d&period=%d",
			  STR(str_percent(a, site)), STR(str_percent(a, account)),
			  STR(base32_of(a, secret)), STR(str_percent(a, site)), TOTP_DIGITS, TOTP_STEP);
}

/* Small letters that are not taken for others: 50 bits, each used once and counted. */
str_t recovery_new(arena_t *a)
{
	static const char letters[] = "abcdefghjkmnpqrstvwxyz23456789";
	struct buf b = buf_new(a, 16);
	for (int i = 0; i < 10; i++) {
		if (i == 5)
			buf_add_char(&b, '-');
		buf_add_char(&b, letters[randombytes_uniform(30)]);
	}
	return buf_str(&b);
}

str_t recovery_hash(const struct readers *r, arena_t *a, id64 reader, str_t typed)
{
	unsigned char *out = arena_alloc(a, KEYED);
	struct buf b = buf_new(a, 32);
	buf_add_int(&b, reader);
	buf_add_char(&b, ' ');
	str_t lower = str_lower(a, str_clip(typed, 64));
	for (size_t i = 0; i < lower.n; i++)
		if (lower.p[i] != '-' && lower.p[i] != ' ')
			buf_add_char(&b, lower.p[i]);
	keyed(r, "recovery", buf_str(&b), out);
	return str_from((const char *)out, KEYED);
}
