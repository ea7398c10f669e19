/* secret.h: what stands in an address that only one reader has: random, and kept as a hash. */
#pragma once

#include "base/base.h"

/* 128 bits, as 32 hexadecimal digits. */
str_t secret_new(arena_t *a);
/* What is kept of it; bytes. */
str_t secret_hash(arena_t *a, str_t secret);
