/* body_notes.c: see body_notes.h. */
#include "exchange/body_notes.h"

void body_note(arena_t *a, struct strs *notes, str_t note)
{
	for (size_t i = 0; i < notes->n; i++)
		if (str_eq(notes->v[i], note))
			return;
	strs_add(a, notes, str_copy(a, note));
}

err_t body_clean(arena_t *a, str_t html, const struct clean_hooks *hooks, str_t *out,
		 struct strs *notes)
{
	struct clean_report loss = { 0 };
	TRY(clean_imported(a, html, hooks, out, &loss));
	for (size_t i = 0; i < loss.n; i++)
		body_note(a, notes, str_format(a, "cleaned: %.*s%s", STR(loss.v[i].what),
					       loss.v[i].count > 1
						       ? str_format(a, " (%d times)",
								    loss.v[i].count).p
						       : ""));
	return OK;
}
