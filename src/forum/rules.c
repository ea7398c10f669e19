/* rules.c: see rules.h. Each rule is a function that looks at the facts and adds a hit or none. */
#include "forum/rules.h"

#include <assert.h>
#include <unicode/uchar.h>

const struct rules rules_default = {
	.length_least = 1, .length_most = 10000,
	.trusted_approved = 50,
	.newcomer_approved = 2, .newcomer_hours = 24,
	.newcomer_links = 1, .newcomer_mentions = 2,
	.newcomer_day = 10,
	.newcomer_host = 3,
	.links_most = 4,
	.hosts_bad_refuse = true,
	.capitals_letters = 20, .capitals_percent = 70,
	.typing_seconds = 3,
	.wait_seconds = 10, .newcomer_wait_seconds = 60,
	.heat_warm = 5, .heat_wait_seconds = 120,
	.heat_hot = 12,
	.repeat_hours = 24, .repeat_bits = 3,
	.near_hours = 72, .near_bits = 6,
	.near_words = 8,
	.banned_refuse = true,
	.suspect_hold = true,
	.learn_percent = 90,
	.learn_least = 100,
	.run_most = 12,
	.signs_characters = 30, .signs_percent = 50,
	.marks_most = 6,
	.mentions_most = 6,
};

static const char *const names[RULES] = {
	[RULE_LENGTH_LEAST] = "length_least", [RULE_LENGTH_MOST] = "length_most", [RULE_WAIT] = "wait",
	[RULE_NEWCOMER_WAIT] = "newcomer_wait", [RULE_HEAT_WAIT] = "heat_wait", [RULE_NEWCOMER_DAY] = "newcomer_day",
	[RULE_REPEAT] = "repeat", [RULE_BANNED] = "banned", [RULE_HOST_BAD] = "host_bad",
	[RULE_HOST_UNKNOWN] = "host_unknown", [RULE_NEWCOMER] = "newcomer", [RULE_NEWCOMER_LINKS] = "newcomer_links",
	[RULE_NEWCOMER_HOST] = "newcomer_host", [RULE_NEWCOMER_MENTIONS] = "newcomer_mentions", [RULE_LINKS] = "links",
	[RULE_MENTIONS] = "mentions", [RULE_SUSPECT] = "suspect", [RULE_NEAR] = "near", [RULE_TYPING] = "typing",
	[RULE_CAPITALS] = "capitals", [RULE_RUN] = "run", [RULE_SIGNS] = "signs", [RULE_MARKS] = "marks",
	[RULE_HEAT] = "heat", [RULE_LEARNED] = "learned",
};

const char *rule_name(enum rule rule)
{
	return names[rule];
}

const char *verdict_name(enum verdict verdict)
{
	return verdict == VERDICT_SHOW ? "show" : verdict == VERDICT_HOLD ? "hold" : "refuse";
}

/* --- a judgement being made --- */

struct judging {
	const struct rules  *r;
	const struct judged *j;
	arena_t             *a;
	struct judgement    *out;
	bool                 newcomer, trusted;
};

static struct rule_hit *hit(struct judging *b, enum rule rule, enum verdict verdict, int64_t n, int64_t most)
{
	struct judgement *o = b->out;
	o->v = arena_room(b->a, o->v, o->n, sizeof *o->v);
	o->v[o->n] = (struct rule_hit){ .rule = rule, .verdict = verdict, .n = n, .most = most };
	o->verdict = verdict > o->verdict ? verdict : o->verdict;
	return &o->v[o->n++];
}

/* Holds what is over a limit; a limit of 0 is none. */
static void at_most(struct judging *b, enum rule rule, int64_t n, int64_t most)
{
	if (most && n > most)
		hit(b, rule, VERDICT_HOLD, n, most);
}

/* --- when and how much --- */

static void judge_length(struct judging *b)
{
	int64_t n = (int64_t)str_runes(str_trim(b->j->text));
	if (n < b->r->length_least)
		hit(b, RULE_LENGTH_LEAST, VERDICT_REFUSE, n, b->r->length_least);
	if (b->r->length_most && n > b->r->length_most)
		hit(b, RULE_LENGTH_MOST, VERDICT_REFUSE, n, b->r->length_most);
}

/* Of the waits that hold, the longest is told. */
static void judge_wait(struct judging *b)
{
	enum rule rule = RULE_WAIT;
	int64_t wait = b->r->wait_seconds;
	if (b->newcomer && b->r->newcomer_wait_seconds > wait) {
		rule = RULE_NEWCOMER_WAIT;
		wait = b->r->newcomer_wait_seconds;
	}
	if (b->r->heat_warm && b->j->heat >= b->r->heat_warm && b->r->heat_wait_seconds > wait) {
		rule = RULE_HEAT_WAIT;
		wait = b->r->heat_wait_seconds;
	}
	if (b->j->since >= 0 && b->j->since < wait * SECOND)
		hit(b, rule, VERDICT_REFUSE, (wait * SECOND - b->j->since + SECOND - 1) / SECOND, wait);
}

