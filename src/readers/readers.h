/* readers.h: readers and staff: accounts, what proves who they are, where they are signed in.
 *
 * An account begins when somebody proves an address (a link or a code in a mail) and is found by it. It
 * may have a password, passkeys, a second factor. Whoever proved themselves gets a session: a random
 * secret in the browser's cookie, of which only the hash is kept. Everything that is asked once and
 * answered once (a link, a code, a passkey's challenge) is a challenge.
 *
 * Making, renaming and ending accounts are acts of the record, which name the account by its number
 * alone. Sessions and challenges are quiet acts: where people sign in is not the record's to keep. */
#pragma once

#include "base/stet.h"
#include "http/http.h"
#include "page/site.h"
#include "readers/rate.h"
#include "store/store.h"

/* From the least to the most; staff is everybody but readers. */
enum role { ROLE_READER, ROLE_MODERATOR, ROLE_REPORTER, ROLE_EDITOR, ROLE_OWNER, ROLES };
str_t role_name(enum role r);
bool  role_parse(str_t s, enum role *out);
static inline bool role_is_staff(enum role r)
{
	return r != ROLE_READER;
}

enum reader_state { READER_ACTIVE, READER_DISABLED, READER_LEAVING, READER_GONE };

struct reader {
	id64   id;       /* 0: nobody */
	str_t  address;  /* for mail; empty once gone */
	usec_t confirmed;
	str_t  name;
	usec_t renamed;  /* 0: never */
	str_t  about;
	str_t  picture;  /* hash of its media; empty: drawn from the name */
	str_t  language; /* empty: the publication's */
	enum role         role;
	enum reader_state state;
	str_t  why;      /* of being disabled */
	usec_t leaving;  /* when the account goes; 0: it stays */
	bool   keep_words;
	str_t  handle;   /* what passkeys call the account by: 32 random bytes */
	str_t  password; /* hashed; empty: none */
	str_t  totp;     /* sealed; empty: none */
	int64_t totp_step;
	bool   show_comments, show_followers, show_following;
	bool   no_followers; /* nobody may follow them */
	usec_t made, seen;
};

struct act;

struct session {
	id64   id;       /* 0: none */
	id64   reader;
	usec_t turned, made, used, ends, proven;
	str_t  way;      /* "password", "passkey", "mail", "provider" */
	bool   strong;   /* by a passkey or with a second factor */
	str_t  device;   /* "Firefox on Linux" */
};

/* --- the running room --- */

struct readers_options {
	struct stet *s;
	/* Names of authors, which no reader may take. Given by whoever knows the press; NULL: none. */
	err_t (*bylines)(struct conn *c, arena_t *a, struct strs *out);
	/* What rooms above know how to do, or keep about a reader; each may be NULL. */
	/* Makes a picture anew from the file at `from`: a JPEG at `to`, square, `side` pixels or less,
	 * without anything that the file said of itself. An error is what is wrong with the file. */
	err_t (*portrait)(struct stet *s, arena_t *a, const char *from, const char *to, int side);
	/* Adds to the view of a reader's public page ("comments"). */
	err_t (*page)(struct stet *s, struct view *v, const struct reader *r);
	/* Adds to the copy of everything about a reader; ended by one without a name. */
	const struct copy_part *copy_parts;
	/* How much there is that a reader has not seen, of what they follow. */
	err_t (*unread)(struct conn *c, arena_t *a, id64 reader, int64_t *out);
	/* Whether something keeps them from taking part: then they show others nothing new of themselves, either. */
	err_t (*stopped)(struct stet *s, struct conn *c, arena_t *a, id64 reader, bool *out);
	/* In the writer that ends an account: removes what is the reader's, or only their name. */
	err_t (*gone)(struct stet *s, struct act *act, struct conn *c, const struct reader *r);
	/* In the writer, once a day: forgets what was kept for a time. */
	err_t (*tidy)(struct stet *s, struct conn *c);
};
/* One part of the copy: the key of its heading is "copy.part.NAME". */
struct copy_part {
	const char *name;
	err_t (*make)(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, json_t **out);
};
/* Reads keys/readers.key, or makes it. Threads for passwords start when they are first needed. */
err_t readers_new(const struct readers_options *o, struct readers **out) CHECKED;
void  readers_free(struct readers *r);

