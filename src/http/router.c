/* router.c: from a path to its handler.
 *
 * The patterns are a tree of segments. At each place literals are tried first, then names with a
 * tail, the longest tail first, then plain names; what leads nowhere is taken back and the next is
 * tried, so "/:section/rss.xml" and "/world/:slug" live together. A path has few segments and a
 * place few names, so the search is bounded by the table, not by the request. */
#include "http/http.h"

#include "http/limits.h"

struct place;

struct branch {
	str_t         literal; /* the whole segment, or for a name its tail (may be empty) */
	struct place *to;
};

struct place {
	struct branch *literals, *names; /* both sorted; names by tail, longest first */
	size_t         nliterals, nnames;
	const struct route *routes[METHOD_OTHER]; /* that end here */
};

struct router {
	arena_t     *a;
	struct place root;
};

static const char *const method_names[METHOD_OTHER] = {
	[GET] = "GET",       [HEAD] = "HEAD",     [POST] = "POST",       [PUT] = "PUT",
	[PATCH] = "PATCH",   [DELETE] = "DELETE", [OPTIONS] = "OPTIONS",
};

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The end of the name that begins behind the ':' of a segment. */
static size_t name_end(str_t segment)
{
	size_t end = 1;
	while (end < segment.n && name_char(segment.p[end]))
		end++;
	return end;
}

static bool before(str_t a, str_t b, bool names)
{
	if (names && a.n != b.n)
		return a.n > b.n;
	return str_cmp(a, b) < 0;
}

/* The branch of that literal or tail, made if it is not there. */
static struct place *grow(arena_t *a, struct branch **v, size_t *n, str_t literal, bool names)
{
	size_t at = 0;
	while (at < *n && before((*v)[at].literal, literal, names))
		at++;
	if (at < *n && str_eq((*v)[at].literal, literal))
		return (*v)[at].to;
	*v = arena_grow(a, *v, *n * sizeof **v, (*n + 1) * sizeof **v);
	memmove(*v + at + 1, *v + at, (*n - at) * sizeof **v);
	(*v)[at] = (struct branch){ literal, arena_new(a, struct place) };
	(*n)++;
	return (*v)[at].to;
}

static err_t check_segment(const struct route *r, str_t segment)
{
	bool name = segment.n && segment.p[0] == ':';
	if (name && name_end(segment) == 1)
		return err_new(ERR_INPUT, "route %s: a ':' without a name", r->pattern);
	if (str_find_char(str_slice(segment, name ? 1 : 0, segment.n), ':', 0) != STR_NONE)
		return err_new(ERR_INPUT, "route %s: two names in one segment", r->pattern);
	return OK;
}

static err_t add_route(struct router *r, const struct route *route)
{
	str_t rest = str_of(route->pattern);
	if (!rest.n || rest.p[0] != '/')
		return err_new(ERR_INPUT, "route %s: does not begin with '/'", route->pattern);
	if (route->method >= METHOD_OTHER || !route->handler)
		return err_new(ERR_INPUT, "route %s: no method or no handler", route->pattern);
	struct place *at = &r->root;
	size_t segments = 0;
	str_cut(&rest, '/');
	while (rest.p) {
		str_t segment = str_cut(&rest, '/');
		TRY(check_segment(route, segment));
		if (!segment.n && rest.p)
			return err_new(ERR_INPUT, "route %s: holds \"//\"", route->pattern);
		if (++segments > LIMIT_SEGMENTS)
			return err_new(ERR_INPUT, "route %s: too many segments", route->pattern);
		if (segment.n && segment.p[0] == ':')
			at = grow(r->a, &at->names, &at->nnames,
				  str_slice(segment, name_end(segment), segment.n), true);
		else
			at = grow(r->a, &at->literals, &at->nliterals, segment, false);
	}
	const struct route **slot = &at->routes[route->method];
	if (*slot)
		return err_new(ERR_INPUT, "route %s %s: %s is the same",
			       method_names[route->method], route->pattern, (*slot)->pattern);
	*slot = route;
	return OK;
}