static void judge_day(struct judging *b)
{
	if (b->newcomer && b->r->newcomer_day && b->j->today >= b->r->newcomer_day)
		hit(b, RULE_NEWCOMER_DAY, VERDICT_REFUSE, b->j->today, b->r->newcomer_day);
}

static void judge_heat(struct judging *b)
{
	if (b->r->heat_hot && b->j->heat >= b->r->heat_hot && !b->trusted)
		hit(b, RULE_HEAT, VERDICT_HOLD, b->j->heat, b->r->heat_hot);
}

static void judge_typing(struct judging *b)
{
	if (!b->trusted && b->j->typing >= 0 && b->j->typing < b->r->typing_seconds * SECOND)
		hit(b, RULE_TYPING, VERDICT_HOLD, b->j->typing / SECOND, b->r->typing_seconds);
}

static void judge_newcomer(struct judging *b)
{
	if (b->newcomer && b->r->newcomer_hold)
		hit(b, RULE_NEWCOMER, VERDICT_HOLD, b->j->approved, b->r->newcomer_approved);
}

/* --- links --- */

bool rules_host_in(const struct strs *list, str_t host)
{
	for (size_t i = 0; i < list->n; i++) {
		str_t h = list->v[i];
		if (host.n < h.n || !str_eq_nocase(str_slice(host, host.n - h.n, host.n), h))
			continue;
		if (host.n == h.n || host.p[host.n - h.n - 1] == '.')
			return true;
	}
	return false;
}

static bool seen_above(const struct judged *j, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq_nocase(j->links[i].host, j->links[at].host))
			return true;
	return false;
}

static int64_t times(const struct judged *j, const struct rule_link *l)
{
	int64_t n = l->before;
	for (size_t i = 0; i < j->nlinks; i++)
		n += str_eq_nocase(j->links[i].host, l->host);
	return n;
}

static void judge_hosts(struct judging *b)
{
	const struct rules *r = b->r;
	for (size_t i = 0; i < b->j->nlinks; i++) {
		str_t host = b->j->links[i].host;
		if (seen_above(b->j, i))
			continue;
		if (rules_host_in(&r->hosts_bad, host))
			hit(b, RULE_HOST_BAD, r->hosts_bad_refuse ? VERDICT_REFUSE : VERDICT_HOLD, 1, 0)->what = host;
	}
}

static void judge_unknown_hosts(struct judging *b)
{
	const struct rules *r = b->r;
	for (size_t i = 0; r->hosts_unknown_hold && i < b->j->nlinks; i++) {
		str_t host = b->j->links[i].host;
		if (!seen_above(b->j, i) && !rules_host_in(&r->hosts_bad, host) && !rules_host_in(&r->hosts_allowed, host))
			hit(b, RULE_HOST_UNKNOWN, VERDICT_HOLD, 1, 0)->what = host;
	}
}

/* Those to allowed hosts are not counted. */
static int64_t links(const struct judging *b)
{
	int64_t n = 0;
	for (size_t i = 0; i < b->j->nlinks; i++)
		n += !rules_host_in(&b->r->hosts_allowed, b->j->links[i].host);
	return n;
}

static void judge_newcomer_links(struct judging *b)
{
	int64_t n = links(b);
	if (b->newcomer && b->r->newcomer_links >= 0 && n > b->r->newcomer_links)
		hit(b, RULE_NEWCOMER_LINKS, VERDICT_HOLD, n, b->r->newcomer_links);
}

static void judge_newcomer_hosts(struct judging *b)
{
	for (size_t i = 0; b->newcomer && b->r->newcomer_host && i < b->j->nlinks; i++) {
		const struct rule_link *l = &b->j->links[i];
		int64_t n = times(b->j, l);
		if (n > b->r->newcomer_host && !seen_above(b->j, i) && !rules_host_in(&b->r->hosts_allowed, l->host))
			hit(b, RULE_NEWCOMER_HOST, VERDICT_HOLD, n, b->r->newcomer_host)->what = l->host;
	}
}

static void judge_links(struct judging *b)
{
	if (!b->trusted)
		at_most(b, RULE_LINKS, links(b), b->r->links_most);
}

/* --- what it looks like --- */

struct look {
	int64_t mentions, run, signs, characters;
};

static struct look look(str_t text)
{
	struct look l = { 0 };
	size_t at = 0;
	int64_t run = 0;
	int32_t c, last = ' ', before = ' ';
	while ((c = str_next_rune(text, &at)) >= 0) {
		bool space = u_isUWhiteSpace(c);
		bool word = u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK);
		run = c == last && !space ? run + 1 : 1;
		l.run = run > l.run ? run : l.run;
		l.mentions += last == '@' && u_isalnum(c) && !u_isalnum(before);
		l.characters += !space;
		l.signs += !space && !word;
		before = last;
		last = c;
	}
	return l;
}