/* frame_fn: "reader" {name, url, picture?} of a personal page. */
err_t readers_frame(struct stet *s, struct view *v) CHECKED;

/* site_options.signed_in: of a browser without script, which asks for nothing but pages; its session is
 * kept alive here, by a write a day at most (of staff, whose sessions are shorter, four in that time). */
err_t readers_signed_in(struct stet *s, struct request *q, bool *out) CHECKED;

/* --- accounts --- */

/* In a view or a writer; out->id 0 if there is none. */
err_t reader_find(struct conn *c, arena_t *a, id64 id, struct reader *out) CHECKED;
err_t reader_by_address(struct conn *c, arena_t *a, str_t address, struct reader *out) CHECKED;

struct reader_draft {
	str_t     address, name; /* checked here */
	str_t     password;      /* hashed already, or empty */
	enum role role;
	id64      challenge;     /* whose name it was kept free for; 0: none */
};
/* Writes the row inside an act; `act` gets its topics. */
err_t reader_insert(struct stet *s, struct conn *c, arena_t *a, const struct reader_draft *d,
		    struct reader *out) CHECKED;

/* An account made by whoever runs the machine: its address counts as proven. */
err_t reader_add(struct stet *s, arena_t *a, const struct reader_draft *d, str_t actor,
		 struct reader *out) CHECKED;
err_t reader_set_role(struct stet *s, arena_t *a, const struct reader *r, enum role role,
		      str_t actor) CHECKED;
/* Ends every session; `why` empty enables again. */
err_t reader_disable(struct stet *s, arena_t *a, const struct reader *r, str_t why, str_t actor) CHECKED;
/* `hashed` by password_hash, or empty to take it away. Ends the sessions but `keep` (0: all). */
err_t reader_set_password(struct stet *s, arena_t *a, const struct reader *r, str_t hashed, id64 keep,
			  str_t actor) CHECKED;

struct reader_list {
	struct reader *v;
	size_t         n;
};
/* Takes second factor and passkeys away and signs out: for who has lost them. */
err_t reader_reset(struct stet *s, arena_t *a, const struct reader *r) CHECKED;

/* --- a profile --- */

struct profile {
	str_t name, about, language; /* checked here; language "" : the publication's */
	bool  show_comments, show_followers, show_following;
	bool  no_followers; /* those that there are go */
};
/* A name changes at most every NAME_PACE; the old one stays theirs, and is seen by moderators. */
err_t reader_set_profile(struct stet *s, arena_t *a, const struct reader *r, const struct profile *p,
			 str_t actor) CHECKED;

struct former_name {
	str_t  name;
	usec_t until;
};
/* Names they had, newest first. */
err_t reader_names(struct conn *c, arena_t *a, id64 reader, struct former_name **out, size_t *n) CHECKED;

/* Refused if they want no followers, or one of the two has muted or blocked the other. */
err_t reader_follow(struct stet *s, arena_t *a, id64 reader, id64 followed, bool on) CHECKED;
err_t reader_follows(struct conn *c, id64 reader, id64 followed, bool *out) CHECKED;

/* --- readers who do not want to see one another --- */

enum mute { MUTE_NOT, MUTE_HIDES, MUTE_BLOCKS }; /* to block is to mute, and they may not answer nor follow */
/* The other is not told. Ends what one follows of the other, and with a block both ways. */
err_t reader_mute(struct stet *s, arena_t *a, id64 reader, id64 other, enum mute how) CHECKED;
err_t reader_mutes(struct conn *c, id64 reader, id64 other, enum mute *out) CHECKED;

/* Everyone with at least this role, by name; of readers the newest `most`. */
err_t reader_all(struct conn *c, arena_t *a, enum role least, size_t most, struct reader_list *out) CHECKED;

/* "/reader/ID" */
str_t reader_path(arena_t *a, id64 id);
/* "reader:ID": what an act of theirs is signed with, and the topic of what concerns them. */
str_t topic_reader(arena_t *a, id64 id);

