/* fuzz_wordlist.c: two lists and a text, with NUL between. What is refused says why; what is found lies in the
 * text, by place; and every line of a list that is taken is found in itself. */
#include "forum/wordlist.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct folder *folder;

static void check(const struct word_hits *h, size_t size)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].from >= h->v[i].till || h->v[i].till > size || !h->v[i].word.n || !h->v[i].line ||
		    (i && h->v[i].from < h->v[i - 1].from))
			abort();
}

static void found_in_itself(const struct words *w, arena_t *a, str_t list)
{
	struct folded f;
	struct word_hits h;
	str_t line = str_trim(str_cut(&list, '\n'));
	if (!line.n || line.p[0] == '#' || str_find_char(line, '*', 0) != STR_NONE)
		return;
	/* Where signs stay signs, or a capital has a look of its own, the plain reading may be another. */
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] >= 0x80 || strchr("@$!|I01", line.p[i]))
			return;
	fold(folder, a, line, &f);
	words_find(w, a, &f, &h);
	if (!h.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words *w = NULL;
	struct folded f;
	struct word_hits h;
	arena_t *a = arena_create(1 << 26);
	str_t rest = str_from((const char *)data, size), banned = str_cut(&rest, 0), suspect = str_cut(&rest, 0);
	if (!folder && folder_new(&folder))
		abort();
	err_t e = words_new(folder, (str_t[]){ banned, suspect }, &w);
	if (e && (!e->field || !strstr(err_text(e), "line")))
		abort();
	err_free(e);
	if (w) {
		fold(folder, a, rest, &f);
		words_find(w, a, &f, &h);
		check(&h, rest.n);
		found_in_itself(w, a, banned);
	}
	words_free(w);
	arena_free(a);
	return 0;
}
