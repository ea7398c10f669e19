/* request.c: what handlers do with a request and a response. */
#include "http/http.h"
#include "http/values.h"

str_t request_header(const struct request *q, const char *lower_name)
{
	str_t name = str_of(lower_name), found = { NULL, 0 };
	for (size_t i = 0; i < q->nheaders; i++) {
		if (!str_eq(q->headers[i].name, name))
			continue;
		str_t value = q->headers[i].value;
		found = found.p ? str_format(q->a, "%.*s, %.*s", STR(found), STR(value)) : value;
	}
	return found;
}

void response_header(struct request *q, struct response *r, const char *name, str_t value)
{
	if (!str_is_field_value(value))
		return; /* a line end would begin another field; better none than that */
	if (r->nheaders % 8 == 0)
		r->headers = arena_grow(q->a, r->headers, r->nheaders * sizeof *r->headers,
					(r->nheaders + 8) * sizeof *r->headers);
	r->headers[r->nheaders++] = (struct header){ str_of(name), value };
}

void response_redirect(struct request *q, struct response *r, int status, str_t location)
{
	r->status = status;
	response_header(q, r, "location", location);
}
