/* proxy.c: see proxy.h. IPv4 is looked at as IPv6 (::ffff:a.b.c.d), so there is one comparison. */
#include "http/proxy.h"

#include "http/values.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

struct range {
	uint8_t  address[ADDRESS_BYTES];
	unsigned bits;
};

struct proxies {
	struct range *v;
	size_t        n;
};

void address_of(const struct sockaddr *sa, uint8_t out[ADDRESS_BYTES])
{
	memset(out, 0, ADDRESS_BYTES);
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		memcpy(out, mapped, sizeof mapped);
		memcpy(out + 12, &in.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof in6);
		memcpy(out, &in6.sin6_addr, ADDRESS_BYTES);
	}
}

static bool is_v4(const uint8_t a[ADDRESS_BYTES])
{
	return memcmp(a, mapped, sizeof mapped) == 0;
}

void address_text(const uint8_t a[ADDRESS_BYTES], char out[46])
{
	if (is_v4(a))
		inet_ntop(AF_INET, a + 12, out, 46);
	else
		inet_ntop(AF_INET6, a, out, 46);
}

static bool parse_text(const char *text, uint8_t out[ADDRESS_BYTES])
{
	memcpy(out, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, out + 12) == 1 || inet_pton(AF_INET6, text, out) == 1;
}

bool address_is_local(const uint8_t a[ADDRESS_BYTES])
{
	static const uint8_t one[ADDRESS_BYTES] = { [15] = 1 };
	return is_v4(a) ? a[12] == 127 : memcmp(a, one, sizeof one) == 0;
}

/* "1.2.3.4", "1.2.3.4:80", "::1", "[::1]", "[::1]:80": proxies write them all. */
bool address_parse(str_t s, uint8_t out[ADDRESS_BYTES])
{
	char text[46];
	if (s.n && s.p[0] == '[') {
		size_t end = str_find_char(s, ']', 0);
		if (end == STR_NONE || (end + 1 < s.n && s.p[end + 1] != ':'))
			return false;
		s = str_slice(s, 1, end);
	} else {
		size_t colon = str_find_char(s, ':', 0);
		if (colon != STR_NONE && str_find_char(s, ':', colon + 1) == STR_NONE)
			s = str_slice(s, 0, colon);
	}
	if (!s.n || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return parse_text(text, out);
}

static err_t parse_range(str_t entry, struct range *out)
{
	str_t rest = entry, address = str_cut(&rest, '/');
	int64_t bits = 128;
	if (!address_parse(address, out->address))
		return err_new(ERR_INPUT, "trusted_proxies: \"%.*s\" is no address or CIDR range",
			       STR(entry));
	unsigned most = is_v4(out->address) ? 32 : 128;
	if (rest.p && (!str_int(rest, &bits) || bits < 0 || bits > most))
		return err_new(ERR_INPUT, "trusted_proxies: \"%.*s\": the length of the prefix is a "
			       "number from 0 to %u", STR(entry), most);
	out->bits = (unsigned)bits + (rest.p && most == 32 ? 96 : 0);
	return OK;
}

err_t proxies_parse(arena_t *a, str_t list, struct proxies **out)
{
	struct proxies *p = arena_new(a, struct proxies);
	for (str_t entry; (entry = list_next(&list)).p;) {
		p->v = arena_room(a, p->v, p->n, sizeof *p->v);
		TRY(parse_range(entry, &p->v[p->n]));
		p->n++;
	}
	*out = p;
	return OK;
}

static bool in_range(const struct range *r, const uint8_t a[ADDRESS_BYTES])
{
	unsigned bytes = r->bits / 8, rest = r->bits % 8;
	if (memcmp(r->address, a, bytes) != 0)
		return false;
	return !rest || ((r->address[bytes] ^ a[bytes]) >> (8 - rest)) == 0;
}

bool proxies_trust(const struct proxies *p, const uint8_t address[ADDRESS_BYTES])
{
	for (size_t i = 0; i < p->n; i++)
		if (in_range(&p->v[i], address))
			return true;
	return false;
}

/* The last element of a list; `*rest` becomes what is before it. */
static str_t list_last(str_t *rest)
{
	size_t at = rest->n;
	while (at && rest->p[at - 1] != ',')
		at--;
	str_t last = str_trim(str_slice(*rest, at, rest->n));
	*rest = at ? str_slice(*rest, 0, at - 1) : (str_t){ NULL, 0 };
	return last;
}

void proxies_read(const struct proxies *p, struct request *q)
{
	uint8_t address[ADDRESS_BYTES];
	char text[46];
	for (str_t rest = request_header(q, "x-forwarded-for"); rest.p;) {
		if (!address_parse(list_last(&rest), address))
			break; /* what stands before it is no better */
		address_text(address, text);
		q->client = str_copy(q->a, str_of(text));
		if (!proxies_trust(p, address))
			break;
	}
	str_t scheme = request_header(q, "x-forwarded-proto");
	if (scheme.p) {
		scheme = list_last(&scheme);
		if (str_eq_nocase(scheme, S("https")))
			q->secure = true;
		else if (str_eq_nocase(scheme, S("http")))
			q->secure = false;
	}
}
