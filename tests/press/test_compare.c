/* test_compare.c: what went and what came: the diff of sequences, the alignment of blocks, and which
 * versions readers may see. */
#include "room.h"

#include "page/clean.h"
#include "press/compare.h"
#include "press/limits.h"
#include "press/revisions.h"

#include <stdlib.h>

enum { LOOKING = 100 * 1000 * 1000 };

/* A small generator of its own, so that a failing case comes again. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static struct sequence random_sequence(arena_t *a, uint32_t *seed, size_t most, uint32_t letters)
{
	size_t n = next(seed) % (most + 1);
	uint32_t *v = arena_array(a, n + 1, sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = next(seed) % letters;
	return (struct sequence){ v, n };
}

/* The other with some elements changed, gone, new: as edits are. */
static struct sequence edited(arena_t *a, uint32_t *seed, struct sequence x, uint32_t letters)
{
	uint32_t *v = arena_array(a, 2 * x.n + 1, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < x.n; i++) {
		uint32_t dice = next(seed) % 10;
		if (dice != 0)
			v[n++] = x.v[i];
		if (dice == 1)
			v[n++] = next(seed) % letters;
	}
	return (struct sequence){ v, n };
}

/* The length of the longest common subsequence, by the table every textbook has. */
static size_t common(arena_t *a, struct sequence x, struct sequence y)
{
	size_t w = y.n + 1, *t = arena_array(a, (x.n + 1) * w, sizeof *t);
	for (size_t i = x.n; i-- > 0;)
		for (size_t j = y.n; j-- > 0;) {
			size_t down = t[(i + 1) * w + j], right = t[i * w + j + 1];
			t[i * w + j] = x.v[i] == y.v[j] ? 1 + t[(i + 1) * w + j + 1]
							: down > right ? down : right;
		}
	return t[0];
}

/* The runs, without what is new, are the first sequence; without what is gone, the second; and each
 * follows the last. */
static void assert_applies(struct sequence x, struct sequence y, const struct runs *r)
{
	size_t i = 0, j = 0, gone = 0, fresh = 0;
	for (size_t k = 0; k < r->n; k++) {
		const struct run *run = &r->v[k];
		assert_true(run->n > 0);
		assert_int_equal(run->a, i);
		assert_int_equal(run->b, j);
		if (k)
			assert_true(run->kind != r->v[k - 1].kind &&
				    !(run->kind == RUN_GONE && r->v[k - 1].kind == RUN_NEW));
		for (size_t n = 0; run->kind == RUN_SAME && n < run->n; n++)
			assert_int_equal(x.v[i + n], y.v[j + n]);
		i += run->kind != RUN_NEW ? run->n : 0;
		j += run->kind != RUN_GONE ? run->n : 0;
		gone += run->kind == RUN_GONE ? run->n : 0;
		fresh += run->kind == RUN_NEW ? run->n : 0;
	}
	assert_int_equal(i, x.n);
	assert_int_equal(j, y.n);
	assert_int_equal(gone, r->gone);
	assert_int_equal(fresh, r->fresh);
}

static void a_diff_applied_gives_either_side_and_is_the_least(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 3000; round++) {
		uint32_t seed = round, letters = 1 + round % 7 * 3;
		arena_t *a = arena_create(0);
		struct diff_budget budget = { LOOKING };
		struct sequence x = random_sequence(a, &seed, 60, letters), y;
		struct runs r;
		y = round % 2 ? edited(a, &seed, x, letters) : random_sequence(a, &seed, 60, letters);
		diff_least(a, x, y, &budget, &r);
		assert_applies(x, y, &r);
		assert_int_equal(x.n - r.gone, common(a, x, y));
		diff_anchored(a, x, y, &budget, &r);
		assert_applies(x, y, &r);
		/* A budget that runs out costs detail, not truth. */
		budget.left = round % 40;
		diff_least(a, x, y, &budget, &r);
		assert_applies(x, y, &r);
		arena_free(a);
	}
}

static void anchors_hold_what_is_alone_on_both_sides(void **state)
{
	(void)state;
	arena_t *a = arena_create(0);
	struct diff_budget budget = { LOOKING };
	/* The braces (1) are common; 7 is alone: it must stay, whatever the braces would like. */
	const uint32_t x[] = { 7, 1, 2, 1, 3, 1 }, y[] = { 1, 4, 1, 5, 1, 7 };
	struct runs r;
	diff_anchored(a, (struct sequence){ x, 6 }, (struct sequence){ y, 6 }, &budget, &r);
	assert_applies((struct sequence){ x, 6 }, (struct sequence){ y, 6 }, &r);
	bool held = false;
	for (size_t i = 0; i < r.n; i++)
		held |= r.v[i].kind == RUN_SAME && x[r.v[i].a] == 7;
	assert_true(held);
	arena_free(a);
}

