/* random.h: bytes nobody can guess, from the kernel. */
#pragma once

#include <stddef.h>

/* Fills `p`. The kernel never refuses small requests once booted; if it does, the program ends:
 * going on with guessable bytes would be worse. */
void random_bytes(void *p, size_t n);
