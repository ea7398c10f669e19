/* test_learn.c: that the classifier learns, forgets, explains itself, and survives being kept. Its corpus is our own
 * writing (corpus.txt); the figures that this test prints are those of docs/forum.md. */
#include "judging.h"

#include "forum/learn.h"

#include "base/file.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct line {
	str_t            text;
	enum learn_class class;
	bool             asked; /* kept from the learner */
};

struct corpus {
	struct line v[300];
	size_t      n;
};

static struct corpus corpus_of(struct bench *b)
{
	struct corpus c = { .n = 0 };
	str_t rest;
	succeeds(file_read(b->a, "tests/forum/corpus.txt", 1 << 20, &rest));
	while (rest.p) {
		str_t line = str_cut(&rest, '\n');
		if (!line.n || line.p[0] == '#')
			continue;
		assert_true(c.n < COUNT(c.v));
		bool asked = line.p[1] == '?';
		c.v[c.n++] = (struct line){ str_trim(str_slice(line, asked ? 2 : 1, line.n)),
					    line.p[0] == '-' ? LEARN_REMOVED : LEARN_APPROVED, asked };
	}
	return c;
}

static struct learn_text text_of(struct bench *b, str_t text)
{
	struct folded *f = arena_new(b->a, struct folded);
	fold(b->folder, b->a, text, f);
	return (struct learn_text){ f, 0 };
}

static void teach(struct bench *b, struct learner *l, const struct line *line)
{
	struct learn_text t = text_of(b, line->text);
	learn(l, b->a, &t, line->class);
}

static struct learner *learner_new(struct bench *b)
{
	struct learner *l;
	succeeds(learn_new(&l));
	arena_defer(b->a, (void (*)(void *))learn_free, l);
	return l;
}

static struct learner *taught(struct bench *b, const struct corpus *c)
{
	struct learner *l = learner_new(b);
	for (size_t i = 0; i < c->n; i++)
		if (!c->v[i].asked)
			teach(b, l, &c->v[i]);
	return l;
}

static struct learn_opinion opinion(struct bench *b, struct learner *l, str_t text)
{
	struct learn_opinion o;
	struct learn_text t = text_of(b, text);
	learn_judge(l, b->a, &t, 20, &o);
	return o;
}

static double chance(struct bench *b, struct learner *l, const char *text)
{
	struct learn_opinion o = opinion(b, l, str_of(text));
	assert_true(o.trained);
	return o.probability;
}

static void it_learns(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = taught(b, &c);
	size_t right[2] = { 0 }, wrong[2] = { 0 };
	for (size_t i = 0; i < c.n; i++) {
		if (!c.v[i].asked)
			continue;
		double p = opinion(b, l, c.v[i].text).probability;
		bool is = (p > 0.5) == (c.v[i].class == LEARN_REMOVED);
		(is ? right : wrong)[c.v[i].class]++;
		if (!is || getenv("VERBOSE"))
			print_message("%.2f %c %.*s\n", p, c.v[i].class ? '-' : '+', STR(c.v[i].text));
	}
	double precision = (double)right[1] / (double)(right[1] + wrong[0]);
	double recall = (double)right[1] / (double)(right[1] + wrong[1]);
	print_message("held-out: %zu of %zu that stay, %zu of %zu that go; precision %.2f, recall %.2f\n", right[0],
		      right[0] + wrong[0], right[1], right[1] + wrong[1], precision, recall);
	assert_true(precision >= 0.85);
	assert_true(recall >= 0.85);
}

/* Each decision judged without itself: what was learned by heart (labels that mean nothing) shows as chance. */
static void its_figures_are_of_what_it_has_not_seen(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learn_figures f;
	struct learner *l = taught(b, &c), *parrot = learner_new(b);
	assert_true(learn_held_out(l, 20, 50, &f));
	assert_int_equal(f.removed, 45);
	assert_int_equal(f.approved, 45);
	assert_true(f.precision >= 0.8 && f.recall >= 0.8);
	assert_true(f.found >= 36 && f.wrong <= 9);
	assert_true(learn_held_out(l, 20, 101, &f));
	assert_int_equal(f.found + f.wrong, 0);
	assert_false(learn_held_out(l, 46, 50, &f));
	for (size_t i = 0; i < c.n; i++) {
		struct line line = c.v[i];
		line.class = i / 2 % 2 ? LEARN_REMOVED : LEARN_APPROVED;
		teach(b, parrot, &line);
	}
	assert_true(learn_held_out(parrot, 20, 50, &f));
	assert_true(f.recall < 0.8);
}

