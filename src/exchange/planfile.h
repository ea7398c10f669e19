/* planfile.h: what stood and will stand on the fronts, in an exported folder: plans.json.
 *
 *	[{"id": "...", "section": "city", "begins": "...", "made": "...", "actor": "cli",
 *	  "cancelled": "...", "stories": [{"story": "slug", "size": "lead"}]}]
 */
#pragma once

#include "exchange/import.h"

#define PLANFILE "plans.json"

/* All plans, oldest beginning first. {NULL, 0} if there is none. */
err_t planfile_write(struct conn *c, arena_t *a, str_t *out) CHECKED;

/* Brings in those that are not here, and reports each. A story that is not here is passed over and said. */
err_t planfile_bring(struct importer *im, arena_t *a, const char *folder) CHECKED;