static void the_worst_sequences_end_within_the_budget(void **state)
{
	(void)state;
	enum { MANY = 200000 };
	arena_t *a = arena_create(0);
	uint32_t *x = arena_array(a, MANY, sizeof *x), *y = arena_array(a, MANY, sizeof *y);
	uint32_t seed = 1;
	for (size_t i = 0; i < MANY; i++) {
		x[i] = next(&seed) % 3;
		y[i] = 3 - next(&seed) % 4;
	}
	struct diff_budget budget = { 5 * 1000 * 1000 };
	struct runs r;
	diff_anchored(a, (struct sequence){ x, MANY }, (struct sequence){ y, MANY }, &budget, &r);
	assert_applies((struct sequence){ x, MANY }, (struct sequence){ y, MANY }, &r);
	/* One step more may be taken after the last look, not a walk through all of it. */
	assert_true(budget.left > -2 * (int64_t)MANY);
	arena_free(a);
}

/* --- blocks --- */

static str_t cleaned(arena_t *a, const char *html)
{
	str_t out;
	assert_ok(clean_html(a, GRAMMAR_STORY, str_of(html), &out, NULL));
	return out;
}

/* The rows of two bodies. */
static struct comparison compared(arena_t *a, const char *was, const char *is)
{
	struct story x = { .body = cleaned(a, was) }, y = { .body = cleaned(a, is) };
	struct comparison c;
	compare_stories(a, &x, &y, S("and"), &c);
	size_t n = 0;
	for (size_t i = 0; i < c.n; i++)
		if (c.v[i].field == FIELD_BODY)
			c.v[n++] = c.v[i];
	c.n = n;
	return c;
}

/* A letter a row: = same, ~ changed, - gone, + new, < moved from here, > to here. */
static void assert_rows(const struct comparison *c, const char *want)
{
	static const char letters[] = "=~-+<>";
	char got[64] = { 0 };
	for (size_t i = 0; i < c->n && i < sizeof got - 1; i++)
		got[i] = letters[c->v[i].kind];
	assert_string_equal(got, want);
}

static const char *marked(arena_t *a, const struct row *row, struct comparison *c)
{
	static const struct pen pen = { true, S("[-"), S("-]"), S("{+"), S("+}") };
	struct row_words w;
	struct buf b = buf_new(a, 64);
	row_words(a, row, &c->budget, &w);
	row_write(&b, &w, SIDE_BOTH, &pen);
	return b.p;
}

static void an_edited_paragraph_stands_beside_itself(void **state)
{
	(void)state;
	arena_t *a = arena_create(0);
	struct comparison c = compared(a,
		"<p>One that stays.</p><p>The ferry sails at seven from the old pier.</p><p>Last.</p>",
		"<p>One that stays.</p><p>Wholly new, about the weather in the north.</p>"
		"<p>The ferry sails at eight from the old pier.</p><p>Last.</p>");
	assert_rows(&c, "=+~=");
	assert_string_equal(marked(a, &c.v[2], &c),
			    "The ferry sails at [-seven-] {+eight+} from the old pier.");
	arena_free(a);
}

static void a_moved_paragraph_is_told_as_moved(void **state)
{
	(void)state;
	arena_t *a = arena_create(0);
	const char *p = "<p>This one goes a long way down the page.</p>";
	const char *q = "<p>Second, quite long too, and staying.</p><p>Third, long, and staying.</p>";
	struct comparison c = compared(a, str_z(a, str_format(a, "%s%s", p, q)),
				       str_z(a, str_format(a, "%s%s", q, p)));
	assert_rows(&c, "<==>");
	arena_free(a);
}

static void links_emphasis_pictures_and_captions_count(void **state)
{
	(void)state;
	arena_t *a = arena_create(0);
	struct comparison c = compared(a, "<p>See <a href=\"https://a.example/\">the report</a> now.</p>",
				       "<p>See <a href=\"https://b.example/\">the report</a> now.</p>");
	assert_rows(&c, "~");
	assert_string_equal(marked(a, &c.v[0], &c),
			    "See the report [-<span class=\"address\">https://a.example/</span>-] "
			    "{+<span class=\"address\">https://b.example/</span>+} now.");
	c = compared(a, "<p>It is <em>very</em> old.</p>", "<p>It is very old.</p>");
	assert_string_equal(marked(a, &c.v[0], &c), "It is [-<em>very</em>-] {+very+} old.");
	c = compared(a,
		"<figure class=\"picture\"><img src=\"/media/a\" alt=\"A boat\"><figcaption>The boat on "
		"Monday.</figcaption></figure>",
		"<figure class=\"picture\"><img src=\"/media/b\" alt=\"A boat\"><figcaption>The boat on "
		"Tuesday.</figcaption></figure>");
	assert_rows(&c, "~~");
	assert_int_equal(c.v[0].was.kind, BLOCK_MEDIA);
	assert_string_equal(marked(a, &c.v[1], &c), "The boat on [-Monday-] {+Tuesday+}.");
	c = compared(a, "<table><tbody><tr><td>1901</td><td>3</td></tr></tbody></table><ul><li>nets</li></ul>",
		     "<table><tbody><tr><td>1901</td><td>4</td></tr></tbody></table><ul><li>nets</li></ul>");
	assert_rows(&c, "~=");
	assert_string_equal(marked(a, &c.v[0], &c), "1901 | [-3-] {+4+}");
	arena_free(a);
}

