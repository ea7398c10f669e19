/* past.c: see past.h. */
#include "press/past.h"
#include "press/rows.h"

static const struct sql select_revisions = {
	"SELECT number, saved, actor, state, content FROM revision WHERE story = $1 ORDER BY number"
};
static const struct sql select_withdrawals = {
	"SELECT id, made, restored, why FROM withdrawal WHERE story = $1 ORDER BY made, id"
};
static const struct sql select_addresses = {
	"SELECT path FROM redirect WHERE story = $1 ORDER BY path"
};
static const struct sql keep_revision = {
	"INSERT INTO revision (story, number, saved, actor, state, content) "
	"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (story, number) DO NOTHING"
};
static const struct sql keep_withdrawal = {
	"INSERT INTO withdrawal (id, story, made, restored, why) VALUES ($1, $2, $3, $4, $5) "
	"ON CONFLICT (id) DO NOTHING"
};
static const struct sql keep_address = {
	"INSERT INTO redirect (path, story) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING"
};

static err_t load_revisions(struct conn *c, arena_t *a, struct story_past *p)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_revisions, ARGS(v_int(p->id)), &r));
	while (rows_next(&r, &e)) {
		p->revisions = arena_room(a, p->revisions, p->nrevisions, sizeof *p->revisions);
		p->revisions[p->nrevisions++] = (struct revision){
			.number = row_int(&r, 0), .saved = row_int(&r, 1), .actor = row_str(&r, a, 2),
			.state = row_str(&r, a, 3), .content = row_str(&r, a, 4) };
	}
	return e;
}

static err_t load_withdrawals(struct conn *c, arena_t *a, struct story_past *p)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_withdrawals, ARGS(v_int(p->id)), &r));
	while (rows_next(&r, &e)) {
		p->withdrawals = arena_room(a, p->withdrawals, p->nwithdrawals,
					    sizeof *p->withdrawals);
		p->withdrawals[p->nwithdrawals++] = (struct withdrawal){
			.id = row_int(&r, 0), .made = row_int(&r, 1), .restored = row_int(&r, 2),
			.why = row_str(&r, a, 3) };
	}
	return e;
}

err_t past_load(struct conn *c, arena_t *a, const struct story *st, struct story_past *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct story_past){ .id = st->id, .exact = true,
				    .corrections = arena_array(a, st->ncorrections, sizeof(id64)) };
	for (size_t i = 0; i < st->ncorrections; i++)
		out->corrections[out->ncorrections++] = st->corrections[i].id;
	TRY(load_revisions(c, a, out));
	TRY(load_withdrawals(c, a, out));
	TRY(db_query(c, &select_addresses, ARGS(v_int(st->id)), &r));
	while (rows_next(&r, &e))
		strs_add(a, &out->addresses, row_str(&r, a, 0));
	return e;
}

void past_before(const struct story_past *past, struct story *before)
{
	const struct revision *last = &past->revisions[past->nrevisions - 1];
	*before = (struct story){ .revision = last->number, .saved = last->saved };
	story_state_parse(last->state, &before->state);
}

err_t past_write(struct conn *c, const struct story_past *past)
{
	for (size_t i = 0; i < past->nrevisions; i++) {
		const struct revision *r = &past->revisions[i];
		TRY(db_run(c, &keep_revision,
			   ARGS(v_int(past->id), v_int(r->number), v_int(r->saved), v_str(r->actor),
				v_str(r->state), v_str(r->content)), NULL));
	}
	for (size_t i = 0; i < past->nwithdrawals; i++) {
		const struct withdrawal *w = &past->withdrawals[i];
		TRY(db_run(c, &keep_withdrawal,
			   ARGS(v_int(w->id), v_int(past->id), v_int(w->made), v_ref(w->restored),
				v_str(w->why)), NULL));
	}
	for (size_t i = 0; i < past->addresses.n; i++)
		TRY(db_run(c, &keep_address,
			   ARGS(v_str(past->addresses.v[i]), v_int(past->id)), NULL));
	return OK;
}
