/* clients.h: how many connections each address has, over all loops.
 *
 * IPv6 addresses count by their /64: that is what one subscriber is given. */
#pragma once

#include "http/proxy.h"

struct clients;

struct clients *clients_new(void); /* NULL: no memory */
void            clients_free(struct clients *c);

/* False if the address has `most` already. From any thread. */
bool clients_enter(struct clients *c, const uint8_t address[ADDRESS_BYTES], size_t most);
void clients_leave(struct clients *c, const uint8_t address[ADDRESS_BYTES]);
