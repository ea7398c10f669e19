/* tickets.h: keys for session tickets, which let a client come back without a full handshake.
 *
 * A ticket is the session, encrypted with a key only we have; whoever gets the key can read what
 * TLS 1.2 sessions said. So a key makes tickets for LIMIT_TICKET_AGE, opens them for as long again,
 * and is forgotten; it is never written anywhere. */
#pragma once

#include <openssl/ssl.h>

struct tickets;

struct tickets *tickets_new(void); /* NULL without memory */
void            tickets_free(struct tickets *t);

/* Makes `ctx` use them. They outlive it. */
void tickets_use(struct tickets *t, SSL_CTX *ctx);
