/* arena.c: blocks in a chain; allocation moves a pointer, freeing lets go of the chain.
 *
 * Blocks double up to 256 KiB, so a small request costs one malloc and a large one few. An
 * allocation larger than a quarter of a block gets a block of its own behind the current one. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 4096u
#define LAST_BLOCK  (256u * 1024u)
#define ALIGN       alignof(max_align_t)

struct block {
	struct block *next;
	size_t        size; /* of data[] */
	size_t        used;
	alignas(max_align_t) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *what;
};

struct arena {
	struct block     *top;      /* where small allocations go */
	struct deferred  *deferred; /* newest first */
	struct oom_guard *guard;
	size_t            cap;
	size_t            size;
	size_t            next_block;
};

arena_t *arena_create(size_t cap)
{
	arena_t *a = calloc(1, sizeof *a);
	if (!a)
		return NULL;
	a->cap = cap;
	a->next_block = FIRST_BLOCK;
	return a;
}

static void run_deferred(arena_t *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;
		a->deferred = d->next;
		d->fn(d->what);
	}
}

static void free_chain(struct block *b)
{
	while (b) {
		struct block *next = b->next;
		free(b);
		b = next;
	}
}

void arena_free(arena_t *a)
{
	if (!a)
		return;
	run_deferred(a);
	free_chain(a->top);
	free(a);
}

void arena_reset(arena_t *a)
{
	run_deferred(a);
	struct block *keep = NULL;
	for (struct block *b = a->top, *next; b; b = next) {
		next = b->next;
		if (!next && b->size <= LAST_BLOCK)
			keep = b; /* the oldest block is the last in the chain */
		else
			free(b);
	}
	if (keep)
		keep->used = 0;
	a->top = keep;
	a->size = keep ? keep->size : 0;
	a->next_block = FIRST_BLOCK;
	a->guard = NULL;
}

_Noreturn void arena_exhausted(arena_t *a)
{
	struct oom_guard *g = a->guard;
	if (!g) {
		fputs("stet: out of memory\n", stderr);
		abort();
	}
	a->guard = g->outer;
	longjmp(g->land, 1);
}

void arena_push_guard(arena_t *a, struct oom_guard *g)
{
	g->outer = a->guard;
	a->guard = g;
}

void arena_unguard(arena_t *a, struct oom_guard *g)
{
	assert(a->guard == g);
	a->guard = g->outer;
}

static struct block *block_new(arena_t *a, size_t size)
{
	if (a->cap && (size > a->cap || a->size > a->cap - size))
		arena_exhausted(a);
	struct block *b = malloc(sizeof *b + size);
	if (!b)
		arena_exhausted(a);
	b->size = size;
	b->used = 0;
	b->next = NULL;
	a->size += size;
	return b;
}

static size_t round_up(arena_t *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		arena_exhausted(a);
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static void *take(arena_t *a, size_t n)
{
	struct block *top = a->top;
	if (top && top->size - top->used >= n) {
		void *p = top->data + top->used;
		top->used += n;
		return p;
	}
	if (top && n > a->next_block / 4) {
		struct block *own = block_new(a, n);
		own->used = n;
		own->next = top->next;
		top->next = own;
		return own->data;
	}
	size_t size = a->next_block > n ? a->next_block : n;
	if (a->next_block < LAST_BLOCK)
		a->next_block *= 2;
	struct block *b = block_new(a, size);
	b->next = top;
	b->used = n;
	a->top = b;
	return b->data;
}

void *arena_alloc(arena_t *a, size_t n)
{
	void *p = take(a, round_up(a, n ? n : 1));
	memset(p, 0, n);
	return p;
}

void *arena_array(arena_t *a, size_t count, size_t size)
{
	size_t n;
	if (__builtin_mul_overflow(count, size, &n))
		arena_exhausted(a);
	return arena_alloc(a, n);
}

void *arena_grow(arena_t *a, void *p, size_t had, size_t want)
{
	if (!p)
		return arena_alloc(a, want);
	size_t old = round_up(a, had ? had : 1), now = round_up(a, want ? want : 1);
	struct block *top = a->top;
	if (top && (unsigned char *)p + old == top->data + top->used &&
	    now <= top->size - (top->used - old)) {
		top->used = top->used - old + now;
		return p;
	}
	if (now <= old)
		return p;
	void *q = take(a, now);
	memcpy(q, p, had);
	return q;
}

void *arena_room(arena_t *a, void *v, size_t n, size_t size)
{
	bool full = n == 0 || (n >= 8 && (n & (n - 1)) == 0);
	if (!full)
		return v;
	size_t want;
	if (__builtin_mul_overflow(n ? n * 2 : 8, size, &want))
		arena_exhausted(a);
	return arena_grow(a, v, n * size, want);
}

void arena_defer(arena_t *a, void (*fn)(void *), void *what)
{
	struct deferred *d = arena_new(a, struct deferred);
	*d = (struct deferred){ .next = a->deferred, .fn = fn, .what = what };
	a->deferred = d;
}

size_t arena_size(const arena_t *a)
{
	return a->size;
}
