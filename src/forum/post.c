/* post.c: writing, editing and taking back comments.
 *
 * What can be judged without the database is judged before the writer's turn; what depends on others (is
 * the conversation open, is the comment that is answered there) inside it, so it is true when it is
 * written. */
#include "forum/elsewhere.h"
#include "forum/heat.h"
#include "forum/judge.h"
#include "forum/limits.h"
#include "forum/mention.h"
#include "forum/question.h"
#include "forum/tame.h"

#include "page/clean.h"
#include "record/act.h"

static const struct act_kind ACT_POST = { "comment.post" };
static const struct act_kind ACT_EDIT = { "comment.edit" };
static const struct act_kind ACT_DELETE = { "comment.delete" };

/* --- the text --- */

static err_t read_text(arena_t *a, str_t *source, str_t *body)
{
	if (source->n > COMMENT_BYTES)
		return err_say_with(ERR_TOO_LARGE, "text", "comment-refused.long", "most=%d", COMMENT_MOST);
	if (!str_is_utf8(*source, NULL))
		return err_say(ERR_INPUT, "text", "comment-refused.utf8");
	*source = tame(a, *source);
	if (str_runes(*source) > COMMENT_MOST)
		return err_say_with(ERR_TOO_LARGE, "text", "comment-refused.long", "most=%d", COMMENT_MOST);
	TRY(clean_markdown(a, GRAMMAR_COMMENT, *source, body, NULL));
	if (!clean_text(a, *body).n)
		return err_say(ERR_INPUT, "text", "comment-refused.empty");
	return OK;
}

err_t comment_preview(struct stet *s, struct conn *c, arena_t *a, str_t source, str_t *body)
{
	struct mentions found;
	TRY(read_text(a, &source, body));
	return mentions_link(s, c, a, *body, body, &found);
}

/* As the story has it: what is quoted must be in there, so that nobody puts words into its mouth. */
static err_t read_quote(arena_t *a, const struct story *st, str_t *quote)
{
	str_t words = *quote, all;
	if (!words.n)
		return OK;
	if (words.n > 4 * QUOTE_MOST || !str_is_utf8(words, NULL))
		return err_say_with(ERR_INPUT, "quote", "comment-refused.quote-long", "most=%d", QUOTE_MOST);
	words = tame_line(a, words);
	all = tame_line(a, clean_text(a, st->body));
	if (str_runes(words) > QUOTE_MOST)
		return err_say_with(ERR_INPUT, "quote", "comment-refused.quote-long", "most=%d", QUOTE_MOST);
	if (!words.n || str_find(all, words, 0) == STR_NONE)
		return err_say(ERR_INPUT, "quote", "comment-refused.quote-absent");
	*quote = words;
	return OK;
}

/* --- posting --- */

struct posting {
	struct stet                *s;
	struct act                 *act;
	const struct comment_draft *d;
	struct comment             *k;
	struct judgement            judged;
};

static const struct sql select_same = {
	"SELECT count(*) FROM comment WHERE reader = $1 AND made > $2 AND story = $3 AND parent = $4 AND "
	"source = $5 AND state <> 'deleted'"
};

/* A button pressed twice. */
static err_t check_same(struct conn *c, const struct posting *x)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_same, ARGS(v_int(x->k->reader.id), v_int(x->k->made - SAME_AGAIN),
					   v_int(x->k->story), v_int(x->k->parent), v_str(x->k->source)), &r));
	bool same = rows_next(&r, &e) && row_int(&r, 0) > 0;
	TRY(e);
	return same ? err_say(ERR_CONFLICT, "text", "comment-refused.same") : OK;
}

static err_t place(struct conn *c, arena_t *a, const struct posting *x, const struct forum_settings *set)
{
	struct comment above;
	struct comment *k = x->k;
	k->root = k->id;
	if (!k->parent)
		return OK;
	err_t e = comment_load(c, a, k->parent, &above);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return err_say(ERR_REFUSED, "text", "comment-refused.answered-gone");
	}
	TRY(e);
	if (above.story != k->story)
		return err_say(ERR_INPUT, "text", "comment-refused.answered-gone");
	k->root = above.root;
	k->depth = above.depth + 1;
	TRY(may_answer(c, a, x->d->reader, &above));
	TRY(question_may_answer(c, a, x->d->reader, &above, set));
	return k->guest ? OK : heat_may_answer(x->s, c, a, x->d->reader, &above, set);
}

/* Whether a moderator sees it before others do. */
static err_t waits(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, id64 story,
		   const struct forum_settings *set, bool *out)
{
	TRY(must_wait(s, c, a, r, out));
	bool guest = false;
	if (set->answers)
		TRY(guest_is(c, story, r->id, &guest));
	*out = (*out || (set->mode == MODE_BEFORE && !guest)) && !is_newsroom(r);
	return OK;
}

