/* settings.h: what can be set of how a conversation is held, by name. */
#pragma once

#include "forum/forum.h"

enum forum_setting_kind { FORUM_CHOICE, FORUM_NUMBER, FORUM_SWITCH, FORUM_TEXT, FORUM_TIME };

struct forum_setting {
	const char              *name;
	enum forum_setting_kind  kind;
	int64_t                  most;    /* of a number; characters of a text */
	const char *const       *choices; /* ended by NULL */
	bool                     of_story; /* and of nothing wider */
};

extern const struct forum_setting forum_setting_list[];
extern const size_t               forum_setting_count;

/* The error names the setting. A switch is "yes" or "no". */
err_t forum_setting_check(const struct forum_setting *x, arena_t *a, str_t value) CHECKED;
/* What is set at one place, alone: JSON. */
err_t forum_settings_own(struct conn *c, arena_t *a, str_t place, str_t *json) CHECKED;
