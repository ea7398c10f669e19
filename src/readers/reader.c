/* reader.c: accounts as rows: found, made, given a role, disabled. */
#include "readers/room.h"

#include "record/act.h"

static const struct act_kind ACT_REGISTER = { "reader.register" };
static const struct act_kind ACT_ROLE = { "reader.role" };
static const struct act_kind ACT_DISABLE = { "reader.disable" };
static const struct act_kind ACT_ENABLE = { "reader.enable" };
static const struct act_kind ACT_PASSWORD = { "reader.password" };

/* --- words for roles and states --- */

static const char *const roles[ROLES] = { "reader", "moderator", "reporter", "editor", "owner" };
static const char *const states[] = { "active", "disabled", "leaving", "gone" };

str_t role_name(enum role r)
{
	return str_of(roles[r]);
}

bool role_parse(str_t s, enum role *out)
{
	for (size_t i = 0; i < COUNT(roles); i++)
		if (str_eq(s, str_of(roles[i]))) {
			*out = (enum role)i;
			return true;
		}
	return false;
}

static enum reader_state state_of(str_t s)
{
	for (size_t i = 0; i < COUNT(states); i++)
		if (str_eq(s, str_of(states[i])))
			return (enum reader_state)i;
	return READER_DISABLED; /* a word of a later version: better shut than open */
}

str_t reader_path(arena_t *a, id64 id)
{
	return str_format(a, "/reader/%.*s", STR(id_text(a, id)));
}

str_t topic_reader(arena_t *a, id64 id)
{
	return str_format(a, "reader:%.*s", STR(id_text(a, id)));
}

/* --- finding --- */

#define COLUMNS                                                                                    \
	"id, address, confirmed, name, renamed, about, picture, language, role, state, why, "      \
	"leaving, keep_words, handle, password, totp, totp_step, show_comments, show_followers, "  \
	"show_following, made, seen, no_followers"

static const struct sql select_id = { "SELECT " COLUMNS " FROM reader WHERE id = $1" };
static const struct sql select_address = { "SELECT " COLUMNS " FROM reader WHERE address_key = $1" };
static const struct sql select_staff = {
	"SELECT " COLUMNS " FROM reader WHERE role <> 'reader' ORDER BY name_key"
};
static const struct sql select_newest = { "SELECT " COLUMNS " FROM reader ORDER BY id DESC LIMIT $1" };

static void row_reader(const struct rows *r, arena_t *a, struct reader *out)
{
	*out = (struct reader){
		.id = row_int(r, 0),	     .address = row_str(r, a, 1),
		.confirmed = row_int(r, 2),  .name = row_str(r, a, 3),
		.renamed = row_int(r, 4),    .about = row_str(r, a, 5),
		.picture = row_str(r, a, 6), .language = row_str(r, a, 7),
		.state = state_of(row_str(r, a, 9)),
		.why = row_str(r, a, 10),    .leaving = row_int(r, 11),
		.keep_words = row_int(r, 12) != 0, .handle = row_str(r, a, 13),
		.password = row_str(r, a, 14), .totp = row_str(r, a, 15),
		.totp_step = row_int(r, 16), .show_comments = row_int(r, 17) != 0,
		.show_followers = row_int(r, 18) != 0, .show_following = row_int(r, 19) != 0,
		.no_followers = row_int(r, 22) != 0,
		.made = row_int(r, 20),	     .seen = row_int(r, 21),
	};
	if (!role_parse(row_str(r, a, 8), &out->role))
		out->role = ROLE_READER;
}

static err_t find_one(struct conn *c, arena_t *a, const struct sql *sql, struct value key,
		      struct reader *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct reader){ 0 };
	TRY(db_query(c, sql, ARGS(key), &r));
	if (rows_next(&r, &e))
		row_reader(&r, a, out);
	return e;
}

err_t reader_find(struct conn *c, arena_t *a, id64 id, struct reader *out)
{
	return find_one(c, a, &select_id, v_int(id), out);
}

err_t reader_by_address(struct conn *c, arena_t *a, str_t key, struct reader *out)
{
	return find_one(c, a, &select_address, v_str(key), out);
}

err_t reader_all(struct conn *c, arena_t *a, enum role least, size_t most, struct reader_list *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct reader_list){ 0 };
	TRY(least == ROLE_READER
		    ? db_query(c, &select_newest, ARGS(v_int((int64_t)most)), &r)
		    : db_query(c, &select_staff, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		struct reader one;
		row_reader(&r, a, &one);
		if (one.role < least)
			continue;
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = one;
	}
	return e;
}

/* --- making --- */

static const struct sql insert_reader = {
	"INSERT INTO reader (id, address, address_key, confirmed, name, name_key, name_look, role, "
	"handle, password, made, seen) VALUES ($1, $2, $3, $4, $5, $6, $10, $7, $8, $9, $4, $4)"
};

