/* test_decide.c: who may decide what, what follows, and how it is taken back. */
#include "../press/room.h"

#include "forum/appeal.h"
#include "forum/queue.h"
#include "forum/report.h"

#include <sodium.h>

static struct reader people[ROLES]; /* made anew for each test */
static struct story place;

static struct reader account(struct room *r, const char *name, enum role role)
{
	struct reader made;
	struct reader_draft d = { .address = str_format(r->world.a, "p%d-%zu@example.org", (int)role, str_of(name).n),
				  .name = str_of(name), .role = role };
	assert_ok(reader_add(&r->stet, r->world.a, &d, S("cli"), &made));
	return made;
}

static int setup(void **state)
{
	static const char *const names[ROLES] = { "Rea Reader", "Mona Rule", "Rick Reporter", "Ed Stone", "Ola Owner" };
	if (sodium_init() < 0 || room_setup(state) != 0)
		return -1;
	struct room *r = *state;
	r->stet.config.url = S("https://courier.example");
	r->stet.config.smtp = S("outbox");
	assert_ok(readers_new(&(struct readers_options){ .s = &r->stet }, &r->stet.readers));
	for (enum role i = 0; i < ROLES; i++)
		people[i] = account(r, names[i], i);
	place = public_story(r, "The harbour");
	return 0;
}

static int teardown(void **state)
{
	struct room *r = *state;
	readers_free(r->stet.readers);
	return room_teardown(state);
}

static struct comment written(struct room *r, const struct reader *who, const char *text)
{
	struct comment k;
	struct comment_draft d = { .reader = who, .story = place.id, .source = str_of(text) };
	assert_ok(comment_post(&r->stet, r->world.a, &d, &k));
	return k;
}

struct loading {
	id64           id;
	struct comment k;
};

static err_t load(struct conn *c, arena_t *a, void *ctx)
{
	struct loading *x = ctx;
	return comment_load(c, a, x->id, &x->k);
}

static struct comment now(struct room *r, id64 id)
{
	struct loading x = { .id = id };
	assert_ok(store_read(r->world.store, r->world.a, load, &x));
	return x.k;
}

static err_t on_comment(struct room *r, const struct reader *m, enum decision_kind kind, id64 id,
			struct decision *out)
{
	struct decision_draft d = { .moderator = m, .kind = kind, .comment = id, .reason = S("abuse"), .words = S("Mind.") };
	return decide(&r->stet, r->world.a, &d, out);
}

static err_t on_reader(struct room *r, const struct reader *m, enum decision_kind kind, const struct reader *them,
		       struct decision *out)
{
	struct decision_draft d = { .moderator = m, .kind = kind, .reader = them->id, .story = place.id,
				    .reason = S("spam"), .hours = 24 };
	return decide(&r->stet, r->world.a, &d, out);
}

static void sound(struct room *r)
{
	struct strs findings = { 0 };
	assert_ok(forum_doctor(&r->stet, r->world.a, &findings));
	assert_int_equal(findings.n, 0);
}

/* Every role against every role: only who moderates decides, nobody about themselves, nobody against staff above. */
static void the_matrix_of_who_decides_about_whom(void **state)
{
	struct room *r = *state;
	for (enum role who = 0; who < ROLES; who++) {
		for (enum role whom = 0; whom < ROLES; whom++) {
			bool moderates = who == ROLE_MODERATOR || who == ROLE_EDITOR || who == ROLE_OWNER;
			bool may = moderates && who != whom && whom <= who;
			struct comment k = written(r, &people[whom], str_z(r->world.a, str_format(r->world.a, "Words %d %d", who, whom)));
			struct decision d;
			err_t e = on_comment(r, &people[who], DECIDE_REMOVE, k.id, &d);
			assert_int_equal(!e, may);
			assert_true(may || e->code == ERR_REFUSED);
			err_free(e);
			assert_int_equal(now(r, k.id).state, may ? COMMENT_REMOVED : COMMENT_SHOWN);
			for (enum decision_kind kind = DECIDE_WARN; kind <= DECIDE_HOLD; kind++) {
				e = on_reader(r, &people[who], kind, &people[whom], &d);
				assert_int_equal(!e, may);
				assert_true(may || e->code == ERR_REFUSED);
				err_free(e);
				if (may)
					assert_ok(decision_undo(&r->stet, r->world.a, &people[who], d.id));
			}
			r->stet.clock.fixed += HOUR;
		}
	}
	sound(r);
}

static void nobody_approves_or_picks_their_own(void **state)
{
	struct room *r = *state;
	struct decision d;
	struct comment k = written(r, &people[ROLE_EDITOR], "Mine");
	for (enum decision_kind kind = DECIDE_APPROVE; kind <= DECIDE_OPEN; kind++)
		assert_fails(on_comment(r, &people[ROLE_EDITOR], kind, k.id, &d), ERR_REFUSED, "moderation-refused.self");
}

