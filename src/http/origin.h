/* origin.h: whether a request that changes something comes from a page of ours.
 *
 * Browsers send cookies along with requests that another site's page makes (cross-site request forgery).
 * They also tell where a request comes from: Sec-Fetch-Site, and Origin where that is missing (W3C Fetch
 * Metadata; RFC 6454). Proxies may take either out, so a request with cookies and without both is
 * refused; one without cookies is no browser that could be misled. */
#pragma once

#include "http/http.h"

/* `url` is the publication's, without a slash at the end; the whole origin is compared, scheme and port
 * too. Safe methods pass: they change nothing. */
bool origin_is_ours(const struct request *q, str_t url) CHECKED;
