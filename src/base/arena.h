/* arena.h: memory that is freed together.
 *
 * One arena belongs to one request, job or command; whatever is allocated from it lives until
 * arena_free or arena_reset. Allocation never returns NULL. When memory runs out, or the arena's
 * cap is reached, control goes to the innermost guard, which ends that request and nothing else:
 *
 *	struct oom_guard guard;
 *	if (arena_guard(a, &guard))
 *		return err_new(ERR_MEMORY, ...);        // landed here: out of memory
 *	...
 *	arena_unguard(a, &guard);
 *
 * Without a guard the program ends with a message (a command line run, for instance).
 * A library's handle that must not outlive the request is given to arena_defer. Never allocate
 * from a guarded arena while holding a lock: the jump would leave it locked. */
#pragma once

#include <setjmp.h>
#include <stddef.h>

typedef struct arena arena_t;

struct oom_guard {
	jmp_buf           land;
	struct oom_guard *outer;
};

/* A new arena. `cap` bounds the bytes it may take from the system; 0: no bound but the machine's.
 * NULL when the machine has no memory. */
arena_t *arena_create(size_t cap);

/* Runs what was deferred, newest first, and frees all. NULL is fine. */
void arena_free(arena_t *a);

/* The same, but keeps the first block for the next use. */
void arena_reset(arena_t *a);

/* `n` zeroed bytes, aligned for any type. */
void *arena_alloc(arena_t *a, size_t n);

/* `count` zeroed elements of `size` bytes; an overflowing product counts as out of memory. */
void *arena_array(arena_t *a, size_t count, size_t size);

/* Gives back the end of the last allocation or extends it in place if it can; otherwise moves.
 * `had` is what was asked for before. The new part is not zeroed. */
void *arena_grow(arena_t *a, void *p, size_t had, size_t want);

/* For a list that grows one by one: `v` holds `n` elements of `size` bytes; returns where it stands
 * with room for one more. It doubles when `n` is 0 or a power of two from 8 on. */
void *arena_room(arena_t *a, void *v, size_t n, size_t size);

/* Calls `fn(what)` when the arena is freed or reset. */
void arena_defer(arena_t *a, void (*fn)(void *what), void *what);

/* Bytes taken from the system so far. */
size_t arena_size(const arena_t *a);

/* Out of memory, said by somebody else (a library returned NULL): same path as a failed alloc. */
_Noreturn void arena_exhausted(arena_t *a);

/* Used by the macros below. */
void arena_push_guard(arena_t *a, struct oom_guard *g);

/* setjmp must stand in the frame that stays alive, hence a macro. True after a jump; the guard is
 * gone by then. Locals changed since and read after a jump must be volatile. */
#define arena_guard(a, g) (arena_push_guard((a), (g)), setjmp((g)->land) != 0)
void arena_unguard(arena_t *a, struct oom_guard *g);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
