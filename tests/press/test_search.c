/* test_search.c: what a query means, what the index holds, in which order it answers. */
#include "room.h"

#include "press/doctor.h"
#include "press/live.h"
#include "press/search.h"
#include "record/jobs.h"

#include <stdlib.h>
#include <string.h>

/* --- queries as trees: &( ) all, |( ) any, !( ) not --- */

static void print(struct buf *b, const struct search_node *n)
{
	static const char *const signs[] = { [SEARCH_ALL] = "&(", [SEARCH_ANY] = "|(",
					     [SEARCH_NOT] = "!(" };
	if (!n)
		return;
	if (n->op == SEARCH_TERM) {
		if (n->field != SEARCH_WORDS)
			buf_add_format(b, "%.*s:", STR(search_field_name(n->field)));
		buf_add_format(b, n->phrase ? "'%.*s'" : "%.*s", STR(n->text));
		if (n->prefix)
			buf_add_char(b, '*');
		return;
	}
	buf_add(b, str_of(signs[n->op]));
	for (size_t i = 0; i < n->nparts; i++) {
		if (i)
			buf_add_char(b, ' ');
		print(b, n->parts[i]);
	}
	buf_add_char(b, ')');
}

static void every_query_has_a_meaning(void **state)
{
	static const struct { const char *query, *tree; } table[] = {
		{ "", "" },
		{ "flood", "flood" },
		{ "  flood\t river ", "&(flood river)" },
		{ "flood river OR lake", "&(flood |(river lake))" },
		{ "a OR b OR c", "|(a b c)" },
		{ "flood or river", "&(flood or river)" },
		{ "flood AND river", "&(flood river)" },
		{ "OR flood OR", "flood" },
		{ "-flood", "!(flood)" },
		{ "river -flood", "&(river !(flood))" },
		{ "river NOT flood", "&(river !(flood))" },
		{ "river - flood", "&(river flood)" },
		{ "\"night ferry\"", "'night ferry'" },
		{ "\xe2\x80\x9cnight ferry\xe2\x80\x9d", "'night ferry'" },
		{ "\"night ferry", "'night ferry'" },
		{ "\"\" \" \" flood\"", "flood" },
		{ "-\"night ferry\" x", "&(!('night ferry') x)" },
		{ "flood*", "flood*" },
		{ "fl*", "fl" },
		{ "*", "" },
		{ "author:lee", "author:lee" },
		{ "AUTHOR:\"Ann Lee\" x", "&(author:'Ann Lee' x)" },
		{ "author: lee", "&(author: lee)" },
		{ "http://x.example", "http://x.example" },
		{ "(flood OR drought) river", "&(|(flood drought) river)" },
		{ "-(flood drought) river", "&(!(&(flood drought)) river)" },
		{ "((flood", "flood" },
		{ "flood))) river", "&(flood river)" },
		{ "()()- \"-", "" },
		{ "!!! ... \xe2\x80\x93 flood", "flood" },
		{ "caf\xc3\xa9 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "&(caf\xc3\xa9 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d)" },
		{ "\xee\x80\x80x0 flood", "&(x0 flood)" },
		{ "after:2026 flood before:2026-11-01", "flood" },
		{ "tag:water section:world series:dams", "&(tag:water section:world series:dams)" },
	};
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct search_query q;
		struct buf b = buf_new(r->world.a, 64);
		search_parse(r->world.a, str_of(table[i].query), &q);
		print(&b, q.root);
		if (!str_eq(buf_str(&b), str_of(table[i].tree)))
			fail_msg("\"%s\" is %.*s, not %s", table[i].query, STR(buf_str(&b)),
				 table[i].tree);
	}
}

static usec_t moment(const char *text)
{
	usec_t t;
	assert_ok(time_parse(str_of(text), &t));
	return t;
}