static void removing_settles_reports_and_undo_brings_all_back(void **state)
{
	struct room *r = *state;
	struct decision d;
	struct comment k = written(r, &people[ROLE_READER], "Rude");
	assert_ok(on_comment(r, &people[ROLE_MODERATOR], DECIDE_PICK, k.id, &d));
	assert_true(now(r, k.id).rank > 1000000);
	assert_ok(comment_report(&r->stet, r->world.a, &people[ROLE_REPORTER], k.id, S("abuse"), S("")));
	assert_int_equal(now(r, k.id).reports, 1);
	assert_ok(on_comment(r, &people[ROLE_MODERATOR], DECIDE_REMOVE, k.id, &d));
	struct comment gone = now(r, k.id);
	assert_int_equal(gone.state, COMMENT_REMOVED);
	assert_int_equal(gone.reports, 0);
	assert_int_equal(gone.picked, 0);
	assert_int_equal(gone.rank, 0);
	assert_text(d.facts, "Rude");
	assert_fails(on_comment(r, &people[ROLE_EDITOR], DECIDE_REMOVE, k.id, &d), ERR_CONFLICT, "moderation-refused.removed");
	static const struct sql last = { "SELECT max(id) FROM decision" };
	id64 id = world_int(&r->world, &last);
	assert_fails(decision_undo(&r->stet, r->world.a, &people[ROLE_EDITOR], id), ERR_REFUSED, "moderation-refused.not-yours");
	assert_ok(decision_undo(&r->stet, r->world.a, &people[ROLE_MODERATOR], id));
	struct comment back = now(r, k.id);
	assert_int_equal(back.state, COMMENT_SHOWN);
	assert_int_equal(back.reports, 1);
	assert_true(back.picked != 0 && back.rank > 1000000);
	assert_fails(decision_undo(&r->stet, r->world.a, &people[ROLE_MODERATOR], id), ERR_CONFLICT, "moderation-refused.undone");
	sound(r);
}

static void what_was_seen_must_still_be_so(void **state)
{
	struct room *r = *state;
	struct decision d;
	struct comment k = written(r, &people[ROLE_READER], "Seen");
	struct decision_draft draft = { .moderator = &people[ROLE_MODERATOR], .kind = DECIDE_REMOVE, .comment = k.id,
					.reason = S("spam"), .seen = S("held") };
	assert_fails(decide(&r->stet, r->world.a, &draft, &d), ERR_CONFLICT, "moderation-refused.meanwhile");
	draft.seen = S("shown");
	assert_ok(decide(&r->stet, r->world.a, &draft, &d));
}

static void only_the_last_decision_about_a_comment_is_undone(void **state)
{
	struct room *r = *state;
	struct decision first, next;
	struct comment k = written(r, &people[ROLE_READER], "Twice");
	assert_ok(on_comment(r, &people[ROLE_MODERATOR], DECIDE_REMOVE, k.id, &first));
	assert_ok(on_comment(r, &people[ROLE_EDITOR], DECIDE_APPROVE, k.id, &next));
	assert_fails(decision_undo(&r->stet, r->world.a, &people[ROLE_MODERATOR], first.id), ERR_CONFLICT, "moderation-refused.since");
	assert_ok(decision_undo(&r->stet, r->world.a, &people[ROLE_EDITOR], next.id));
	assert_int_equal(now(r, k.id).state, COMMENT_REMOVED);
	assert_ok(decision_undo(&r->stet, r->world.a, &people[ROLE_MODERATOR], first.id));
	assert_int_equal(now(r, k.id).state, COMMENT_SHOWN);
	sound(r);
}

static void a_restriction_needs_a_reason(void **state)
{
	struct room *r = *state;
	struct decision d;
	struct comment k = written(r, &people[ROLE_READER], "Why");
	struct decision_draft draft = { .moderator = &people[ROLE_MODERATOR], .kind = DECIDE_REMOVE, .comment = k.id };
	assert_fails(decide(&r->stet, r->world.a, &draft, &d), ERR_INPUT, "moderation-refused.rule");
	draft.reason = S("other");
	assert_fails(decide(&r->stet, r->world.a, &draft, &d), ERR_INPUT, "moderation-refused.reason");
	draft.kind = DECIDE_SUSPEND;
	draft.reason = S("spam");
	assert_fails(decide(&r->stet, r->world.a, &draft, &d), ERR_INPUT, "moderation-refused.hours");
	draft.kind = DECIDE_APPROVE;
	assert_ok(decide(&r->stet, r->world.a, &draft, &d));
}

static err_t post(struct room *r, const struct reader *who, const char *text)
{
	struct comment k;
	struct comment_draft d = { .reader = who, .story = place.id, .source = str_of(text) };
	return comment_post(&r->stet, r->world.a, &d, &k);
}

