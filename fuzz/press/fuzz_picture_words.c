/* fuzz_picture_words.c: what a stranger's picture says of itself, taken for each of the three kinds. */
#include "press/picture_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct picture_words w, again;
	str_t s = str_from((const char *)data, size);
	picture_words_read(a, s, s, s, &w);
	for (size_t i = 0; i < PICTURE_WORDS; i++)
		if (!str_is_utf8(*picture_word(&w, i), NULL))
			__builtin_trap();
	/* What we write we read back as it was. */
	str_t xmp = picture_words_xmp(a, &w);
	picture_words_read(a, xmp, S(""), S(""), &again);
	if (!str_eq(w.credit, again.credit) || !str_eq(w.creator, again.creator))
		__builtin_trap();
	picture_words_into_jpeg(a, str_slice(s, 0, size < 7 ? 0 : size), &w, xmp);
	arena_free(a);
	return 0;
}
