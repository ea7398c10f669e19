/* embed.h: files that are part of the program (theme, migrations); tools/embed.py makes the tables. */
#pragma once

#include "base/str.h"

struct embedded {
	const char *name;    /* path below the folder they were taken from; NULL ends a table */
	str_t       content; /* a NUL stands behind it */
};
