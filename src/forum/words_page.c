/* words_page.c: a list of words: looked through, added to, taken from, downloaded. A page has a hundred of them, so a list
 * of ten thousand costs what a short one does. */
#include "forum/moderation.h"
#include "forum/rules_page.h"

#include "press/view.h"
#include "readers/roles.h"

#include <stdio.h>

enum { WORDS_PAGE = 100 };

str_t words_path(arena_t *a, str_t list)
{
	return str_format(a, "/moderation/rules/words/%.*s", STR(list));
}

static bool is_word(str_t line)
{
	return line.n && line.p[0] != '#';
}

int64_t words_listed(str_t text)
{
	int64_t n = 0;
	while (text.p)
		n += is_word(str_trim(str_cut(&text, '\n')));
	return n;
}

struct words_board {
	struct who who;
	str_t      list;
	int64_t    from;  /* the first that is shown, counted from 0 */
	str_t      asked; /* only words with this in them */
	bool       wrong;
	int64_t    line;  /* the wrong one of those typed; 0: another reason */
};

static err_t words_shown(struct view *v, const struct words_board *b)
{
	str_t text;
	int64_t at = 0, listed;
	bool more = false;
	json_t *all = json_array();
	json_object_set_new(v->json, "words", all);
	TRY(words_load(v->c, v->a, b->list, &text));
	listed = words_listed(text);
	str_t asked = str_lower(v->a, b->asked);
	while (text.p && !more) {
		str_t line = str_trim(str_cut(&text, '\n'));
		if (!is_word(line) || (asked.n && str_find(str_lower(v->a, line), asked, 0) == STR_NONE))
			continue;
		more = at >= b->from + WORDS_PAGE;
		if (at >= b->from && !more)
			json_array_append_new(all, json_text(line));
		at++;
	}
	json_object_set_new(v->json, "count", json_text(say_count(v, "words.count", listed)));
	json_object_set_new(v->json, "none", json_boolean(!json_array_size(all)));
	str_t path = str_format(v->a, "%.*s?q=%.*s&from=", STR(words_path(v->a, b->list)), STR(str_percent(v->a, b->asked)));
	if (more)
		json_object_set_new(v->json, "later", json_text(str_format(v->a, "%.*s%lld", STR(path),
									   (long long)(b->from + WORDS_PAGE))));
	if (b->from)
		json_object_set_new(v->json, "earlier", json_text(str_format(
			v->a, "%.*s%lld", STR(path), (long long)(b->from > WORDS_PAGE ? b->from - WORDS_PAGE : 0))));
	return OK;
}

static void set_wrong(struct view *v, const struct words_board *b)
{
	struct message_value line = { "line", str_format(v->a, "%lld", (long long)b->line) };
	if (!b->wrong)
		return;
	v->status = 422;
	json_object_set_new(v->json, "wrong", json_text(b->line ? say_with(v, "words.wrong", &line, 1)
								: say(v, "words.too-many")));
}

static err_t words_view(struct stet *s, struct view *v)
{
	struct words_board *b = v->given;
	str_t said = params_get(&v->q->query, "said"), path = words_path(v->a, b->list);
	str_t title = say(v, str_z(v->a, str_format(v->a, "words.%.*s", STR(b->list))));
	int64_t n = 0;
	moderation_head(s, v, title, path);
	json_object_set_new(v->json, "title", json_text(title));
	json_object_set_new(v->json, "url", json_text(path));
	json_object_set_new(v->json, "asked", json_text(b->asked));
	json_object_set_new(v->json, "typed", json_text(b->wrong ? form_text(v->q, "lines") : S("")));
	bool added = str_eq(said, S("added"));
	if ((added || str_eq(said, S("removed"))) && str_int(params_get(&v->q->query, "n"), &n))
		json_object_set_new(v->json, "said", json_text(say_count(v, added ? "words.added" : "words.removed", n)));
	set_wrong(v, b);
	v->template = "words";
	return words_shown(v, b);
}

static bool begin(struct stet *s, struct request *q, struct response *r, struct words_board *b, err_t *e)
{
	*b = (struct words_board){ .list = params_get(&q->route, "list"), .asked = str_trim(params_get(&q->query, "q")) };
	if (who_must_be_staff(s, q, r, MAY_SET_RULES, &b->who, e))
		return true;
	*e = check_moderates(s, q->a, &b->who.reader);
	if (*e)
		return true;
	if (!str_eq(b->list, S("banned")) && !str_eq(b->list, S("suspect")))
		*e = err_new(ERR_MISSING, "there is no such list");
	str_t from = params_get(&q->query, "from");
	if (from.n && (!str_int(from, &b->from) || b->from < 0 || b->from > WORDS_MOST))
		*e = err_new(ERR_MISSING, "there is no such page");
	if (!b->asked.p || !str_is_utf8(b->asked, NULL))
		b->asked = S("");
	return *e != OK;
}

static err_t words_page(struct stet *s, struct request *q, struct response *r)
{
	struct words_board b;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	return site_page_with(s, q, r, words_view, &b);
}

/* Those whose boxes are ticked, a line each. */
static str_t ticked(const struct request *q)
{
	struct strs all = { 0 };
	for (size_t i = 0; i < q->form.n; i++)
		if (str_eq(q->form.v[i].name, S("word")))
			strs_add(q->a, &all, q->form.v[i].value);
	return str_join(q->a, all.v, all.n, S("\n"));
}

/* The error of a list names its line first (wordlist.h). */
static int64_t line_of(const struct err *e)
{
	unsigned line = 0;
	return e->code != ERR_TOO_LARGE && sscanf(err_text(e), "line %u", &line) == 1 ? (int64_t)line : 0;
}

static err_t words_post(struct stet *s, struct request *q, struct response *r)
{
	struct words_board b;
	size_t n = 0;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	bool add = !str_eq(form_value(q, "do"), S("remove"));
	str_t lines = add ? form_value(q, "lines") : ticked(q);
	e = words_change(s, q->a, b.list, str_replace(q->a, lines, S("\r\n"), S("\n")), add,
			 reader_actor(q->a, b.who.reader.id), &n);
	if (e && (e->code == ERR_INPUT || e->code == ERR_TOO_LARGE)) {
		b.wrong = true;
		b.line = line_of(e);
		err_free(e);
		return site_page_with(s, q, r, words_view, &b);
	}
	TRY(e);
	go_to(s, q, r, str_format(q->a, "%.*s?said=%s&n=%zu", STR(words_path(q->a, b.list)), add ? "added" : "removed", n));
	return OK;
}

struct downloading {
	str_t list, text;
};

static err_t read_words(struct conn *c, arena_t *a, void *ctx)
{
	struct downloading *x = ctx;
	return words_load(c, a, x->list, &x->text);
}

static err_t words_file(struct stet *s, struct request *q, struct response *r)
{
	struct words_board b;
	err_t e;
	if (begin(s, q, r, &b, &e))
		return e;
	struct downloading x = { b.list, S("") };
	TRY(store_read(s->store, q->a, read_words, &x));
	r->status = 200;
	r->body = x.text;
	response_header(q, r, "Content-Type", S("text/plain; charset=utf-8"));
	response_header(q, r, "Content-Disposition", str_format(q->a, "attachment; filename=\"%.*s.txt\"", STR(b.list)));
	response_header(q, r, "Cache-Control", S("no-store"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	return OK;
}

const struct route words_routes[] = {
	{ GET, "/moderation/rules/words/:list", words_page },
	{ POST, "/moderation/rules/words/:list", words_post },
	{ GET, "/moderation/rules/words/:list.txt", words_file },
	{ 0 },
};