static void dates_bound_the_search(void **state)
{
	struct room *r = *state;
	struct search_query q;
	search_parse(r->world.a, S("after:2026-11 before:2026-12"), &q);
	assert_int_equal(q.from, moment("2026-11-01 00:00"));
	assert_int_equal(q.to, moment("2026-12-01 00:00"));
	search_parse(r->world.a, S("after:2026-11-02 after:2025 -after:2027 before:2030"), &q);
	assert_int_equal(q.from, moment("2026-11-02 00:00"));
	assert_int_equal(q.to, moment("2027-01-01 00:00"));
	search_parse(r->world.a, S("after:2026-13 before:soon"), &q);
	assert_int_equal(q.from, 0);
	assert_int_equal(q.nnotes, 2);
}

static void too_much_is_cut_and_said(void **state)
{
	struct room *r = *state;
	struct search_query q;
	struct buf b = buf_new(r->world.a, 8192);
	for (int i = 0; i < 1000; i++)
		buf_add(&b, S("(a -"));
	search_parse(r->world.a, buf_str(&b), &q);
	assert_true(q.text.n <= SEARCH_QUERY_MOST);
	assert_int_equal(q.nterms, SEARCH_TERMS_MOST);
	assert_int_equal(q.nnotes, 2);
}

static void a_term_is_taken_out_or_replaced(void **state)
{
	struct room *r = *state;
	struct search_query q;
	search_parse(r->world.a, S("flood -tag:water \"night ferry\""), &q);
	assert_text(search_without(r->world.a, &q, q.terms[1]), "flood \"night ferry\"");
	assert_text(search_without(r->world.a, &q, q.terms[2]), "flood -tag:water");
	assert_text(search_with(r->world.a, &q, q.terms[0], S("drought")),
		    "drought -tag:water \"night ferry\"");
}

/* --- the index --- */

struct made {
	const char *headline, *standfirst, *body, *author, *tag, *section, *day;
};

static struct story make(struct room *r, const struct made *m)
{
	struct story st = draft(m->headline);
	if (m->standfirst)
		st.standfirst = str_of(m->standfirst);
	if (m->body)
		st.source = str_of(m->body);
	if (m->section)
		st.section.slug = str_of(m->section);
	if (m->author) {
		st.authors = arena_new(r->world.a, struct author);
		st.authors->name = str_of(m->author);
		st.nauthors = 1;
	}
	if (m->tag) {
		st.tags = arena_new(r->world.a, struct tag);
		st.tags->name = str_of(m->tag);
		st.ntags = 1;
	}
	st.published = moment(m->day ? m->day : "2023-01-01 12:00");
	st.state = PUBLISHED;
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	return st;
}

/* The headlines found, best first, with '/' between. */
static str_t found_by(struct room *r, const char *query, enum search_sort sort)
{
	struct conn *c;
	struct search_query q;
	struct search_found found;
	struct list list;
	struct buf b = buf_new(r->world.a, 256);
	search_parse(r->world.a, str_of(query), &q);
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(search_resolve(c, r->world.a, &q));
	assert_ok(search_find(c, r->world.a, &q, sort, clock_now(&r->stet.clock), &found));
	id64 *ids = arena_array(r->world.a, found.n, sizeof *ids);
	for (size_t i = 0; i < found.n; i++)
		ids[i] = found.all[i].story;
	assert_ok(list_chosen(c, r->world.a, ids, found.n, &list));
	store_done(r->stet.store, c);
	for (size_t i = 0; i < list.n; i++)
		buf_add_format(&b, i ? "/%.*s" : "%.*s", STR(list.v[i].headline));
	return buf_str(&b);
}

#define assert_finds(r, query, want) assert_text(found_by(r, query, SEARCH_BY_DATE), want)

static void only_what_is_public_is_found(void **state)
{
	struct room *r = *state;
	struct story st = draft("Harbour opens");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_finds(r, "harbour", "");
	assert_ok(story_publish(&r->stet, r->world.a, &st, S("test")));
	assert_finds(r, "harbour", "Harbour opens");
	st.headline = S("Ferry sails");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_finds(r, "harbour", "");
	assert_finds(r, "ferry", "Ferry sails");
	assert_ok(story_withdraw(&r->stet, r->world.a, &st, S("why"), S("test")));
	assert_finds(r, "ferry", "");
}

