/* talk.c: see talk.h. */
#include "talk.h"

#include <sodium.h>
#include <stdlib.h>

static struct reader account(struct talkers *t, const char *address, const char *name, enum role role)
{
	struct reader made;
	struct reader_draft d = { .address = str_of(address), .name = str_of(name), .role = role };
	assert_ok(reader_add(&t->room->stet, t->room->world.a, &d, S("cli"), &made));
	return made;
}

int talk_setup(void **state)
{
	void *room;
	if (sodium_init() < 0 || room_setup(&room) != 0)
		return -1;
	struct talkers *t = calloc(1, sizeof *t);
	t->room = room;
	assert_ok(readers_new(&(struct readers_options){ .s = &t->room->stet }, &t->room->stet.readers));
	t->story = public_story(t->room, "Harbour opens");
	t->ann = account(t, "ann@example.org", "Ann Lee", ROLE_READER);
	t->bo = account(t, "bo@example.org", "Bo Chan", ROLE_READER);
	t->cy = account(t, "cy@example.org", "Cy Dee", ROLE_MODERATOR);
	*state = t;
	return 0;
}

int talk_teardown(void **state)
{
	struct talkers *t = *state;
	void *room = t->room;
	readers_free(t->room->stet.readers);
	free(t);
	return room_teardown(&room);
}

static err_t post(struct talkers *t, const struct reader *who, id64 answers, const char *text,
		  struct comment *out)
{
	struct comment_draft d = { .reader = who, .story = t->story.id, .parent = answers,
				   .source = str_of(text) };
	t->room->stet.clock.fixed += 1000; /* no two at once */
	return comment_post(&t->room->stet, t->room->world.a, &d, out);
}

struct comment said(struct talkers *t, const struct reader *who, const struct comment *answers, const char *text)
{
	struct comment k;
	assert_ok(post(t, who, answers ? answers->id : 0, text, &k));
	return k;
}

const char *key_of(struct talkers *t, err_t e)
{
	if (!e)
		return "";
	const char *key = str_z(t->room->world.a, str_of(e->key ? e->key : err_text(e)));
	err_free(e);
	return key;
}

const char *said_or(struct talkers *t, const struct reader *who, id64 answers, const char *text)
{
	struct comment k;
	return key_of(t, post(t, who, answers, text, &k));
}

struct comment now_of(struct talkers *t, id64 id)
{
	struct conn *c;
	struct comment k;
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(comment_load(c, t->room->world.a, id, &k));
	store_done(t->room->stet.store, c);
	return k;
}

void passes(struct talkers *t, usec_t time)
{
	t->room->stet.clock.fixed += time;
}

str_t findings(struct talkers *t)
{
	struct strs found = { 0 };
	assert_ok(forum_doctor(&t->room->stet, t->room->world.a, &found));
	return str_join(t->room->world.a, found.v, found.n, S("\n"));
}