static void it_says_nothing_before_it_has_seen_enough(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = learner_new(b);
	size_t i = 0;
	assert_false(opinion(b, l, S("You idiot")).trained);
	for (; learn_seen(l, LEARN_APPROVED) < 45; i++)
		teach(b, l, &c.v[i]);
	for (; learn_seen(l, LEARN_REMOVED) < 19; i++)
		teach(b, l, &c.v[i]);
	assert_false(opinion(b, l, S("You idiot")).trained);
	teach(b, l, &c.v[i]);
	assert_true(opinion(b, l, S("You idiot")).trained);
}

static void the_order_of_decisions_changes_nothing(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = taught(b, &c);
	uint32_t seed = 1;
	for (int round = 0; round < 5; round++) {
		struct corpus mixed = c;
		for (size_t i = mixed.n - 1; i; i--) {
			seed = seed * 1664525 + 1013904223;
			size_t k = (seed >> 16) % (i + 1);
			struct line x = mixed.v[i];
			mixed.v[i] = mixed.v[k];
			mixed.v[k] = x;
		}
		struct learner *other = taught(b, &mixed);
		for (size_t i = 0; i < c.n; i++)
			if (fabs(opinion(b, l, c.v[i].text).probability - opinion(b, other, c.v[i].text).probability) > 1e-6)
				fail_msg("\"%.*s\" is judged by the order", STR(c.v[i].text));
	}
}

static void probabilities_are_what_they_say(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = taught(b, &c);
	double sum = 0, go = 0;
	for (size_t i = 0; i < c.n; i++)
		if (c.v[i].asked) {
			sum += opinion(b, l, c.v[i].text).probability;
			go += c.v[i].class == LEARN_REMOVED;
		}
	print_message("held-out: %.1f expected to go, %.0f go\n", sum, go);
	assert_true(fabs(sum - go) < 5);
	/* Where fewer go, what has nothing known in it is less likely to. */
	struct learner *milder = learner_new(b);
	for (size_t i = 0; i < c.n; i++)
		if (!c.v[i].asked && (c.v[i].class == LEARN_APPROVED || learn_seen(milder, LEARN_REMOVED) < 20))
			teach(b, milder, &c.v[i]);
	assert_true(chance(b, milder, "Zyxwy qvutq") < chance(b, l, "Zyxwy qvutq") - 0.1);
}

static void a_reason_is_given_in_the_writers_words(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = taught(b, &c);
	str_t text = S("You are a M0RON, and the bus was late.");
	struct learn_opinion o = opinion(b, l, text);
	bool named = false;
	assert_int_equal(o.n, LEARN_REASONS);
	for (size_t i = 0; i < o.n; i++) {
		named |= str_find(o.why[i].text, S("M0RON"), 0) != STR_NONE && o.why[i].weight > 0;
		assert_true(o.why[i].kind == LEARN_CAPITALS || str_find(text, o.why[i].text, 0) != STR_NONE);
		assert_true(i == 0 || fabs(o.why[i].weight) <= fabs(o.why[i - 1].weight));
	}
	assert_true(named);
	assert_string_equal(learn_kind_name(LEARN_PIECE), "piece");
}

static void links_and_capitals_count(void **state)
{
	struct bench *b = *state;
	struct learner *l = learner_new(b);
	for (int i = 0; i < 30; i++) {
		struct learn_text calm = text_of(b, S("some more words")), linked = calm;
		struct learn_text loud = text_of(b, S("SOME MORE WORDS"));
		linked.links = 4;
		learn(l, b->a, &calm, LEARN_APPROVED);
		learn(l, b->a, i % 2 ? &linked : &loud, LEARN_REMOVED);
	}
	struct learn_text plain = text_of(b, S("some more words")), linked = plain, loud = text_of(b, S("SOME MORE WORDS"));
	struct learn_opinion o;
	linked.links = 3;
	learn_judge(l, b->a, &plain, 20, &o);
	double before = o.probability;
	learn_judge(l, b->a, &linked, 20, &o);
	assert_true(o.probability > before);
	assert_int_equal(o.why[0].kind, LEARN_LINKS);
	assert_true(str_eq(o.why[0].text, S("3")));
	learn_judge(l, b->a, &loud, 20, &o);
	assert_true(o.probability > before);
	assert_int_equal(o.why[0].kind, LEARN_CAPITALS);
	assert_true(str_eq(o.why[0].text, S("100")));
}

