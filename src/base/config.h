/* config.h: stet.conf, and every key it may hold.
 *
 *	# a comment
 *	name = "The Averil Courier"
 *	zone = America/Toronto
 *
 * One key a line; quotes only where a value begins or ends with a space or holds a '#'. A key that
 * is not in the table of config.c is refused with the nearest one that is; a value that breaks its
 * key's rule is refused with the line. `stet doctor` and docs/configuration.md are made from the
 * same table. */
#pragma once

#include "base/base.h"

struct config {
	str_t   name;            /* the publication's */
	str_t   tagline;
	str_t   language;        /* BCP 47: "en", "fr-CA" */
	str_t   zone;            /* "America/Toronto" */
	str_t   theme;           /* a name, a folder's path, or empty */
	str_t   url;             /* public address without a slash at the end */
	str_t   listen;          /* "127.0.0.1:8080", "[::]:80", comma-separated for several */
	str_t   listen_tls;      /* the same for HTTPS; empty: none */
	str_t   certificate;     /* PEM files, relative to the folder */
	str_t   certificate_key;
	str_t   trusted_proxies; /* addresses or CIDR ranges whose X-Forwarded-For is believed */
	str_t   log_level;
	int64_t loops;           /* event loops; 0: one a core */
	int64_t workers;         /* threads that render and write; 0: two a core */
	int64_t cache_mb;        /* bound of the page cache */
	int64_t front_stories;   /* stories on the front page */
	int64_t list_stories;    /* stories on a page of a list */
	int64_t picture_mb;      /* the largest picture file taken */
	int64_t picture_megapixels;
	str_t   embed_hosts;     /* servers of PeerTube and Mastodon whose pages may be embedded */
	/* What the world is told. A policy is a path here or an address elsewhere. */
	str_t   licence;
	str_t   policy_principles, policy_corrections, policy_ethics, policy_ownership,
		policy_masthead, policy_feedback;
	str_t   same_as;         /* addresses, comma-separated */
	str_t   share_colour, share_ink; /* "0b4f5e" */
	str_t   ai_training, ai_answers, ai_visits; /* see config_allows */
	str_t   hubs;            /* of WebSub; addresses, comma-separated */
	int64_t announce_after;  /* seconds */
	str_t   indexnow;        /* the key; empty: nobody is told */
	str_t   indexnow_to;
	str_t   security_contact;
	str_t   trust;           /* "name=address", comma-separated */
	str_t   private_calls;   /* calls to private networks; see config_allows */
	int64_t upload_mb;       /* the largest recording or file taken */
	/* Readers and their mail. */
	str_t   registration;    /* see config_allows */
	str_t   providers;       /* of OpenID Connect: "NAME=ISSUER CLIENT", comma-separated */
	str_t   smtp;            /* "smtps://host:465"; SMTP_OUTBOX: kept in a folder; empty: no mail */
	str_t   smtp_user;
	str_t   smtp_password;   /* a file, relative to the folder */
	str_t   smtp_authorities; /* PEM file; empty: the system's */
	str_t   mail_from;       /* an address; empty: "noreply@" and the host */
};

/* Mail is not sent but kept in the folder "outbox", and shown at /dev/mail. */
#define SMTP_OUTBOX "outbox"

/* What a value must be; for NUMBER between `low` and `high`. PLACE: a path or an address; LINKS:
 * addresses; SWITCH: "allow" or "deny". */
enum config_rule {
	CONFIG_TEXT, CONFIG_NOT_EMPTY, CONFIG_URL, CONFIG_LEVEL, CONFIG_NUMBER, CONFIG_PLACE,
	CONFIG_LINKS, CONFIG_COLOUR, CONFIG_SWITCH, CONFIG_KEY, CONFIG_CONTACT, CONFIG_TRUST, CONFIG_MAIL,
};

struct config_key {
	const char      *name;
	size_t           at; /* offset in struct config */
	enum config_rule rule;
	int64_t          low, high;
	const char      *fallback; /* as it would stand in the file */
	const char      *about;    /* one line for the documentation */
};

/* All keys, ended by one without a name. */
extern const struct config_key config_keys[];

/* Whether a SWITCH is on. */
bool config_allows(str_t setting);

/* The values of an empty file. */
void config_defaults(arena_t *a, struct config *c);

/* Reads `text`; `file` names it in messages ("stet.conf:14: ..."). Strings live in `a`. */
err_t config_parse(arena_t *a, str_t file, str_t text, struct config *c) CHECKED;

/* Reads the file at `path`. */
err_t config_read(arena_t *a, const char *path, struct config *c) CHECKED;

/* A file with every key, its documentation and, of what differs, the value of `c`. */
str_t config_write(arena_t *a, const struct config *c);
