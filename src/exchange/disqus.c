/* disqus.c: comments of Disqus's export: XML with all threads first, then all posts, each with the number of its thread
 * and of what it answers. Threads are noted in the first reading; a post is handed over where its element ends.
 *
 *	<thread dsq:id="2"><id>site's name</id><link>https://…</link><isDeleted>…
 *	<post dsq:id="5"><message>HTML</message><createdAt>…<isSpam>…<author><name>…<thread dsq:id="2"/><parent dsq:id="4"/>
 *
 * Document types are refused: no export has one, and every entity attack does. */
#include "exchange/comment_file.h"

#include <expat.h>

enum { DEPTH_MOST = 16, LEAF_MOST = 4 << 20 };

/* What is kept of a thread or post; the others are passed over. */
enum leaf { MESSAGE, CREATED, DELETED, SPAM, IDENTIFIER, LINK, NAME, EMAIL, USERNAME, ANONYMOUS, LEAVES, NO_LEAF = LEAVES };

static const struct {
	const char *name;
	int         depth; /* 3: right below the thread or post; 4: in <author> */
} leaves[] = {
	[MESSAGE] = { "message", 3 },  [CREATED] = { "createdAt", 3 }, [DELETED] = { "isDeleted", 3 },
	[SPAM] = { "isSpam", 3 },      [IDENTIFIER] = { "id", 3 },     [LINK] = { "link", 3 },
	[NAME] = { "name", 4 },        [EMAIL] = { "email", 4 },       [USERNAME] = { "username", 4 },
	[ANONYMOUS] = { "isAnonymous", 4 },
};

struct reading {
	struct comment_file *f;
	XML_Parser           parser;
	int                  depth;
	bool                 post, thread, author; /* inside one */
	enum leaf            leaf;
	struct buf           text;
	str_t                id, of, parent; /* numbers: its own, its thread's, of what it answers */
	str_t                values[LEAVES];
	err_t                failed;
};

static void fail(struct reading *r, err_t e)
{
	if (!e)
		return;
	if (r->failed) {
		err_free(e);
		return;
	}
	r->failed = err_wrap(e, "%.*s:%lu", STR(infile_name(r->f->file)), XML_GetCurrentLineNumber(r->parser));
	XML_StopParser(r->parser, XML_FALSE);
}

static str_t number(struct reading *r, const char **atts)
{
	for (; atts[0]; atts += 2)
		if (strcmp(atts[0], "dsq:id") == 0)
			return str_copy(r->f->a, str_of(atts[1]));
	return S("");
}

static void begin_part(struct reading *r, const char *name, const char **atts)
{
	arena_reset(r->f->a);
	r->post = strcmp(name, "post") == 0;
	r->thread = strcmp(name, "thread") == 0;
	r->author = false;
	r->leaf = NO_LEAF;
	r->of = r->parent = S("");
	for (size_t i = 0; i < LEAVES; i++)
		r->values[i] = S("");
	r->id = number(r, atts);
}

static void begin_leaf(struct reading *r, const char *name)
{
	r->leaf = NO_LEAF;
	for (size_t i = 0; i < LEAVES; i++)
		if (leaves[i].depth == r->depth && (r->depth == 3 || r->author) && strcmp(leaves[i].name, name) == 0)
			r->leaf = (enum leaf)i;
	if (r->leaf != NO_LEAF)
		r->text = buf_new(r->f->a, 256);
}

static void on_start(void *ctx, const char *name, const char **atts)
{
	struct reading *r = ctx;
	r->depth++;
	if (r->depth > DEPTH_MOST)
		fail(r, err_new(ERR_INPUT, "elements are nested too deep"));
	else if (r->depth == 1 && strcmp(name, "disqus") != 0)
		fail(r, err_new(ERR_INPUT, "this is no export of Disqus: it begins with <%.40s>", name));
	else if (r->depth == 2)
		begin_part(r, name, atts);
	else if (r->depth == 3 && r->post && strcmp(name, "thread") == 0)
		r->of = number(r, atts);
	else if (r->depth == 3 && r->post && strcmp(name, "parent") == 0)
		r->parent = number(r, atts);
	else if (r->depth > 2 && (r->post || r->thread))
		begin_leaf(r, name);
	if (r->depth == 3)
		r->author = strcmp(name, "author") == 0;
}

