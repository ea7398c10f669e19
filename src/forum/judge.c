/* judge.c: see judge.h. What is kept in memory is behind one lock; nothing is taken from a request's arena while it
 * is held. */
#include "forum/judge.h"

#include "page/clean.h"
#include "record/act.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	RING = 50000,           /* comments that others may repeat */
	RING_READ = 5000,       /* of them read at first */
	DECISIONS_READ = 2000,  /* that the classifier begins with */
	LINKS_LOOKED_AT = 50,
	EARLIER = 20,           /* comments of a newcomer whose links count */
};

/* The lists of words as they were at one moment; those who look hold it. */
struct listed {
	struct words *words;
	int64_t       saved;
	int           holds; /* the judge's own among them */
};

struct judge {
	struct stet     *s;
	struct folder   *folder;
	pthread_mutex_t  lock; /* over the rest */
	struct listed   *listed;
	struct near_ring *ring;
	struct learner  *learner;
	bool             warm; /* ring and learner have read what there is, or are about to */
};

err_t judge_new(struct stet *s, struct judge **out)
{
	struct judge *j = calloc(1, sizeof *j);
	if (!j)
		return err_new(ERR_MEMORY, "out of memory while starting");
	pthread_mutex_init(&j->lock, NULL);
	j->s = s;
	*out = j;
	TRY(folder_new(&j->folder));
	TRY(near_new(RING, &j->ring));
	return learn_new(&j->learner);
}

