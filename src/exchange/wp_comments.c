/* wp_comments.c: comments of a WordPress export by themselves, for stories that are here already; and of the files in
 * the same form that Disqus takes ("custom XML"), which name no WXR version and call pages by dsq:thread_identifier. The
 * keys are those of `stet import wordpress`, so what came with the stories is not doubled. */
#include "exchange/comment_file.h"
#include "exchange/wp_index.h"

struct wordpress {
	struct comment_file *f;
	struct wp_index      index; /* of the channel alone */
};

static err_t on_comment(void *ctx, arena_t *a, const struct wxr_node *item, const struct wxr_node *c)
{
	struct wordpress *w = ctx;
	str_t type = wxr_get(c, "wp:comment_type"), thread = wxr_get(item, "dsq:thread_identifier");
	str_t user = str_trim(wxr_get(c, "wp:comment_user_id")), parent = str_trim(wxr_get(c, "wp:comment_parent"));
	if (str_eq(type, S("pingback")) || str_eq(type, S("trackback")) || str_eq(type, S("note"))) {
		w->f->other += !w->f->first;
		return OK;
	}
	struct told k = {
		.source = str_format(a, "wordpress:%.*s", STR(w->index.site)), .id = str_trim(wxr_get(c, "wp:comment_id")),
		.parent = str_eq(parent, S("0")) ? S("") : parent, .url = str_trim(wxr_get(item, "link")),
		.thread = str_trim(thread.n ? thread : wxr_get(item, "wp:post_id")),
		.name = told_name(a, str_trim(wxr_get(c, "wp:comment_author"))),
		.address = str_trim(wxr_get(c, "wp:comment_author_email")), .author = str_eq(user, S("0")) ? S("") : user,
		.state = str_trim(wxr_get(c, "wp:comment_approved")), .type = S("comment"),
		.content = wxr_get(c, "wp:comment_content"), .written = told_moment(wxr_get(c, "wp:comment_date_gmt")),
	};
	if (!k.written)
		k.written = told_moment(wxr_get(c, "wp:comment_date"));
	if (!k.id.n)
		return err_new(ERR_INPUT, "a comment has no wp:comment_id");
	if (!k.state.n)
		k.state = S("1");
	TRY(comment_take(w->f, &k));
	comment_progress(w->f);
	return OK;
}

static err_t on_node(void *ctx, arena_t *a, const struct wxr_node *node)
{
	struct wordpress *w = ctx;
	(void)a;
	return str_eq(node->name, S("channel")) ? wp_index_add(&w->index, node) : OK;
}

static err_t read_export(struct comment_file *f)
{
	struct wordpress w = { .f = f };
	struct wxr_reader reader = { .node = on_node, .comment = on_comment, .ctx = &w, .any_version = true };
	arena_t *own = arena_create(0);
	if (!own)
		return err_new(ERR_MEMORY, "out of memory while reading comments");
	wp_index_begin(&w.index, own);
	err_t e = wxr_read_pieces(f->file, &reader);
	arena_free(own);
	return e;
}

const struct comment_format comment_wordpress = { "wordpress", "a WordPress export", read_export };
