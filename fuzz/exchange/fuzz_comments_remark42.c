/* fuzz_comments_remark42.c: a backup of Remark42 from a stranger. */
#include "comment_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(&comment_remark42, true, data, size);
}
