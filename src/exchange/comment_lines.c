/* comment_lines.c: comments as Stet's own lines of JSON have them (docs/forum.md). Whoever writes such a file is the one
 * who runs the machine: a mistake in it is an error. */
#include "exchange/comment_file.h"
#include "exchange/json_parts.h"

/* As comment_export.c writes it; nothing: it is shown. */
static err_t state_of(const json_t *j, str_t *out)
{
	static const char *const states[][2] = { { "", "1" }, { "shown", "1" }, { "held", "0" }, { "removed", "trash" },
						 { "deleted", "trash" } };
	str_t said = json_get_text(j, "state");
	for (size_t i = 0; i < COUNT(states); i++) {
		if (!str_eq(said, str_of(states[i][0])))
			continue;
		*out = str_of(states[i][1]);
		return OK;
	}
	return err_new(ERR_INPUT, "\"state\" is shown, held, removed or deleted, not \"%.*s\"", STR(str_clip(said, 40)));
}

/* Rare things, as JSON: moments as numbers, which comments.c takes. */
static err_t read_meta(struct comment_file *f, const json_t *j, str_t *out)
{
	usec_t picked;
	json_t *quote = json_object_get(j, "quote"), *revision = json_object_get(j, "quote_revision");
	TRY(json_get_moment(j, "picked", false, &picked));
	*out = S("");
	if (!picked && !json_is_string(quote))
		return OK;
	json_t *meta = json_pack("{s:I}", "picked", (json_int_t)picked);
	if (json_is_string(quote))
		json_object_set(meta, "quote", quote);
	if (json_is_integer(revision))
		json_object_set(meta, "quote_revision", revision);
	err_t e = json_line(f->a, meta, out);
	json_decref(meta);
	return e;
}

/* "text" is Markdown; "html" is what stood there, where that says more. */
static void read_content(const json_t *j, struct told *k)
{
	str_t html = json_get_text(j, "html");
	k->type = html.n ? S("markup") : S("markdown");
	k->content = html.n ? html : json_get_text(j, "text");
}

static err_t read_line(struct comment_file *f, const json_t *j)
{
	struct told k = {
		.source = f->source, .id = json_get_text(j, "id"), .parent = json_get_text(j, "answers"),
		.slug = json_get_text(j, "story"), .url = json_get_text(j, "url"), .name = json_get_text(j, "name"),
		.address = json_get_text(j, "address"), .ups = json_integer_value(json_object_get(j, "ups")),
		.downs = json_integer_value(json_object_get(j, "downs")),
	};
	read_content(j, &k);
	TRY(state_of(j, &k.state));
	bool gone = str_eq(k.state, S("trash"));
	if (!k.id.n || !json_is_string(json_object_get(j, "name")) || (!k.content.n && !gone))
		return err_new(ERR_INPUT, "\"id\", \"name\" and \"text\" are texts that must be there");
	if (!k.slug.n && !k.url.n)
		return err_new(ERR_INPUT, "\"story\", the last part of its address, or \"url\" must be there");
	TRY(json_get_moment(j, "written", true, &k.written));
	TRY(json_get_moment(j, "edited", false, &k.edited));
	TRY(read_meta(f, j, &k.meta));
	return comment_take(f, &k);
}

static err_t read_lines(struct comment_file *f)
{
	return comment_each_line(f, read_line);
}

const struct comment_format comment_lines = { "jsonl", "lines of JSON", read_lines };
