/* passkey.c: see passkey.h. */
#include "readers/passkey.h"

#define COLUMNS                                                                                    \
	"id, reader, credential, public_key, algorithm, sign_count, may_sync, synced, aaguid, "    \
	"transports, name, made, used"

static const struct sql select_of = {
	"SELECT " COLUMNS " FROM passkey WHERE reader = $1 ORDER BY made, id"
};
static const struct sql select_credential = { "SELECT " COLUMNS " FROM passkey WHERE credential = $1" };
static const struct sql count_of = { "SELECT count(*) FROM passkey WHERE reader = $1" };
static const struct sql insert_passkey = {
	"INSERT INTO passkey (" COLUMNS ", verified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
	"$11, $12, $12, 1)"
};
/* The count never goes back: whoever has the copy would hide it by signing often. */
static const struct sql update_used = {
	"UPDATE passkey SET sign_count = max(sign_count, $1), synced = $2, used = $3, verified = 1 "
	"WHERE id = $4"
};
static const struct sql update_name = { "UPDATE passkey SET name = $1 WHERE id = $2 AND reader = $3" };
static const struct sql delete_one = { "DELETE FROM passkey WHERE id = $1 AND reader = $2" };

static void row_passkey(const struct rows *r, arena_t *a, struct passkey *out)
{
	*out = (struct passkey){
		.id = row_int(r, 0), .reader = row_int(r, 1),
		.credential = { .id = row_str(r, a, 2), .key = row_str(r, a, 3),
				.algorithm = (int)row_int(r, 4), .count = (uint32_t)row_int(r, 5),
				.may_sync = row_int(r, 6) != 0, .synced = row_int(r, 7) != 0,
				.aaguid = row_str(r, a, 8), .transports = row_str(r, a, 9) },
		.name = row_str(r, a, 10), .made = row_int(r, 11), .used = row_int(r, 12),
	};
}

err_t passkey_list(struct conn *c, arena_t *a, id64 reader, struct passkeys *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct passkeys){ 0 };
	TRY(db_query(c, &select_of, ARGS(v_int(reader)), &r));
	while (rows_next(&r, &e)) {
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		row_passkey(&r, a, &out->v[out->n++]);
	}
	return e;
}

err_t passkey_find(struct conn *c, arena_t *a, str_t credential, struct passkey *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct passkey){ 0 };
	TRY(db_query(c, &select_credential, ARGS(v_blob(credential)), &r));
	if (rows_next(&r, &e))
		row_passkey(&r, a, out);
	return e;
}

static err_t check_room(struct conn *c, id64 reader)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &count_of, ARGS(v_int(reader)), &r));
	if (rows_next(&r, &e) && row_int(&r, 0) >= PASSKEYS_MOST)
		return err_user(ERR_CONFLICT, "full", "an account has at most %d passkeys: remove one first",
				PASSKEYS_MOST);
	return e;
}

err_t passkey_insert(struct stet *s, struct conn *c, arena_t *a, struct passkey *p)
{
	const struct credential *x = &p->credential;
	struct passkey there;
	TRY(check_room(c, p->reader));
	TRY(passkey_find(c, a, x->id, &there));
	if (there.id)
		return err_user(ERR_CONFLICT, "taken", "this passkey is registered already");
	p->made = p->used = clock_now(&s->clock);
	p->id = id_new(&s->ids, p->made);
	return db_run(c, &insert_passkey,
		      ARGS(v_int(p->id), v_int(p->reader), v_blob(x->id), v_blob(x->key),
			   v_int(x->algorithm), v_int(x->count), v_int(x->may_sync), v_int(x->synced),
			   v_blob(x->aaguid), v_str(x->transports), v_str(p->name), v_int(p->made)), NULL);
}

err_t passkey_used(struct stet *s, struct conn *c, const struct passkey *p, const struct asserted *x)
{
	int64_t changed;
	TRY(db_run(c, &update_used, ARGS(v_int(x->count), v_int(x->synced), v_int(clock_now(&s->clock)),
					 v_int(p->id)), &changed));
	return changed ? OK : err_user(ERR_MISSING, "unknown", "this passkey was removed just now");
}

static err_t change_one(struct conn *c, const struct sql *sql, struct args args)
{
	int64_t changed;
	TRY(db_run(c, sql, args, &changed));
	return changed ? OK : err_new(ERR_MISSING, "there is no such passkey");
}

err_t passkey_rename(struct conn *c, id64 reader, id64 id, str_t name)
{
	return change_one(c, &update_name, ARGS(v_str(name), v_int(id), v_int(reader)));
}

err_t passkey_delete(struct conn *c, id64 reader, id64 id)
{
	return change_one(c, &delete_one, ARGS(v_int(id), v_int(reader)));
}

err_t passkey_name_check(arena_t *a, str_t *name)
{
	struct buf b = buf_new(a, 64);
	bool space = false;
	if (!str_is_utf8(*name, NULL))
		return err_say_with(ERR_INPUT, "passkey", "refused.passkey-name", "n=%d", PASSKEY_NAME_MOST);
	for (size_t i = 0; i < name->n; i++) {
		unsigned char c = (unsigned char)name->p[i];
		if (c <= ' ' || c == 0x7f) {
			space = b.n > 0;
			continue;
		}
		if (space)
			buf_add_char(&b, ' ');
		space = false;
		buf_add_char(&b, (char)c);
	}
	*name = buf_str(&b);
	if (!name->n || str_runes(*name) > PASSKEY_NAME_MOST)
		return err_say_with(ERR_INPUT, "passkey", "refused.passkey-name", "n=%d", PASSKEY_NAME_MOST);
	return OK;
}

static json_t *passkey_view(const struct view *v, const struct passkey *p)
{
	str_t name = p->name.n ? p->name : say(v, "passkey.unnamed");
	return json_pack("{s:o, s:o, s:o, s:o, s:b}", "id", json_text(id_text(v->a, p->id)), "name",
			 json_text(name), "made", json_text(messages_date(v->a, v->tongue, "date.day", p->made)),
			 "used", json_text(messages_date(v->a, v->tongue, "date.long", p->used)), "synced",
			 p->credential.synced);
}

err_t passkeys_part(struct stet *s, struct view *v, const struct who *who)
{
	struct passkeys all;
	json_t *list = json_array();
	(void)s;
	json_object_set_new(v->json, "passkeys", list);
	TRY(passkey_list(v->c, v->a, who->reader.id, &all));
	for (size_t i = 0; i < all.n; i++)
		json_array_append_new(list, passkey_view(v, &all.v[i]));
	json_object_set_new(v->json, "passkeys_full", json_boolean(all.n >= PASSKEYS_MOST));
	return OK;
}
