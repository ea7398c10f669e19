/* remark42.c: comments of a backup of Remark42: lines of JSON, packed. The first tells of users and pages, nothing that is
 * needed here, and may be longer than any other. "text" is HTML; "orig" is what was typed, for editing alone. */
#include "exchange/comment_file.h"
#include "exchange/json_parts.h"

static void set_votes(const json_t *j, struct told *k)
{
	const char *who;
	json_t *way, *votes = json_object_get(j, "votes");
	json_int_t score = json_integer_value(json_object_get(j, "score"));
	json_object_foreach(votes, who, way) {
		k->ups += json_is_true(way);
		k->downs += json_is_false(way);
	}
	if (json_object_size(votes))
		return;
	k->ups = score > 0 ? score : 0;
	k->downs = score < 0 ? -score : 0;
}

static err_t read_comment(struct comment_file *f, const json_t *j)
{
	const json_t *user = json_object_get(j, "user"), *page = json_object_get(j, "locator");
	struct told k = {
		.id = json_get_text(j, "id"), .parent = json_get_text(j, "pid"), .url = json_get_text(page, "url"),
		.site = json_get_text(page, "site"), .name = told_name(f->a, json_get_text(user, "name")),
		.author = json_get_text(user, "id"), .type = S("html"), .content = json_get_text(j, "text"),
		.written = told_moment(json_get_text(j, "time")),
		.edited = told_moment(json_get_text(json_object_get(j, "edit"), "time")),
		.state = json_is_true(json_object_get(j, "delete")) ? S("trash") : S("1"),
	};
	if (!k.id.n)
		return err_new(ERR_INPUT, "a comment has no \"id\"");
	if (!json_is_object(page))
		return err_new(ERR_INPUT, "a comment has no \"locator\", which says on which page it stood");
	if (str_starts(k.author, S("anonymous_")))
		k.author = S("");
	k.source = str_format(f->a, "remark42:%.*s", STR(k.site));
	set_votes(j, &k);
	return comment_take(f, &k);
}

static err_t read_backup(struct comment_file *f)
{
	str_t head;
	TRY(infile_head(f->file, &head));
	if (str_starts(str_trim(head), S("{\"version\"")))
		TRY(infile_skip_line(f->file));
	return comment_each_line(f, read_comment);
}

const struct comment_format comment_remark42 = { "remark42", "a backup of Remark42", read_backup };
