/* story_finder.c: see story_finder.h. */
#include "exchange/story_finder.h"

#include "exchange/csv.h"
#include "exchange/import.h"
#include "press/press.h"

enum { PATTERNS_MOST = 1000 };

/* --- addresses --- */

str_t address_plain(str_t url)
{
	static const char *const before[] = { "https://", "http://", "//", "www." };
	url = str_trim(url);
	for (size_t i = 0; i < COUNT(before); i++) {
		size_t n = strlen(before[i]);
		if (str_eq_nocase(str_slice(url, 0, n), str_of(before[i])))
			url = str_slice(url, n, url.n);
	}
	return str_slice(url, 0, str_find_char(url, '#', 0));
}

/* Where the path begins. */
static size_t path_at(str_t plain)
{
	size_t at = 0;
	while (at < plain.n && plain.p[at] != '/' && plain.p[at] != '?')
		at++;
	return at;
}

static bool has_host(str_t url)
{
	url = str_trim(url);
	return url.n && (!str_starts(url, S("/")) || str_starts(url, S("//")));
}

str_t address_host(str_t url)
{
	str_t plain = address_plain(url);
	return has_host(url) ? str_slice(plain, 0, path_at(plain)) : S("");
}

/* "/2020/a?b": where the server would look. */
static str_t path_of(arena_t *a, str_t url)
{
	str_t plain = address_plain(url);
	str_t path = has_host(url) ? str_slice(plain, path_at(plain), plain.n) : plain;
	return str_starts(path, S("/")) ? path : str_format(a, "/%.*s", STR(path));
}

static str_t without_end(str_t s)
{
	while (s.n > 1 && str_ends(s, S("/")))
		s = str_slice(s, 0, s.n - 1);
	return s;
}

/* --- the list --- */

static err_t add_pattern(struct story_finder *f, str_t old, str_t new)
{
	if (f->starts.n >= PATTERNS_MOST)
		return err_new(ERR_TOO_LARGE, "has more than %d addresses that end in *", PATTERNS_MOST);
	if (!str_ends(new, S("*")))
		return err_new(ERR_INPUT, "the old address ends in *, so the new one must");
	strs_add(f->a, &f->starts, str_copy(f->a, str_slice(address_plain(old), 0, address_plain(old).n - 1)));
	strs_add(f->a, &f->ends, str_copy(f->a, str_slice(new, 0, new.n - 1)));
	return OK;
}

static err_t add_row(struct story_finder *f, const struct csv *csv)
{
	str_t old = str_trim(csv_field(csv, 0)), new = str_trim(csv_field(csv, 1));
	if (old.n && old.p[0] == '#')
		return OK;
	if (!old.n || !new.n)
		return err_new(ERR_INPUT, "an old address, a comma and a new one are wanted");
	if (str_ends(old, S("*")))
		return add_pattern(f, old, new);
	return jot(f->notes, "map", without_end(address_plain(old)), new, S(""), 0);
}

static err_t read_map(struct story_finder *f, struct infile *file, arena_t *a)
{
	struct csv csv;
	bool there;
	csv_begin(&csv, file, a);
	for (;;) {
		TRY(csv_next(&csv, &there));
		if (!there)
			return OK;
		TRY(err_wrap(add_row(f, &csv), "%.*s:%lld", STR(infile_name(file)), (long long)csv.line));
	}
}

err_t story_finder_map(struct story_finder *f, const char *path)
{
	struct infile *file;
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory while reading %s", path);
	err_t e = infile_open(path, &file);
	if (!e) {
		e = read_map(f, file, a);
		infile_close(file);
	}
	arena_free(a);
	return e;
}

/* What the list makes of an address; the address itself if nothing. */
static err_t mapped(struct story_finder *f, arena_t *a, str_t url, str_t *out)
{
	struct note note;
	bool there;
	str_t plain = address_plain(url);
	*out = url;
	TRY(jot_find(f->notes, a, "map", without_end(plain), &note, &there));
	if (there)
		*out = note.one;
	for (size_t i = 0; !there && i < f->starts.n; i++) {
		there = str_starts(plain, f->starts.v[i]);
		if (there)
			*out = str_format(a, "%.*s%.*s", STR(f->ends.v[i]), STR(str_slice(plain, f->starts.v[i].n, plain.n)));
	}
	return OK;
}

/* --- stories --- */

static const struct sql select_sources = { "SELECT DISTINCT source FROM imported WHERE kind = 'story'" };
static const struct sql select_foreign = {
	"SELECT s.id FROM imported i JOIN story s ON s.id = i.local AND s.kind = 'story' "
	"WHERE i.source = $1 AND i.kind = 'story' AND i.foreign_id = $2"
};
static const struct sql select_old = {
	"SELECT s.id, r.target FROM redirect r LEFT JOIN story s ON s.id = r.story AND s.kind = 'story' WHERE r.path = $1"
};
static const struct sql select_slug = {
	"SELECT id FROM story WHERE kind = 'story' AND slug = $1 AND EXISTS (SELECT 1 FROM section c WHERE c.slug = $2)"
};

