/* copy_parts.c: what this room knows about a reader, part by part, as JSON. No secret is in it that would
 * open the account to who finds the copy: no hashes, no keys. */
#include "readers/copy.h"
#include "readers/pages.h"

static json_t *when(arena_t *a, usec_t t)
{
	return t ? json_text(time_iso_utc(a, t)) : json_null();
}

static err_t profile(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, json_t **out)
{
	static const char *const states[] = { "active", "disabled", "leaving", "gone" };
	(void)s;
	(void)c;
	*out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:b, s:b, s:b, s:b, s:b, s:o, s:o, "
			 "s:o}", "id", json_text(id_text(a, r->id)), "name", json_text(r->name), "address",
			 json_text(r->address), "confirmed", when(a, r->confirmed), "about",
			 json_text(r->about), "picture", json_text(r->picture), "language",
			 json_text(r->language), "role", json_text(role_name(r->role)), "state",
			 states[r->state], "closed_because", json_text(r->why), "has_password",
			 r->password.n > 0, "has_second_factor", r->totp.n > 0, "shows_comments",
			 r->show_comments, "shows_followers", r->show_followers, "shows_following",
			 r->show_following, "renamed", when(a, r->renamed), "made", when(a, r->made), "seen",
			 when(a, r->seen));
	return *out ? OK : err_new(ERR_MEMORY, "out of memory");
}

/* Rows as a list of objects: text columns, moments, counts, as their names say. */
enum column_kind { TEXT, MOMENT, NUMBER, YES_NO, ID, OTHER_READER };
struct column {
	const char      *name;
	enum column_kind kind;
};
struct table {
	struct sql           sql; /* of the reader's id, $1; columns as listed */
	const struct column *columns;
	size_t               n;
};

static json_t *cell(arena_t *a, const struct rows *r, int i, enum column_kind kind)
{
	switch (kind) {
	case MOMENT: return when(a, row_int(r, i));
	case NUMBER: return json_integer(row_int(r, i));
	case YES_NO: return json_boolean(row_int(r, i) != 0);
	case ID: return json_text(id_text(a, row_int(r, i)));
	case OTHER_READER: return json_text(reader_path(a, row_int(r, i)));
	case TEXT: break;
	}
	return json_text(row_str(r, a, i));
}

static err_t list(struct conn *c, arena_t *a, const struct table *t, id64 reader, json_t **out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = json_array();
	TRY(db_query(c, &t->sql, ARGS(v_int(reader)), &r));
	while (rows_next(&r, &e)) {
		json_t *one = json_object();
		for (size_t i = 0; i < t->n; i++)
			json_object_set_new(one, t->columns[i].name, cell(a, &r, (int)i, t->columns[i].kind));
		json_array_append_new(*out, one);
	}
	return e;
}

#define TABLE(name, text, ...)                                                                     \
	static const struct column name##_columns[] = { __VA_ARGS__ };                             \
	static const struct table name##_table = { { text }, name##_columns, COUNT(name##_columns) }; \
	static err_t name(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, json_t **out) \
	{                                                                                          \
		(void)s;                                                                           \
		return list(c, a, &name##_table, r->id, out);                                      \
	}

TABLE(names, "SELECT name, until FROM reader_name WHERE reader = $1 ORDER BY until",
      { "name", TEXT }, { "until", MOMENT })
TABLE(sessions, "SELECT device, way, strong, made, used, proven, ends, CASE address_hash WHEN '' THEN 0 ELSE 1 "
		"END FROM session WHERE reader = $1 ORDER BY made",
      { "device", TEXT }, { "way", TEXT }, { "strong", YES_NO }, { "made", MOMENT }, { "used", MOMENT },
      { "proven", MOMENT }, { "ends", MOMENT }, { "network_hash_kept", YES_NO })
TABLE(passkeys, "SELECT name, synced, made, used FROM passkey WHERE reader = $1 ORDER BY made",
      { "name", TEXT }, { "synced", YES_NO }, { "made", MOMENT }, { "used", MOMENT })
TABLE(recovery, "SELECT count(*), coalesce(sum(CASE used WHEN 0 THEN 1 ELSE 0 END), 0) FROM recovery_code "
		"WHERE reader = $1 HAVING count(*) > 0",
      { "recovery_codes", NUMBER }, { "left", NUMBER })
TABLE(identities, "SELECT issuer, subject, made FROM identity WHERE reader = $1 ORDER BY made",
      { "issuer", TEXT }, { "subject", TEXT }, { "made", MOMENT })
TABLE(following, "SELECT r.id, r.name, f.since FROM reader_follow f JOIN reader r ON r.id = f.followed "
		 "WHERE f.reader = $1 ORDER BY f.since",
      { "url", OTHER_READER }, { "name", TEXT }, { "since", MOMENT })
TABLE(followers, "SELECT r.id, r.name, f.since FROM reader_follow f JOIN reader r ON r.id = f.reader "
		 "WHERE f.followed = $1 ORDER BY f.since",
      { "url", OTHER_READER }, { "name", TEXT }, { "since", MOMENT })
TABLE(challenges, "SELECT kind, device, tries, made, ends FROM challenge WHERE reader = $1 AND used = 0 "
		  "ORDER BY made",
      { "kind", TEXT }, { "device", TEXT }, { "tries", NUMBER }, { "made", MOMENT }, { "ends", MOMENT })
TABLE(copies, "SELECT made, ready, ends FROM reader_copy WHERE reader = $1 ORDER BY made",
      { "made", MOMENT }, { "ready", MOMENT }, { "ends", MOMENT })
TABLE(record, "SELECT number, time, kind FROM entry WHERE subject = $1 ORDER BY number",
      { "number", NUMBER }, { "time", MOMENT }, { "kind", TEXT })

static const struct copy_part parts[] = {
	{ "profile", profile },	      { "names", names },	  { "sessions", sessions },
	{ "passkeys", passkeys },     { "recovery", recovery },	  { "identities", identities },
	{ "following", following },   { "followers", followers }, { "challenges", challenges },
	{ "copies", copies },	      { "record", record },	  { NULL, NULL },
};

static err_t add_parts(const struct copy_part *p, struct stet *s, struct conn *c, arena_t *a,
		       const struct reader *r, json_t *all)
{
	for (; p && p->name; p++) {
		json_t *part = NULL;
		TRY(p->make(s, c, a, r, &part));
		if (!part || json_object_set_new(all, p->name, part) != 0)
			return err_new(ERR_MEMORY, "out of memory while collecting %s", p->name);
	}
	return OK;
}

err_t copy_collect(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, json_t *all)
{
	TRY(add_parts(parts, s, c, a, r, all));
	return add_parts(s->readers->given.copy_parts, s, c, a, r, all);
}