static void judge_mentions(struct judging *b)
{
	int64_t n = look(b->j->shown->original).mentions;
	if (b->newcomer && b->r->newcomer_mentions >= 0 && n > b->r->newcomer_mentions)
		hit(b, RULE_NEWCOMER_MENTIONS, VERDICT_HOLD, n, b->r->newcomer_mentions);
	at_most(b, RULE_MENTIONS, n, b->r->mentions_most);
}

static void judge_capitals(struct judging *b)
{
	int64_t letters = (int64_t)b->j->shown->letters, capitals = (int64_t)b->j->shown->capitals;
	if (!b->trusted && letters && letters >= b->r->capitals_letters)
		at_most(b, RULE_CAPITALS, capitals * 100 / letters, b->r->capitals_percent);
}

static void judge_look(struct judging *b)
{
	struct look l = look(b->j->shown->original);
	if (b->trusted)
		return;
	at_most(b, RULE_RUN, l.run, b->r->run_most);
	if (l.characters && l.characters >= b->r->signs_characters)
		at_most(b, RULE_SIGNS, l.signs * 100 / l.characters, b->r->signs_percent);
}

static void judge_marks(struct judging *b)
{
	at_most(b, RULE_MARKS, (int64_t)b->j->shown->marks, b->r->marks_most);
}

/* --- what it says --- */

static void judge_words(struct judging *b, enum word_list list, enum rule rule, enum verdict verdict)
{
	for (size_t i = 0; b->j->words && i < b->j->words->n; i++) {
		const struct word_hit *w = &b->j->words->v[i];
		if (w->list != list)
			continue;
		struct rule_hit *h = hit(b, rule, verdict, 1, 0);
		h->what = w->word;
		h->from = w->from;
		h->till = w->till;
	}
}

static void judge_banned(struct judging *b)
{
	judge_words(b, WORDS_BANNED, RULE_BANNED, b->r->banned_refuse ? VERDICT_REFUSE : VERDICT_HOLD);
}

static void judge_suspect(struct judging *b)
{
	if (b->r->suspect_hold)
		judge_words(b, WORDS_SUSPECT, RULE_SUSPECT, VERDICT_HOLD);
}

/* Near enough, long enough, and not too long ago. */
static bool is_near(const struct judging *b, const struct near_comment *c, int bits, int64_t most, int64_t hours)
{
	return c && hours && bits <= most && c->print.words >= b->r->near_words && b->j->now - c->written <= hours * HOUR;
}

static void judge_repeat(struct judging *b)
{
	const struct judged *j = b->j;
	if (is_near(b, j->own, j->own_bits, b->r->repeat_bits, b->r->repeat_hours))
		hit(b, RULE_REPEAT, VERDICT_REFUSE, j->own_bits, b->r->repeat_bits)->comment = j->own->id;
}

static void judge_near(struct judging *b)
{
	const struct judged *j = b->j;
	if (is_near(b, j->other, j->other_bits, b->r->near_bits, b->r->near_hours))
		hit(b, RULE_NEAR, VERDICT_HOLD, j->other_bits, b->r->near_bits)->comment = j->other->id;
}

/* What spoke for removal, the heaviest first. */
static str_t weighed(arena_t *a, const struct learn_opinion *o)
{
	struct strs said = { 0 };
	for (size_t i = 0; i < o->n; i++)
		if (o->why[i].weight > 0 && o->why[i].kind < LEARN_LINKS)
			strs_add(a, &said, str_trim(o->why[i].text));
	return str_join(a, said.v, said.n, S(", "));
}

static void judge_learned(struct judging *b)
{
	const struct learn_opinion *o = b->j->opinion;
	if (!b->r->learn_percent || b->trusted || !o || !o->trained || o->probability * 100 < (double)b->r->learn_percent)
		return;
	hit(b, RULE_LEARNED, VERDICT_HOLD, (int64_t)(o->probability * 100), b->r->learn_percent)->what = weighed(b->a, o);
}

/* --- the door --- */

/* In the order of enum rule. */
static void (*const judges[])(struct judging *b) = {
	judge_wait, judge_day, judge_repeat, judge_banned, judge_hosts, judge_unknown_hosts, judge_newcomer, judge_newcomer_links,
	judge_newcomer_hosts, judge_mentions, judge_links, judge_suspect, judge_near, judge_typing, judge_capitals, judge_look,
	judge_marks, judge_heat, judge_learned,
};

void rules_judge(const struct rules *r, arena_t *a, const struct judged *j, struct judgement *out)
{
	struct judging b = { r, j, a, out, false, false };
	*out = (struct judgement){ 0 };
	b.newcomer = j->approved < r->newcomer_approved || j->age < r->newcomer_hours * HOUR;
	b.trusted = r->trusted_approved && j->approved >= r->trusted_approved && !b.newcomer;
	judge_length(&b);
	for (size_t i = 0; i < COUNT(judges) && !j->staff; i++)
		judges[i](&b);
}
