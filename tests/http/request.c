/* request.c: see request.h. */
#include "request.h"

#include <stdarg.h>

struct request *request_make(arena_t *a, ...)
{
	struct request *q = arena_new(a, struct request);
	q->a = a;
	q->method = GET;
	q->path = q->target = S("/");
	q->headers = arena_array(a, 32, sizeof *q->headers);
	va_list ap;
	va_start(ap, a);
	for (const char *name; (name = va_arg(ap, const char *)) && q->nheaders < 32;) {
		struct header *h = &q->headers[q->nheaders++];
		h->name = str_of(name);
		h->value = str_of(va_arg(ap, const char *));
	}
	va_end(ap);
	return q;
}
