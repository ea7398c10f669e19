/* fuzz_comments_lines.c: lines of JSON from a stranger. */
#include "comment_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(&comment_lines, true, data, size);
}
