/* fuzz_comments_disqus.c: an export of Disqus from a stranger. */
#include "comment_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(&comment_disqus, true, data, size);
}
