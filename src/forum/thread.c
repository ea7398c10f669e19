/* thread.c: see thread.h. */
#include "forum/thread.h"

#include "forum/limits.h"

/* Answers are read as they were given, unless the best or the most discussed are asked for. */
static enum comment_sort sort_below(enum comment_sort sort)
{
	return sort == SORT_NEWEST ? SORT_OLDEST : sort;
}

static err_t load(struct conn *c, arena_t *a, const struct thread_asked *t, size_t *room, struct branches *out);

/* A question's answer comes first, wherever it stands among what else was said to it. */
static err_t put_answer_first(struct conn *c, arena_t *a, struct branch *b)
{
	struct branches *list = &b->below;
	size_t at = 0;
	while (at < list->n && list->v[at].k.id != b->k.answer)
		at++;
	if (at == list->n) {
		struct branch *v = arena_array(a, list->n + 1, sizeof *v), answer = { 0 };
		TRY(comment_load(c, a, b->k.answer, &answer.k));
		answer.deeper = answer.k.replies > 0;
		for (size_t i = 0; i < list->n; i++)
			v[i] = list->v[i];
		v[list->n++] = answer;
		list->v = v;
	}
	struct branch answer = list->v[at];
	for (; at > 0; at--)
		list->v[at] = list->v[at - 1];
	list->v[0] = answer;
	return OK;
}

/* Some of the answers to `b`, within `*room` comments. */
static err_t load_below(struct conn *c, arena_t *a, const struct thread_asked *t, struct branch *b, size_t *room)
{
	enum comment_sort sort = sort_below(t->sort);
	if (!b->k.replies)
		return OK;
	if (t->depth == 0) {
		b->deeper = true;
		return OK;
	}
	struct thread_asked next = { t->story, b->k.id, sort, comment_key_first(sort), REPLIES_SHOWN, 0,
				     t->depth - 1, 0 };
	if (next.most > *room)
		next.most = *room;
	if (next.most)
		TRY(load(c, a, &next, room, &b->below));
	else
		b->below.more = true;
	return b->k.answer ? put_answer_first(c, a, b) : OK;
}

/* Each has its share of the room, and what those before it left. */
static err_t load(struct conn *c, arena_t *a, const struct thread_asked *t, size_t *room, struct branches *out)
{
	struct comments list;
	if (t->questions)
		TRY(comment_questions(c, a, t->story, t->questions == QUESTION_ANSWERED, t->after, t->most, &list));
	else
		TRY(comment_list(c, a, t->story, t->parent, t->sort, t->after, t->most, &list));
	*out = (struct branches){ arena_array(a, list.n, sizeof *out->v), list.n, list.more };
	*room -= list.n < *room ? list.n : *room;
	for (size_t i = 0; i < list.n; i++) {
		size_t share = *room / (list.n - i), left = share;
		out->v[i].k = list.v[i];
		TRY(load_below(c, a, t, &out->v[i], &left));
		*room -= share - left;
	}
	return OK;
}

err_t thread_load(struct conn *c, arena_t *a, const struct thread_asked *t, struct branches *out)
{
	size_t room = t->all;
	return load(c, a, t, &room, out);
}
