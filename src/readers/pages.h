/* pages.h: what this room's handlers share: forms that come back as they were filled, with the reason; the
 * way on.
 *
 * Every form works without script: a POST is answered by a redirect, or, if something is wrong, by the
 * page again with status 422. Script shows the same pages in a dialog. */
#pragma once

#include "readers/challenge.h"
#include "readers/session.h"

struct form {
	const char *template;
	const char *title;  /* a message's key */
	err_t       error;  /* by err_say; shown at its field, or over the form; let go of. NULL: the form is new */
	bool        secret; /* the address of the page is */
	/* Adds to the view; may be NULL. */
	err_t (*fill)(struct stet *s, struct view *v, void *ctx);
	void       *ctx;
};
/* Values that were filled in are "form.NAME" (never a password); "form.next" leads back. */
err_t form_page(struct stet *s, struct request *q, struct response *r, struct form *f) CHECKED;

/* "page" of an account page. */
void account_head(struct view *v, const char *title);

/* Where the reader came from and goes on to: a path of ours, "/" if nothing good is said. */
str_t next_of(const struct request *q);
bool  path_is_ours(str_t path);
/* 303 to a path of ours. */
void  go_to(struct stet *s, struct request *q, struct response *r, str_t path);

json_t *json_text(str_t s);
/* An answer for script; takes the reference. */
err_t answer_json(struct request *q, struct response *r, int status, json_t *j) CHECKED;

/* Whether script asked, which wants JSON and no page. */
bool  script_asks(const struct request *q);
/* {"error": {field, text}} with the error's status; lets go of `e`. Others than the reader's go on. */
err_t answer_refusal(struct stet *s, struct request *q, struct response *r, err_t e) CHECKED;
/* For script: nobody is signed in. */
err_t answer_sign_in(struct request *q, struct response *r) CHECKED;
/* As who_must_sign_in; script is told that nobody is. */
bool  who_must_act(struct stet *s, struct request *q, struct response *r, struct who *out, err_t *e);
/* Where a form leads: to its "next", or `path` if it says nothing. */
str_t next_or(const struct request *q, str_t path);

/* Errors that are the reader's to mend: they come back with the form. */
bool is_mendable(const struct err *e);

/* Who they are is proven by `way`: signs in, or asks for the second factor first. `next` as of
 * next_of. */
err_t sign_in_with(struct stet *s, struct request *q, struct response *r, const struct reader *reader,
		   const char *way, bool strong, str_t next) CHECKED;

/* mail_sign_in.c: a mail with a link and a code; the answer is the same whether there is an account. */
err_t mail_sign_in(struct stet *s, struct request *q, struct response *r, str_t address) CHECKED;

/* Parts of the account's page: each adds its key to the view. */
err_t profile_part(struct stet *s, struct view *v, const struct who *who) CHECKED;

err_t privacy_part(struct stet *s, struct view *v, const struct who *who) CHECKED;

err_t muted_part(struct stet *s, struct view *v, const struct who *who) CHECKED;

err_t factor_part(struct stet *s, struct view *v, const struct who *who) CHECKED;

err_t identities_part(struct stet *s, struct view *v, const struct who *who) CHECKED;
/* "providers" of a page where one signs in. */
err_t providers_fill(struct stet *s, struct view *v, void *ctx) CHECKED;
/* In the writer that uses up a sign-in by mail: ties the provider's account that it was asked for with. */
err_t identity_from(struct stet *s, struct conn *c, const struct challenge *x) CHECKED;

/* What links of other kinds than mail_link.c's lead to: GET shows a button, POST does it. */
err_t address_link(struct stet *s, struct request *q, struct response *r, struct challenge *x) CHECKED;
err_t copy_link(struct stet *s, struct request *q, struct response *r, struct challenge *x) CHECKED;
err_t invite_link(struct stet *s, struct request *q, struct response *r, struct challenge *x) CHECKED;

/* The routes of the files. */
extern const struct route factor_routes[];
extern const struct route oidc_routes[];
extern const struct route staff_routes[];
extern const struct route address_routes[];
extern const struct route copy_routes[];
extern const struct route leaving_routes[];
extern const struct route profile_routes[];
extern const struct route portrait_routes[];
extern const struct route reader_routes[];
extern const struct route ties_routes[];
extern const struct route register_routes[];
extern const struct route sign_in_routes[];
extern const struct route mail_routes[];
extern const struct route account_routes[];
extern const struct route outbox_routes[];
extern const struct route passkey_routes[];
