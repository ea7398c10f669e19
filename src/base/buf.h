/* buf.h: text being built.
 *
 * A buf grows in its arena; buf_str gives what stands in it, valid until the next buf_add.
 * There is always a NUL behind the bytes, so b.p may be handed to a library as it is. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct buf {
	arena_t *a;
	char    *p;
	size_t   n, cap;
};

struct buf buf_new(arena_t *a, size_t cap);
void       buf_add(struct buf *b, str_t s);
void       buf_add_char(struct buf *b, char c);
void       buf_add_rune(struct buf *b, uint32_t rune); /* UTF-8; U+FFFD for what is no scalar value */
void       buf_add_int(struct buf *b, int64_t v);
void       buf_add_format(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* For HTML text and quoted attributes: & < > " ' become references. */
void buf_add_html(struct buf *b, str_t s);
/* Room for `n` more bytes; their address. Follow with buf_advance for what was written. */
char *buf_room(struct buf *b, size_t n);
void  buf_advance(struct buf *b, size_t n);
void  buf_clear(struct buf *b);
str_t buf_str(const struct buf *b);
