/* wp_index.c: see wp_index.h. */
#include "exchange/wp_index.h"

#include "page/clean.h"
#include "press/limits.h"

#include <stdlib.h>

static const str_t default_section = { "news", 4 };

void wp_index_begin(struct wp_index *x, arena_t *a)
{
	*x = (struct wp_index){ .a = a };
}

/* --- gathering --- */

static str_t keep(struct wp_index *x, str_t s)
{
	return str_copy(x->a, s);
}

static str_t without_slash(str_t s)
{
	while (str_ends(s, S("/")))
		s = str_slice(s, 0, s.n - 1);
	return s;
}

static str_t meta(const struct wxr_node *item, const char *key)
{
	for (size_t i = 0; i < item->nchildren; i++)
		if (str_eq(wxr_get(&item->children[i], "wp:meta_key"), str_of(key)))
			return wxr_get(&item->children[i], "wp:meta_value");
	return S("");
}

static void add_channel(struct wp_index *x, const struct wxr_node *node)
{
	str_t site = wxr_get(node, "wp:base_blog_url");
	if (!site.n)
		site = wxr_get(node, "link");
	x->site = keep(x, without_slash(str_trim(site)));
}

static void add_author(struct wp_index *x, const struct wxr_node *node)
{
	str_t login = wxr_get(node, "wp:author_login");
	str_t name = str_trim(clean_text(x->a, wxr_get(node, "wp:author_display_name")));
	str_t slug = slug_from(x->a, name);
	if (!slug.n)
		slug = slug_from(x->a, login);
	x->authors = arena_room(x->a, x->authors, x->nauthors, sizeof *x->authors);
	x->authors[x->nauthors++] = (struct wp_author){
		.login = keep(x, login), .name = keep(x, name.n ? name : login), .slug = slug };
}

static void add_category(struct wp_index *x, const struct wxr_node *node)
{
	x->categories = arena_room(x->a, x->categories, x->ncategories, sizeof *x->categories);
	x->categories[x->ncategories++] = (struct wp_term){
		.slug = keep(x, wxr_get(node, "wp:category_nicename")),
		.name = keep(x, str_trim(clean_text(x->a, wxr_get(node, "wp:cat_name")))),
		.parent = keep(x, wxr_get(node, "wp:category_parent")),
		.about = keep(x, clean_text(x->a, wxr_get(node, "wp:category_description"))),
	};
}

static struct wp_term *find_category(const struct wp_index *x, str_t nicename)
{
	for (size_t i = 0; i < x->ncategories; i++)
		if (str_eq(x->categories[i].slug, nicename))
			return &x->categories[i];
	return NULL;
}

/* The category at the top of this one's branch; a loop of parents ends by the count. */
static struct wp_term *top_of(const struct wp_index *x, str_t nicename)
{
	struct wp_term *t = find_category(x, nicename);
	for (size_t i = 0; t && t->parent.n && i < x->ncategories; i++) {
		struct wp_term *up = find_category(x, t->parent);
		if (!up)
			break;
		t = up;
	}
	return t;
}

static str_t section_slug_of(const struct wp_index *x, const struct wp_term *t)
{
	str_t slug = slug_from(x->a, import_unescape(x->a, t->slug)) /* "%e6%b8%af" */;
	if (!slug.n)
		slug = slug_from(x->a, t->name);
	err_t reserved = slug_check_top("slug", slug);
	if (reserved)
		slug = str_format(x->a, "%.*s-section", STR(slug));
	err_free(reserved);
	return slug;
}

/* The part of an address behind the site's, "/2020/01/x/" or "/?p=12"; {NULL, 0} if it is another
 * site's. http and https are one site, and so is a www. in front. */
static str_t path_on_site(const struct wp_index *x, str_t url)
{
	str_t host = x->site;
	if (str_starts(url, S("/")) && !str_starts(url, S("//")))
		return url;
	const str_t schemes[] = { S("https://"), S("http://"), S("//") };
	for (size_t i = 0; i < COUNT(schemes); i++) {
		if (str_starts(host, schemes[i]))
			host = str_slice(host, schemes[i].n, host.n);
		if (str_starts(url, schemes[i]))
			url = str_slice(url, schemes[i].n, url.n);
	}
	if (str_starts(host, S("www.")))
		host = str_slice(host, 4, host.n);
	if (str_starts(url, S("www.")))
		url = str_slice(url, 4, url.n);
	if (!host.n || !str_starts(url, host))
		return (str_t){ NULL, 0 };
	str_t rest = str_slice(url, host.n, url.n);
	if (rest.n == 0)
		return S("/");
	return rest.p[0] == '/' || rest.p[0] == '?' ? rest : (str_t){ NULL, 0 };
}

