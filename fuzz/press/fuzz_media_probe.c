/* fuzz_media_probe.c: a file from a stranger, whatever it claims to be. */
#include "press/media_probe.h"

#include "press/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "x", "x.csv", "x.svg", "x.docx", "x.mp4" };
	struct media_facts facts;
	struct media_bytes bytes = { .fd = -1, .mem = str_from((const char *)data, size),
				     .size = (int64_t)size };
	media_probe(&bytes, str_of(names[size % COUNT(names)]), &facts);
	if (!media_format_known(str_of(facts.format)) || facts.duration < 0 || facts.width < 0 ||
	    (facts.width == 0) != (facts.height == 0))
		__builtin_trap();
	return 0;
}
