/* room.c: see room.h. */
#include "room.h"

#include <sqlite3.h>
#include <stdlib.h>

int room_setup(void **state)
{
	void *world;
	if (world_setup(&world) != 0)
		return -1;
	struct room *r = calloc(1, sizeof *r);
	r->world = *(struct world *)world;
	free(world);
	r->stet = (struct stet){ .folder = r->world.folder, .log = { .fd = -1 },
				 .store = r->world.store, .clock = { 1700000000 * SECOND } };
	config_defaults(r->world.a, &r->stet.config);
	assert_ok(zone_set(S("America/Toronto")));
	assert_ok(bus_new(&r->stet, &r->stet.bus));
	static const char *const names[] = { "City", "Sport" };
	for (size_t i = 0; i < COUNT(names); i++) {
		struct section s = { .name = str_of(names[i]), .position = (int)i };
		assert_ok(section_save(&r->stet, r->world.a, &s, S("test")));
	}
	*state = r;
	return 0;
}

int room_teardown(void **state)
{
	struct room *r = *state;
	bus_free(r->stet.bus);
	return world_teardown(state);
}

struct story draft(const char *headline)
{
	return (struct story){ .headline = str_of(headline), .section.slug = S("city"),
			       .standfirst = S(""), .dateline = S(""), .withdrawn_why = S(""),
			       .source = S("Some *text*.") };
}

struct story public_story(struct room *r, const char *headline)
{
	struct story st = draft(headline);
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_ok(story_publish(&r->stet, r->world.a, &st, S("test")));
	return st;
}

void assert_text(str_t s, const char *want)
{
	if (!str_eq(s, str_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", STR(s), want);
}

const char *plant_refused(struct room *r, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;
	assert_int_equal(sqlite3_open(r->world.path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	int rc = sqlite3_exec(db, sql, NULL, NULL, &why);
	const char *said = rc == SQLITE_OK ? NULL : str_z(r->world.a, str_of(why));
	sqlite3_free(why);
	sqlite3_close(db);
	return said;
}

void plant(struct room *r, const char *sql)
{
	const char *why = plant_refused(r, sql);
	if (why)
		fail_msg("%s: %s", sql, why);
}

str_t leads_to(struct room *r, const char *path)
{
	struct conn *c;
	str_t to;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(redirect_find(c, r->world.a, str_of(path), &to));
	store_done(r->stet.store, c);
	return to;
}

str_t listed(struct room *r, enum list_of of, id64 id)
{
	struct conn *c;
	struct list list;
	struct buf b = buf_new(r->world.a, 256);
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(list_stories(c, r->world.a, of, id, (struct list_key){ 0 }, 100, &list));
	store_done(r->stet.store, c);
	for (size_t i = 0; i < list.n; i++)
		buf_add_format(&b, "%.*s\n", STR(list.v[i].headline));
	return buf_str(&b);
}
