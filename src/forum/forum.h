/* forum.h: what readers say about stories.
 *
 * A comment answers a story or another comment; all about one story are its conversation. Whoever writes,
 * edits, deletes or decides does so in an act of the record, which names comment and reader by number
 * and keeps no word of what was said: the text stays the writer's to take back. What is thought of a
 * comment (votes) are quiet acts.
 *
 * A comment "stands" as long as it has a place on the page: it is shown, or comments that stand answer
 * it; then a stone marks where it was. Counts are kept with every change, and `stet doctor` counts
 * them again. */
#pragma once

#include "press/press.h"
#include "readers/readers.h"
#include "readers/roles.h"

enum comment_state { COMMENT_SHOWN, COMMENT_HELD, COMMENT_REMOVED, COMMENT_DELETED };
str_t comment_state_name(enum comment_state st);
bool  comment_state_parse(str_t s, enum comment_state *out);

struct comment {
	id64   id;       /* 0: none */
	id64   story, parent, root;
	int    depth;
	struct reader reader; /* id, name, picture, role, state alone; id 0: somebody without account */
	str_t  name;     /* of whom then; empty: a former reader */
	bool   staff;
	str_t  source;   /* Markdown */
	str_t  body;     /* clean HTML */
	str_t  quote;    /* of the story */
	int64_t quote_revision;
	enum comment_state state;
	bool   stands;
	usec_t made, edited, picked;
	int64_t ups, downs, reports;
	bool   closed;
	int64_t rank, replies, talk, change;
	bool    guest;   /* written as one whom the newsroom invited to answer */
	enum { QUESTION_NOT, QUESTION_WAITS, QUESTION_ANSWERED } question;
	id64    answer;  /* of a question: the first that a guest or the newsroom gave; 0: none */
	usec_t  slow;    /* of the first of a branch: until then it is slow; 0: never */
	bool    calm;    /* and moderators want it not to become so by itself */
};

struct comments {
	struct comment *v;
	size_t          n;
	bool            more; /* than were asked for */
};

enum comment_sort { SORT_BEST, SORT_NEWEST, SORT_OLDEST, SORT_DISCUSSED, SORTS };
str_t comment_sort_name(enum comment_sort s);
/* What is no sort is the best. */
enum comment_sort comment_sort_parse(str_t s);

/* --- reading; all strings in `a` --- */

/* ERR_MISSING if there is none. */
err_t comment_load(struct conn *c, arena_t *a, id64 id, struct comment *out) CHECKED;

/* Where a page begins: behind the comment with this key. */
struct comment_key {
	int64_t of; /* rank, time or talk, as the sort has it */
	id64    id;
};
struct comment_key comment_key_first(enum comment_sort sort);
struct comment_key comment_key_of(enum comment_sort sort, const struct comment *k);
/* The same, but `k` itself comes first. */
struct comment_key comment_key_at(enum comment_sort sort, const struct comment *k);
/* Those that stand right below `parent` (0: the story). */
err_t comment_list(struct conn *c, arena_t *a, id64 story, id64 parent, enum comment_sort sort,
		   struct comment_key after, size_t limit, struct comments *out) CHECKED;
/* The best of the questions about a story that have an answer, or wait for one. */
err_t comment_questions(struct conn *c, arena_t *a, id64 story, bool answered, struct comment_key after, size_t limit,
			struct comments *out) CHECKED;
/* Of a reader, newest first, that are shown. */
err_t comment_by_reader(struct conn *c, arena_t *a, id64 reader, struct comment_key after, size_t limit,
			struct comments *out) CHECKED;

/* What a conversation is about: a story, or a page of another site (elsewhere.h) as one. ERR_MISSING if there is
 * none. */
err_t talked_about(struct conn *c, arena_t *a, id64 id, struct story *out) CHECKED;

struct conversation {
	id64    story;
	int64_t comments, change;
	usec_t  latest;
};
/* All 0 if nobody has said anything. */
err_t conversation_load(struct conn *c, id64 story, struct conversation *out) CHECKED;

/* "/city/harbour/comments", "/city/harbour/comments/ID" and what leads to that from everywhere, "/comment/ID" */
str_t conversation_path(arena_t *a, const struct story *st);
str_t comment_path(arena_t *a, const struct story *st, id64 id);
str_t comment_short(arena_t *a, id64 id);
/* What every page touches that shows a story's comments: "comments:ID" */
str_t topic_comments(arena_t *a, id64 story);

/* --- how it is held --- */

enum forum_mode { MODE_AFTER, MODE_BEFORE }; /* moderated after or before they are shown */
enum forum_open { FORUM_OPEN, FORUM_CLOSED, FORUM_OFF }; /* off: nothing is shown either */

struct forum_settings {
	enum forum_open open;
	enum forum_mode mode;
	int64_t         days;      /* after which a conversation closes by itself; 0: never */
	int64_t         slow;      /* seconds between two comments of one reader */
	bool            downs;     /* one may vote against */
	int64_t         edit;      /* minutes in which one may edit */
	str_t           why;       /* told to readers where it is closed */
	str_t           question;  /* that the newsroom asks at its head */
	bool            answers;   /* guests answer readers' questions (question.h) */
	usec_t          from, until; /* the time for that; 0: at once, without end */
	bool            among;     /* readers answer one another's questions, too */
	bool            early, over; /* it is before, or after that time */
	/* A branch becomes slow by itself (heat.h); 0: for no such reason */
	int64_t         heat_rate;    /* answers in ten minutes */
	int64_t         heat_share;   /* percent of its last comments that were reported or removed */
	int64_t         heat_wait;    /* seconds between two answers of one reader in it */
	int64_t         heat_minutes; /* how long it stays so */
};
struct forum_settings forum_defaults(void);
/* As of the story, its section, the publication; also what time does to it (days). */
err_t forum_settings_of(struct stet *s, struct conn *c, arena_t *a, const struct story *st,
			struct forum_settings *out) CHECKED;
