/* wxr.c: see wxr.h. Expat calls for each element; a stack of nodes grows in the arena until the one
 * right below <channel> ends. */
#include "exchange/wxr.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DEPTH_MOST = 16,               /* WXR is five deep */
	LEAF_MOST = 64 * 1024 * 1024,  /* bytes of one element's text: a body can be a book */
	CHUNK = 256 * 1024,
};

/* WordPress writes two things that XML does not allow: control characters and U+FFFE as they stand in
 * a post, and a bare "&" in the address of a commenter. Both are made harmless before the parser sees
 * them, byte for byte, so that positions stay right. */
struct mending {
	size_t        matched; /* of COMMENT_URL */
	bool          in_url;
	unsigned char before[2];
};

#define COMMENT_URL "<wp:comment_author_url>"
#define STAND_IN    '\x7f' /* for "&" there; allowed in XML, absent from addresses */

struct reading {
	const struct wxr_reader *reader;
	str_t                    name;    /* of the file */
	XML_Parser               parser;
	arena_t                 *a;
	arena_t                 *channel_arena; /* the channel's leaves outlive nodes */
	arena_t                 *comment_arena; /* of one comment, where they are told by themselves */
	struct wxr_node          channel;
	bool                     channel_told, versioned;
	struct wxr_node         *stack[DEPTH_MOST]; /* [0] is the node below <channel> */
	int                      depth;    /* elements open: 1 is <rss>, 2 <channel> */
	int                      nodes;    /* of them, nodes on the stack */
	bool                     leaf;     /* the open element has had no children so far */
	struct buf               text;     /* of the open leaf */
	struct wxr_field         open;
	err_t                    failed;
	struct mending           mending;
};

static unsigned char mend_byte(struct mending *m, unsigned char c)
{
	bool control = c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0;
	/* U+FFFE and U+FFFF are EF BF BE and EF BF BF; EF BF BD is the character for what is none. */
	if (c >= 0xbe && m->before[1] == 0xbf && m->before[0] == 0xef)
		c = 0xbd;
	m->before[0] = m->before[1];
	m->before[1] = c;
	if (m->in_url && c == '<')
		m->in_url = false;
	if (m->in_url && c == '&')
		return STAND_IN;
	m->matched = c == (unsigned char)COMMENT_URL[m->matched] ? m->matched + 1 : c == '<';
	if (m->matched == sizeof COMMENT_URL - 1) {
		m->in_url = true;
		m->matched = 0;
	}
	return control ? ' ' : c;
}

static void mend(struct mending *m, char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)mend_byte(m, (unsigned char)p[i]);
}

/* The address as it was meant: escaped or not. */
static str_t mended_url(arena_t *a, str_t s)
{
	str_t url = str_replace(a, s, str_from((const char[]){ STAND_IN }, 1), S("&"));
	url = str_replace(a, url, S("&#038;"), S("&"));
	return str_replace(a, url, S("&amp;"), S("&"));
}

str_t wxr_get(const struct wxr_node *node, const char *name)
{
	for (size_t i = 0; i < node->nfields; i++)
		if (str_eq(node->fields[i].name, str_of(name)))
			return node->fields[i].value;
	return S("");
}

/* Ends the parse with an error that names the place. */
static void fail(struct reading *r, err_t e)
{
	if (r->failed) {
		err_free(e);
		return;
	}
	r->failed = err_wrap(e, "%.*s:%lu", STR(r->name),
			     (unsigned long)XML_GetCurrentLineNumber(r->parser));
	XML_StopParser(r->parser, XML_FALSE);
}

static err_t fault(struct reading *r, const char *what)
{
	return err_new(ERR_INPUT, "%s (byte %lld)", what,
		       (long long)XML_GetCurrentByteIndex(r->parser));
}

/* Elements that hold others; all else is a leaf. */
static bool is_node(const char *name)
{
	static const char *const nodes[] = { "item",    "wp:author",     "wp:category",
					     "wp:tag",  "wp:term",       "wp:postmeta",
					     "wp:comment", "wp:commentmeta", "wp:termmeta",
					     "image" };
	for (size_t i = 0; i < COUNT(nodes); i++)
		if (strcmp(name, nodes[i]) == 0)
			return true;
	return false;
}

static void tell_channel(struct reading *r)
{
	if (r->channel_told)
		return;
	r->channel_told = true;
	err_t e = r->reader->node(r->reader->ctx, r->a, &r->channel);
	if (e)
		fail(r, e);
}

/* Whether comments are told by themselves, and one is open. */
static bool in_comment(const struct reading *r)
{
	return r->reader->comment && r->nodes > 1 && str_eq(r->stack[1]->name, S("wp:comment"));
}

static arena_t *arena_of(const struct reading *r)
{
	return !r->nodes ? r->channel_arena : in_comment(r) ? r->comment_arena : r->a;
}

