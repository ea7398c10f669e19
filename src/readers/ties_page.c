/* ties_page.c: the buttons that follow, mute and block readers; the list of those who are muted. */
#include "readers/pages.h"
#include "readers/portrait.h"
#include "readers/room.h"

/* --- buttons --- */

enum tie { FOLLOW, UNFOLLOW, MUTE, BLOCK, UNMUTE };

static err_t tie(struct stet *s, struct request *q, id64 reader, id64 other, enum tie what)
{
	TRY(rate_reader(s, q->a, RATE_TIE_ACCOUNT, reader));
	switch (what) {
	case FOLLOW: return reader_follow(s, q->a, reader, other, true);
	case UNFOLLOW: return reader_follow(s, q->a, reader, other, false);
	case MUTE: return reader_mute(s, q->a, reader, other, MUTE_HIDES);
	case BLOCK: return reader_mute(s, q->a, reader, other, MUTE_BLOCKS);
	case UNMUTE: break;
	}
	return reader_mute(s, q->a, reader, other, MUTE_NOT);
}

static err_t refused(struct stet *s, struct request *q, struct response *r, err_t e)
{
	struct form f = { .template = "refused", .title = "reader.refused", .error = e };
	return form_page(s, q, r, &f);
}

static err_t press(struct stet *s, struct request *q, struct response *r, enum tie what)
{
	struct who who;
	err_t e;
	id64 id;
	if (who_must_act(s, q, r, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such reader");
	e = who.reader.id == id ? OK : tie(s, q, who.reader.id, id, what);
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	if (e)
		return is_mendable(e) ? refused(s, q, r, e) : e;
	if (script_asks(q))
		return answer_json(q, r, 200, json_pack("{s:b}", "done", 1));
	go_to(s, q, r, next_or(q, reader_path(q->a, id)));
	return OK;
}

#define BUTTON(name, what)                                                                         \
	static err_t name(struct stet *s, struct request *q, struct response *r)                    \
	{                                                                                          \
		return press(s, q, r, what);                                                       \
	}

BUTTON(follow_post, FOLLOW)
BUTTON(unfollow_post, UNFOLLOW)
BUTTON(mute_post, MUTE)
BUTTON(block_post, BLOCK)
BUTTON(unmute_post, UNMUTE)

/* --- the list --- */

static const struct sql select_muted = {
	"SELECT r.id, r.name, r.picture, m.blocks FROM reader_mute m JOIN reader r ON r.id = m.muted "
	"WHERE m.reader = $1 ORDER BY m.since DESC, r.id LIMIT $2"
};

err_t muted_part(struct stet *s, struct view *v, const struct who *who)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *list = json_array();
	(void)s;
	json_object_set_new(v->json, "muted", list);
	TRY(db_query(v->c, &select_muted, ARGS(v_int(who->reader.id), v_int(MUTED_SHOWN)), &r));
	while (rows_next(&r, &e)) {
		struct reader one = { .id = row_int(&r, 0), .name = row_str(&r, v->a, 1),
				      .picture = row_str(&r, v->a, 2) };
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:b}", "name", json_text(one.name), "url",
						      json_text(reader_path(v->a, one.id)), "picture",
						      json_text(portrait_path(v->a, &one)), "blocked",
						      row_int(&r, 3) != 0));
	}
	return e;
}

const struct route ties_routes[] = {
	{ POST, "/reader/:id/follow", follow_post },
	{ POST, "/reader/:id/unfollow", unfollow_post },
	{ POST, "/reader/:id/mute", mute_post },
	{ POST, "/reader/:id/block", block_post },
	{ POST, "/reader/:id/unmute", unmute_post },
	{ 0 },
};