static void make_some(struct room *r)
{
	static const struct made some[] = {
		{ "One", "A *night* ferry", "The crane and the ferry.", "Ann Lee", "Water", NULL,
		  "2023-01-01 10:00" },
		{ "Two", NULL, "The night of the ferry; Caf\xc3\xa9 closed.", "Bo Chan", "Roads",
		  "sport", "2023-02-01 10:00" },
		{ "Three", NULL, "Cranes over <b>water</b>.", "Ann Lee", NULL, "sport",
		  "2023-03-01 10:00" },
	};
	for (size_t i = 0; i < COUNT(some); i++)
		make(r, &some[i]);
}

static void words_and_filters_find_what_they_say(void **state)
{
	struct room *r = *state;
	make_some(r);
	assert_finds(r, "ferry", "Two/One");
	assert_finds(r, "FERRY night", "Two/One");
	assert_finds(r, "\"night ferry\"", "One");
	assert_finds(r, "crane", "One");
	assert_finds(r, "crane*", "Three/One");
	assert_finds(r, "cafe", "Two");
	assert_finds(r, "cranes OR closed", "Three/Two");
	assert_finds(r, "ferry -crane", "Two");
	assert_finds(r, "-ferry", "Three");
	assert_finds(r, "ferry -(night crane)", "Two");
	assert_finds(r, "author:ann-lee", "Three/One");
	assert_finds(r, "author:\"Ann Lee\" -tag:water", "Three");
	assert_finds(r, "author:chan", "Two");
	assert_finds(r, "author:nobody", "");
	assert_finds(r, "section:sport", "Three/Two");
	assert_finds(r, "section:nowhere", "");
	assert_finds(r, "tag:roads", "Two");
	assert_finds(r, "water", "Three/One");
	assert_finds(r, "after:2023-02", "Three/Two");
	assert_finds(r, "before:2023-02", "One");
	assert_finds(r, "ferry after:2023-01-02 before:2023-02-02", "Two");
	assert_finds(r, "\"lee water\"", ""); /* a name and a tag are no phrase */
}

static void a_headline_says_more_than_a_text(void **state)
{
	struct room *r = *state;
	make(r, &(struct made){ .headline = "Something else", .body = "A ferry, they said." });
	make(r, &(struct made){ .headline = "The ferry", .body = "They said it." });
	make(r, &(struct made){ .headline = "Another", .standfirst = "On a ferry.",
				.body = "They said." });
	assert_text(found_by(r, "ferry", SEARCH_BY_RELEVANCE), "The ferry/Another/Something else");
}

static void of_like_stories_the_newer_comes_first(void **state)
{
	struct room *r = *state;
	make(r, &(struct made){ .headline = "Ferry b", .day = "2021-05-05 10:00" });
	make(r, &(struct made){ .headline = "Ferry c", .day = "2022-05-05 10:00" });
	make(r, &(struct made){ .headline = "Ferry a", .day = "2020-05-05 10:00" });
	make(r, &(struct made){ .headline = "No match" });
	assert_text(found_by(r, "ferry", SEARCH_BY_RELEVANCE), "Ferry c/Ferry b/Ferry a");
}

static void stories_of_one_moment_are_all_there(void **state)
{
	struct room *r = *state;
	struct story first = make(r, &(struct made){ .headline = "Same 0" });
	/* Two of the same last 21 bits would share a document. */
	for (int i = 1; i < 4; i++) {
		struct story st = draft(str_z(r->world.a, str_format(r->world.a, "Same %d", i)));
		st.id = first.id + ((int64_t)i << 21);
		st.state = PUBLISHED;
		st.published = first.published;
		assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	}
	assert_finds(r, "same", "Same 3/Same 2/Same 1/Same 0");
}

static void fill(struct room *r)
{
	struct search_cursor at = { 0 };
	for (int i = 0; !at.done && i < 100; i++)
		assert_ok(search_fill(&r->stet, r->world.a, S("test"), false, &at));
	assert_true(at.done);
}