static void what_is_taken_back_was_never_learned(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = taught(b, &c);
	str_t before = learn_save(l, b->a);
	struct line lie = { S("The library opens at nine on Saturdays"), LEARN_REMOVED, false };
	struct learn_text t = text_of(b, lie.text);
	double was = chance(b, l, "When does the library open on Saturdays?");
	teach(b, l, &lie);
	assert_true(chance(b, l, "When does the library open on Saturdays?") > was);
	assert_true(unlearn(l, b->a, &t, LEARN_REMOVED));
	assert_true(str_eq(learn_save(l, b->a), before));
	assert_false(unlearn(l, b->a, &t, LEARN_REMOVED));
	assert_true(str_eq(learn_save(l, b->a), before));
}

static void what_is_kept_comes_back(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *l = taught(b, &c), *again;
	for (int i = 0; i < 3; i++) /* so that the ring is full and goes round */
		for (size_t k = 0; k < c.n; k++)
			teach(b, l, &c.v[k]);
	str_t bytes = learn_save(l, b->a);
	succeeds(learn_load(bytes, &again));
	assert_true(str_eq(learn_save(again, b->a), bytes));
	arena_defer(b->a, (void (*)(void *))learn_free, again);
	for (size_t i = 0; i < c.n; i++)
		assert_true(opinion(b, l, c.v[i].text).probability == opinion(b, again, c.v[i].text).probability);
}

/* With a right sum behind it. */
static str_t summed(struct bench *b, str_t bytes)
{
	struct buf out = buf_new(b->a, bytes.n + 16);
	unsigned char sum[16];
	crypto_generichash(sum, sizeof sum, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
	buf_add(&out, bytes);
	buf_add(&out, str_from((const char *)sum, sizeof sum));
	return buf_str(&out);
}

static void damaged_bytes_are_refused(void **state)
{
	struct bench *b = *state;
	struct corpus c = corpus_of(b);
	struct learner *none = NULL;
	str_t good = learn_save(taught(b, &c), b->a);
	refuses(learn_load(S(""), &none), "not the bytes of a classifier");
	refuses(learn_load(S("SQLite format 3 and more than enough"), &none), "not the bytes of a classifier");
	for (size_t at = 8; at < good.n; at += 997) {
		char *bytes = str_z(b->a, good);
		bytes[at] = (char)(bytes[at] ^ 4);
		refuses(learn_load(str_from(bytes, good.n), &none), "damaged");
		refuses(learn_load(str_slice(good, 0, at < 24 ? 24 : at), &none), "damaged");
	}
	char *later = str_z(b->a, good);
	later[7] = 2;
	refuses(learn_load(str_from(later, good.n), &none), "another version");
	str_t body = str_slice(good, 0, good.n - 16);
	refuses(learn_load(summed(b, str_slice(body, 0, body.n - 1)), &none), "contradict");
	refuses(learn_load(summed(b, str_format(b->a, "%.*s%c", STR(S("STETLRN\1")), 9)), &none), "contradict");
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORUM_TEST(it_learns),
		FORUM_TEST(its_figures_are_of_what_it_has_not_seen),
		FORUM_TEST(it_says_nothing_before_it_has_seen_enough),
		FORUM_TEST(the_order_of_decisions_changes_nothing),
		FORUM_TEST(probabilities_are_what_they_say),
		FORUM_TEST(a_reason_is_given_in_the_writers_words),
		FORUM_TEST(links_and_capitals_count),
		FORUM_TEST(what_is_taken_back_was_never_learned),
		FORUM_TEST(what_is_kept_comes_back),
		FORUM_TEST(damaged_bytes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
