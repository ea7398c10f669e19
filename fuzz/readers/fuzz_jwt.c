/* fuzz_jwt.c: a provider's token and its keys, as they come: the token to the first line break, JSON of keys
 * behind it. Whatever is taken must have claims that can be judged, and none is taken that says "none". */
#include "readers/jwt.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(1 << 24);
	str_t rest = str_from((const char *)data, size), token = str_cut(&rest, '\n');
	json_t *keys = json_loadb(rest.p ? rest.p : "", rest.n, 0, NULL), *claims = NULL;
	bool unknown;
	err_t e = jwt_verify(a, token, keys, &claims, &unknown);
	if (!e) {
		if (!json_is_object(claims))
			abort();
		e = id_token_check(claims, &(struct id_token_rules){ S("http://issuer"), S("client"), S("nonce"),
								     1700000000 * SECOND });
	}
	err_free(e);
	json_decref(keys);
	arena_free(a);
	return 0;
}
