/* rules_fields.h: the settings of conversations and of the rules as the fields of one form, at one place: what is set
 * there, and where the rest is as it is. */
#pragma once

#include "forum/judge.h"
#include "forum/settings.h"
#include "page/site.h"

/* Where one looks: the publication, a section, or a story. */
struct rules_place {
	str_t          key;     /* as in forum_setting_save: "", "section:ID", "story:ID" */
	str_t          address; /* "publication", "section:SLUG", "story:SLUG" */
	struct section section; /* .id 0: none */
	struct story   story;
};
/* ERR_MISSING if there is none of that address. */
err_t rules_place_find(struct conn *c, arena_t *a, str_t address, struct rules_place *out) CHECKED;

/* "groups" of the form, each with its fields; what was typed instead, where the form comes back with `errors`
 * (rules_fields_read). "seen" tells how all of it was. */
err_t rules_fields(struct view *v, const struct rules_place *p, const json_t *errors) CHECKED;

/* What a form would change. A setting that it does not name stays; an empty one is as the wider place has it. */
struct rules_changes {
	struct rule_change *rules, *settings;
	size_t              nrules, nsettings;
};
/* `errors`: each wrong field, with "value", or "together" if it does not go with another. */
err_t rules_fields_read(struct conn *c, const struct request *q, const struct rules_place *p, struct rules_changes *out,
			json_t *errors) CHECKED;
/* How all that is set there was at this moment. */
err_t rules_fields_seen(struct conn *c, arena_t *a, const struct rules_place *p, str_t *out) CHECKED;