static err_t in_words(err_t e)
{
	if (!e || e->code != ERR_CONFLICT || e->field)
		return e;
	err_free(e);
	return err_say(ERR_CONFLICT, "address", "refused.address-taken");
}

err_t reader_insert(struct stet *s, struct conn *c, arena_t *a, const struct reader_draft *d,
		    struct reader *out)
{
	usec_t now = clock_now(&s->clock);
	unsigned char handle[32];
	str_t address = d->address, name = d->name, akey;
	struct name_keys keys;
	TRY(address_check(a, &address));
	TRY(address_key(s, a, address, &akey));
	TRY(name_check(s, a, &name));
	if (d->role == ROLE_READER)
		TRY(name_free(s, c, a, name, 0, d->challenge));
	TRY(name_keys(s, a, name, &keys));
	randombytes_buf(handle, sizeof handle);
	id64 id = id_new(&s->ids, now);
	TRY(in_words(db_run(c, &insert_reader,
			    ARGS(v_int(id), v_str(address), v_str(akey), v_int(now), v_str(name),
				 v_str(keys.key), v_str(role_name(d->role)),
				 v_blob(str_from((const char *)handle, sizeof handle)),
				 v_opt(d->password.n ? d->password : (str_t){ NULL, 0 }),
				 v_str(keys.look)), NULL)));
	return reader_find(c, a, id, out);
}

struct adding {
	struct stet               *s;
	struct act                *act;
	const struct reader_draft *d;
	struct reader             *out;
};

static err_t write_reader(struct conn *c, arena_t *a, void *ctx)
{
	struct adding *x = ctx;
	TRY(reader_insert(x->s, c, a, x->d, x->out));
	x->act->subject = x->out->id;
	return OK;
}

err_t reader_add(struct stet *s, arena_t *a, const struct reader_draft *d, str_t actor,
		 struct reader *out)
{
	struct act act = act_begin(s, a, &ACT_REGISTER, 0, actor);
	struct adding x = { s, &act, d, out };
	str_t role = role_name(d->role);
	act_detail(&act, json_pack("{s:s%}", "role", role.p, role.n));
	return act_commit(&act, write_reader, &x);
}

/* --- changing --- */

struct changing {
	const struct reader *r;
	const struct sql    *sql;
	struct args          args;
	id64                 keep;
	bool                 sign_out;
};

static err_t write_change(struct conn *c, arena_t *a, void *ctx)
{
	struct changing *x = ctx;
	int64_t changed;
	(void)a;
	TRY(db_run(c, x->sql, x->args, &changed));
	if (!changed)
		return err_new(ERR_MISSING, "there is no such account");
	return x->sign_out ? session_delete_all(c, x->r->id, x->keep) : OK;
}

static const struct sql update_role = { "UPDATE reader SET role = $1 WHERE id = $2" };

err_t reader_set_role(struct stet *s, arena_t *a, const struct reader *r, enum role role, str_t actor)
{
	str_t name = role_name(role);
	struct act act = act_begin(s, a, &ACT_ROLE, r->id, actor);
	struct changing x = { .r = r, .sql = &update_role, .args = ARGS(v_str(name), v_int(r->id)),
			      .sign_out = true };
	act_detail(&act, json_pack("{s:s%}", "role", name.p, name.n));
	act_touch(&act, topic_reader(a, r->id));
	return act_commit(&act, write_change, &x);
}

static const struct sql update_state = {
	"UPDATE reader SET state = $1, why = $2, leaving = CASE $1 WHEN 'active' THEN 0 ELSE leaving END "
	"WHERE id = $3 AND state <> 'gone'"
};

err_t reader_disable(struct stet *s, arena_t *a, const struct reader *r, str_t why, str_t actor)
{
	bool on = !why.n;
	struct act act = act_begin(s, a, on ? &ACT_ENABLE : &ACT_DISABLE, r->id, actor);
	struct changing x = { .r = r, .sql = &update_state,
			      .args = ARGS(v_str(on ? S("active") : S("disabled")),
					   v_str(on ? S("") : why), v_int(r->id)),
			      .sign_out = true };
	act_touch(&act, topic_reader(a, r->id));
	return act_commit(&act, write_change, &x);
}

static const struct sql update_password = { "UPDATE reader SET password = $1 WHERE id = $2" };

err_t reader_set_password(struct stet *s, arena_t *a, const struct reader *r, str_t hashed, id64 keep,
			  str_t actor)
{
	struct act act = act_begin_quiet(s, a, &ACT_PASSWORD, r->id, actor);
	struct changing x = { .r = r, .sql = &update_password, .keep = keep, .sign_out = true,
			      .args = ARGS(v_opt(hashed.n ? hashed : (str_t){ NULL, 0 }),
					   v_int(r->id)) };
	act_touch(&act, topic_reader(a, r->id));
	return act_commit(&act, write_change, &x);
}
