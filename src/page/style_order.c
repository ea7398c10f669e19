/* style_order.c: see style_order.h. */
#include "page/style_order.h"

struct style_order style_order_begin(str_t text)
{
	return (struct style_order){ .rest = text, .group = S("") };
}

/* "story" of "[story]"; no string if the line is no heading. */
static str_t heading_of(str_t line)
{
	bool heading = str_starts(line, S("[")) && str_ends(line, S("]"));
	return heading ? str_trim(str_slice(line, 1, line.n - 1)) : (str_t){ NULL, 0 };
}

bool style_order_next(struct style_order *o, struct style_line *out)
{
	while (o->rest.p) {
		str_t line = str_trim(str_cut(&o->rest, '\n')), heading = heading_of(line);
		o->number++;
		if (heading.p)
			o->group = heading;
		else if (line.n && line.p[0] != '#')
			return *out = (struct style_line){ o->group, line, o->number }, true;
	}
	return false;
}

static bool has(const struct strs *list, str_t s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], s))
			return true;
	return false;
}

void style_groups(arena_t *a, str_t text, struct strs *out)
{
	if (!has(out, S("")))
		strs_add(a, out, S(""));
	for (str_t rest = text; rest.p;) {
		str_t group = heading_of(str_trim(str_cut(&rest, '\n')));
		if (group.p && !has(out, group))
			strs_add(a, out, group);
	}
}

static void add_sheet(struct buf *b, str_t sheet)
{
	buf_add(b, sheet);
	buf_add_char(b, '\n');
}

static void add_group(struct buf *b, str_t text, str_t group)
{
	struct style_order order = style_order_begin(text);
	for (struct style_line line; style_order_next(&order, &line);)
		if (str_eq(line.group, group))
			add_sheet(b, line.sheet);
}

static void lay_group(struct buf *b, str_t under, str_t above, str_t group)
{
	struct style_order order = style_order_begin(above);
	for (struct style_line line; style_order_next(&order, &line);) {
		if (!str_eq(line.group, group))
			continue;
		if (str_eq(line.sheet, S("*")))
			add_group(b, under, group);
		else
			add_sheet(b, line.sheet);
	}
}

str_t style_order_lay(arena_t *a, str_t under, str_t above)
{
	struct buf b = buf_new(a, under.n + above.n + 2);
	struct strs named = { 0 }, groups = { 0 };
	style_groups(a, above, &named);
	style_groups(a, above, &groups);
	style_groups(a, under, &groups);
	for (size_t i = 0; i < groups.n; i++) {
		if (groups.v[i].n)
			buf_add_format(&b, "[%.*s]\n", STR(groups.v[i]));
		if (has(&named, groups.v[i]))
			lay_group(&b, under, above, groups.v[i]);
		else
			add_group(&b, under, groups.v[i]);
	}
	return buf_str(&b);
}
