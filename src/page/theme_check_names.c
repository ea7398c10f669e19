/* theme_check_names.c: what templates name must be somewhere: keys in views, partials, parents, blocks,
 * assets, messages.
 *
 * The keys that views have are those that the themes which come along use, and those that the comment at
 * the head of each of their templates documents. A name that is none of them shows nothing, for ever, and
 * nobody would notice. */
#include "page/style_order.h"
#include "page/theme_check.h"

/* Names, each once. */
struct names {
	arena_t    *a;
	struct strs list;
};

static bool has(const struct names *n, str_t name)
{
	for (size_t i = 0; i < n->list.n; i++)
		if (str_eq(n->list.v[i], name))
			return true;
	return false;
}

static void add(struct names *n, str_t name)
{
	if (name.n && !has(n, name))
		strs_add(n->a, &n->list, name);
}

static str_t nearest(const struct names *n, str_t name)
{
	size_t least = name.n > 3 ? 3 : name.n > 2 ? 2 : 1; /* a short word is near to any other */
	str_t found = S("");
	for (size_t i = 0; i < n->list.n; i++) {
		size_t d = str_distance(n->list.v[i], name);
		if (d < least) {
			least = d;
			found = n->list.v[i];
		}
	}
	return found;
}

static bool is_key_node(const struct node *n)
{
	return n->kind == NODE_VALUE || n->kind == NODE_RAW || n->kind == NODE_SECTION ||
	       n->kind == NODE_INVERTED;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The words of the comment that a template begins with. */
static void add_documented(struct names *keys, str_t source)
{
	if (!str_starts(source, S("{{!")))
		return;
	str_t text = str_slice(source, 3, str_find(source, S("}}"), 0));
	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		while (i < text.n && is_word(text.p[i]))
			i++;
		add(keys, str_slice(text, from, i));
		i += i == from;
	}
}

static void add_used(struct names *keys, const struct template *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		str_t rest = t->nodes[i].text;
		while (is_key_node(&t->nodes[i]) && rest.p)
			add(keys, str_cut(&rest, '.'));
	}
}

/* A folder's template; those of ours stand under their theme's name as well. */
static str_t path_of(struct checking *c, const struct template *t)
{
	str_t path = str_format(c->a, "templates/%.*s.html", STR(t->name));
	return theme_file(&c->own, path).p ? path : S("");
}

/* --- keys --- */

static bool is_said(struct checking *c, str_t key)
{
	const struct tongue *english = messages_tongue(c->messages, S("en"));
	return !str_eq(messages_get(english, str_z(c->a, key)), key);
}

/* "style", and "style-story" where ORDER has a group "story". */
static bool is_style(struct checking *c, str_t name)
{
	struct strs groups = { 0 };
	style_groups(c->a, theme_file(&c->all.files, S("style/ORDER")), &groups);
	for (size_t i = 1; i < groups.n; i++)
		if (str_eq(name, str_format(c->a, "style-%.*s", STR(groups.v[i]))))
			return true;
	return str_eq(name, S("style"));
}

static bool has_asset(struct checking *c, str_t name)
{
	static const struct {
		const char *folder, *ext;
	} kinds[] = { { "fonts/", ".woff2" }, { "script/", ".js" }, { "icons/", ".svg" },
		      { "icons/", ".png" }, { "icons/", ".ico" }, { "icons/", ".webp" } };
	if (is_style(c, name))
		return true;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		str_t path = str_format(c->a, "%s%.*s%s", kinds[i].folder, STR(name), kinds[i].ext);
		if (theme_file(&c->all.files, path).p)
			return true;
	}
	return false;
}

/* A form for numbers that English has no words for: "x.few" is there if "x.other" is. */
static bool is_form(struct checking *c, str_t key)
{
	static const char *const forms[] = { ".zero", ".two", ".few", ".many" };
	for (size_t i = 0; i < COUNT(forms); i++) {
		str_t form = str_of(forms[i]);
		if (str_ends(key, form))
			return is_said(c, str_format(c->a, "%.*s.other",
						     STR(str_slice(key, 0, key.n - form.n))));
	}
	return false;
}

struct place {
	struct checking       *c;
	str_t                  path;
	const struct template *t;
	const struct node     *node;
};

static void unknown(const struct place *p, bool error, const char *what, str_t name, str_t near)
{
	str_t guess = near.n ? str_format(p->c->a, "; did you mean \"%.*s\"?", STR(near)) : S("");
	finding_at(p->c, error, p->path, p->t->source, p->node->at, "%s \"%.*s\"%.*s", what, STR(name),
		   STR(guess));
}

static void check_key(const struct place *p, const struct names *keys)
{
	str_t name = p->node->text, rest = name, first = str_cut(&rest, '.');
	if (str_eq(name, S(".")))
		return;
	if (str_eq(first, S("t")) && rest.p) {
		if (p->c->messages && p->node->kind != NODE_SECTION && !is_said(p->c, rest) &&
		    !is_form(p->c, rest))
			unknown(p, true, "there is no message", rest, S(""));
		return;
	}
	if (str_eq(first, S("asset")) && rest.p) {
		if (!has_asset(p->c, rest))
			unknown(p, true, "the theme has no font, icon, script or sheet", rest, S(""));
		return;
	}
	for (rest = name; rest.p;) {
		str_t part = str_cut(&rest, '.');
		if (!has(keys, part))
			unknown(p, false, "no view has a key", part, nearest(keys, part));
	}
}

/* --- partials, parents, blocks --- */

static void add_blocks(struct names *blocks, const struct template *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->nodes[i].kind == NODE_BLOCK)
			add(blocks, t->nodes[i].text);
}

static void check_template(struct checking *c, const struct template *t, const struct names *keys,
			   const struct names *names, const struct names *blocks)
{
	str_t path = path_of(c, t);
	if (!path.n)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		struct place p = { c, path, t, &t->nodes[i] };
		if (is_key_node(p.node))
			check_key(&p, keys);
		else if ((p.node->kind == NODE_PARTIAL || p.node->kind == NODE_PARENT) &&
			 !has(names, p.node->text))
			unknown(&p, true, "there is no template", p.node->text,
				nearest(names, p.node->text));
		else if (p.node->kind == NODE_BLOCK && !has(blocks, p.node->text))
			unknown(&p, false, "no template of ours has a block", p.node->text,
				nearest(blocks, p.node->text));
	}
}

void theme_check_names(struct checking *c)
{
	struct names keys = { .a = c->a }, names = { .a = c->a }, blocks = { .a = c->a };
	for (size_t i = 0; i < c->ntemplates; i++) {
		const struct template *t = &c->templates[i];
		add(&names, t->name);
		/* Ours, whether covered or not: they stand under the name of their theme. */
		if (path_of(c, t).n)
			continue;
		add_documented(&keys, t->source);
		add_used(&keys, t);
		add_blocks(&blocks, t);
	}
	for (size_t i = 0; i < c->ntemplates; i++)
		check_template(c, &c->templates[i], &keys, &names, &blocks);
}