static void a_new_name_is_found_after_the_job(void **state)
{
	static const struct job_kind kinds[] = { { SEARCH_FILL, search_fill_job, 1, MINUTE },
						 { NULL, NULL, 0, 0 } };
	struct room *r = *state;
	int64_t ran;
	make_some(r);
	struct author au = { .slug = S("ann-lee"), .name = S("Ann Petrov") };
	assert_ok(author_save(&r->stet, r->world.a, &au, S("test")));
	struct section sport = { .slug = S("sport"), .name = S("Games"), .position = 1 };
	assert_ok(section_save(&r->stet, r->world.a, &sport, S("test")));
	assert_ok(jobs_run_due(&r->stet, kinds, &ran));
	assert_true(ran > 0);
	assert_finds(r, "petrov", "Three/One");
	assert_finds(r, "games", "Three/Two");
	assert_finds(r, "lee", "");
	assert_finds(r, "author:ann-lee", "Three/One");
}

static str_t schema(struct room *r)
{
	static const struct sql all = {
		"SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master "
		"WHERE name LIKE 'search%' ORDER BY name)"
	};
	struct conn *c;
	err_t e;
	assert_ok(store_reader(r->stet.store, &c));
	struct rows rows = { 0 };
	assert_ok(db_query(c, &all, NO_ARGS, &rows));
	assert_true(rows_next(&rows, &e));
	str_t text = row_str(&rows, r->world.a, 0);
	rows_end(&rows);
	store_done(r->stet.store, c);
	return text;
}

static void an_emptied_index_is_filled_as_it_was(void **state)
{
	struct room *r = *state;
	make_some(r);
	str_t was = schema(r);
	assert_ok(search_empty(&r->stet, r->world.a, S("test")));
	assert_text(schema(r), str_z(r->world.a, was));
	assert_finds(r, "ferry", "");
	fill(r);
	assert_finds(r, "ferry", "Two/One");
	assert_finds(r, "tag:water crane", "One");
}

static void assert_doctor_says(struct room *r, const char *says)
{
	struct strs f = { 0 };
	assert_ok(press_doctor(&r->stet, r->world.a, &f));
	for (size_t i = 0; i < f.n; i++)
		if (str_find(f.v[i], str_of(says), 0) != STR_NONE)
			return;
	fail_msg("none of %zu findings says \"%s\"", f.n, says);
}

static void assert_doctor_is_content(struct room *r)
{
	struct strs f = { 0 };
	assert_ok(press_doctor(&r->stet, r->world.a, &f));
	for (size_t i = 0; i < f.n; i++)
		if (str_find(f.v[i], S("search"), 0) != STR_NONE)
			fail_msg("%.*s", STR(f.v[i]));
}

static void the_doctor_finds_an_index_that_differs(void **state)
{
	struct room *r = *state;
	make_some(r);
	plant(r, "UPDATE search_index SET body = 'other' WHERE rowid = (SELECT min(doc) FROM search_doc)");
	assert_doctor_says(r, "\"one\" is not as it is in the search index");
	assert_ok(search_empty(&r->stet, r->world.a, S("test")));
	assert_doctor_says(r, "\"two\" is not as it is in the search index");
	fill(r);
	plant(r, "DELETE FROM search_index WHERE rowid = (SELECT max(doc) FROM search_doc)");
	assert_doctor_says(r, "search finds 2 of 3");
	plant(r, "UPDATE story SET state = 'withdrawn' WHERE slug = 'two'");
	assert_doctor_says(r, "\"two\" is not public, but in the search index");
}

static void marks_of_a_text_are_not_ours(void **state)
{
	struct room *r = *state;
	struct conn *c;
	struct search_query q;
	struct search_found found;
	make(r, &(struct made){ .headline = "A " SEARCH_MARK_ON "ferry" SEARCH_MARK_OFF,
				.body = "Plain " SEARCH_MARK_ON "text about a ferry." });
	search_parse(r->world.a, S("ferry"), &q);
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(search_find(c, r->world.a, &q, SEARCH_BY_DATE, 0, &found));
	assert_int_equal(found.n, 1);
	assert_ok(search_excerpt(c, r->world.a, &q, &found.all[0]));
	store_done(r->stet.store, c);
	assert_text(found.all[0].headline, "A  " SEARCH_MARK_ON "ferry" SEARCH_MARK_OFF " ");
	assert_text(found.all[0].excerpt,
		    "Plain  text about a " SEARCH_MARK_ON "ferry" SEARCH_MARK_OFF ".");
}

