/* tame.h: text from anybody, made harmless to the page around it. */
#pragma once

#include "base/base.h"

/* Takes out what nobody writes by hand: controls, marks that turn the direction of what follows, spaces
 * without width; of a pile of combining marks all but MARKS_MOST; line ends become '\n', more than two in
 * a row two. The letters that join or part others in Arabic, Persian or Hindi (ZWJ, ZWNJ) stay, one at a
 * time. `s` is UTF-8. */
str_t tame(arena_t *a, str_t s);
/* The same as one line, for comparing: white space of every kind is one space. */
str_t tame_line(arena_t *a, str_t s);
