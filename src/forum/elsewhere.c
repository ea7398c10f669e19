/* elsewhere.c: see elsewhere.h. */
#include "forum/elsewhere.h"

#include "record/act.h"

#include <sodium.h>

static const struct act_kind ACT_SITE = { "forum.site" };

/* --- sites --- */

static const struct sql select_sites = { "SELECT origin FROM other_site ORDER BY origin" };
static const struct sql select_site = { "SELECT 1 FROM other_site WHERE origin = $1" };
static const struct sql insert_site = { "INSERT INTO other_site (origin, since) VALUES ($1, $2)" };
static const struct sql delete_site = { "DELETE FROM other_site WHERE origin = $1" };

err_t other_sites(struct conn *c, arena_t *a, struct strs *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct strs){ 0 };
	TRY(db_query(c, &select_sites, NO_ARGS, &r));
	while (rows_next(&r, &e))
		strs_add(a, out, row_str(&r, a, 0));
	return e;
}

err_t other_site_allows(struct conn *c, str_t origin, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_site, ARGS(v_str(origin)), &r));
	*out = rows_next(&r, &e);
	return e;
}

struct listing {
	struct stet *s;
	str_t        origin;
	bool         add;
};

static err_t write_site(struct conn *c, arena_t *a, void *ctx)
{
	const struct listing *x = ctx;
	struct strs all;
	bool there;
	TRY(other_site_allows(c, x->origin, &there));
	TRY(other_sites(c, a, &all));
	if (x->add && there)
		return err_say(ERR_CONFLICT, "origin", "elsewhere.there");
	if (x->add && all.n >= OTHER_SITES_MOST)
		return err_say(ERR_INPUT, "origin", "elsewhere.many");
	if (!x->add && !there)
		return err_say(ERR_MISSING, "origin", "elsewhere.absent");
	if (!x->add)
		return db_run(c, &delete_site, ARGS(v_str(x->origin)), NULL);
	return db_run(c, &insert_site, ARGS(v_str(x->origin), v_int(clock_now(&x->s->clock))), NULL);
}

static err_t list_site(struct stet *s, arena_t *a, str_t said, bool add, str_t actor)
{
	struct listing x = { .s = s, .add = add };
	TRY(other_origin(a, said, &x.origin));
	struct act act = act_begin(s, a, &ACT_SITE, 0, actor);
	act_detail(&act, json_pack("{s:s%, s:b}", "origin", x.origin.p, x.origin.n, "allowed", add));
	act_touch(&act, topic_site()); /* who may frame a page is in its headers */
	return act_commit(&act, write_site, &x);
}

err_t other_site_add(struct stet *s, arena_t *a, str_t origin, str_t actor)
{
	return list_site(s, a, origin, true, actor);
}

err_t other_site_remove(struct stet *s, arena_t *a, str_t origin, str_t actor)
{
	return list_site(s, a, origin, false, actor);
}

/* --- pages --- */

#define PAGE "SELECT id, slug, url, made FROM other_page WHERE "
static const struct sql select_by_slug = { PAGE "slug = $1" };
static const struct sql select_by_url = { PAGE "url = $1" };
static const struct sql select_by_id = { PAGE "id = $1" };

/* "example.org/a/page" */
static str_t name_of(str_t url)
{
	size_t from = str_find(url, S("//"), 0) + 2;
	return str_slice(url, from, str_ends(url, S("/")) ? url.n - 1 : url.n);
}

static err_t load(struct conn *c, arena_t *a, const struct sql *sql, struct value by, struct story *out, str_t *url)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, sql, ARGS(by), &r));
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no such page");
	*url = row_str(&r, a, 2);
	*out = (struct story){
		.id = row_int(&r, 0), .kind = STORY, .state = PUBLISHED, .slug = row_str(&r, a, 1),
		.headline = name_of(*url), .published = row_int(&r, 3), .saved = row_int(&r, 3), .revision = 1,
		.section = { .slug = S("elsewhere"), .name = S(""), .description = S("") },
		.kicker = S(""), .standfirst = S(""), .dateline = S(""), .source = S(""), .body = S(""), .language = S(""),
		.series = { .slug = S("") }, .translates = { .slug = S("") }, .withdrawn_why = S(""),
	};
	return OK;
}

err_t other_page_by_slug(struct conn *c, arena_t *a, str_t slug, struct story *out)
{
	str_t url;
	return load(c, a, &select_by_slug, v_str(slug), out, &url);
}

err_t other_page_by_url(struct conn *c, arena_t *a, str_t url, struct story *out)
{
	str_t same;
	return load(c, a, &select_by_url, v_str(url), out, &same);
}

err_t other_page_address(struct conn *c, arena_t *a, id64 id, str_t *out)
{
	struct story st;
	return load(c, a, &select_by_id, v_int(id), &st, out);
}

err_t talked_about(struct conn *c, arena_t *a, id64 id, struct story *out)
{
	str_t url;
	err_t e = story_row_load(c, a, id, out);
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	return load(c, a, &select_by_id, v_int(id), out, &url);
}

/* An address gives always the same one, which tells nothing of it. */
static str_t slug_of(arena_t *a, str_t url)
{
	unsigned char hash[16];
	char hex[2 * sizeof hash + 1];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)url.p, url.n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	return str_copy(a, str_of(hex));
}

static const struct sql count_new = { "SELECT count(*) FROM other_page WHERE made > $1" };
static const struct sql insert_page = { "INSERT INTO other_page (id, slug, url, made) VALUES ($1, $2, $3, $4)" };

static err_t check_new(struct stet *s, struct conn *c, arena_t *a, str_t url)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	str_t origin, same;
	bool allowed;
	TRY(other_url(a, url, &origin, &same));
	TRY(other_site_allows(c, origin, &allowed));
	if (!allowed || !str_eq(url, same))
		return err_say(ERR_REFUSED, "text", "elsewhere.not-allowed");
	TRY(db_query(c, &count_new, ARGS(v_int(clock_now(&s->clock) - DAY)), &r));
	int64_t today = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	TRY(e);
	return today < OTHER_PAGES_DAY ? OK : err_say(ERR_BUSY, "text", "elsewhere.too-many");
}

err_t other_page_make(struct stet *s, struct conn *c, arena_t *a, str_t url, id64 *out)
{
	struct story st;
	usec_t now = clock_now(&s->clock);
	err_t e = other_page_by_url(c, a, url, &st);
	*out = st.id;
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	TRY(check_new(s, c, a, url));
	*out = id_new(&s->ids, now);
	return db_run(c, &insert_page, ARGS(v_int(*out), v_str(slug_of(a, url)), v_str(url), v_int(now)), NULL);
}
