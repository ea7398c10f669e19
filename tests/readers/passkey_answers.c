/* passkey_answers.c: see passkey_answers.h. */
#include "passkey_answers.h"

#define RECORDED "tests/fixtures/passkeys/chromium.json"

static void let_go(void *json)
{
	json_decref(json);
}

void release_later(struct room *r, json_t *json)
{
	arena_defer(r->world.a, let_go, json);
}

static str_t text_at(const json_t *j, const char *key)
{
	return str_of(json_string_value(json_object_get(j, key)));
}

static str_t bytes_at(arena_t *a, const json_t *j, const char *key)
{
	str_t out;
	assert_true(base64_read(a, text_at(j, key), &out));
	return out;
}

struct recording recorded(struct room *r, const char *kind)
{
	arena_t *a = r->world.a;
	json_t *all = json_load_file(RECORDED, 0, NULL);
	assert_non_null(all);
	release_later(r, all);
	json_t *one = json_object_get(json_object_get(all, "recordings"), kind);
	json_t *made = json_object_get(one, "made"), *used = json_object_get(one, "used");
	str_t rp = text_at(all, "rp"), origin = text_at(all, "origin");
	struct recording x = {
		.made = { rp, origin, bytes_at(a, made, "challenge") },
		.used = { rp, origin, bytes_at(a, used, "challenge") },
		.made_answer = json_object_get(made, "answer"),
		.used_answer = json_object_get(used, "answer"),
		.handle = bytes_at(a, one, "handle"),
	};
	assert_ok(webauthn_register(a, &x.made, x.made_answer, &x.credential));
	return x;
}

str_t response(struct room *r, const json_t *answer, const char *key)
{
	return bytes_at(r->world.a, json_object_get(answer, "response"), key);
}

void put(struct room *r, json_t *answer, const char *key, str_t bytes)
{
	str_t text = base64_of(r->world.a, bytes);
	json_object_set_new(json_object_get(answer, "response"), key, json_stringn(text.p, text.n));
}
