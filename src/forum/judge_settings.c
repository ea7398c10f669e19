/* judge_settings.c: the numbers of the rules and the lists of words, as they are kept: rows of forum_setting with
 * places of their own. */
#include "forum/judge.h"

#include "record/act.h"

#include <stdlib.h>

static const struct act_kind ACT_RULES = { "forum.rules" };
static const struct act_kind ACT_WORDS = { "forum.words" };

static const struct sql select_value = { "SELECT value FROM forum_setting WHERE place = $1" };
static const struct sql save_value = {
	"INSERT INTO forum_setting (place, value, saved) VALUES ($1, $2, $3) "
	"ON CONFLICT (place) DO UPDATE SET value = excluded.value, saved = excluded.saved"
};

static err_t value_of(struct conn *c, arena_t *a, str_t place, str_t otherwise, str_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_value, ARGS(v_str(place)), &r));
	*out = rows_next(&r, &e) ? row_str(&r, a, 0) : otherwise;
	return e;
}

/* --- numbers --- */

static str_t rules_place(arena_t *a, str_t place)
{
	return place.n ? str_format(a, "rules:%.*s", STR(place)) : S("rules");
}

err_t rules_own(struct conn *c, arena_t *a, str_t place, str_t *json)
{
	return value_of(c, a, rules_place(a, place), S("{}"), json);
}

static err_t apply(struct conn *c, arena_t *a, const char *kind, id64 id, struct rules *r)
{
	str_t json;
	TRY(rules_own(c, a, id ? str_format(a, "%s:%.*s", kind, STR(id_text(a, id))) : S(""), &json));
	return rules_apply(a, json, r);
}

err_t rules_at(struct conn *c, arena_t *a, id64 section, id64 story, struct rules *out)
{
	*out = rules_default;
	TRY(apply(c, a, "", 0, out));
	if (section)
		TRY(apply(c, a, "section", section, out));
	return story ? apply(c, a, "story", story, out) : OK;
}

err_t rules_load(struct conn *c, arena_t *a, struct rules *out)
{
	return rules_at(c, a, 0, 0, out);
}

static void drop(void *json)
{
	json_decref(json);
}

struct saving {
	struct stet              *s;
	str_t                     value, place;
	const struct rule_change *changes;
	size_t                    n;
};

static err_t keep(struct conn *c, const struct saving *x, str_t place, str_t value)
{
	return db_run(c, &save_value, ARGS(v_str(place), v_str(value), v_int(clock_now(&x->s->clock))), NULL);
}

static err_t change_one(arena_t *a, const struct saving *x, const struct rule_change *change, json_t *own)
{
	struct rules r = rules_default;
	const struct rule_setting *setting = rule_setting_named(change->name);
	if (!setting)
		return err_user(ERR_INPUT, "name", "\"%.*s\" is no number of the rules; `stet forum rules` lists them",
				STR(change->name));
	if (x->place.n && setting->kind == SETTING_HOSTS)
		return err_user(ERR_INPUT, setting->name, "%s is for the whole publication", setting->name);
	if (str_eq(change->value, S("inherit"))) {
		json_object_del(own, setting->name);
		return OK;
	}
	TRY(rules_set(&r, a, setting, change->value));
	return json_object_set_new(own, setting->name, rules_value(&r, setting)) ? err_new(ERR_MEMORY, "out of memory") : OK;
}

static const struct sql select_section = { "SELECT coalesce(section, 0) FROM story WHERE id = $1" };