/* Under the lock. */
static void drop_listed(struct listed *l)
{
	if (!l || --l->holds > 0)
		return;
	words_free(l->words);
	free(l);
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	drop_listed(j->listed);
	learn_free(j->learner);
	near_free(j->ring);
	folder_free(j->folder);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

/* --- lists of words --- */

struct holding {
	struct judge  *j;
	struct listed *listed;
};

static void let_go(void *ctx)
{
	struct holding *h = ctx;
	pthread_mutex_lock(&h->j->lock);
	drop_listed(h->listed);
	pthread_mutex_unlock(&h->j->lock);
}

static const struct sql select_saved = {
	"SELECT coalesce(max(saved), 0) FROM forum_setting WHERE place IN ('words:banned', 'words:suspect')"
};

static err_t when_saved(struct conn *c, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_saved, NO_ARGS, &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

static err_t read_lists(struct judge *j, struct conn *c, arena_t *a, int64_t saved, struct listed **out)
{
	str_t lists[WORD_LISTS];
	TRY(words_load(c, a, S("banned"), &lists[WORDS_BANNED]));
	TRY(words_load(c, a, S("suspect"), &lists[WORDS_SUSPECT]));
	struct listed *l = calloc(1, sizeof *l);
	if (!l)
		return err_new(ERR_MEMORY, "out of memory");
	*l = (struct listed){ .saved = saved, .holds = 1 };
	err_t e = words_new(j->folder, lists, &l->words);
	if (e)
		free(l);
	else
		*out = l;
	return e;
}

/* The lists as they are now, for as long as `a` lasts. */
static err_t hold_lists(struct judge *j, struct conn *c, arena_t *a, const struct words **out)
{
	struct holding *h = arena_new(a, struct holding);
	int64_t saved;
	TRY(when_saved(c, &saved));
	pthread_mutex_lock(&j->lock);
	bool old = !j->listed || j->listed->saved != saved;
	pthread_mutex_unlock(&j->lock);
	struct listed *anew = NULL;
	if (old)
		TRY(read_lists(j, c, a, saved, &anew));
	pthread_mutex_lock(&j->lock);
	if (anew) {
		drop_listed(j->listed);
		j->listed = anew;
	}
	*h = (struct holding){ j, j->listed };
	h->listed->holds++;
	pthread_mutex_unlock(&j->lock);
	arena_defer(a, let_go, h);
	*out = h->listed->words;
	return OK;
}

/* --- what is kept in memory --- */

static const struct sql select_recent = {
	"SELECT id, coalesce(reader, 0), made, body FROM comment WHERE state = 'shown' ORDER BY id DESC LIMIT $1"
};
/* The newest of each kind: both at once would sort all that was ever decided. */
#define DECIDED(kind)                                                                              \
	"SELECT * FROM (SELECT id, comment, kind FROM decision WHERE kind = '" kind "' AND undone = 0 AND " \
	"moderator IS NOT NULL AND made > $1 ORDER BY id DESC LIMIT $2) AS " kind "s "
static const struct sql select_decided = {
	"SELECT k.body, d.kind FROM (" DECIDED("approve") "UNION ALL " DECIDED("remove") ") AS d JOIN comment k "
	"ON k.id = d.comment ORDER BY d.id DESC LIMIT $2"
};

static struct fingerprint print_of(struct judge *j, arena_t *a, str_t body, struct folded *folded)
{
	fold(j->folder, a, clean_text(a, body), folded);
	return fingerprint_of(folded);
}

static uint32_t links_in(str_t body)
{
	uint32_t n = 0;
	for (size_t at = 0; (at = str_find(body, S("<a href=\""), at)) != STR_NONE; at++)
		n++;
	return n;
}

static err_t read_recent(struct judge *j, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct near_comment *v = NULL;
	size_t n = 0;
	TRY(db_query(c, &select_recent, ARGS(v_int(RING_READ)), &r));
	while (rows_next(&r, &e)) {
		struct folded folded;
		v = arena_room(a, v, n, sizeof *v);
		v[n++] = (struct near_comment){ row_int(&r, 0), row_int(&r, 1), row_int(&r, 2),
						print_of(j, a, row_str(&r, a, 3), &folded) };
	}
	pthread_mutex_lock(&j->lock);
	while (n > 0)
		near_add(j->ring, &v[--n]); /* the oldest first */
	pthread_mutex_unlock(&j->lock);
	return e;
}

/* One text to the classifier, which takes memory of its own while the lock is held. */
static err_t learn_one(struct judge *j, const struct folded *folded, uint32_t links, bool removed, bool taken_back)
{
	arena_t *own = arena_create(0);
	struct oom_guard guard;
	struct learn_text text = { folded, links };
	enum learn_class class = removed ? LEARN_REMOVED : LEARN_APPROVED;
	err_t e = OK;
	if (!own)
		return err_new(ERR_MEMORY, "out of memory");
	pthread_mutex_lock(&j->lock);
	if (arena_guard(own, &guard)) {
		e = err_new(ERR_MEMORY, "out of memory while learning");
	} else {
		if (taken_back)
			unlearn(j->learner, own, &text, class);
		else
			learn(j->learner, own, &text, class);
		arena_unguard(own, &guard);
	}
	pthread_mutex_unlock(&j->lock);
	arena_free(own);
	return e;
}

static err_t read_decided(struct judge *j, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	usec_t since;
	TRY(judge_learns_since(c, a, &since));
	TRY(db_query(c, &select_decided, ARGS(v_int(since), v_int(DECISIONS_READ)), &r));
	while (rows_next(&r, &e)) {
		struct folded folded;
		str_t body = row_str(&r, a, 0);
		print_of(j, a, body, &folded);
		TRY(learn_one(j, &folded, links_in(body), str_eq(row_str(&r, a, 1), S("remove")), false));
	}
	return e;
}

/* What there was before this process: once, by whoever judges first. */
static err_t warm(struct judge *j, struct conn *c, arena_t *a, bool *by_us)
{
	pthread_mutex_lock(&j->lock);
	*by_us = !j->warm;
	j->warm = true;
	pthread_mutex_unlock(&j->lock);
	if (!*by_us)
		return OK;
	err_t e = read_recent(j, c, a);
	if (!e)
		e = read_decided(j, c, a);
	if (e) { /* the next one tries again */
		pthread_mutex_lock(&j->lock);
		j->warm = false;
		pthread_mutex_unlock(&j->lock);
	}
	return e;
}

/* --- the facts --- */

struct finding {
	struct stet              *s;
	const struct judge_asked *q;
	struct rules              rules;
	struct judged             facts;
	struct folded             folded;
	struct fingerprint        print;
	struct word_hits          words;
	struct learn_opinion      opinion;
	struct near_comment       own, other;
	struct rule_link         *links;
};

static const struct sql select_writer = {
	"SELECT (SELECT count(*) FROM (SELECT 1 FROM comment WHERE reader = $1 AND state = 'shown' LIMIT 100)), "
	"(SELECT count(*) FROM comment WHERE reader = $1 AND made > $2), "
	"(SELECT max(made) FROM comment WHERE reader = $1), "
	"(SELECT coalesce(sum(reports), 0) FROM comment WHERE reports > 0 AND story = $3), "
	"(SELECT count(*) FROM question_guest WHERE story = $3 AND reader = $1)"
};

/* Somebody who has not written just now, and takes their time. */
static void imagine_writer(struct finding *x)
{
	bool regular = x->q->trial == TRY_REGULAR;
	x->facts.approved = regular ? (uint32_t)x->rules.newcomer_approved : 0;
	x->facts.age = regular ? x->rules.newcomer_hours * HOUR : 0;
	x->facts.since = x->facts.typing = -1;
}

/* A guest of the newsroom is held no more than the newsroom, while questions are open. */
static err_t find_guest(struct finding *x, struct conn *c, arena_t *a)
{
	struct story st;
	struct forum_settings set;
	TRY(talked_about(c, a, x->q->story, &st));
	TRY(forum_settings_of(x->s, c, a, &st, &set));
	x->facts.staff |= set.answers;
	return OK;
}

static err_t find_writer(struct finding *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	usec_t now = clock_now(&x->s->clock);
	x->facts.now = now;
	if (x->q->trial) {
		imagine_writer(x);
		return OK;
	}
	TRY(db_query(c, &select_writer, ARGS(v_int(x->q->reader->id), v_int(now - DAY), v_int(x->q->story)), &r));
	if (!rows_next(&r, &e))
		return e;
	x->facts.approved = (uint32_t)row_int(&r, 0);
	x->facts.today = (uint32_t)row_int(&r, 1);
	/* An edit is no new comment. */
	x->facts.since = x->q->comment || row_is_null(&r, 2) ? -1 : now - row_int(&r, 2);
	x->facts.heat = (uint32_t)row_int(&r, 3);
	x->facts.staff = role_is_staff(x->q->reader->role);
	x->facts.age = now - x->q->reader->made;
	x->facts.typing = x->q->typed ? x->q->typed : -1;
	return row_int(&r, 4) > 0 ? find_guest(x, c, a) : OK;
}

/* "https://www.example.org:80/a" -> "www.example.org" */
static str_t host_of(arena_t *a, str_t url)
{
	size_t from = str_find(url, S("//"), 0), to;
	if (from == STR_NONE)
		return S("");
	from += 2;
	for (to = from; to < url.n && !strchr("/?#\"", url.p[to]); to++)
		if (url.p[to] == '@')
			from = to + 1;
	str_t host = str_slice(url, from, to);
	return str_lower(a, str_slice(host, 0, str_find_char(host, ':', 0)));
}

static const struct sql select_earlier = {
	"SELECT body FROM comment WHERE reader = $1 AND id <> $2 ORDER BY made DESC LIMIT $3"
};

/* How often each host was linked to before. */
static err_t find_earlier(struct finding *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_earlier, ARGS(v_int(x->q->reader->id), v_int(x->q->comment), v_int(EARLIER)), &r));
	while (rows_next(&r, &e)) {
		str_t body = row_str(&r, a, 0);
		for (size_t i = 0; i < x->facts.nlinks; i++)
			x->links[i].before += str_find(body, x->links[i].host, 0) != STR_NONE;
	}
	return e;
}