/* What clean() lets through as text must not come out as markup. */
static void text_is_escaped_again(void **state)
{
	(void)state;
	arena_t *a = arena_create(0);
	struct comparison c = compared(a, "<p>a &lt;b&gt; &amp;amp; c</p>",
				       "<p>a &lt;script&gt; &amp;amp; c</p>");
	assert_string_equal(marked(a, &c.v[0], &c), "a &lt;[-b-]{+script+}&gt; &amp;amp; c");
	arena_free(a);
}

static void a_body_of_a_hundred_thousand_blocks_is_compared(void **state)
{
	(void)state;
	enum { MANY = 100000 };
	arena_t *a = arena_create(512 << 20);
	struct buf x = buf_new(a, SOURCE_MOST), y = buf_new(a, SOURCE_MOST);
	for (int i = 0; i < MANY; i++) {
		buf_add_format(&x, "<p>Line %d of it.</p>", i % 997);
		buf_add_format(&y, "<p>Row %d of it.</p>", (i * 7) % 991);
	}
	struct story was = { .body = buf_str(&x) }, is = { .body = buf_str(&y) };
	struct comparison c;
	compare_stories(a, &was, &is, S("and"), &c);
	assert_true(c.n >= MANY);
	arena_free(a);
}

/* --- who may see what --- */

static struct versions versions_of(struct room *r, const struct story *st)
{
	struct versions all;
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(versions_list(c, r->world.a, st, &all));
	store_done(r->stet.store, c);
	return all;
}

static enum err_code reading(struct room *r, const struct story *st, const struct version *v,
			     struct story *out)
{
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	err_t e = version_read(c, r->world.a, st, v, out);
	store_done(r->stet.store, c);
	enum err_code code = e ? e->code : ERR_NONE;
	err_free(e);
	return code;
}

static void drafts_stay_private_and_versions_follow_each_other(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = draft("First"), was;
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	st.headline = S("Second");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_int_equal(versions_of(r, &st).n, 0);
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	r->stet.clock.fixed += HOUR;
	st.headline = S("Third");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	struct versions all = versions_of(r, &st);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.changes, 1);
	assert_int_equal(all.v[0].number, 3);
	assert_int_equal(all.v[0].until, all.v[1].from);
	assert_int_equal(all.v[1].until, 0);
	assert_int_equal(reading(r, &st, &all.v[0], &was), ERR_NONE);
	assert_text(was.headline, "Second");
	/* Taken back to a draft and worked on: nobody's business. */
	st.state = DRAFT;
	st.headline = S("Secret");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_int_equal(versions_of(r, &st).n, 2);
}

static void a_withdrawal_closes_what_was_before_it_for_good(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "Libel"), was;
	assert_ok(story_withdraw(&r->stet, a, &st, S("A court said so."), S("test")));
	struct versions all = versions_of(r, &st);
	assert_int_equal(all.n, 2);
	assert_true(all.v[0].closed && all.v[1].withdrawn);
	assert_int_equal(reading(r, &st, &all.v[0], &was), ERR_GONE);
	assert_int_equal(reading(r, &st, &all.v[1], &was), ERR_GONE);
	st.source = S("Not libel.");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_int_equal(versions_of(r, &st).n, 2);
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	all = versions_of(r, &st);
	assert_int_equal(all.n, 3);
	assert_int_equal(reading(r, &st, &all.v[0], &was), ERR_GONE);
	assert_int_equal(reading(r, &st, &all.v[2], &was), ERR_NONE);
	assert_text(was.body, "<p>Not libel.</p>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_diff_applied_gives_either_side_and_is_the_least),
		cmocka_unit_test(anchors_hold_what_is_alone_on_both_sides),
		cmocka_unit_test(the_worst_sequences_end_within_the_budget),
		cmocka_unit_test(an_edited_paragraph_stands_beside_itself),
		cmocka_unit_test(a_moved_paragraph_is_told_as_moved),
		cmocka_unit_test(links_emphasis_pictures_and_captions_count),
		cmocka_unit_test(text_is_escaped_again),
		cmocka_unit_test(a_body_of_a_hundred_thousand_blocks_is_compared),
		ROOM_TEST(drafts_stay_private_and_versions_follow_each_other),
		ROOM_TEST(a_withdrawal_closes_what_was_before_it_for_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
