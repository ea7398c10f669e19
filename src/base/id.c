/* id.c: see id.h. */
#include "base/id.h"
#include "base/random.h"

#include <stdatomic.h>

#define COUNT_BITS 21

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

id64 id_new(struct ids *ids, usec_t now)
{
	int64_t ms = now / 1000;
	uint32_t noise;
	random_bytes(&noise, sizeof noise);
	/* Half the range is kept free, so that counting up rarely reaches the next millisecond. */
	int64_t fresh = (int64_t)((uint64_t)ms << COUNT_BITS | (noise & ((1u << COUNT_BITS) - 1) >> 1));
	int64_t last = atomic_load(&ids->last), next;
	do
		next = fresh > last ? fresh : last + 1;
	while (!atomic_compare_exchange_weak(&ids->last, &last, next));
	return next;
}

str_t id_text(arena_t *a, id64 id)
{
	char *p = arena_alloc(a, ID_TEXT + 1);
	uint64_t v = (uint64_t)id;
	for (int i = ID_TEXT - 1; i >= 0; i--) {
		p[i] = alphabet[v & 31];
		v >>= 5;
	}
	return str_from(p, ID_TEXT);
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		c = '0';
	if (c == 'i' || c == 'l')
		c = '1';
	for (int i = 0; i < 32; i++)
		if (alphabet[i] == c)
			return i;
	return -1;
}

bool id_parse(str_t s, id64 *out)
{
	if (s.n == 0 || s.n > ID_TEXT)
		return false;
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit(s.p[i]);
		if (d < 0 || v >> 58)
			return false;
		v = v << 5 | (uint64_t)d;
	}
	if (v >> 63)
		return false;
	*out = (id64)v;
	return true;
}