static err_t one_id(struct conn *c, const struct sql *sql, struct args args, id64 *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, sql, args, &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

static err_t ask_sources(struct story_finder *f, struct conn *c)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	if (f->asked)
		return OK;
	f->asked = true;
	TRY(db_query(c, &select_sources, NO_ARGS, &r));
	while (rows_next(&r, &e))
		strs_add(f->a, &f->sources, row_str(&r, f->a, 0));
	return e;
}

/* By its number there. Two imports may both know one of that number: then it says nothing. */
static err_t by_number(struct story_finder *f, struct conn *c, str_t source, str_t thread, id64 *out)
{
	id64 found = 0;
	if (!thread.n)
		return OK;
	TRY(one_id(c, &select_foreign, ARGS(v_str(source), v_str(thread)), out));
	TRY(ask_sources(f, c));
	for (size_t i = 0; !*out && i < f->sources.n; i++) {
		id64 id = 0;
		TRY(one_id(c, &select_foreign, ARGS(v_str(f->sources.v[i]), v_str(thread)), &id));
		if (id && found)
			return OK;
		found = id ? id : found;
	}
	if (!*out)
		*out = found;
	return OK;
}

/* "/city/harbour-opens": the section must be one, but a story may have moved to another since. */
static err_t by_today(struct conn *c, str_t path, id64 *out)
{
	str_t parts[3] = { { 0 } }, rest = str_slice(without_end(path), 1, path.n);
	size_t n = 0;
	while (rest.p && n < COUNT(parts))
		parts[n++] = str_cut(&rest, '/');
	if (n != 2)
		return OK;
	return one_id(c, &select_slug, ARGS(v_str(parts[1]), v_str(parts[0])), out);
}

static err_t by_old(struct conn *c, arena_t *a, str_t path, id64 *out)
{
	str_t target = S("");
	{
		AUTO_ROWS r = { 0 };
		err_t e = OK;
		TRY(db_query(c, &select_old, ARGS(v_str(path)), &r));
		if (rows_next(&r, &e)) {
			*out = row_int(&r, 0);
			target = row_str(&r, a, 1);
		}
		TRY(e);
	}
	return !*out && target.n ? by_today(c, path_of(a, target), out) : OK;
}

/* Each way of writing one path. */
static err_t by_path(struct conn *c, arena_t *a, str_t path, id64 *out)
{
	str_t bare = without_end(path);
	str_t ways[] = { path, bare, str_format(a, "%.*s/", STR(bare)) };
	for (size_t i = 0; !*out && i < COUNT(ways); i++)
		if (i == 0 || !str_eq(ways[i], path))
			TRY(by_old(c, a, ways[i], out));
	return *out ? OK : by_today(c, bare, out);
}

static err_t by_address(struct story_finder *f, struct conn *c, arena_t *a, str_t url, id64 *out)
{
	if (!url.n)
		return OK;
	TRY(mapped(f, a, url, &url));
	str_t path = path_of(a, url), bare = str_slice(path, 0, str_find_char(path, '?', 0));
	TRY(by_path(c, a, path, out));
	if (!*out && bare.n != path.n)
		TRY(by_path(c, a, bare, out));
	if (!*out && str_find_char(bare, '%', 0) != STR_NONE)
		TRY(by_path(c, a, import_unescape(a, bare), out));
	if (!*out && str_ends(bare, S("/index.html")))
		TRY(by_path(c, a, str_slice(bare, 0, bare.n - 10), out));
	return OK;
}

err_t story_finder_ask(struct story_finder *f, struct conn *c, arena_t *a, str_t source, str_t url, str_t thread,
		       id64 *out)
{
	str_t listed;
	*out = 0;
	TRY(mapped(f, a, url, &listed));
	if (!str_eq(listed, url))
		return by_address(f, c, a, listed, out);
	TRY(by_number(f, c, source, thread, out));
	if (!*out)
		TRY(by_address(f, c, a, url, out));
	/* WordPress's Disqus plugin calls a thread "12 https://old.example/?p=12"; others by an address alone. */
	size_t gap = str_find_char(thread, ' ', 0);
	if (!*out && gap != STR_NONE)
		TRY(by_address(f, c, a, str_slice(thread, gap + 1, thread.n), out));
	else if (!*out && (str_find(thread, S("://"), 0) != STR_NONE || str_starts(thread, S("/"))))
		TRY(by_address(f, c, a, thread, out));
	if (!*out && str_starts(thread, S("ghost-")))
		TRY(by_number(f, c, source, str_slice(thread, 6, thread.n), out));
	return OK;
}