/* --- who asks --- */

struct who {
	struct reader  reader;  /* .id 0: nobody is signed in */
	struct session session;
};
err_t who_asks(struct stet *s, const struct request *q, struct who *out) CHECKED;
/* The same within a snapshot that is open already. */
err_t who_asks_in(struct stet *s, struct conn *c, const struct request *q, struct who *out) CHECKED;
/* Whoever asks, and if nobody does, the answer is a redirect to the sign-in page, which leads back.
 * True if `r` is answered so. */
bool  who_must_sign_in(struct stet *s, struct request *q, struct response *r, struct who *out,
		       err_t *e);
/* Whether they proved of late who they are. */
bool  who_has_proven(struct stet *s, const struct who *who);
/* As who_must_sign_in, for what only one who has may do. */
bool  who_must_prove(struct stet *s, struct request *q, struct response *r, struct who *out, err_t *e);

/* Counts one of what a reader, or whoever asks from that network address, does; ERR_BUSY if it is too much. */
err_t rate_reader(struct stet *s, arena_t *a, enum rate what, id64 reader) CHECKED;
err_t rate_client(struct stet *s, struct request *q, enum rate what) CHECKED;

/* --- sessions --- */

struct session_draft {
	const struct reader *reader;
	const char          *way;
	bool                 strong;
};
/* Signs the browser of `q` in, with a new session; one that it had is ended (no session is ever taken
 * over). Sets the cookies on `r`. */
err_t session_begin(struct stet *s, struct request *q, struct response *r,
		    const struct session_draft *d) CHECKED;
/* Marks the reader of the session as proven just now, and gives it a new secret. */
err_t session_prove(struct stet *s, struct request *q, struct response *r, const struct who *who,
		    bool strong) CHECKED;
/* Ends the session of this request and takes the cookies away. */
err_t session_end(struct stet *s, struct request *q, struct response *r) CHECKED;
/* One of the reader's, or all but `keep` (0: all). */
err_t session_revoke(struct stet *s, arena_t *a, id64 reader, id64 session) CHECKED;
err_t session_revoke_all(struct stet *s, arena_t *a, id64 reader, id64 keep) CHECKED;
/* Those that are good at `now`, last used first. */
err_t session_list(struct conn *c, arena_t *a, id64 reader, usec_t now, struct session **out,
		   size_t *n) CHECKED;
/* For a writer of its own: ends them. */
err_t session_delete_all(struct conn *c, id64 reader, id64 keep) CHECKED;

/* --- names and passwords --- */

/* The name with its spaces put right; an error names what is wrong with it. */
err_t name_check(struct stet *s, arena_t *a, str_t *name) CHECKED;
/* Two names are the same if either is equal: `key` for those that differ in case or in letters that are
 * confused (UTS 39), `look` for those that look alike as they are written ("PauI", "Paul"). */
struct name_keys {
	str_t key, look;
};
err_t name_keys(struct stet *s, arena_t *a, str_t name, struct name_keys *out) CHECKED;
/* ERR_CONFLICT if somebody has it, or had it, or is about to, or it is kept for staff. `reader` may have
 * it back (0: nobody). */
err_t name_free(struct stet *s, struct conn *c, arena_t *a, str_t name, id64 reader,
		id64 challenge) CHECKED;

/* Spaces off, and folded: the address by which an account is found. */
err_t address_check(arena_t *a, str_t *address) CHECKED;
err_t address_key(struct stet *s, arena_t *a, str_t address, str_t *out) CHECKED;

/* Whether it is good enough; `about` are words that a guesser would begin with. */
err_t password_check(struct stet *s, arena_t *a, str_t password, const struct strs *about) CHECKED;
/* Both wait for a thread of low priority; ERR_BUSY when too many wait. */
err_t password_hash(struct stet *s, arena_t *a, str_t password, str_t *out) CHECKED;
/* `hashed` empty: the same work for nothing, so that time does not tell whether there is an account. */
err_t password_verify(struct stet *s, arena_t *a, str_t password, str_t hashed, bool *right,
		      bool *old) CHECKED;