static err_t add_tables(struct router *r, const struct route *const *tables)
{
	for (; *tables; tables++)
		for (const struct route *route = *tables; route->pattern; route++)
			TRY(add_route(r, route));
	return OK;
}

err_t router_new(const struct route *const *tables, struct router **out)
{
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "no memory for the routes");
	struct router *r = arena_new(a, struct router);
	r->a = a;
	err_t e = add_tables(r, tables);
	if (e)
		router_free(r);
	else
		*out = r;
	return e;
}

void router_free(struct router *r)
{
	if (r)
		arena_free(r->a);
}

/* One search: what is accepted as its end, and the values of the names on the way. */
struct search {
	bool (*accepts)(const struct place *p, enum method method);
	enum method method;
	str_t       values[LIMIT_SEGMENTS];
	size_t      n;
};

static bool serves(const struct place *p, enum method method)
{
	return method < METHOD_OTHER && (p->routes[method] || (method == HEAD && p->routes[GET]));
}

static bool serves_any(const struct place *p, enum method method)
{
	(void)method;
	for (int m = 0; m < METHOD_OTHER; m++)
		if (p->routes[m])
			return true;
	return false;
}

static const struct place *walk(const struct place *at, str_t rest, struct search *s)
{
	if (!rest.p)
		return s->accepts(at, s->method) ? at : NULL;
	str_t segment = str_cut(&rest, '/');
	for (size_t i = 0; i < at->nliterals; i++) {
		if (!str_eq(at->literals[i].literal, segment))
			continue;
		const struct place *end = walk(at->literals[i].to, rest, s);
		if (end)
			return end;
		break;
	}
	for (size_t i = 0; i < at->nnames && s->n < LIMIT_SEGMENTS; i++) {
		str_t tail = at->names[i].literal;
		if (segment.n <= tail.n || !str_ends(segment, tail))
			continue;
		s->values[s->n++] = str_slice(segment, 0, segment.n - tail.n);
		const struct place *end = walk(at->names[i].to, rest, s);
		if (end)
			return end;
		s->n--;
	}
	return NULL;
}

static const struct place *find(const struct router *r, str_t path, struct search *s)
{
	s->n = 0;
	if (!path.n || path.p[0] != '/')
		return NULL;
	return walk(&r->root, str_slice(path, 1, path.n), s);
}

/* Two routes that share a place may give its names differently, so they are read from the one that
 * was found. */
static void name_values(struct request *q, const struct route *route, const struct search *s)
{
	q->route.v = arena_array(q->a, s->n, sizeof *q->route.v);
	q->route.n = 0;
	str_t rest = str_of(route->pattern);
	while (rest.p && q->route.n < s->n) {
		str_t segment = str_cut(&rest, '/');
		if (!segment.n || segment.p[0] != ':')
			continue;
		q->route.v[q->route.n] = (struct param){ str_slice(segment, 1, name_end(segment)),
							 s->values[q->route.n] };
		q->route.n++;
	}
}

static str_t list_methods(arena_t *a, const struct place *p)
{
	struct buf b = buf_new(a, 48);
	for (int m = 0; m < METHOD_OTHER; m++) {
		if (!serves(p, (enum method)m) && m != OPTIONS)
			continue;
		if (b.n)
			buf_add(&b, S(", "));
		buf_add(&b, str_of(method_names[m]));
	}
	return buf_str(&b);
}

enum routed router_find(const struct router *r, struct request *q, handler_fn *out, str_t *allow)
{
	struct search s = { .accepts = serves, .method = q->method };
	const struct place *p = find(r, q->path, &s);
	if (p) {
		const struct route *route = p->routes[q->method];
		if (!route)
			route = p->routes[GET];
		name_values(q, route, &s);
		*out = route->handler;
		return ROUTED;
	}
	s.accepts = serves_any;
	if ((p = find(r, q->path, &s))) {
		*allow = list_methods(q->a, p);
		return ROUTED_WRONG_METHOD;
	}
	if (q->path.n > 1 && q->path.p[q->path.n - 1] == '/' &&
	    find(r, str_slice(q->path, 0, q->path.n - 1), &s))
		return ROUTED_WITHOUT_SLASH;
	return ROUTED_NOT_FOUND;
}
