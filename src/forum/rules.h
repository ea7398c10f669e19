/* rules.h: what may be shown at once, what waits for a person, what is refused, and why.
 *
 * Every number is a setting (struct rules); 0 turns its rule off. Judging is pure: who calls has found out all
 * that there is to know (struct judged), and the same facts get the same verdict. Every hit names its rule, and
 * what the text has beside what is allowed, so that the writer can reword and a moderator sees why.
 *
 * By itself the program refuses only what the writer can mend at once: too soon, too long, word for word the same, a
 * listed word or host. All else waits for a person. */
#pragma once

#include "forum/fold.h"
#include "forum/learn.h"
#include "forum/simhash.h"
#include "forum/wordlist.h"

#include <jansson.h>

struct rules {
	int64_t length_least, length_most;             /* characters as typed */
	int64_t trusted_approved;                      /* from so many approved comments on, style is one's own */
	int64_t newcomer_approved, newcomer_hours;     /* with fewer, or younger, one is a newcomer */
	bool    newcomer_hold;                         /* all they write waits */
	int64_t newcomer_links, newcomer_mentions;     /* most of a comment; -1: no limit */
	int64_t newcomer_day;                          /* most comments in 24 hours */
	int64_t newcomer_host;                         /* most links to one host, earlier comments included */
	int64_t links_most;
	bool    hosts_bad_refuse;                      /* else such a comment waits */
	bool    hosts_unknown_hold;                    /* hosts on neither list */
	struct strs hosts_allowed, hosts_bad;          /* with all hosts below them */
	int64_t capitals_letters, capitals_percent;    /* of texts with so many letters, the most capitals */
	int64_t typing_seconds;                        /* nobody writes faster */
	int64_t wait_seconds, newcomer_wait_seconds;   /* between two comments of one writer */
	int64_t heat_warm, heat_wait_seconds;          /* from this heat on one waits longer ... */
	int64_t heat_hot;                              /* ... and from this on all but the trusted wait for a person */
	int64_t repeat_hours, repeat_bits;             /* one's own comment again: refused */
	int64_t near_hours, near_bits;                 /* nearly somebody else's */
	int64_t near_words;                            /* for both: shorter texts may be the same */
	bool    banned_refuse;                         /* else a comment with a banned word waits */
	bool    suspect_hold;
	int64_t learn_percent;                         /* probability of removal from which on it waits */
	int64_t learn_least;                           /* decisions of each kind before the classifier is asked */
	int64_t run_most;                              /* of one character in a row */
	int64_t signs_characters, signs_percent;       /* of texts so long, the most that is no letter or digit */
	int64_t marks_most;                            /* above or below one letter */
	int64_t mentions_most;
};

extern const struct rules rules_default;

enum rule {
	RULE_LENGTH_LEAST, RULE_LENGTH_MOST, RULE_WAIT, RULE_NEWCOMER_WAIT, RULE_HEAT_WAIT, RULE_NEWCOMER_DAY, RULE_REPEAT,
	RULE_BANNED, RULE_HOST_BAD, RULE_HOST_UNKNOWN, RULE_NEWCOMER, RULE_NEWCOMER_LINKS, RULE_NEWCOMER_HOST,
	RULE_NEWCOMER_MENTIONS, RULE_LINKS, RULE_MENTIONS, RULE_SUSPECT, RULE_NEAR, RULE_TYPING, RULE_CAPITALS, RULE_RUN,
	RULE_SIGNS, RULE_MARKS, RULE_HEAT, RULE_LEARNED, RULES
};

/* "newcomer_links": for messages and records. */
const char *rule_name(enum rule rule);

enum verdict { VERDICT_SHOW, VERDICT_HOLD, VERDICT_REFUSE };
const char *verdict_name(enum verdict verdict);

struct rule_link {
	str_t    host;
	uint32_t before; /* times this writer linked to it in earlier comments */
};

struct judged {
	str_t                      text;     /* Markdown, as typed */
	const struct folded       *shown;    /* the text of its clean HTML, folded */
	const struct rule_link    *links;
	size_t                     nlinks;
	bool                       staff;    /* nothing but the length is looked at */
	usec_t                     age;      /* of the account */
	uint32_t                   approved; /* comments of this writer */
	uint32_t                   today;    /* comments of this writer in the last 24 hours */
	usec_t                     typing;   /* from the first key to sending; -1: not known */
	usec_t                     since;    /* since this writer's last comment; -1: there is none */
	uint32_t                   heat;     /* of the conversation, or the branch */
	const struct near_comment *own;      /* the nearest of this writer, or NULL */
	int                        own_bits;
	const struct near_comment *other;    /* the nearest of somebody else, or NULL */
	int                        other_bits;
	usec_t                     now;
	const struct word_hits    *words;    /* or NULL */
	const struct learn_opinion *opinion; /* or NULL */
};

struct rule_hit {
	enum rule    rule;
	enum verdict verdict;
	str_t        what;       /* the word or host; of RULE_LEARNED what weighed most */
	int64_t      n, most;    /* what there is, and what is allowed; of waits: seconds that are left, and in all */
	id64         comment;    /* of RULE_REPEAT and RULE_NEAR */
	uint32_t     from, till; /* of words: bytes of the shown text */
};

struct judgement {
	enum verdict     verdict; /* the gravest */
	struct rule_hit *v;       /* in the order of enum rule */
	size_t           n;
};

void rules_judge(const struct rules *r, arena_t *a, const struct judged *j, struct judgement *out);

/* Is this host, or one above it, in the list? */
bool rules_host_in(const struct strs *list, str_t host);

/* --- settings: every member by its name, for a page and for files --- */

enum rule_setting_kind { SETTING_NUMBER, SETTING_SWITCH, SETTING_HOSTS };

struct rule_setting {
	const char            *name;
	enum rule_setting_kind kind;
	size_t                 offset; /* in struct rules */
	int64_t                least, most;
};

extern const struct rule_setting rule_settings[];
extern const size_t              rule_settings_count;

enum { RULE_HOSTS_MOST = 2000 }; /* each is compared with each link */

/* As a form shows it: a number, "on" or "off", hosts a line each. */
str_t rules_show(const struct rules *r, arena_t *a, const struct rule_setting *s);
/* As a form sends it; the error's field is the setting's name. An empty switch is off. */
err_t rules_set(struct rules *r, arena_t *a, const struct rule_setting *s, str_t value) CHECKED;
/* What no setting can see by itself, such as a least above a most. */
err_t rules_check(const struct rules *r) CHECKED;

/* NULL if there is none of that name. */
const struct rule_setting *rule_setting_named(str_t name);

/* What the JSON leaves out is as in rules_default. */
err_t rules_from_json(arena_t *a, str_t json, struct rules *out) CHECKED;
/* What it leaves out stays as it is; whether all goes together is for rules_check. */
err_t rules_apply(arena_t *a, str_t json, struct rules *r) CHECKED;
str_t rules_to_json(arena_t *a, const struct rules *r);
/* One setting as the JSON has it; the caller's. */
json_t *rules_value(const struct rules *r, const struct rule_setting *s);