static err_t find_links(struct finding *x, struct conn *c, arena_t *a)
{
	str_t body = x->q->body, start = S("<a href=\"");
	x->links = arena_array(a, LINKS_LOOKED_AT, sizeof *x->links);
	for (size_t at = 0; (at = str_find(body, start, at)) != STR_NONE;) {
		at += start.n;
		str_t host = host_of(a, str_slice(body, at, str_find_char(body, '"', at)));
		if (host.n && x->facts.nlinks < LINKS_LOOKED_AT)
			x->links[x->facts.nlinks++].host = host;
	}
	x->facts.links = x->links;
	return x->facts.nlinks && !x->q->trial ? find_earlier(x, c, a) : OK;
}

static void find_near(struct finding *x, struct judge *j)
{
	const struct rules *r = &x->rules;
	id64 author = x->q->trial ? 0 : x->q->reader->id;
	struct near_query q = { .print = x->print, .author = author, .whose = NEAR_SAME,
				.since = x->facts.now - r->repeat_hours * HOUR, .but = x->q->comment,
				.bits = (int)r->repeat_bits, .words = (uint32_t)r->near_words };
	pthread_mutex_lock(&j->lock);
	if (r->repeat_hours && author && near_find(j->ring, &q, &x->own, &x->facts.own_bits))
		x->facts.own = &x->own;
	q.whose = author ? NEAR_OTHERS : NEAR_ANYBODY;
	q.since = x->facts.now - r->near_hours * HOUR;
	q.bits = (int)r->near_bits;
	if (r->near_hours && near_find(j->ring, &q, &x->other, &x->facts.other_bits))
		x->facts.other = &x->other;
	pthread_mutex_unlock(&j->lock);
}

