/* totp.h: codes of a second factor that change with time (RFC 6238), and recovery codes. */
#pragma once

#include "readers/room.h"

enum {
	TOTP_SECRET = 20,      /* bytes: what HMAC-SHA-1 gives, RFC 4226 section 4 */
	TOTP_STEP = 30,        /* seconds */
	TOTP_DIGITS = 6,
	TOTP_SLACK = 1,        /* steps that a clock may be off, either way */
	RECOVERY_CODES = 10,
};

/* The code of one step. */
str_t totp_code(arena_t *a, str_t secret, int64_t step);
/* The step that `typed` is the code of, later than `last`; 0 if none near `now` is. */
int64_t totp_step_of(arena_t *a, str_t secret, str_t typed, usec_t now, int64_t last);
/* RFC 4648 base 32, without padding. */
str_t base32_of(arena_t *a, str_t bytes);
/* "otpauth://totp/…", which programs read from a QR code. */
str_t totp_uri(arena_t *a, str_t secret, str_t site, str_t account);

/* "abcde-fghjk" */
str_t recovery_new(arena_t *a);
/* What is kept of it; the same however it is typed. */
str_t recovery_hash(const struct readers *r, arena_t *a, id64 reader, str_t typed);
/* Digits only; empty if there are others in it. */
str_t totp_typed(arena_t *a, str_t typed);