/* --- live blogs --- */

static struct live_entry posted(struct room *r, const struct story *st, const char *headline,
				const char *text)
{
	struct live_entry e = { .story = st->id, .headline = str_of(headline),
				.source = str_of(text), .key = S("") };
	assert_ok(live_post(&r->stet, r->world.a, &e, S("test")));
	return e;
}

static struct story live_blog(struct room *r, const char *headline)
{
	struct story st = public_story(r, headline);
	assert_ok(live_start(&r->stet, r->world.a, &st, S("test")));
	return st;
}

static void words_of_an_entry_find_its_live_blog(void **state)
{
	struct room *r = *state;
	struct story st = live_blog(r, "Storm");
	struct live_entry e = posted(r, &st, "Ferry cancelled", "The *quay* is closed.");
	posted(r, &st, "", "Trams stand still.");
	assert_finds(r, "ferry trams", "Storm");
	assert_finds(r, "quay", "Storm");
	assert_finds(r, "\"closed ferry\"", ""); /* two entries, or two parts of one, are no phrase */
	e.source = S("The pier is closed.");
	assert_ok(live_edit(&r->stet, r->world.a, &e, 0, S("test")));
	assert_finds(r, "quay", "");
	assert_finds(r, "pier", "Storm");
	assert_ok(live_pin(&r->stet, r->world.a, &e, S("No crossing"), S("test")));
	assert_finds(r, "crossing", "Storm");
	assert_ok(live_withdraw(&r->stet, r->world.a, &e, S("Mistaken."), S("test")));
	assert_finds(r, "pier", "");
	assert_finds(r, "mistaken", "");
	assert_finds(r, "trams", "Storm");
	assert_ok(live_end(&r->stet, r->world.a, &st, S("test")));
	assert_finds(r, "trams", "Storm");
	assert_doctor_is_content(r);
	assert_ok(search_empty(&r->stet, r->world.a, S("test")));
	fill(r);
	assert_finds(r, "trams", "Storm");
	assert_ok(story_withdraw(&r->stet, r->world.a, &st, S("why"), S("test")));
	assert_finds(r, "trams", "");
}

static int64_t waiting(struct room *r)
{
	struct conn *c;
	struct jobs_state jobs;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(jobs_look(c, r->world.a, &jobs));
	store_done(r->stet.store, c);
	return jobs.waiting;
}

/* What a long blog costs to index is paid once for many entries, and by nobody who posts one. */
static void a_long_live_blog_is_indexed_by_one_job(void **state)
{
	static const struct job_kind kinds[] = { { SEARCH_LIVE, search_live_job, 1, MINUTE },
						 { NULL, NULL, 0, 0 } };
	struct room *r = *state;
	struct story st = live_blog(r, "Storm");
	int64_t ran;
	for (int i = 0; i < SEARCH_AT_ONCE_MOST; i++)
		posted(r, &st, "Wind", "More of it.");
	int64_t before = waiting(r);
	posted(r, &st, "Ferry cancelled", "By noon.");
	posted(r, &st, "Trams", "They stand.");
	assert_int_equal(waiting(r), before + 1);
	assert_finds(r, "ferry", "");
	assert_doctor_is_content(r);
	r->stet.clock.fixed += MINUTE;
	assert_ok(jobs_run_due(&r->stet, kinds, &ran));
	assert_int_equal(ran, 1);
	assert_finds(r, "ferry trams", "Storm");
	posted(r, &st, "Sun", "At last.");
	assert_int_equal(waiting(r), before + 1);
	r->stet.clock.fixed += MINUTE;
	assert_ok(jobs_run_due(&r->stet, kinds, &ran));
	assert_finds(r, "sun", "Storm");
	assert_doctor_is_content(r);
}

/* --- spelling --- */

/* By the definition, all ways tried. */
static size_t edits(const char *a, size_t n, const char *b, size_t m)
{
	if (!n || !m)
		return n + m;
	size_t best = edits(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
	size_t d = edits(a, n - 1, b, m) + 1;
	best = d < best ? d : best;
	d = edits(a, n, b, m - 1) + 1;
	best = d < best ? d : best;
	if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
		d = edits(a, n - 2, b, m - 2) + 1;
		best = d < best ? d : best;
	}
	return best;
}

