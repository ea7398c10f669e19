/* invite.c: staff come by invitation: a link to an address, good for a week, which says what for.
 *
 * Accepting it makes the account, or gives one that is there its role. Then a passkey or a second factor is
 * set up before anything else (roles.h). */
#include "readers/invite.h"
#include "readers/letters.h"
#include "readers/roles.h"

#include "record/act.h"

static const struct act_kind ACT_INVITE = { "challenge.ask" };
static const struct act_kind ACT_JOIN = { "reader.join" };

/* --- inviting --- */

struct inviting {
	struct stet        *s;
	struct act         *act;
	const struct invitation *i;
	str_t               key;
	json_t             *data;
};

static err_t write_invite(struct conn *c, arena_t *a, void *ctx)
{
	struct inviting *x = ctx;
	struct challenge made = { .kind = CHALLENGE_INVITE, .subject = x->key, .data = x->data };
	TRY(challenge_insert(x->s, c, a, &made, INVITE_LIFE));
	return letter_post(x->act, &(struct letter_draft){ .kind = "invite", .to = x->i->address,
							  .name = x->i->name, .challenge = &made });
}

static void drop(void *json)
{
	json_decref(json);
}

err_t reader_invite(struct stet *s, arena_t *a, const struct invitation *given, str_t actor)
{
	struct invitation i = *given;
	struct inviting x = { .s = s, .i = &i };
	if (!role_is_staff(i.role))
		return err_new(ERR_INPUT, "staff are invited: moderator, reporter, editor or owner");
	if (!letters_leave(s))
		return err_new(ERR_REFUSED, "no mail leaves: smtp in stet.conf names no mail server");
	TRY(address_check(a, &i.address));
	TRY(address_key(s, a, i.address, &x.key));
	TRY(name_check(s, a, &i.name));
	x.data = json_pack("{s:o, s:o, s:o}", "address", json_text(i.address), "name", json_text(i.name), "role",
			   json_text(role_name(i.role)));
	arena_defer(a, drop, x.data);
	struct act act = act_begin_quiet(s, a, &ACT_INVITE, 0, actor);
	x.act = &act;
	return act_commit(&act, write_invite, &x);
}

/* --- accepting --- */

static const struct sql update_role = { "UPDATE reader SET role = $1, confirmed = $2 WHERE id = $3" };
static const struct sql select_named = {
	"SELECT 1 FROM reader WHERE name_key = $1 UNION ALL SELECT 1 FROM reader WHERE name_look = $2"
};

struct joining {
	struct stet            *s;
	struct act             *act;
	const struct challenge *x;
	str_t                   name;
	enum role               role;
	struct reader           reader;
};

/* A byline may be its author's own; another account's name not. */
static err_t check_name(struct joining *j, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct name_keys keys;
	TRY(name_keys(j->s, a, j->name, &keys));
	TRY(db_query(c, &select_named, ARGS(v_str(keys.key), v_str(keys.look)), &r));
	if (rows_next(&r, &e) && !e)
		return err_say_with(ERR_CONFLICT, "name", "refused.name-taken", "name=%.*s", STR(j->name));
	return e;
}

static err_t write_join(struct conn *c, arena_t *a, void *ctx)
{
	struct joining *j = ctx;
	TRY(challenge_use(j->s, c, j->x));
	TRY(reader_by_address(c, a, j->x->subject, &j->reader));
	if (j->reader.state == READER_DISABLED)
		return err_say(ERR_REFUSED, "form", "refused.closed");
	if (j->reader.role > j->role)
		j->role = j->reader.role; /* an older invitation takes nothing away */
	if (j->reader.id) {
		TRY(db_run(c, &update_role, ARGS(v_str(role_name(j->role)), v_int(clock_now(&j->s->clock)),
						 v_int(j->reader.id)), NULL));
		TRY(session_delete_all(c, j->reader.id, 0));
		TRY(reader_find(c, a, j->reader.id, &j->reader));
	} else {
		TRY(check_name(j, c, a));
		struct reader_draft d = { .address = challenge_text(j->x, "address"), .name = j->name,
					  .role = j->role };
		TRY(reader_insert(j->s, c, a, &d, &j->reader));
	}
	j->act->subject = j->reader.id;
	j->act->actor = reader_actor(a, j->reader.id);
	act_touch(j->act, topic_reader(a, j->reader.id));
	return OK;
}

