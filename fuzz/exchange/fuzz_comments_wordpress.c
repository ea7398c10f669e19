/* fuzz_comments_wordpress.c: comments of a WordPress export from a stranger. */
#include "comment_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(&comment_wordpress, true, data, size);
}