static str_t slug_of(struct wp_index *x, const struct wxr_node *item)
{
	str_t slug = slug_from(x->a, import_unescape(x->a, wxr_get(item, "wp:post_name")));
	if (!slug.n)
		slug = slug_from(x->a, clean_text(x->a, wxr_get(item, "title")));
	if (!slug.n)
		slug = str_format(x->a, "post-%.*s", STR(wxr_get(item, "wp:post_id")));
	return slug;
}

static str_t first_category(const struct wxr_node *item)
{
	for (size_t i = 0; i < item->nfields; i++)
		if (str_eq(item->fields[i].name, S("category")) &&
		    str_eq(item->fields[i].domain, S("category")))
			return item->fields[i].nicename;
	return S("");
}

static void set_section(struct wp_index *x, const struct wxr_node *item, struct wp_entry *entry)
{
	struct wp_term *top = top_of(x, first_category(item));
	if (top) {
		top->used = true;
		entry->section = section_slug_of(x, top);
	} else {
		x->needs_default = true;
		entry->section = default_section;
	}
}

static void add_correction(struct wp_index *x, const struct wxr_node *item)
{
	struct wp_correction k = { 0 };
	if (!str_int(meta(item, "newspack_correction-post-id"), &k.post))
		return;
	err_free(time_parse_utc(wxr_get(item, "wp:post_date_gmt"), &k.correction.made));
	str_t content = wxr_get(item, "content:encoded");
	k.correction.text = keep(x, content.n ? content : wxr_get(item, "title"));
	x->corrections = arena_room(x->a, x->corrections, x->ncorrections, sizeof *x->corrections);
	x->corrections[x->ncorrections++] = k;
}

static err_t add_item(struct wp_index *x, const struct wxr_node *item)
{
	struct wp_entry entry = { .type = keep(x, wxr_get(item, "wp:post_type")) };
	bool post = str_eq(entry.type, S("post")), page = str_eq(entry.type, S("page"));
	bool file = str_eq(entry.type, S("attachment"));
	if (str_eq(entry.type, S("newspack_correction")))
		add_correction(x, item);
	if (!post && !page && !file)
		return OK;
	if (!str_int(wxr_get(item, "wp:post_id"), &entry.id))
		return OK; /* the second reading reports it */
	entry.order = x->nentries;
	str_t path = path_on_site(x, wxr_get(item, "link"));
	entry.path = keep(x, path.p ? path : S(""));
	entry.comes = str_eq(wxr_get(item, "wp:status"), S("publish")) &&
		      !wxr_get(item, "wp:post_password").n;
	entry.slug = file ? S("") : slug_of(x, item);
	if (post)
		set_section(x, item, &entry);
	if (file) {
		entry.url = keep(x, str_trim(wxr_get(item, "wp:attachment_url")));
		entry.alt = keep(x, clean_text(x->a, meta(item, "_wp_attachment_image_alt")));
		entry.caption = keep(x, wxr_get(item, "excerpt:encoded"));
	}
	x->entries = arena_room(x->a, x->entries, x->nentries, sizeof *x->entries);
	x->entries[x->nentries++] = entry;
	return OK;
}

err_t wp_index_add(struct wp_index *x, const struct wxr_node *node)
{
	if (str_eq(node->name, S("channel")))
		add_channel(x, node);
	else if (str_eq(node->name, S("wp:author")))
		add_author(x, node);
	else if (str_eq(node->name, S("wp:category")))
		add_category(x, node);
	else if (str_eq(node->name, S("item")))
		return add_item(x, node);
	return OK;
}

/* --- finding --- */

