/* body_notes.h: what the body mappers share. */
#pragma once

#include "page/clean.h"
#include "page/clean_parts.h"

/* clean_imported, its losses as notes. */
err_t body_clean(arena_t *a, str_t html, const struct clean_hooks *hooks, str_t *out,
		 struct strs *notes) CHECKED;

/* Adds a note once. */
void body_note(arena_t *a, struct strs *notes, str_t note);
