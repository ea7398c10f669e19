/* rate.h: how often somebody may do something.
 *
 * In memory, of bounded size: after a restart all counts begin anew. Keys are hashed with a secret of
 * the process, so the table tells nothing and cannot be aimed at. What was not seen for longest makes
 * room. */
#pragma once

#include "base/base.h"

/* One for each thing that is counted; rate.c has the numbers and why. */
enum rate {
	RATE_MAIL_ADDRESS,   /* mails asked for, for one address, from everywhere */
	RATE_MAIL_PAIR,      /* and for one address from one network address */
	RATE_MAIL_CLIENT,    /* the same from one network address */
	RATE_CODE_CLIENT,    /* codes tried */
	RATE_PASSWORD_CLIENT, /* passwords tried from one network address */
	RATE_PASSWORD_ACCOUNT, /* and for one account, from everywhere */
	RATE_PASSWORD_PAIR,  /* and for one account from one network address: grows */
	RATE_NAME_CLIENT,    /* names tried */
	RATE_CEREMONY_CLIENT, /* passkey and provider challenges */
	RATE_COPY_ACCOUNT,   /* copies of everything */
	RATE_CHANGE_ACCOUNT, /* changes of a profile */
	RATE_FACTOR_ACCOUNT, /* codes of a second factor */
	RATE_COMMENT_ACCOUNT, /* comments written or edited */
	RATE_VOTE_ACCOUNT,
	RATE_REPORT_ACCOUNT,
	RATE_TIE_ACCOUNT,    /* followed, muted, seen */
	RATE_DRAFT_CLIENT,   /* comments of those who are not signed in yet */
	RATE_NOTICE_CLIENT,  /* notices of what breaks the law */
	RATES,
};

struct rates;
err_t rates_new(struct rates **out) CHECKED;
void  rates_free(struct rates *r);

/* Counts one; ERR_BUSY, with the time to wait in words, if that is too many. */
err_t rate_take(struct rates *r, enum rate what, str_t key, usec_t now) CHECKED;
/* The same without counting. */
err_t rate_look(struct rates *r, enum rate what, str_t key, usec_t now) CHECKED;
/* It went well: begins anew. */
void  rate_forget(struct rates *r, enum rate what, str_t key);