/* What a rule refuses, or would hold: its writer is told before, and may reword it. */
static err_t check_judged(const struct posting *x)
{
	if (x->judged.verdict == VERDICT_SHOW || (x->judged.verdict == VERDICT_HOLD && x->d->sure))
		return OK;
	return judgement_said(&x->judged);
}

static err_t write_post(struct conn *c, arena_t *a, void *ctx)
{
	struct posting *x = ctx;
	struct comment *k = x->k;
	struct story st;
	struct forum_settings set;
	struct mentions found;
	bool wait;
	if (x->d->elsewhere.n)
		TRY(other_page_make(x->s, c, a, x->d->elsewhere, &k->story));
	TRY(talked_about(c, a, k->story, &st));
	TRY(forum_settings_of(x->s, c, a, &st, &set));
	TRY(may_write(x->s, c, a, x->d->reader, &st, &set));
	if (set.answers)
		TRY(guest_is(c, k->story, x->d->reader->id, &k->guest));
	TRY(place(c, a, x, &set));
	TRY(check_same(c, x));
	TRY(check_judged(x));
	TRY(read_quote(a, &st, &k->quote));
	k->quote_revision = k->quote.n ? st.revision : 0;
	TRY(mentions_link(x->s, c, a, k->body, &k->body, &found));
	TRY(waits(x->s, c, a, x->d->reader, k->story, &set, &wait));
	k->state = wait || x->judged.verdict == VERDICT_HOLD ? COMMENT_HELD : COMMENT_SHOWN;
	TRY(comment_insert(x->act, c, k));
	if (set.answers)
		TRY(question_posted(c, k));
	if (k->parent)
		TRY(heat_look(x->s, x->act, c, k->root, &set));
	if (x->judged.n)
		TRY(judgement_save(c, k->id, &x->judged));
	return found.n ? mentions_save(c, k->id, &found) : OK;
}

err_t comment_post(struct stet *s, arena_t *a, const struct comment_draft *d, struct comment *out)
{
	usec_t now = clock_now(&s->clock);
	*out = (struct comment){
		.id = id_new(&s->ids, now), .story = d->story, .parent = d->parent, .reader = *d->reader,
		.name = S(""), .staff = role_is_staff(d->reader->role), .source = d->source,
		.quote = d->quote.p ? d->quote : S(""), .state = COMMENT_SHOWN, .made = now };
	TRY(read_text(a, &out->source, &out->body));
	struct act act = act_begin(s, a, &ACT_POST, out->id, topic_reader(a, d->reader->id));
	struct posting x = { .s = s, .act = &act, .d = d, .k = out };
	struct fingerprint print = { 0 };
	struct judge_asked asked = { .reader = d->reader, .story = d->story, .source = out->source,
				     .body = out->body, .typed = d->typed, .print = &print };
	TRY(judge_comment(s, a, &asked, &x.judged));
	json_t *detail = json_pack("{s:s}", "story", str_z(a, id_text(a, d->story)));
	if (d->parent)
		json_object_set_new(detail, "answers", json_string(str_z(a, id_text(a, d->parent))));
	act_detail(&act, detail);
	TRY(act_commit(&act, write_post, &x));
	judge_remember(s, out, &print);
	return OK;
}

/* --- editing --- */

static const struct sql keep_text = {
	"INSERT INTO comment_text (comment, number, until, source, body) "
	"SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM comment_text WHERE comment = $1), $2, source, body "
	"FROM comment WHERE id = $1"
};
static const struct sql update_text = {
	"UPDATE comment SET source = $1, body = $2, edited = $3 WHERE id = $4"
};

struct editing {
	struct stet         *s;
	struct act          *act;
	const struct reader *reader;
	id64                 id;
	str_t                source, body;
	struct comment      *k;
	struct judgement     judged;
};

/* Theirs, and still to be edited; everything that keeps from writing keeps from editing, too. */
static err_t load_own(struct conn *c, arena_t *a, struct editing *x, struct story *st,
		      struct forum_settings *set)
{
	TRY(comment_load(c, a, x->id, x->k));
	if (x->k->reader.id != x->reader->id || !x->reader->id)
		return err_say(ERR_REFUSED, "text", "comment-refused.not-yours");
	TRY(talked_about(c, a, x->k->story, st));
	TRY(forum_settings_of(x->s, c, a, st, set));
	return OK;
}

