/* err.h: errors as values.
 *
 * An err_t is NULL when all is well, else an error that the receiver owns: it answers it, wraps
 * it, or lets it go with err_free. Each carries a code for programs (an HTTP status and an exit
 * code follow from it), a message for people that says what, where and what to do, and the form
 * field it belongs to, if there is one. What readers are told is said in the language of their page:
 * such an error has the key of a message instead (page/messages.h). */
#pragma once

#include "base/str.h"

enum err_code {
	ERR_NONE,
	ERR_INPUT,    /* what was given is wrong: 422, exit 2 */
	ERR_REFUSED,  /* well formed, but a rule says no: 403, exit 3 */
	ERR_MISSING,  /* no such thing: 404, exit 4 */
	ERR_GONE,     /* was there, is withdrawn: 410, exit 4 */
	ERR_CONFLICT, /* somebody else was first: 409, exit 5 */
	ERR_TOO_LARGE,/* over a limit: 413, exit 2 */
	ERR_BUSY,     /* try again: 503, exit 6 */
	ERR_FULL,     /* disk full: 507, exit 7 */
	ERR_CORRUPT,  /* stored data is damaged: 500, exit 8 */
	ERR_MEMORY,   /* out of memory: 503, exit 6 */
	ERR_SYSTEM,   /* the machine or a library failed: 500, exit 1 */
	ERR_USAGE,    /* the command line is wrong: exit 64 */
};

struct err {
	enum err_code code;
	char         *field;  /* name of the form field, or NULL */
	char         *text;   /* one or more sentences, UTF-8, no newline at the end */
	char         *key;    /* of the message that says it, or NULL */
	char         *values; /* lines "name=value" for its {names}, or NULL */
	struct err   *cause;  /* what lay under it, or NULL */
};

typedef struct err *err_t;
#define OK ((err_t)NULL)

#define CHECKED __attribute__((warn_unused_result))

err_t err_new(enum err_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3))) CHECKED;

/* For what a person typed: `field` names the form field (or front matter key, or option). */
err_t err_user(enum err_code code, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4))) CHECKED;

/* For what a reader typed: the message `key` says it. */
err_t err_say(enum err_code code, const char *field, const char *key) CHECKED;
/* The same for a message with {names}: a line "name=value" for each. A whole number called n chooses the
 * message's form ("key.one", "key.other"). */
err_t err_say_with(enum err_code code, const char *field, const char *key, const char *values, ...)
	__attribute__((format(printf, 4, 5))) CHECKED;

/* The operating system said no: "open stet.db: No such file or directory". ENOSPC and EDQUOT give
 * ERR_FULL, ENOENT ERR_MISSING, the rest ERR_SYSTEM. */
err_t err_errno(int number, const char *format, ...)
	__attribute__((format(printf, 2, 3))) CHECKED;

/* Puts a sentence before the message: "while importing post 12: ...". Code and field are kept.
 * Takes `e`; NULL stays NULL. */
err_t err_wrap(err_t e, const char *format, ...) __attribute__((format(printf, 2, 3))) CHECKED;

void err_free(err_t e); /* NULL is fine */

/* The whole message, causes included, for a person or the log; of one that a message says, its key and what
 * fills it (messages_error has the words). Lives as long as `e`. */
const char *err_text(const struct err *e);

int err_status(const struct err *e); /* HTTP status; 200 for OK */
int err_exit(const struct err *e);   /* exit code; 0 for OK */

/* Returns the error of `x` to the caller, if it is one. The only macro that hides control flow. */
#define TRY(x)                                                                                     \
	do {                                                                                       \
		err_t try_ = (x);                                                                  \
		if (__builtin_expect(try_ != OK, 0))                                               \
			return try_;                                                               \
	} while (0)
