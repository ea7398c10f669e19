/* letter.h: a letter as bytes for SMTP (RFC 5322, MIME: RFC 2045 to 2049).
 *
 * Text first, the same in HTML beside it (multipart/alternative); both in quoted-printable, so that every
 * line is short ASCII whatever the language. Header values that are not ASCII become encoded words. No
 * value can begin another header: line ends in it become spaces. */
#pragma once

#include "base/base.h"

struct letter {
	str_t  from_name;  /* may be empty */
	str_t  from;       /* an address */
	str_t  to;
	str_t  subject;
	str_t  text;
	str_t  html;       /* .n 0: text alone */
	str_t  id;         /* of the message, without <>: "ID@host" */
	str_t  language;   /* BCP 47 */
	usec_t date;
	bool   automatic;  /* no answer, no "out of office" is wanted (RFC 3834) */
};

str_t letter_write(arena_t *a, const struct letter *l);

/* Whether `s` is an address that mail can be sent to: one '@', a local part of RFC 5321's dot-atom (UTF-8
 * too, RFC 6531), a domain of labels with a dot in it. At most 254 bytes. */
bool address_is_mail(str_t s) CHECKED;