/* Where something is set: the publication, a section, a story. An error names the setting. */
err_t forum_setting_save(struct stet *s, arena_t *a, str_t place, const char *name, str_t value, str_t actor)
	CHECKED;
/* Several in one act. */
struct setting_given {
	const char *name;
	str_t       value; /* "inherit": as the wider place has it */
};
err_t forum_settings_save(struct stet *s, arena_t *a, str_t place, const struct setting_given *given, size_t n,
			  str_t actor) CHECKED;
/* "story:ID" */
str_t forum_place_of(arena_t *a, id64 story);

/* A page of a conversation changes at some moment by itself: then this job says so. */
struct act;
struct job;
#define FORUM_TURN "forum.turn"
void  forum_turn_at(struct act *act, id64 story, usec_t when);
err_t forum_turn_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;

/* --- who may --- */

/* Whether anything may be said or changed: there is a conversation, and it is open. `field` as of err_say. */
err_t may_say(const struct forum_settings *set, const char *field) CHECKED;
/* Whether the reader may write here and now. An error is ERR_REFUSED, and says why. */
err_t may_write(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, const struct story *st,
		const struct forum_settings *set) CHECKED;
/* Whether a moderator has closed it, or one that it answers, up to the first of the branch: one query. */
err_t branch_closed(struct conn *c, const struct comment *k, bool *closed) CHECKED;
/* Whether they may answer this comment: it is shown, its branch is open, its writer does not block them. */
err_t may_answer(struct conn *c, arena_t *a, const struct reader *r, const struct comment *k) CHECKED;
/* Whether all that they write waits for a moderator. */
err_t must_wait(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, bool *out) CHECKED;
/* Nothing keeps the reader from changing what is shown; sanctions count for edits, votes and reports, too. */
err_t may_take_part(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, id64 story) CHECKED;
/* The same about a story, of which there is a conversation: what is withdrawn or off is not reported, nor followed. */
err_t conversation_there(struct stet *s, struct conn *c, arena_t *a, id64 story) CHECKED;
bool  may_edit(struct stet *s, const struct reader *r, const struct comment *k,
	       const struct forum_settings *set);
static inline bool may_moderate(const struct reader *r)
{
	return r->id && role_may(r->role, MAY_MODERATE);
}

/* Of the newsroom: waits for nobody, and answers where others cannot any more. */
static inline bool is_newsroom(const struct reader *r)
{
	return r->id && role_is_staff(r->role);
}

/* --- writing --- */

struct comment_draft {
	const struct reader *reader;
	id64                 story, parent;
	str_t                source;
	str_t                elsewhere; /* the first about a page of another site: its address; empty: not so */
	str_t                quote;   /* words of the story; empty: none */
	usec_t               typed;   /* how long it was written at; 0: not known */
	bool                 sure;    /* its writer knows that it will wait, and by which rule */
};
/* `out->state` tells whether it waits for a moderator. */
err_t comment_post(struct stet *s, arena_t *a, const struct comment_draft *d, struct comment *out) CHECKED;
/* The text as it would be shown. */
err_t comment_preview(struct stet *s, struct conn *c, arena_t *a, str_t source, str_t *body) CHECKED;
err_t comment_edit(struct stet *s, arena_t *a, const struct reader *r, id64 id, str_t source,
		   struct comment *out) CHECKED;
err_t comment_delete(struct stet *s, arena_t *a, const struct reader *r, id64 id) CHECKED;
/* 1: recommends it, -1: the opposite, 0: takes that back. */
err_t comment_vote(struct stet *s, arena_t *a, const struct reader *r, id64 id, int way,
		   struct comment *out) CHECKED;

/* For rooms and files that write comments in acts of their own: sets the state of `k`, with all counts
 * and whoever stands or falls with it, and numbers the change. */
struct act;
err_t comment_set_state(struct act *act, struct conn *c, struct comment *k, enum comment_state st) CHECKED;
/* Numbers a change of the conversation and gives it to the comment; touches what shows it. */
err_t comment_changed(struct act *act, struct conn *c, const struct comment *k) CHECKED;
/* Adds a comment whose fields are set; counts it. */
err_t comment_insert(struct act *act, struct conn *c, struct comment *k) CHECKED;
/* What it is ranked by. */
int64_t comment_rank(int64_t ups, int64_t downs, bool picked);

extern const struct route forum_routes[];

/* --- for the rooms below --- */

/* The comments' part of a story's page (press/pages.h). */
err_t forum_story_part(struct stet *s, struct view *v, const struct story *st) CHECKED;
/* Of a reader's page, copy and end (readers/readers.h). */
err_t forum_reader_page(struct stet *s, struct view *v, const struct reader *r) CHECKED;
err_t reader_stopped(struct stet *s, struct conn *c, arena_t *a, id64 reader, bool *out) CHECKED;
err_t forum_tidy(struct stet *s, struct conn *c) CHECKED;
err_t forum_reader_gone(struct stet *s, struct act *act, struct conn *c, const struct reader *r) CHECKED;
extern const struct copy_part forum_copy_parts[];

/* Counts again what is kept; a sentence for each that is not so. */
err_t forum_doctor(struct stet *s, arena_t *a, struct strs *findings) CHECKED;
