/* proxy.h: who really asks.
 *
 * X-Forwarded-For is a list that every proxy adds its client to; whoever stands outside can write
 * anything before that. So it is read from its end, and only as far as the addresses are proxies
 * that we were told to trust. */
#pragma once

#include "http/http.h"

struct sockaddr;
struct proxies;

/* "10.0.0.0/8, ::1": a wrong entry is an error that names it. */
err_t proxies_parse(arena_t *a, str_t list, struct proxies **out) CHECKED;

#define ADDRESS_BYTES 16 /* IPv6; IPv4 as ::ffff:a.b.c.d */
bool address_parse(str_t s, uint8_t out[ADDRESS_BYTES]);
void address_of(const struct sockaddr *sa, uint8_t out[ADDRESS_BYTES]);
void address_text(const uint8_t address[ADDRESS_BYTES], char out[46]);
bool address_is_local(const uint8_t address[ADDRESS_BYTES]); /* loopback */

bool proxies_trust(const struct proxies *p, const uint8_t address[ADDRESS_BYTES]);

/* Sets q->client and q->secure by what the trusted peer says; both stay if it says nothing usable. */
void proxies_read(const struct proxies *p, struct request *q);
