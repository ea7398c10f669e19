/* origin.c: see origin.h. */
#include "http/origin.h"

bool origin_is_ours(const struct request *q, str_t url)
{
	if (q->method == GET || q->method == HEAD || q->method == OPTIONS)
		return true;
	str_t site = request_header(q, "sec-fetch-site"), origin = request_header(q, "origin");
	if (site.p)
		return str_eq(site, S("same-origin")) || str_eq(site, S("none"));
	if (origin.p)
		return str_eq(origin, url);
	return !request_header(q, "cookie").p;
}
