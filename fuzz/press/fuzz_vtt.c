/* fuzz_vtt.c: captions from a stranger: what is taken in is without a fault, and can be read aloud. */
#include "press/vtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct vtt parsed;
	str_t vtt, again, words;
	err_t e = vtt_take_in(a, str_from((const char *)data, size), &vtt);
	if (!e) {
		vtt_parse(a, vtt, &parsed);
		if (parsed.faults.n || !parsed.n)
			__builtin_trap();
		e = vtt_take_in(a, vtt, &again);
		if (e || !str_eq(vtt, again))
			__builtin_trap();
		e = vtt_transcript(a, vtt, &words);
	} else {
		vtt_parse(a, str_from((const char *)data, size), &parsed);
	}
	err_free(e);
	arena_free(a);
	return 0;
}