static void free_arena(void *own)
{
	arena_free(own);
}

static err_t find_opinion(struct finding *x, struct judge *j, arena_t *a)
{
	arena_t *own = arena_create(0);
	struct oom_guard guard;
	struct learn_text text = { &x->folded, (uint32_t)x->facts.nlinks };
	err_t e = OK;
	if (!own)
		return err_new(ERR_MEMORY, "out of memory");
	arena_defer(a, free_arena, own); /* what the opinion says is in there */
	pthread_mutex_lock(&j->lock);
	if (arena_guard(own, &guard)) {
		e = err_new(ERR_MEMORY, "out of memory while judging");
	} else {
		learn_judge(j->learner, own, &text, (uint32_t)x->rules.learn_least, &x->opinion);
		arena_unguard(own, &guard);
	}
	pthread_mutex_unlock(&j->lock);
	x->facts.opinion = &x->opinion;
	return e;
}

static const struct sql select_section = { "SELECT coalesce(section, 0) FROM story WHERE id = $1" };

static err_t rules_here(struct finding *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	id64 section = x->q->section;
	if (x->q->story) {
		TRY(db_query(c, &select_section, ARGS(v_int(x->q->story)), &r));
		section = rows_next(&r, &e) ? row_int(&r, 0) : 0;
		TRY(e);
	}
	rows_end(&r);
	return rules_at(c, a, section, x->q->story, &x->rules);
}

static err_t find(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *x = ctx;
	struct judge *j = x->s->judge;
	const struct words *words;
	bool by_us;
	TRY(warm(j, c, a, &by_us));
	TRY(rules_here(x, c, a));
	TRY(hold_lists(j, c, a, &words));
	x->print = print_of(j, a, x->q->body, &x->folded);
	words_find(words, a, &x->folded, &x->words);
	x->facts.text = x->q->source;
	x->facts.shown = &x->folded;
	x->facts.words = &x->words;
	TRY(find_writer(x, c, a));
	TRY(find_links(x, c, a));
	find_near(x, j);
	return x->rules.learn_percent ? find_opinion(x, j, a) : OK;
}

err_t judge_comment(struct stet *s, arena_t *a, const struct judge_asked *q, struct judgement *out)
{
	*out = (struct judgement){ .verdict = VERDICT_SHOW };
	if (!s->judge)
		return OK;
	struct finding *x = arena_new(a, struct finding);
	x->s = s;
	x->q = q;
	TRY(store_read(s->store, a, find, x));
	rules_judge(&x->rules, a, &x->facts, out);
	if (q->opinion)
		*q->opinion = x->opinion;
	if (q->print)
		*q->print = x->print;
	return OK;
}

err_t judgement_said(const struct judgement *jd)
{
	const struct rule_hit *gravest = NULL;
	for (size_t i = 0; i < jd->n && !gravest; i++)
		if (jd->v[i].verdict == jd->verdict)
			gravest = &jd->v[i];
	if (!gravest || jd->verdict == VERDICT_SHOW)
		return OK;
	char key[64];
	snprintf(key, sizeof key, "rule.%s", rule_name(gravest->rule));
	bool refuse = jd->verdict == VERDICT_REFUSE;
	return err_say_with(refuse ? ERR_INPUT : ERR_CONFLICT, refuse ? "text" : "sure", key, "has=%lld\nmost=%lld\nwhat=%.*s",
			    (long long)gravest->n, (long long)gravest->most, STR(str_clip(gravest->what, 80)));
}

static const struct sql delete_hits = { "DELETE FROM comment_hit WHERE comment = $1" };
static const struct sql insert_hit = {
	"INSERT INTO comment_hit (comment, number, rule, what, has, most) VALUES ($1, $2, $3, $4, $5, $6)"
};

