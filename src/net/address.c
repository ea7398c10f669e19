/* address.c: which addresses are the world's, and which are somebody's own (RFC 6890 and the
 * registries of special-purpose addresses that follow it). */
#include "net/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct range {
	uint8_t bytes[16];
	int     bits;
};

static const struct range special4[] = {
	{ { 0 }, 8 },              /* this network */
	{ { 10 }, 8 },             /* private */
	{ { 100, 64 }, 10 },       /* behind a carrier */
	{ { 127 }, 8 },            /* loopback */
	{ { 169, 254 }, 16 },      /* link-local: cloud metadata, too */
	{ { 172, 16 }, 12 },       /* private */
	{ { 192, 0, 0 }, 24 },     /* protocols */
	{ { 192, 0, 2 }, 24 },     /* documentation */
	{ { 192, 88, 99 }, 24 },   /* 6to4 relays */
	{ { 192, 168 }, 16 },      /* private */
	{ { 198, 18 }, 15 },       /* measuring */
	{ { 198, 51, 100 }, 24 },  /* documentation */
	{ { 203, 0, 113 }, 24 },   /* documentation */
	{ { 224 }, 3 },            /* multicast, reserved, broadcast */
};

/* Of IPv6 only 2000::/3 is given out; these parts of it are special. */
static const struct range special6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },       /* protocols; Teredo, which carries IPv4 */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 },             /* 6to4, which carries IPv4 */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};

static bool within(const uint8_t *address, const struct range *r)
{
	int whole = r->bits / 8, rest = r->bits % 8;
	if (memcmp(address, r->bytes, (size_t)whole) != 0)
		return false;
	return !rest || (address[whole] ^ r->bytes[whole]) >> (8 - rest) == 0;
}

static bool public4(const uint8_t *address)
{
	for (size_t i = 0; i < COUNT(special4); i++)
		if (within(address, &special4[i]))
			return false;
	return true;
}

static bool public6(const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t translated[12] = { 0x00, 0x64, 0xff, 0x9b };
	if (memcmp(address, mapped, sizeof mapped) == 0 ||
	    memcmp(address, translated, sizeof translated) == 0)
		return public4(address + 12);
	if ((address[0] & 0xe0) != 0x20)
		return false;
	for (size_t i = 0; i < COUNT(special6); i++)
		if (within(address, &special6[i]))
			return false;
	return true;
}

bool address_is_public(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return public4((const uint8_t *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr);
	if (sa->sa_family == AF_INET6)
		return public6(((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr);
	return false;
}

/* The host of an address: without user, port and brackets. */
static str_t host_of(str_t url)
{
	size_t from = str_find(url, S("://"), 0);
	str_t host = str_slice(url, from == STR_NONE ? 0 : from + 3, url.n);
	for (size_t i = 0; i < host.n; i++)
		if (strchr("/?#", host.p[i]))
			host = str_slice(host, 0, i);
	for (size_t at; (at = str_find_char(host, '@', 0)) != STR_NONE;)
		host = str_slice(host, at + 1, host.n);
	if (str_starts(host, S("[")))
		return str_slice(host, 1, str_find_char(host, ']', 0));
	return str_slice(host, 0, str_find_char(host, ':', 0));
}

bool http_is_public(str_t url)
{
	static const char *const own[] = { ".localhost", ".local", ".internal", ".test", ".example",
					   ".invalid", ".lan", ".home.arpa", ".onion" };
	str_t host = host_of(url);
	char text[256];
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	if (!host.n || host.n >= sizeof text)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = 0;
	if (inet_pton(AF_INET, text, &a4.sin_addr) == 1)
		return address_is_public((const struct sockaddr *)&a4);
	if (inet_pton(AF_INET6, text, &a6.sin6_addr) == 1)
		return address_is_public((const struct sockaddr *)&a6);
	for (size_t i = 0; i < COUNT(own); i++) {
		size_t n = strlen(own[i]);
		if (host.n > n && str_eq_nocase(str_slice(host, host.n - n, host.n), str_of(own[i])))
			return false;
	}
	return str_find_char(host, '.', 0) != STR_NONE;
}
