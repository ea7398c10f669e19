/* comment_lines.c: comments as Stet's own lines of JSON have them (docs/forum.md). Whoever writes such a file is the one
 * who runs the machine: a mistake in it is an error. */
#include "exchange/comment_file.h"
#include "exchange/json_parts.h"

static err_t read_line(struct comment_file *f, const json_t *j)
{
	struct told k = {
		.source = f->source, .id = json_get_text(j, "id"), .parent = json_get_text(j, "answers"),
		.slug = json_get_text(j, "story"), .url = json_get_text(j, "url"), .name = json_get_text(j, "name"),
		.address = json_get_text(j, "address"), .state = S("1"), .type = S("markdown"),
		.content = json_get_text(j, "text"), .ups = json_integer_value(json_object_get(j, "ups")),
	};
	if (!k.id.n || !k.name.n || !k.content.n)
		return err_new(ERR_INPUT, "\"id\", \"name\" and \"text\" are texts that must be there");
	if (!k.slug.n && !k.url.n)
		return err_new(ERR_INPUT, "\"story\", the last part of its address, or \"url\" must be there");
	TRY(json_get_moment(j, "written", true, &k.written));
	return comment_take(f, &k);
}

static err_t read_lines(struct comment_file *f)
{
	return comment_each_line(f, read_line);
}

const struct comment_format comment_lines = { "jsonl", "lines of JSON", read_lines };