static void distance_counts_edits(void **state)
{
	(void)state;
	uint32_t x = 7;
	for (int i = 0; i < 3000; i++) {
		char a[7], b[7];
		size_t n[2];
		for (int k = 0; k < 2; k++) {
			char *p = k ? b : a;
			x = x * 1664525 + 1013904223;
			n[k] = (x >> 16) % 7;
			for (size_t j = 0; j < n[k]; j++) {
				x = x * 1664525 + 1013904223;
				p[j] = (char)('a' + (x >> 16) % 3);
			}
		}
		for (size_t most = 1; most <= 3; most++) {
			size_t want = edits(a, n[0], b, n[1]);
			want = want > most ? most + 1 : want;
			assert_int_equal(search_distance(str_from(a, n[0]), str_from(b, n[1]), most),
					 want);
		}
	}
	assert_int_equal(search_distance(S("\xc3\xa9t\xc3\xa9"), S("\xc3\xa9tat"), 3), 2);
}

static str_t meant(struct room *r, const char *query)
{
	struct conn *c;
	struct search_query q;
	str_t better;
	search_parse(r->world.a, str_of(query), &q);
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(search_did_you_mean(c, r->world.a, &q, &better));
	store_done(r->stet.store, c);
	return better;
}

static void a_slip_is_understood(void **state)
{
	struct room *r = *state;
	make(r, &(struct made){ .headline = "The harbour council", .body = "Lighthouse keepers." });
	make(r, &(struct made){ .headline = "The harbour wall", .body = "Lighthouse lamps." });
	make(r, &(struct made){ .headline = "An arbour", .body = "Green." });
	assert_text(meant(r, "harbuor"), "harbour");
	assert_text(meant(r, "ahrbour"), "harbour");
	assert_text(meant(r, "harbor -tag:x council"), "harbour -tag:x council");
	assert_text(meant(r, "\"a phrase\" harbour counsil"), "\"a phrase\" harbour council");
	assert_text(meant(r, "lighthuose"), "lighthouse");
	assert_null(meant(r, "harbour").p);
	assert_null(meant(r, "zzzzzz").p);
	assert_null(meant(r, "-harbuor").p);
}

static void telling_words_find_what_is_alike(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story lens = public_story(r, "The lighthouse lens leaves Gannet Point");
	struct story keeper = public_story(r, "Last keeper of Gannet Point says goodbye");
	public_story(r, "Council argues about parking");
	struct story hidden = draft("Gannet Point gets another lens");
	assert_ok(story_save(&r->stet, a, &hidden, 0, S("test")));
	struct conn *c;
	struct search_hit *hits;
	size_t n;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(search_alike(c, a, &lens, 10, &hits, &n));
	store_done(r->stet.store, c);
	assert_int_equal(n, 1);
	assert_int_equal(hits[0].story, keeper.id);
	assert_true(hits[0].score > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(every_query_has_a_meaning),
		ROOM_TEST(dates_bound_the_search),
		ROOM_TEST(too_much_is_cut_and_said),
		ROOM_TEST(a_term_is_taken_out_or_replaced),
		ROOM_TEST(only_what_is_public_is_found),
		ROOM_TEST(words_and_filters_find_what_they_say),
		ROOM_TEST(a_headline_says_more_than_a_text),
		ROOM_TEST(of_like_stories_the_newer_comes_first),
		ROOM_TEST(stories_of_one_moment_are_all_there),
		ROOM_TEST(a_new_name_is_found_after_the_job),
		ROOM_TEST(an_emptied_index_is_filled_as_it_was),
		ROOM_TEST(the_doctor_finds_an_index_that_differs),
		ROOM_TEST(words_of_an_entry_find_its_live_blog),
		ROOM_TEST(a_long_live_blog_is_indexed_by_one_job),
		ROOM_TEST(marks_of_a_text_are_not_ours),
		ROOM_TEST(distance_counts_edits),
		ROOM_TEST(a_slip_is_understood),
		ROOM_TEST(telling_words_find_what_is_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
