/* clients.c: see clients.h. A table of short chains; its seed is random, so that nobody can choose
 * addresses that fall together. */
#include "http/clients.h"

#include "base/random.h"

#include <pthread.h>
#include <stdlib.h>

#define CHAINS 4096

struct entry {
	struct entry *next;
	uint64_t      high, low;
	size_t        count;
};

struct clients {
	pthread_mutex_t lock; /* of the chains */
	uint64_t        seed;
	struct entry   *chains[CHAINS];
};

struct clients *clients_new(void)
{
	struct clients *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	random_bytes(&c->seed, sizeof c->seed);
	return c;
}

void clients_free(struct clients *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CHAINS; i++)
		while (c->chains[i]) {
			struct entry *next = c->chains[i]->next;
			free(c->chains[i]);
			c->chains[i] = next;
		}
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct entry **find(struct clients *c, const uint8_t address[ADDRESS_BYTES],
			   struct entry *key)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	memcpy(&key->high, address, 8);
	key->low = 0;
	if (memcmp(address, mapped, sizeof mapped) == 0)
		memcpy(&key->low, address + 8, 8);
	uint64_t hash = (key->high ^ c->seed) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ (hash >> 32) ^ key->low) * 0xd6e8feb86659fd93u;
	struct entry **at = &c->chains[(hash >> 32) % CHAINS];
	while (*at && ((*at)->high != key->high || (*at)->low != key->low))
		at = &(*at)->next;
	return at;
}

bool clients_enter(struct clients *c, const uint8_t address[ADDRESS_BYTES], size_t most)
{
	struct entry key = { 0 };
	pthread_mutex_lock(&c->lock);
	struct entry **at = find(c, address, &key);
	if (!*at && (*at = malloc(sizeof **at)))
		**at = key;
	bool room = *at && (*at)->count < most;
	if (room)
		(*at)->count++;
	pthread_mutex_unlock(&c->lock);
	return room;
}

void clients_leave(struct clients *c, const uint8_t address[ADDRESS_BYTES])
{
	struct entry key = { 0 };
	pthread_mutex_lock(&c->lock);
	struct entry **at = find(c, address, &key), *e = *at;
	if (e && --e->count == 0) {
		*at = e->next;
		free(e);
	}
	pthread_mutex_unlock(&c->lock);
}
