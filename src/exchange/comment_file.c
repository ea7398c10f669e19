/* comment_file.c: see comment_file.h; which format a file is in. */
#include "exchange/comment_file.h"

#include "exchange/json_pieces.h"
#include "page/clean.h"

static const struct comment_format *const formats[] = { &comment_disqus,   &comment_wordpress, &comment_remark42,
							&comment_commento, &comment_coral,     &comment_lines };

err_t comment_take(struct comment_file *f, const struct told *k)
{
	return f->first ? OK : f->take(f->ctx, k);
}

void comment_progress(const struct comment_file *f)
{
	int64_t done, all;
	infile_progress(f->file, &done, &all);
	if (f->progress)
		f->progress(f->ctx, f->first ? done : all + done, 2 * all);
}

static err_t load_line(struct comment_file *f, str_t line, err_t (*each)(struct comment_file *f, const json_t *j))
{
	json_t *j;
	TRY(json_object_load(f->a, line, &j));
	err_t e = each(f, j);
	json_decref(j);
	return e;
}

err_t comment_each_line(struct comment_file *f, err_t (*each)(struct comment_file *f, const json_t *j))
{
	str_t line;
	bool there;
	for (;;) {
		TRY(infile_line(f->file, &line, &there));
		if (!there)
			return OK;
		line = str_trim(line);
		err_t e = line.n && line.p[0] != '#' ? load_line(f, line, each) : OK;
		TRY(err_wrap(e, "%.*s: line %lld", STR(infile_name(f->file)), (long long)infile_line_number(f->file)));
		arena_reset(f->a);
		comment_progress(f);
	}
}

usec_t told_moment(str_t s)
{
	usec_t t = 0;
	s = str_trim(s);
	if (s.n)
		err_free(time_parse_utc(s, &t));
	return t > 0 ? t : 0;
}

str_t told_name(arena_t *a, str_t html)
{
	return str_find_char(html, '&', 0) == STR_NONE ? html : clean_text(a, html);
}

/* --- which format --- */

struct keys {
	bool comments, users, locator, any;
};

static err_t look_at(void *ctx, str_t key, str_t text, bool in_array)
{
	struct keys *k = ctx;
	(void)text;
	(void)in_array;
	k->any = true;
	k->comments |= str_eq(key, S("comments")) || str_eq(key, S("commenters")) || str_eq(key, S("pages"));
	k->users |= str_eq(key, S("users")) || str_eq(key, S("posts"));
	k->locator |= str_eq(key, S("locator"));
	return OK;
}

/* By the names right below the top of the first object, as far as the file's beginning shows them. */
static const struct comment_format *json_format(arena_t *a, str_t head)
{
	struct keys k = { 0 };
	struct json_pieces p;
	json_pieces_begin(&p, a, look_at, &k);
	err_t e = json_pieces_add(&p, head); /* the end of the first line ends it for lines of JSON */
	err_free(e);
	if (!e)
		err_free(look_at(&k, buf_str(&p.key), S(""), false)); /* the value that goes on behind the head */
	return k.comments ? &comment_commento : k.users || k.locator ? &comment_remark42 : &comment_lines;
}

static const struct comment_format *recognise(arena_t *a, str_t head)
{
	str_t text = str_trim(head), line = str_lower(a, str_slice(text, 0, str_find_char(text, '\n', 0)));
	if (str_starts(text, S("<")))
		return str_find(head, S("<disqus"), 0) != STR_NONE ? &comment_disqus
		       : str_find(head, S("<rss"), 0) != STR_NONE ? &comment_wordpress : NULL;
	if (str_starts(text, S("{")))
		return json_format(a, text);
	if (str_starts(text, S("#")))
		return &comment_lines;
	return str_find(line, S("story_id"), 0) != STR_NONE && str_find_char(line, ',', 0) != STR_NONE ? &comment_coral
												     : NULL;
}

err_t comment_format_find(struct infile *file, str_t name, const struct comment_format **out)
{
	str_t head;
	for (size_t i = 0; name.n && i < COUNT(formats); i++)
		if (str_eq(name, str_of(formats[i]->name))) {
			*out = formats[i];
			return OK;
		}
	if (name.n)
		return err_user(ERR_USAGE, "format", "--format: \"%.*s\" is none; there are disqus, wordpress, remark42, "
				"commento, coral and jsonl", STR(name));
	TRY(infile_head(file, &head));
	if (!head.n)
		return err_new(ERR_INPUT, "%.*s is empty", STR(infile_name(file)));
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory");
	*out = recognise(a, head);
	arena_free(a);
	return *out ? OK : err_new(ERR_INPUT, "%.*s begins like none of the formats that are read here; if it is one, name it "
				   "by --format", STR(infile_name(file)));
}
