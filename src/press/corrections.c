/* corrections.c: what was wrong: putting it on a story, saying it in a sentence, the page that lists
 * all of it, newest first. A correction is never changed and never taken out. */
#include "press/corrections.h"
#include "press/limits.h"
#include "press/press.h"
#include "press/rows.h"
#include "press/saving.h"
#include "press/view.h"

#include "page/clean.h"

err_t correction_check(const char *field, const struct correction *k)
{
	if (str_trim(k->text).n || (str_trim(k->wrong).n && str_trim(k->right).n))
		return OK;
	return err_user(ERR_INPUT, field, "%s: must not be empty: say what was wrong and what is right, in one "
			"text or as the two apart", field);
}

static err_t correction_text(arena_t *a, const char *field, str_t *text)
{
	TRY(check_length(field, *text, CORRECTION_MOST, false));
	return clean_markdown(a, GRAMMAR_INLINE, *text, text, NULL);
}

err_t story_correct(struct stet *s, arena_t *a, struct story *st, const struct correction *said,
		    str_t actor)
{
	struct correction k = *said;
	TRY(correction_text(a, "text", &k.text));
	TRY(correction_text(a, "wrong", &k.wrong));
	TRY(correction_text(a, "right", &k.right));
	TRY(correction_check("text", &k));
	if (!st->published)
		return err_new(ERR_CONFLICT, "a draft is edited, not corrected: `stet story edit`");
	k.id = 0;
	if (!k.made)
		k.made = clock_now(&s->clock);
	struct story next = *st;
	if (next.updated < k.made)
		next.updated = k.made;
	next.ncorrections = st->ncorrections + 1;
	next.corrections = arena_array(a, next.ncorrections, sizeof *next.corrections);
	if (st->ncorrections)
		memcpy(next.corrections, st->corrections, st->ncorrections * sizeof *st->corrections);
	next.corrections[st->ncorrections] = k;
	return story_commit(s, a, &ACT_STORY_CORRECT, next, actor, st);
}

/* --- how it is told --- */

/* A phrase to stand inside a sentence: without the full stop it may have brought. */
static str_t phrase(str_t html)
{
	html = str_trim(html);
	if (str_starts(html, S("<p>")) && str_ends(html, S("</p>")))
		html = str_trim(str_slice(html, 3, html.n - 4));
	return str_ends(html, S(".")) ? str_slice(html, 0, html.n - 1) : html;
}

str_t correction_html(const struct view *v, const struct correction *k)
{
	if (k->text.n)
		return k->text;
	struct buf b = buf_new(v->a, 256);
	buf_add_html(&b, say(v, "correction.sentence"));
	const struct message_value parts[] = { { "wrong", phrase(k->wrong) },
					       { "right", phrase(k->right) } };
	return messages_fill(v->a, buf_str(&b), parts, COUNT(parts));
}

/* --- withdrawals --- */

static const struct sql select_open = {
	"SELECT made FROM withdrawal WHERE story = $1 AND restored IS NULL ORDER BY made DESC LIMIT 1"
};
static const struct sql insert_withdrawal = {
	"INSERT INTO withdrawal (id, story, made, why) VALUES ($1, $2, $3, $4)"
};
static const struct sql end_withdrawal = {
	"UPDATE withdrawal SET restored = $2 WHERE story = $1 AND restored IS NULL"
};

err_t withdrawal_load(struct conn *c, struct story *st)
{
	st->withdrawn = 0;
	if (st->state != WITHDRAWN)
		return OK;
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &select_open, ARGS(v_int(st->id)), &r));
	if (rows_next(&r, &e))
		st->withdrawn = row_int(&r, 0);
	return e;
}

err_t withdrawal_note(struct stet *s, struct conn *c, const struct story *before, struct story *st)
{
	if (st->state == WITHDRAWN && before->state != WITHDRAWN) {
		if (!st->withdrawn || st->withdrawn > st->saved) /* a file may say when it was */
			st->withdrawn = st->saved;
		return db_run(c, &insert_withdrawal,
			      ARGS(v_int(id_new(&s->ids, st->saved)), v_int(st->id),
				   v_int(st->withdrawn), v_str(st->withdrawn_why)), NULL);
	}
	if (st->state == WITHDRAWN || before->state != WITHDRAWN)
		return OK;
	st->withdrawn = 0;
	return db_run(c, &end_withdrawal, ARGS(v_int(st->id), v_int(st->saved)), NULL);
}
