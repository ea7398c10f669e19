/* listen.h: listening sockets: one for each address and loop, so that the kernel shares connections
 * out and no loop waits for another. */
#pragma once

#include "http/serving.h"

/* Opens what `list` names ("127.0.0.1:8080, [::]:80") for every loop, using of `given` (from the
 * process before; each used one becomes -1) what listens there already. `*first` becomes the
 * address of the first as people write it. */
err_t listeners_open(struct server *v, str_t list, const struct transport *transport, int *given,
		     size_t ngiven, str_t *first) CHECKED;

/* No new connections from now on; those whose handshake is under way are still taken. */
void listeners_quiet(struct loop *l);

/* Stops accepting. Who had connected before is still served. */
void listeners_close(struct loop *l);