static err_t join(struct stet *s, struct request *q, struct response *r, const struct challenge *x)
{
	struct act act = act_begin(s, q->a, &ACT_JOIN, 0, S("reader"));
	struct joining j = { .s = s, .act = &act, .x = x, .name = params_get(&q->form, "name") };
	if (!j.name.p)
		j.name = challenge_text(x, "name");
	TRY(name_check(s, q->a, &j.name));
	if (!role_parse(challenge_text(x, "role"), &j.role))
		return err_new(ERR_CORRUPT, "an invitation names no role");
	str_t role = role_name(j.role);
	act_detail(&act, json_pack("{s:s%}", "role", role.p, role.n));
	TRY(act_commit(&act, write_join, &j));
	return sign_in_with(s, q, r, &j.reader, "mail", false, S("/account/factor"));
}

static err_t invite_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct challenge *x = ctx;
	struct reader known;
	json_t *form = json_object_get(v->json, "form");
	(void)s;
	TRY(reader_by_address(v->c, v->a, x->subject, &known));
	if (!json_object_get(form, "name"))
		json_object_set_new(form, "name", json_text(challenge_text(x, "name")));
	str_t key = str_format(v->a, "role.%.*s", STR(challenge_text(x, "role")));
	json_object_set_new(v->json, "role", json_text(say(v, str_z(v->a, key))));
	json_object_set_new(v->json, "address", json_text(challenge_text(x, "address")));
	json_object_set_new(v->json, "link", json_text(params_get(&v->q->route, "link")));
	json_object_set_new(v->json, "fresh", json_boolean(!known.id));
	json_object_set_new(v->json, "known", known.id ? json_text(known.name) : json_null());
	return OK;
}

err_t invite_link(struct stet *s, struct request *q, struct response *r, struct challenge *x)
{
	err_t e = q->method == POST ? join(s, q, r, x) : OK;
	if (q->method == POST && !(e && is_mendable(e)))
		return e;
	struct form f = { .template = "invite", .title = "invite.title", .error = e, .secret = true,
			  .fill = invite_fill, .ctx = x };
	return form_page(s, q, r, &f);
}

/* --- what staff see of a reader --- */

static err_t names_fill(struct stet *s, struct view *v, void *ctx)
{
	const id64 *id = ctx;
	struct reader r;
	struct former_name *names;
	size_t n;
	json_t *all = json_array();
	(void)s;
	TRY(reader_find(v->c, v->a, *id, &r));
	if (!r.id || r.state == READER_GONE)
		return err_new(ERR_MISSING, "there is no such reader");
	TRY(reader_names(v->c, v->a, *id, &names, &n));
	json_object_set_new(v->json, "name", json_text(r.name));
	json_object_set_new(v->json, "url", json_text(reader_path(v->a, *id)));
	json_object_set_new(v->json, "names", all);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, json_pack("{s:o, s:o}", "name", json_text(names[i].name), "until",
				      json_text(messages_date(v->a, v->tongue, "date.long", names[i].until))));
	return OK;
}

static err_t names_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	id64 id;
	if (who_must_be_staff(s, q, r, MAY_SEE_READERS, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such reader");
	struct form f = { .template = "reader-names", .title = "names.title", .fill = names_fill, .ctx = &id };
	return form_page(s, q, r, &f);
}

const struct route staff_routes[] = {
	{ GET, "/reader/:id/names", names_page },
	{ 0 },
};