static err_t write_edit(struct conn *c, arena_t *a, void *ctx)
{
	struct editing *x = ctx;
	struct story st;
	struct forum_settings set;
	struct mentions found;
	bool wait;
	usec_t now = clock_now(&x->s->clock);
	TRY(load_own(c, a, x, &st, &set));
	TRY(may_say(&set, "text"));
	TRY(may_take_part(x->s, c, a, x->reader, x->k->story));
	if (!may_edit(x->s, x->reader, x->k, &set))
		return err_say_with(ERR_REFUSED, "text", "comment-refused.edit-over", "n=%lld",
				    (long long)set.edit);
	if (str_eq(x->source, x->k->source))
		return OK;
	if (x->judged.verdict == VERDICT_REFUSE)
		return judgement_said(&x->judged);
	TRY(mentions_link(x->s, c, a, x->body, &x->body, &found));
	TRY(db_run(c, &keep_text, ARGS(v_int(x->id), v_int(now)), NULL));
	TRY(db_run(c, &update_text, ARGS(v_str(x->source), v_str(x->body), v_int(now), v_int(x->id)), NULL));
	TRY(mentions_save(c, x->id, &found));
	x->k->source = x->source;
	x->k->body = x->body;
	x->k->edited = now;
	TRY(judgement_save(c, x->id, &x->judged));
	TRY(waits(x->s, c, a, x->reader, x->k->story, &set, &wait));
	wait |= x->judged.verdict == VERDICT_HOLD;
	act_touch(x->act, topic_reader(a, x->reader->id));
	return wait ? comment_set_state(x->act, c, x->k, COMMENT_HELD) : comment_changed(x->act, c, x->k);
}

struct looking {
	id64           id;
	struct comment k;
};

static err_t look(struct conn *c, arena_t *a, void *ctx)
{
	struct looking *x = ctx;
	return comment_load(c, a, x->id, &x->k);
}

err_t comment_edit(struct stet *s, arena_t *a, const struct reader *r, id64 id, str_t source,
		   struct comment *out)
{
	struct act act = act_begin(s, a, &ACT_EDIT, id, topic_reader(a, r->id));
	struct editing x = { .s = s, .act = &act, .reader = r, .id = id, .source = source, .body = S(""), .k = out };
	TRY(read_text(a, &x.source, &x.body));
	struct looking now = { id, { 0 } };
	TRY(store_read(s->store, a, look, &now));
	if (now.k.reader.id != r->id)
		return err_say(ERR_REFUSED, "text", "comment-refused.not-yours");
	struct fingerprint print = { 0 };
	struct judge_asked asked = { .reader = r, .story = now.k.story, .comment = id, .source = x.source,
				     .body = x.body, .print = &print };
	TRY(judge_comment(s, a, &asked, &x.judged));
	TRY(act_commit(&act, write_edit, &x));
	judge_forget(s, id); /* what it said before */
	judge_remember(s, out, &print);
	return OK;
}

/* --- taking it back --- */

static const struct sql forget_text = {
	"UPDATE comment SET source = '', body = '', quote = '' WHERE id = $1"
};
static const struct sql forget_texts = { "DELETE FROM comment_text WHERE comment = $1" };
static const struct sql forget_hits = { "DELETE FROM comment_hit WHERE comment = $1" };
static const struct sql forget_import = {
	"UPDATE imported_comment SET content = '', meta = '{}', author_name = '', author_email = '', author_url = '', "
	"author_ip = '' WHERE comment = $1"
};
static const struct sql forget_mentions = { "DELETE FROM comment_mention WHERE comment = $1" };

static err_t write_delete(struct conn *c, arena_t *a, void *ctx)
{
	struct editing *x = ctx;
	struct story st;
	struct forum_settings set;
	TRY(load_own(c, a, x, &st, &set));
	if (x->k->state == COMMENT_DELETED)
		return OK;
	if (x->k->state == COMMENT_REMOVED)
		return err_say(ERR_REFUSED, "text", "comment-refused.removed");
	TRY(db_run(c, &forget_text, ARGS(v_int(x->id)), NULL));
	TRY(db_run(c, &forget_texts, ARGS(v_int(x->id)), NULL));
	TRY(db_run(c, &forget_hits, ARGS(v_int(x->id)), NULL));
	TRY(db_run(c, &forget_mentions, ARGS(v_int(x->id)), NULL));
	TRY(db_run(c, &forget_import, ARGS(v_int(x->id)), NULL));
	return comment_set_state(x->act, c, x->k, COMMENT_DELETED);
}

err_t comment_delete(struct stet *s, arena_t *a, const struct reader *r, id64 id)
{
	struct comment k;
	struct act act = act_begin(s, a, &ACT_DELETE, id, topic_reader(a, r->id));
	struct editing x = { .s = s, .act = &act, .reader = r, .id = id, .k = &k };
	TRY(act_commit(&act, write_delete, &x));
	judge_forget(s, id);
	return OK;
}