static void on_text(void *ctx, const char *s, int n)
{
	struct reading *r = ctx;
	if (r->leaf == NO_LEAF)
		return;
	if (r->text.n + (size_t)n > LEAF_MOST)
		fail(r, err_new(ERR_TOO_LARGE, "a text is longer than 4 MB"));
	else
		buf_add(&r->text, str_from(s, (size_t)n));
}

static bool said(const struct reading *r, enum leaf leaf)
{
	return str_eq(str_trim(r->values[leaf]), S("true"));
}

static err_t end_thread(struct reading *r)
{
	if (!r->f->first || !r->id.n)
		return OK;
	return jot(r->f->notes, "thread", r->id, str_trim(r->values[LINK]), str_trim(r->values[IDENTIFIER]),
		   said(r, DELETED));
}

static err_t end_post(struct reading *r)
{
	struct note thread;
	bool there;
	arena_t *a = r->f->a;
	if (!r->id.n)
		return err_new(ERR_INPUT, "a post has no dsq:id");
	TRY(jot_find(r->f->notes, a, "thread", r->of, &thread, &there));
	struct told k = {
		.source = S("disqus"), .id = r->id, .parent = r->parent, .url = thread.one, .thread = thread.two,
		.name = told_name(a, r->values[NAME]), .address = r->values[EMAIL], .author = r->values[USERNAME],
		.type = S("html"), .content = r->values[MESSAGE], .written = told_moment(r->values[CREATED]),
		.state = said(r, SPAM) ? S("spam") : said(r, DELETED) || thread.n ? S("trash") : S("1"),
	};
	if (!there)
		k.url = str_format(a, "thread %.*s", STR(r->of));
	if (said(r, ANONYMOUS))
		k.author = S("");
	return comment_take(r->f, &k);
}

static void on_end(void *ctx, const char *name)
{
	struct reading *r = ctx;
	int depth = r->depth--;
	(void)name;
	if (r->failed)
		return;
	if (r->leaf != NO_LEAF && depth == leaves[r->leaf].depth) {
		r->values[r->leaf] = buf_str(&r->text);
		r->leaf = NO_LEAF;
	}
	if (depth == 2 && r->thread)
		fail(r, end_thread(r));
	if (depth == 2 && r->post)
		fail(r, end_post(r));
	if (depth == 2)
		comment_progress(r->f);
}

static void on_doctype(void *ctx, const char *name, const char *sysid, const char *pubid, int own)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)own;
	fail(ctx, err_new(ERR_INPUT, "it has a document type declaration, which no export has and every entity attack needs"));
}

/* What is read is made UTF-8 before the parser sees it. */
static void on_declaration(void *ctx, const char *version, const char *encoding, int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding && !str_eq_nocase(str_of(encoding), S("utf-8")))
		fail(ctx, err_new(ERR_INPUT, "it says that it is %.40s; only UTF-8 is read", encoding));
}

static err_t parse_fault(struct reading *r)
{
	if (r->failed)
		return r->failed;
	return err_new(XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY ? ERR_MEMORY : ERR_INPUT,
		       "%.*s:%lu: not well-formed XML: %s (byte %lld)", STR(infile_name(r->f->file)),
		       XML_GetCurrentLineNumber(r->parser), XML_ErrorString(XML_GetErrorCode(r->parser)),
		       (long long)XML_GetCurrentByteIndex(r->parser));
}

static err_t read_pieces(struct reading *r)
{
	str_t piece;
	do {
		TRY(infile_next(r->f->file, &piece));
		if (XML_Parse(r->parser, piece.p, (int)piece.n, piece.n == 0) != XML_STATUS_OK)
			return parse_fault(r);
	} while (piece.n);
	return OK;
}

static err_t read_export(struct comment_file *f)
{
	struct reading r = { .f = f, .leaf = NO_LEAF, .parser = XML_ParserCreate("UTF-8") };
	if (!r.parser)
		return err_new(ERR_MEMORY, "out of memory while reading comments");
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetXmlDeclHandler(r.parser, on_declaration);
	err_t e = read_pieces(&r);
	XML_ParserFree(r.parser);
	return e;
}

const struct comment_format comment_disqus = { "disqus", "an export of Disqus", read_export };