err_t judgement_save(struct conn *c, id64 comment, const struct judgement *jd)
{
	TRY(db_run(c, &delete_hits, ARGS(v_int(comment)), NULL));
	for (size_t i = 0; i < jd->n; i++) {
		const struct rule_hit *h = &jd->v[i];
		TRY(db_run(c, &insert_hit, ARGS(v_int(comment), v_int((int64_t)i), v_str(str_of(rule_name(h->rule))),
						v_str(h->what.p ? h->what : S("")), v_int(h->n), v_int(h->most)), NULL));
	}
	return OK;
}

/* --- following what happens --- */

void judge_remember(struct stet *s, const struct comment *k, const struct fingerprint *print)
{
	if (!s->judge)
		return;
	struct near_comment near = { k->id, k->reader.id, k->made, *print };
	pthread_mutex_lock(&s->judge->lock);
	near_add(s->judge->ring, &near);
	pthread_mutex_unlock(&s->judge->lock);
}

void judge_forget(struct stet *s, id64 comment)
{
	if (!s->judge)
		return;
	pthread_mutex_lock(&s->judge->lock);
	near_forget(s->judge->ring, comment);
	pthread_mutex_unlock(&s->judge->lock);
}

struct learning {
	struct judge *j;
	id64          comment;
	bool          removed, taken_back;
};

static err_t read_and_learn(struct conn *c, arena_t *a, void *ctx)
{
	const struct learning *x = ctx;
	struct comment k;
	struct folded folded;
	bool by_us;
	TRY(warm(x->j, c, a, &by_us));
	if (by_us)
		return OK; /* this decision was among those read */
	TRY(comment_load(c, a, x->comment, &k));
	print_of(x->j, a, k.body, &folded);
	return learn_one(x->j, &folded, links_in(k.body), x->removed, x->taken_back);
}

err_t judge_learn(struct stet *s, arena_t *a, id64 comment, bool removed, bool taken_back)
{
	struct learning x = { s->judge, comment, removed, taken_back };
	return s->judge ? store_read(s->store, a, read_and_learn, &x) : OK;
}

/* --- what it has learned --- */

struct figuring {
	struct judge         *j;
	struct judge_figures *out;
};

static err_t read_figures(struct conn *c, arena_t *a, void *ctx)
{
	struct figuring *x = ctx;
	struct rules rules;
	bool by_us;
	TRY(warm(x->j, c, a, &by_us));
	TRY(rules_load(c, a, &rules));
	int64_t percent = rules.learn_percent ? rules.learn_percent : rules_default.learn_percent;
	pthread_mutex_lock(&x->j->lock);
	for (int i = 0; i < LEARN_CLASSES; i++)
		x->out->seen[i] = learn_seen(x->j->learner, (enum learn_class)i);
	x->out->trained = learn_held_out(x->j->learner, (uint32_t)rules.learn_least, percent, &x->out->held_out);
	pthread_mutex_unlock(&x->j->lock);
	return OK;
}

err_t judge_figures(struct stet *s, arena_t *a, struct judge_figures *out)
{
	struct figuring x = { s->judge, out };
	*out = (struct judge_figures){ 0 };
	return s->judge ? store_read(s->store, a, read_figures, &x) : OK;
}

static const struct act_kind ACT_UNLEARN = { "forum.unlearn" };

static err_t write_unlearn(struct conn *c, arena_t *a, void *ctx)
{
	struct stet *s = ctx;
	(void)a;
	return judge_learn_from(s, c, clock_now(&s->clock));
}

err_t judge_unlearn(struct stet *s, arena_t *a, str_t actor)
{
	struct learner *fresh = NULL;
	struct act act = act_begin(s, a, &ACT_UNLEARN, 0, actor);
	if (s->judge)
		TRY(learn_new(&fresh));
	err_t e = act_commit(&act, write_unlearn, s);
	if (!s->judge)
		return e;
	pthread_mutex_lock(&s->judge->lock);
	struct learner *old = s->judge->learner;
	if (!e) {
		s->judge->learner = fresh;
		fresh = old;
	}
	pthread_mutex_unlock(&s->judge->lock);
	learn_free(fresh);
	return e;
}