static int by_id(const void *a, const void *b)
{
	const struct wp_entry *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_id_and_order(const void *a, const void *b)
{
	const struct wp_entry *x = a, *y = b;
	int c = by_id(x, y);
	return c ? c : (x->order > y->order) - (x->order < y->order);
}

static int by_path(const void *a, const void *b)
{
	const struct wp_entry *const *x = a, *const *y = b;
	return str_cmp(without_slash((*x)->path), without_slash((*y)->path));
}

/* Two posts of one slug cannot both have it here: the later takes a number, as import_story gives it
 * when the first is there already. */
static int by_slug(const void *a, const void *b)
{
	const struct wp_entry *const *x = a, *const *y = b;
	int c = str_cmp((*x)->type, (*y)->type);
	if (!c)
		c = str_cmp((*x)->slug, (*y)->slug);
	return c ? c : by_id(*x, *y);
}

static void number_slugs(struct wp_index *x)
{
	struct wp_entry **order = arena_array(x->a, x->nentries, sizeof *order);
	for (size_t i = 0; i < x->nentries; i++)
		order[i] = &x->entries[i];
	if (x->nentries)
		qsort(order, x->nentries, sizeof *order, by_slug);
	str_t first = S("");
	int n = 1;
	for (size_t i = 0; i < x->nentries; i++) {
		struct wp_entry *e = order[i];
		bool same = i > 0 && e->slug.n && str_eq(e->slug, first) &&
			    str_eq(e->type, order[i - 1]->type);
		n = same ? n + 1 : 1;
		if (same)
			e->slug = str_format(x->a, "%.*s-%d", STR(str_clip(first, SLUG_MOST - 5)), n);
		else
			first = e->slug;
	}
}

/* Two people of one name are two: the later takes a number. */
static void number_authors(struct wp_index *x)
{
	for (size_t i = 1; i < x->nauthors; i++) {
		int n = 1;
		for (size_t k = 0; k < i; k++)
			n += str_eq(slug_from(x->a, x->authors[k].name),
				    slug_from(x->a, x->authors[i].name));
		if (n > 1 && x->authors[i].slug.n)
			x->authors[i].slug = str_format(
				x->a, "%.*s-%d", STR(str_clip(x->authors[i].slug, SLUG_MOST - 5)), n);
	}
}

void wp_index_finish(struct wp_index *x)
{
	number_authors(x);
	if (x->nentries)
		qsort(x->entries, x->nentries, sizeof *x->entries, by_id_and_order);
	size_t kept = 0; /* of two with one number the first */
	for (size_t i = 0; i < x->nentries; i++)
		if (!kept || x->entries[kept - 1].id != x->entries[i].id)
			x->entries[kept++] = x->entries[i];
	x->nentries = kept;
	number_slugs(x);
	x->by_path = arena_array(x->a, x->nentries, sizeof *x->by_path);
	for (size_t i = 0; i < x->nentries; i++)
		x->by_path[i] = &x->entries[i];
	if (x->nentries)
		qsort(x->by_path, x->nentries, sizeof *x->by_path, by_path);
}

struct wp_entry *wp_by_id(const struct wp_index *x, int64_t id)
{
	struct wp_entry key = { .id = id };
	return x->nentries ? bsearch(&key, x->entries, x->nentries, sizeof key, by_id) : NULL;
}

static const struct wp_entry *find_path(const struct wp_index *x, str_t path)
{
	struct wp_entry key = { .path = path }, *at = &key;
	if (!x->nentries || !without_slash(path).n)
		return NULL;
	struct wp_entry *const *hit =
		bsearch(&at, x->by_path, x->nentries, sizeof at, by_path);
	return hit ? *hit : NULL;
}

const struct wp_author *wp_author(const struct wp_index *x, str_t login)
{
	str_t guest = str_starts(login, S("cap-")) ? str_slice(login, 4, login.n) : login;
	for (size_t i = 0; i < x->nauthors; i++)
		if (str_eq(x->authors[i].login, login) || str_eq(x->authors[i].login, guest))
			return &x->authors[i];
	return NULL;
}

str_t wp_section_slug(const struct wp_index *x, str_t nicename)
{
	const struct wp_term *t = find_category(x, nicename);
	return t ? section_slug_of(x, t) : default_section;
}

str_t wp_section_of(const struct wp_index *x, str_t nicename)
{
	const struct wp_term *t = top_of(x, nicename);
	return t ? section_slug_of(x, t) : default_section;
}

str_t wp_default_section(const struct wp_index *x)
{
	(void)x;
	return default_section;
}

bool wp_section_at(const struct wp_index *x, size_t i, str_t *slug, str_t *name, str_t *about)
{
	size_t seen = 0;
	for (size_t k = 0; k < x->ncategories; k++) {
		const struct wp_term *t = &x->categories[k];
		if (!t->used || seen++ != i)
			continue;
		*slug = section_slug_of(x, t);
		*name = t->name.n ? t->name : *slug;
		*about = t->about;
		return true;
	}
	if (!x->needs_default || seen != i)
		return false;
	*slug = default_section;
	*name = S("News");
	*about = S("");
	return true;
}

/* "?p=12", "?page_id=12", "?attachment_id=12" */
static const struct wp_entry *find_query(const struct wp_index *x, str_t path)
{
	static const char *const names[] = { "?p=", "?page_id=", "?attachment_id=" };
	int64_t id;
	for (size_t i = 0; i < COUNT(names); i++) {
		size_t at = str_find(path, str_of(names[i]), 0);
		if (at == STR_NONE)
			continue;
		str_t number = str_slice(path, at + strlen(names[i]), path.n);
		number = str_slice(number, 0, str_find_char(number, '&', 0));
		if (str_int(number, &id))
			return wp_by_id(x, id);
	}
	return NULL;
}

str_t wp_resolve_link(const struct wp_index *x, arena_t *a, str_t url)
{
	str_t path = path_on_site(x, str_trim(url));
	if (!path.p)
		return (str_t){ NULL, 0 };
	size_t hash = str_find_char(path, '#', 0);
	str_t fragment = hash == STR_NONE ? S("") : str_slice(path, hash, path.n);
	path = str_slice(path, 0, hash);
	const struct wp_entry *entry = find_query(x, path);
	if (!entry)
		entry = find_path(x, str_slice(path, 0, str_find_char(path, '?', 0)));
	if (!entry || !entry->slug.n)
		return str_format(a, "%s%.*s%.*s", str_starts(path, S("/")) ? "" : "/", STR(path),
				  STR(fragment));
	if (str_eq(entry->type, S("page")))
		return str_format(a, "/%.*s%.*s", STR(entry->slug), STR(fragment));
	return str_format(a, "/%.*s/%.*s%.*s", STR(entry->section), STR(entry->slug),
			  STR(fragment));
}

/* "/2019/02/harbour-opens/" with another last part. */
static str_t with_slug(arena_t *a, str_t path, str_t slug)
{
	bool slash = str_ends(path, S("/"));
	path = without_slash(path);
	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return str_format(a, "%.*s%.*s%s", STR(path), STR(slug), slash ? "/" : "");
}

void wp_old_paths(const struct wp_index *x, arena_t *a, const struct wxr_node *item, int64_t id,
		  struct strs *out)
{
	str_t path = path_on_site(x, str_trim(wxr_get(item, "link")));
	bool pretty = path.p && path.n > 1 && path.p[0] == '/' && path.p[1] != '?';
	if (path.p && path.n > 1 && path.p[0] == '/')
		strs_add(a, out, path);
	for (size_t i = 0; pretty && i < item->nchildren; i++) {
		str_t old = wxr_get(&item->children[i], "wp:meta_value");
		if (str_eq(wxr_get(&item->children[i], "wp:meta_key"), S("_wp_old_slug")) && old.n)
			strs_add(a, out, with_slug(a, path, old));
	}
	strs_add(a, out, str_format(a, "/?p=%lld", (long long)id));
}

void wp_corrections(const struct wp_index *x, arena_t *a, int64_t post, struct correction **out,
		    size_t *n)
{
	for (size_t i = 0; i < x->ncorrections; i++) {
		if (x->corrections[i].post != post)
			continue;
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = x->corrections[i].correction;
	}
}

str_t wp_without_size(arena_t *a, str_t path)
{
	size_t dot = path.n;
	while (dot > 0 && path.p[dot - 1] != '.' && path.p[dot - 1] != '/')
		dot--;
	if (dot == 0 || path.p[dot - 1] != '.')
		return path;
	size_t at = dot - 1;
	bool x = false;
	while (at > 0 && ((path.p[at - 1] >= '0' && path.p[at - 1] <= '9') ||
			  (!x && path.p[at - 1] == 'x'))) {
		x |= path.p[at - 1] == 'x';
		at--;
	}
	if (!x || at == 0 || path.p[at - 1] != '-')
		return path;
	return str_format(a, "%.*s%.*s", STR(str_slice(path, 0, at - 1)),
			  STR(str_slice(path, dot - 1, path.n)));
}
