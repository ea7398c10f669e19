/* smtp.h: handing a letter to a mail server (libcurl).
 *
 * Called from jobs: a server may be away, slow, or say "later". An error says what to do: ERR_BUSY, try
 * again (no connection, no answer in time, a 4xx reply of RFC 5321); ERR_REFUSED, never (a 5xx reply);
 * ERR_SYSTEM, look at the settings (a wrong password, a certificate that does not hold). */
#pragma once

#include "base/base.h"

struct smtp {
	str_t url;          /* "smtps://host:465", or "smtp://host:587", which then must offer STARTTLS
			     * unless the host is this machine */
	str_t user;         /* empty: without signing in */
	str_t password;
	str_t authorities;  /* PEM file to trust instead of the system's; empty: those */
	str_t hello;        /* how we call ourselves: a host's name */
	usec_t within;      /* all of it; 0: SMTP_WITHIN */
};

#define SMTP_WITHIN (60 * SECOND) /* some servers let a stranger wait half a minute on purpose */

/* `bytes` as of letter_write. */
err_t smtp_send(arena_t *a, const struct smtp *server, str_t from, str_t to, str_t bytes) CHECKED;
