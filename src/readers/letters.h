/* letters.h: mail to readers, in the publication's look: a heading, a few sentences, perhaps a button and
 * a code. Written when it is sent, from messages of the reader's language; what waits in the job table
 * has no secret in it (challenge.h). */
#pragma once

#include "readers/challenge.h"
#include "record/jobs.h"

struct act;

#define LETTER_SEND "letter.send"

/* A letter that follows from an act. `kind` names the messages ("letter.KIND.subject" ...). */
struct letter_draft {
	const char             *kind;
	str_t                   to;
	str_t                   language;  /* empty: the publication's */
	const struct challenge *challenge; /* of the link and the code in it, or NULL */
	str_t                   path;      /* what the button leads to; empty: the challenge's link */
	str_t                   name;      /* {name} in the messages */
	str_t                   device;    /* {device} */
	str_t                   more;      /* a sentence of the newsroom's own */
};
err_t letter_post(struct act *act, const struct letter_draft *d) CHECKED;

err_t letter_send_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;

/* Whether letters can leave the house (or are kept in the outbox). */
bool letters_leave(const struct stet *s);
/* Whether they are kept and shown: only on this machine itself. */
bool letters_are_kept(const struct stet *s);