static struct wxr_node *open_node(struct reading *r, const char *name)
{
	struct wxr_node *node;
	bool apart = r->reader->comment && r->nodes == 1 && strcmp(name, "wp:comment") == 0;
	arena_t *a = apart || in_comment(r) ? r->comment_arena : r->a;
	if (apart) {
		node = arena_new(a, struct wxr_node);
	} else if (r->nodes == 0) {
		node = arena_new(r->a, struct wxr_node);
	} else {
		struct wxr_node *parent = r->stack[r->nodes - 1];
		parent->children = arena_room(a, parent->children, parent->nchildren,
					      sizeof *parent->children);
		node = &parent->children[parent->nchildren++];
		*node = (struct wxr_node){ 0 };
	}
	node->name = str_copy(a, str_of(name));
	return node;
}

static const char *attribute(const char **atts, const char *name)
{
	for (; atts[0]; atts += 2)
		if (strcmp(atts[0], name) == 0)
			return atts[1];
	return "";
}

static void check_top(struct reading *r, const char *name)
{
	if (r->depth == 1 && strcmp(name, "rss") != 0)
		fail(r, fault(r, "this is no WordPress export: it begins with another element "
				 "than <rss>"));
	if (r->depth == 2 && strcmp(name, "channel") != 0)
		fail(r, fault(r, "this is no WordPress export: <rss> holds no <channel>"));
}

static void on_start(void *ctx, const char *name, const char **atts)
{
	struct reading *r = ctx;
	r->depth++;
	if (r->depth > DEPTH_MOST) {
		fail(r, fault(r, "elements are nested too deep"));
		return;
	}
	if (r->depth <= 2) {
		check_top(r, name);
		return;
	}
	if (is_node(name)) {
		if (r->nodes == 0 && strcmp(name, "image") != 0)
			tell_channel(r);
		struct wxr_node *node = open_node(r, name);
		r->stack[r->nodes++] = node;
		r->leaf = false;
		return;
	}
	if (r->leaf)
		return; /* markup within a leaf: its text counts, its tags do not */
	arena_t *a = arena_of(r);
	r->leaf = true;
	r->open = (struct wxr_field){
		.name = str_copy(a, str_of(name)),
		.domain = str_copy(a, str_of(attribute(atts, "domain"))),
		.nicename = str_copy(a, str_of(attribute(atts, "nicename"))),
	};
	r->text = buf_new(a, 0);
}

static void on_text(void *ctx, const char *s, int n)
{
	struct reading *r = ctx;
	if (!r->leaf)
		return;
	if (r->text.n + (size_t)n > LEAF_MOST) {
		fail(r, fault(r, "an element is larger than 64 MB"));
		return;
	}
	buf_add(&r->text, str_from(s, (size_t)n));
}

/* WordPress writes the version it speaks; a file without one is something else, and of a later one
 * nobody knows what it means. */
static bool is_version(str_t v)
{
	size_t dot = str_find_char(v, '.', 0);
	int64_t major, minor;
	return dot != STR_NONE && str_int(str_slice(v, 0, dot), &major) &&
	       str_int(str_slice(v, dot + 1, v.n), &minor) && major == 1;
}

static void end_leaf(struct reading *r)
{
	struct wxr_node *node = r->nodes ? r->stack[r->nodes - 1] : &r->channel;
	arena_t *a = arena_of(r);
	r->open.value = buf_str(&r->text);
	if (str_eq(r->open.name, S("wp:comment_author_url")))
		r->open.value = mended_url(a, r->open.value);
	r->leaf = false;
	if (!r->nodes && str_eq(r->open.name, S("wp:wxr_version"))) {
		r->versioned = is_version(r->open.value);
		if (!r->versioned)
			fail(r, fault(r, "its WXR version is none that is read here (1.0 to 1.2)"));
	}
	node->fields = arena_room(a, node->fields, node->nfields, sizeof *node->fields);
	node->fields[node->nfields++] = r->open;
}

static void end_node(struct reading *r)
{
	struct wxr_node *node = r->stack[--r->nodes];
	if (r->nodes == 1 && r->reader->comment && str_eq(node->name, S("wp:comment"))) {
		err_t e = r->reader->comment(r->reader->ctx, r->comment_arena, r->stack[0], node);
		if (e)
			fail(r, e);
		arena_reset(r->comment_arena);
	}
	if (r->nodes > 0)
		return;
	if (!r->versioned && !r->failed && !r->reader->any_version)
		fail(r, fault(r, "this is no WordPress export: it names no WXR version before "
				 "its first part"));
	if (!r->failed && !str_eq(node->name, S("image"))) {
		err_t e = r->reader->node(r->reader->ctx, r->a, node);
		if (e)
			fail(r, e);
	}
	arena_reset(r->a);
}

static void on_end(void *ctx, const char *name)
{
	struct reading *r = ctx;
	int depth = r->depth--;
	if (r->failed || depth <= 2)
		return;
	if (is_node(name) && !r->leaf)
		end_node(r);
	else if (r->leaf && str_eq(r->open.name, str_of(name)))
		end_leaf(r);
}