static err_t section_of(struct conn *c, id64 story, id64 *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_section, ARGS(v_int(story)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

/* What holds at the place beside what is said there itself. */
static err_t wider(struct conn *c, arena_t *a, str_t place, struct rules *out)
{
	id64 id = 0, section = 0;
	str_t rest = place, kind = str_cut(&rest, ':');
	*out = rules_default;
	if (!place.n)
		return OK;
	if (!id_parse(rest.p ? rest : S(""), &id))
		return err_new(ERR_INPUT, "\"%.*s\" is no place", STR(place));
	if (str_eq(kind, S("story")))
		TRY(section_of(c, id, &section));
	return rules_at(c, a, section, 0, out);
}

static err_t write_rules(struct conn *c, arena_t *a, void *ctx)
{
	const struct saving *x = ctx;
	struct rules r;
	str_t json;
	TRY(rules_own(c, a, x->place, &json));
	json_t *own = json_loadb(json.p, json.n, 0, NULL);
	if (!json_is_object(own)) {
		json_decref(own);
		return err_new(ERR_CORRUPT, "the rules kept for this place are no JSON");
	}
	arena_defer(a, drop, own);
	for (size_t i = 0; i < x->n; i++)
		TRY(change_one(a, x, &x->changes[i], own));
	char *text = json_dumps(own, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory");
	json = str_copy(a, str_of(text));
	free(text);
	TRY(wider(c, a, x->place, &r));
	TRY(rules_apply(a, json, &r));
	TRY(rules_check(&r));
	return keep(c, x, rules_place(a, x->place), json);
}

err_t rules_change(struct stet *s, arena_t *a, str_t place, const struct rule_change *v, size_t n, str_t actor)
{
	struct saving x = { .s = s, .place = place, .changes = v, .n = n };
	struct act act = act_begin(s, a, &ACT_RULES, 0, actor);
	json_t *changed = json_object();
	for (size_t i = 0; i < n; i++) { /* of a long list the beginning is enough to know what it was about */
		str_t value = str_clip(v[i].value, 200);
		json_object_set_new(changed, str_z(a, v[i].name), json_stringn(value.p ? value.p : "", value.n));
	}
	act_detail(&act, json_pack("{s:s%, s:o}", "place", place.p ? place.p : "", place.n, "rules", changed));
	return act_commit(&act, write_rules, &x);
}

err_t rules_save(struct stet *s, arena_t *a, str_t name, str_t value, str_t actor)
{
	struct rule_change one = { name, value };
	return rules_change(s, a, S(""), &one, 1, actor);
}

/* --- words --- */

static err_t words_place(arena_t *a, str_t list, str_t *out)
{
	if (!str_eq(list, S("banned")) && !str_eq(list, S("suspect")))
		return err_user(ERR_INPUT, "list", "there are two lists of words, \"banned\" and \"suspect\"; "
				"\"%.*s\" is none", STR(list));
	*out = str_format(a, "words:%.*s", STR(list));
	return OK;
}

err_t words_load(struct conn *c, arena_t *a, str_t list, str_t *text)
{
	str_t place;
	TRY(words_place(a, list, &place));
	return value_of(c, a, place, S(""), text);
}

static err_t write_words(struct conn *c, arena_t *a, void *ctx)
{
	const struct saving *x = ctx;
	(void)a;
	return keep(c, x, x->place, x->value);
}

/* Whether they can be looked for: else the mistake would be found when somebody posts. */
static err_t check_words(arena_t *a, str_t list, str_t text)
{
	struct folder *f;
	struct words *w;
	str_t lists[WORD_LISTS] = { S(""), S("") };
	(void)a;
	lists[str_eq(list, S("banned")) ? WORDS_BANNED : WORDS_SUSPECT] = text;
	TRY(folder_new(&f));
	err_t e = words_new(f, lists, &w);
	if (!e)
		words_free(w);
	folder_free(f);
	return e;
}

err_t words_save(struct stet *s, arena_t *a, str_t list, str_t text, str_t actor)
{
	struct saving x = { .s = s, .value = text };
	TRY(words_place(a, list, &x.place));
	TRY(check_words(a, list, text));
	/* The record says that it changed, not which words a newsroom minds. */
	struct act act = act_begin(s, a, &ACT_WORDS, 0, actor);
	act_detail(&act, json_pack("{s:s%}", "list", list.p, list.n));
	return act_commit(&act, write_words, &x);
}

struct wording {
	struct saving saving;
	str_t         list, lines;
	bool          add;
	size_t        changed;
	struct act   *act;
};

struct line {
	str_t  text;
	size_t at; /* its place among all */
};

static int by_text(const void *x, const void *y)
{
	return str_cmp(((const struct line *)x)->text, ((const struct line *)y)->text);
}

static struct line *lines_of(arena_t *a, str_t text, size_t *n)
{
	struct line *v = NULL;
	*n = 0;
	while (text.p) {
		str_t line = str_trim(str_cut(&text, '\n'));
		v = arena_room(a, v, *n, sizeof *v);
		v[*n] = (struct line){ line, *n };
		++*n;
	}
	if (*n)
		qsort(v, *n, sizeof *v, by_text);
	return v;
}

static bool has_line(const struct line *v, size_t n, str_t text)
{
	struct line asked = { text, 0 };
	return n && bsearch(&asked, v, n, sizeof *v, by_text) != NULL;
}

/* `old` without the lines that are in `v`. */
static str_t without(arena_t *a, str_t old, const struct line *v, size_t n, size_t *changed)
{
	struct buf b = buf_new(a, old.n + 1);
	while (old.p && old.n) {
		str_t line = str_cut(&old, '\n'), word = str_trim(line);
		bool goes = word.n && has_line(v, n, word);
		*changed += goes;
		if (!goes) {
			buf_add(&b, line);
			buf_add_char(&b, '\n');
		}
	}
	return buf_str(&b);
}

/* `old`, and behind it the lines that are not in there, each once. */
static str_t with(arena_t *a, str_t old, str_t lines, size_t *changed)
{
	size_t nold, nnew;
	struct line *there = lines_of(a, old, &nold), *added = lines_of(a, lines, &nnew);
	bool *again = arena_array(a, nnew + 1, sizeof *again);
	struct buf b = buf_new(a, old.n + lines.n + 2);
	for (size_t i = 0; i < nnew; i++)
		again[added[i].at] = has_line(there, nold, added[i].text) ||
				     (i && str_eq(added[i].text, added[i - 1].text));
	buf_add(&b, old);
	if (old.n && !str_ends(old, S("\n")))
		buf_add_char(&b, '\n');
	for (size_t i = 0; lines.p; i++) {
		str_t word = str_trim(str_cut(&lines, '\n'));
		if (!word.n || again[i])
			continue;
		buf_add(&b, word);
		buf_add_char(&b, '\n');
		++*changed;
	}
	return buf_str(&b);
}

static err_t change_words(struct conn *c, arena_t *a, void *ctx)
{
	struct wording *x = ctx;
	size_t n;
	str_t old;
	TRY(words_load(c, a, x->list, &old));
	x->changed = 0;
	if (x->add) {
		x->saving.value = with(a, old, x->lines, &x->changed);
	} else {
		struct line *v = lines_of(a, x->lines, &n);
		x->saving.value = without(a, old, v, n, &x->changed);
	}
	TRY(check_words(a, x->list, x->saving.value));
	act_detail(x->act, json_pack("{s:s%, s:I}", "list", x->list.p, x->list.n, x->add ? "added" : "removed",
				     (json_int_t)x->changed));
	return write_words(c, a, &x->saving);
}

err_t words_change(struct stet *s, arena_t *a, str_t list, str_t lines, bool add, str_t actor, size_t *changed)
{
	struct act act = act_begin(s, a, &ACT_WORDS, 0, actor);
	struct wording x = { .saving = { .s = s }, .list = list, .lines = lines, .add = add, .act = &act };
	TRY(words_place(a, list, &x.saving.place));
	TRY(check_words(a, list, add ? lines : S(""))); /* its lines are those that were typed */
	TRY(act_commit(&act, change_words, &x));
	*changed = x.changed;
	return OK;
}

/* --- from when on the classifier learns --- */

err_t judge_learns_since(struct conn *c, arena_t *a, usec_t *out)
{
	str_t value;
	*out = 0;
	TRY(value_of(c, a, S("learn"), S("0"), &value));
	return str_int(value, out) ? OK : err_new(ERR_CORRUPT, "when the classifier began to learn is no number");
}

err_t judge_learn_from(struct stet *s, struct conn *c, usec_t since)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)since);
	return db_run(c, &save_value, ARGS(v_str(S("learn")), v_str(str_of(text)), v_int(clock_now(&s->clock))), NULL);
}
