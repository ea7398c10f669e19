/* fuzz_comments_coral.c: comments.csv of Coral; its neighbours are no part of it from a stranger. */
#include "comment_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(&comment_coral, false, data, size);
}