static void on_doctype(void *ctx, const char *name, const char *sysid, const char *pubid, int own)
{
	struct reading *r = ctx;
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)own;
	fail(r, fault(r, "it has a document type declaration, which no export has and every entity "
			 "attack needs"));
}

static err_t parse_fault(struct reading *r)
{
	if (r->failed)
		return r->failed;
	enum XML_Error code = XML_GetErrorCode(r->parser);
	return err_new(code == XML_ERROR_NO_MEMORY ? ERR_MEMORY : ERR_INPUT,
		       "%.*s:%lu: not well-formed XML: %s (column %lu, byte %lld)", STR(r->name),
		       (unsigned long)XML_GetCurrentLineNumber(r->parser), XML_ErrorString(code),
		       (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1,
		       (long long)XML_GetCurrentByteIndex(r->parser));
}

static err_t begin(struct reading *r, str_t name, const struct wxr_reader *reader)
{
	*r = (struct reading){ .reader = reader, .name = name };
	r->a = arena_create(0);
	r->channel_arena = arena_create(0);
	r->comment_arena = arena_create(0);
	r->parser = XML_ParserCreate(NULL);
	r->channel.name = S("channel");
	if (!r->a || !r->channel_arena || !r->comment_arena || !r->parser)
		return err_new(ERR_MEMORY, "out of memory while reading %.*s", STR(name));
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	return OK;
}

static void finish(struct reading *r)
{
	if (r->parser)
		XML_ParserFree(r->parser);
	arena_free(r->a);
	arena_free(r->channel_arena);
	arena_free(r->comment_arena);
}

/* A file that ends before its first item still names its version. */
static err_t finish_channel(struct reading *r)
{
	if (!r->versioned && !r->reader->any_version)
		return err_new(ERR_INPUT, "%.*s: this is no WordPress export: it names no WXR "
			       "version", STR(r->name));
	tell_channel(r);
	return r->failed;
}

static err_t read_stream(struct reading *r, int fd, const char *path)
{
	struct stat st;
	int64_t done = 0, all = fstat(fd, &st) == 0 ? st.st_size : 0;
	for (;;) {
		void *room = XML_GetBuffer(r->parser, CHUNK);
		if (!room)
			return err_new(ERR_MEMORY, "out of memory while reading %s", path);
		ssize_t got = read(fd, room, CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(errno, "read %s", path);
		if (done == 0 && got > 1 && (memcmp(room, "\xff\xfe", 2) == 0 ||
					     memcmp(room, "\xfe\xff", 2) == 0))
			return err_new(ERR_INPUT, "%.*s:1: is UTF-16; an export is UTF-8 (byte 0)",
				       STR(r->name));
		mend(&r->mending, room, (size_t)got);
		if (XML_ParseBuffer(r->parser, (int)got, got == 0) != XML_STATUS_OK)
			return parse_fault(r);
		if (got == 0)
			return finish_channel(r);
		done += got;
		if (r->reader->progress)
			r->reader->progress(r->reader->ctx, done, all);
	}
}

err_t wxr_read(const char *path, const struct wxr_reader *reader)
{
	struct reading r;
	const char *slash = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	err_t e = begin(&r, str_of(slash ? slash + 1 : path), reader);
	if (!e)
		e = read_stream(&r, fd, path);
	finish(&r);
	close(fd);
	return e;
}

static err_t read_pieces(struct reading *r, struct infile *file)
{
	str_t piece;
	for (;;) {
		TRY(infile_next(file, &piece));
		char *room = XML_GetBuffer(r->parser, (int)piece.n + 1);
		if (!room)
			return err_new(ERR_MEMORY, "out of memory while reading %.*s", STR(r->name));
		if (piece.n)
			memcpy(room, piece.p, piece.n);
		mend(&r->mending, room, piece.n);
		if (XML_ParseBuffer(r->parser, (int)piece.n, piece.n == 0) != XML_STATUS_OK)
			return parse_fault(r);
		if (!piece.n)
			return finish_channel(r);
	}
}

err_t wxr_read_pieces(struct infile *file, const struct wxr_reader *reader)
{
	struct reading r;
	err_t e = begin(&r, infile_name(file), reader);
	if (!e)
		e = read_pieces(&r, file);
	finish(&r);
	return e;
}

err_t wxr_read_text(str_t name, str_t text, const struct wxr_reader *reader)
{
	struct reading r;
	err_t e = begin(&r, name, reader);
	str_t copy = e ? S("") : str_copy(r.channel_arena, text);
	mend(&r.mending, (char *)(uintptr_t)copy.p, copy.n);
	if (!e && XML_Parse(r.parser, copy.p, (int)copy.n, 1) != XML_STATUS_OK)
		e = parse_fault(&r);
	else if (!e)
		e = finish_channel(&r);
	finish(&r);
	return e;
}