static void a_suspension_ends_by_itself_and_a_ban_when_it_is_lifted(void **state)
{
	struct room *r = *state;
	struct decision d;
	const struct reader *them = &people[ROLE_READER], *m = &people[ROLE_MODERATOR];
	assert_ok(on_reader(r, m, DECIDE_SUSPEND, them, &d));
	assert_fails(post(r, them, "No"), ERR_REFUSED, "suspended");
	r->stet.clock.fixed += DAY + SECOND;
	assert_ok(post(r, them, "Yes"));
	assert_ok(on_reader(r, m, DECIDE_BAN, them, &d));
	r->stet.clock.fixed += 10 * DAY;
	assert_fails(post(r, them, "No"), ERR_REFUSED, "banned");
	struct decision lift;
	assert_ok(on_reader(r, m, DECIDE_LIFT, them, &lift));
	assert_ok(post(r, them, "Again"));
	assert_ok(decision_undo(&r->stet, r->world.a, m, lift.id));
	assert_fails(post(r, them, "No more"), ERR_REFUSED, "banned");
	assert_ok(decision_undo(&r->stet, r->world.a, m, d.id));
	assert_ok(post(r, them, "At last"));
	assert_fails(on_reader(r, m, DECIDE_LIFT, them, &d), ERR_CONFLICT, "moderation-refused.free");
}

static void a_moderator_who_is_suspended_decides_nothing(void **state)
{
	struct room *r = *state;
	struct decision d;
	struct comment k = written(r, &people[ROLE_READER], "Here");
	assert_ok(on_reader(r, &people[ROLE_OWNER], DECIDE_SUSPEND, &people[ROLE_MODERATOR], &d));
	assert_fails(on_comment(r, &people[ROLE_MODERATOR], DECIDE_REMOVE, k.id, &d), ERR_REFUSED, "suspended");
}

static void an_appeal_is_another_moderators_to_answer_and_ends_after_six_months(void **state)
{
	struct room *r = *state;
	struct decision d;
	const struct reader *them = &people[ROLE_READER], *m = &people[ROLE_MODERATOR], *other = &people[ROLE_EDITOR];
	struct comment k = written(r, them, "Quote");
	assert_ok(on_comment(r, m, DECIDE_REMOVE, k.id, &d));
	assert_fails(appeal_answer(&r->stet, r->world.a, other, d.id, S("upheld"), S("x")), ERR_MISSING, "no such appeal");
	assert_fails(appeal_make(&r->stet, r->world.a, other, d.id, S("x")), ERR_REFUSED, "only whom");
	assert_ok(appeal_make(&r->stet, r->world.a, them, d.id, S("It was a quote.")));
	assert_fails(appeal_answer(&r->stet, r->world.a, m, d.id, S("upheld"), S("x")), ERR_REFUSED, "moderation-refused.appeal-other");
	assert_fails(appeal_answer(&r->stet, r->world.a, them, d.id, S("reversed"), S("x")), ERR_REFUSED, "moderators' work");
	assert_ok(appeal_answer(&r->stet, r->world.a, other, d.id, S("upheld"), S("It was not.")));
	assert_int_equal(now(r, k.id).state, COMMENT_REMOVED);
	assert_fails(decision_undo(&r->stet, r->world.a, m, d.id), ERR_CONFLICT, "moderation-refused.appealed");
	struct comment late = written(r, them, "Late");
	assert_ok(on_comment(r, m, DECIDE_REMOVE, late.id, &d));
	r->stet.clock.fixed += APPEAL_WITHIN;
	assert_fails(appeal_make(&r->stet, r->world.a, them, d.id, S("Too late")), ERR_REFUSED, "decision-refused.over");
}

static void a_claim_is_one_moderators_for_two_minutes(void **state)
{
	struct room *r = *state;
	struct comment k = written(r, &people[ROLE_READER], "Mine to look at");
	assert_fails(claim_take(&r->stet, r->world.a, &people[ROLE_READER], k.id), ERR_REFUSED, "moderators' work");
	assert_ok(claim_take(&r->stet, r->world.a, &people[ROLE_MODERATOR], k.id));
	assert_ok(claim_take(&r->stet, r->world.a, &people[ROLE_MODERATOR], k.id));
	assert_fails(claim_take(&r->stet, r->world.a, &people[ROLE_EDITOR], k.id), ERR_CONFLICT, "Mona Rule");
	r->stet.clock.fixed += CLAIM_LIFE;
	assert_ok(claim_take(&r->stet, r->world.a, &people[ROLE_EDITOR], k.id));
}

#define DECIDE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DECIDE_TEST(the_matrix_of_who_decides_about_whom),
		DECIDE_TEST(nobody_approves_or_picks_their_own),
		DECIDE_TEST(removing_settles_reports_and_undo_brings_all_back),
		DECIDE_TEST(what_was_seen_must_still_be_so),
		DECIDE_TEST(only_the_last_decision_about_a_comment_is_undone),
		DECIDE_TEST(a_restriction_needs_a_reason),
		DECIDE_TEST(a_suspension_ends_by_itself_and_a_ban_when_it_is_lifted),
		DECIDE_TEST(a_moderator_who_is_suspended_decides_nothing),
		DECIDE_TEST(an_appeal_is_another_moderators_to_answer_and_ends_after_six_months),
		DECIDE_TEST(a_claim_is_one_moderators_for_two_minutes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
