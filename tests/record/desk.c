/* desk.c: see desk.h. */
#include "desk.h"

#include <stdlib.h>

const struct act_kind PAIR_MAKE = { "pair.make" };

static void hear(void *ctx, const str_t *topics, size_t n, int64_t entry)
{
	struct heard *h = ctx;
	if (h->n < COUNT(h->entries))
		h->entries[h->n] = entry;
	h->n++;
	size_t at = 0;
	for (size_t i = 0; i < n && at + topics[i].n + 2 < sizeof h->topics; i++) {
		memcpy(h->topics + at, topics[i].p, topics[i].n);
		at += topics[i].n;
		h->topics[at++] = ' ';
	}
	h->topics[at] = 0;
}

static void desk_open(struct desk *d)
{
	d->stet = (struct stet){ .log = { .fd = -1 }, .store = d->world.store };
	assert_ok(bus_new(&d->stet, &d->stet.bus));
	bus_listen(d->stet.bus, hear, &d->heard);
}

int desk_setup(void **state)
{
	void *world;
	if (world_setup(&world) != 0)
		return -1;
	struct desk *d = calloc(1, sizeof *d);
	d->world = *(struct world *)world;
	free(world);
	world_pairs(&d->world);
	desk_open(d);
	*state = d;
	return 0;
}

int desk_teardown(void **state)
{
	struct desk *d = *state;
	bus_free(d->stet.bus);
	return world_teardown(state);
}

void desk_beside(struct desk *first, struct desk *second)
{
	second->heard.n = 0;
	second->world = first->world;
	second->world.a = arena_create(0);
	world_open(&second->world);
	desk_open(second);
}

void desk_leave(struct desk *second)
{
	bus_free(second->stet.bus);
	world_close(&second->world);
	arena_free(second->world.a);
}

static err_t write_pair(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	static const struct sql insert = { "INSERT INTO pair VALUES ($1, $2, 'some text')" };
	const int64_t *pair = ctx;
	return db_run(c, &insert, ARGS(v_int(pair[0]), v_int(pair[1])), NULL);
}

err_t commit_pair(struct act *act, int64_t id, int64_t twin)
{
	return act_commit(act, write_pair, (int64_t[]){ id, twin });
}

err_t make_pair(struct desk *d, arena_t *a, int64_t id, int64_t twin, int64_t *entry)
{
	struct act act = act_begin(&d->stet, a, &PAIR_MAKE, id, S("cli"));
	act_detail(&act, json_pack("{s:I}", "twin", (json_int_t)twin));
	act_touch(&act, topic_front());
	act_touch(&act, str_format(a, "pair:%lld", (long long)id));
	act_job(&act, "pair.copy", str_format(a, "{\"id\":%lld}", (long long)id), 0);
	TRY(commit_pair(&act, id, twin));
	if (entry)
		*entry = act.entry;
	return OK;
}
