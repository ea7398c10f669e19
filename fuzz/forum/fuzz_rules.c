/* fuzz_rules.c: settings of the rules as JSON. What is taken is within its bounds, and written out and read again is
 * itself; what is not says why. */
#include "forum/rules.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules r, again;
	arena_t *a = arena_create(1 << 26);
	err_t e = rules_from_json(a, str_from((const char *)data, size), &r);
	if (e && !*err_text(e))
		abort();
	if (!e) {
		str_t json = rules_to_json(a, &r);
		for (size_t i = 0; i < rule_settings_count; i++) {
			const struct rule_setting *s = &rule_settings[i];
			if (rules_set(&again, a, s, rules_show(&r, a, s)) != OK)
				abort();
		}
		if (!str_eq(rules_to_json(a, &again), json) || rules_from_json(a, json, &again) != OK)
			abort();
	}
	err_free(e);
	arena_free(a);
	return 0;
}
