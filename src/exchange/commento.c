/* commento.c: comments of Commento's and Comentario's exports: one object with an array of comments and one of who wrote
 * them, and with Comentario 3 one of pages. Comments may stand before the people, so those are noted in the first reading. */
#include "exchange/comment_file.h"
#include "exchange/json_parts.h"
#include "exchange/json_pieces.h"
#include "page/clean.h"

struct commento {
	struct comment_file *f;
	bool                 comments; /* there is such an array */
};

/* Versions differ in what they call one thing: the first that is there. */
static str_t either(const json_t *j, const char *one, const char *two)
{
	str_t s = json_get_text(j, one);
	return s.n ? s : json_get_text(j, two);
}

static err_t note_person(struct comment_file *f, const json_t *j)
{
	if (!f->first)
		return OK;
	return jot(f->notes, "person", either(j, "commenterHex", "id"), json_get_text(j, "name"), json_get_text(j, "email"), 0);
}

static err_t note_page(struct comment_file *f, const json_t *j)
{
	if (!f->first)
		return OK;
	return jot(f->notes, "page", json_get_text(j, "id"), json_get_text(j, "path"), S(""), 0);
}

/* Nobody's: by a word, by a number of zeros, or by one of the two that Comentario has for those without account. */
static bool is_nobody(str_t who)
{
	for (size_t i = 0; i < who.n; i++)
		if (who.p[i] != '0' && who.p[i] != '-')
			return str_eq(who, S("anonymous")) || str_eq(who, S("deleted"));
	return true;
}

static str_t state_of(const json_t *j, str_t markdown, str_t html)
{
	str_t state = json_get_text(j, "state");
	bool gone = json_is_true(json_object_get(j, "deleted")) || json_is_true(json_object_get(j, "isDeleted"));
	bool waits = str_eq(state, S("unapproved")) || json_is_true(json_object_get(j, "isPending"));
	bool passed = state.n ? str_eq(state, S("approved")) : !json_is_false(json_object_get(j, "isApproved"));
	if (gone || str_eq(markdown, S("[deleted]")) || !(markdown.n + html.n))
		return S("trash");
	if (str_eq(state, S("flagged")))
		return S("spam");
	return passed ? S("1") : waits ? S("0") : S("trash");
}

/* What kept the HTML is taken from it; Commento's export has Markdown alone. */
static err_t set_content(struct comment_file *f, const json_t *j, struct told *k)
{
	str_t html = json_get_text(j, "html"), markdown = json_get_text(j, "markdown");
	k->state = state_of(j, markdown, html);
	k->content = html;
	if (html.n || str_eq(k->state, S("trash")))
		return OK;
	return clean_markdown(f->a, GRAMMAR_COMMENT, markdown, &k->content, NULL);
}

static err_t set_who(struct comment_file *f, const json_t *j, struct told *k)
{
	struct note person;
	bool there;
	str_t who = either(j, "commenterHex", "userCreated");
	k->name = json_get_text(j, "authorName");
	if (is_nobody(who))
		return OK;
	TRY(jot_find(f->notes, f->a, "person", who, &person, &there));
	k->author = who;
	if (there) {
		k->name = person.one;
		k->address = person.two;
	}
	return OK;
}

static err_t set_page(struct comment_file *f, const json_t *j, struct told *k)
{
	struct note page;
	bool there;
	k->url = either(j, "path", "url");
	k->site = either(j, "domain", "host");
	str_t number = json_get_text(j, "pageId");
	if (!k->url.n && number.n) {
		TRY(jot_find(f->notes, f->a, "page", number, &page, &there));
		k->url = there ? page.one : S("");
		k->thread = there ? S("") : number;
	}
	if (k->url.n && k->url.p[0] != '/' && str_find(k->url, S("://"), 0) == STR_NONE)
		k->url = str_format(f->a, "/%.*s", STR(k->url));
	return OK;
}

static err_t read_comment(struct comment_file *f, const json_t *j)
{
	json_int_t score = json_integer_value(json_object_get(j, "score"));
	struct told k = {
		.source = S("commento"), .id = either(j, "commentHex", "id"), .parent = either(j, "parentHex", "parentId"),
		.type = S("html"), .written = told_moment(either(j, "creationDate", "createdTime")),
		.edited = told_moment(json_get_text(j, "editedTime")), .ups = score > 0 ? score : 0,
		.downs = score < 0 ? -score : 0,
	};
	if (!k.id.n)
		return err_new(ERR_INPUT, "a comment has no number (\"commentHex\", \"id\")");
	if (str_eq(k.parent, S("root")) || is_nobody(k.parent))
		k.parent = S("");
	TRY(set_content(f, j, &k));
	TRY(set_who(f, j, &k));
	TRY(set_page(f, j, &k));
	return comment_take(f, &k);
}

static err_t read_object(struct comment_file *f, str_t text, err_t (*each)(struct comment_file *f, const json_t *j))
{
	json_t *j;
	TRY(json_object_load(f->a, text, &j));
	err_t e = each(f, j);
	json_decref(j);
	arena_reset(f->a);
	return e;
}

static err_t on_element(void *ctx, str_t key, str_t text, bool in_array)
{
	struct commento *x = ctx;
	if (!in_array)
		return OK;
	x->comments |= str_eq(key, S("comments"));
	if (str_eq(key, S("comments")))
		return read_object(x->f, text, read_comment);
	if (str_eq(key, S("commenters")))
		return read_object(x->f, text, note_person);
	return str_eq(key, S("pages")) ? read_object(x->f, text, note_page) : OK;
}

static err_t read_pieces(struct comment_file *f, struct json_pieces *p)
{
	str_t piece;
	for (;;) {
		TRY(infile_next(f->file, &piece));
		if (!piece.n)
			return json_pieces_end(p);
		err_t e = json_pieces_add(p, piece);
		if (e && str_find(str_of(err_text(e)), S("line "), 0) != 0)
			e = err_wrap(e, "line %lld", (long long)p->from);
		TRY(e);
		comment_progress(f);
	}
}

static err_t read_export(struct comment_file *f)
{
	struct commento x = { .f = f };
	struct json_pieces p;
	arena_t *own = arena_create(0); /* of the value in hand */
	if (!own)
		return err_new(ERR_MEMORY, "out of memory while reading comments");
	json_pieces_begin(&p, own, on_element, &x);
	err_t e = read_pieces(f, &p);
	arena_free(own);
	return err_wrap(e, "%.*s", STR(infile_name(f->file)));
}

const struct comment_format comment_commento = { "commento", "an export of Commento or Comentario", read_export };
