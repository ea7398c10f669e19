/* fuzz_comments_commento.c: an export of Commento or Comentario from a stranger. */
#include "comment_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_format(&comment_commento, true, data, size);
}
