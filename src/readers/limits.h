/* limits.h: the readers' bounds, each with the reason for its value. */
#pragma once

#include "base/clock.h"

enum readers_limits {
	READER_NAME_LEAST = 2,
	READER_NAME_MOST = 40,      /* code points: a first name, a last name and a title on one line */
	ABOUT_MOST = 300,           /* a line about oneself, not a biography */
	PORTRAIT_SIDE = 256,        /* pixels: twice what a page shows, for fine screens */
	PORTRAIT_MB = 10,           /* of what is uploaded: a telephone's photograph */
	FOLLOWERS_SHOWN = 60,
	FOLLOWS_MOST = 500,          /* readers: a page of news is a range for each */
	MUTED_SHOWN = 500,
	PASSWORD_LEAST = 15,        /* code points, where it is all there is: NIST SP 800-63B-4, 3.1.1.2 */
	PASSWORD_BYTES = 4096,      /* hashing more would be work for an attacker's asking */
	PASSWORD_BITS = 35,         /* a guesser's work below that is minutes */
	/* KiB of Argon2id, with HASH_PASSES: of the pairs that OWASP (Password Storage) holds equal the one with
	 * the least memory, which the kernel hands out anew for each hash, at more cost than the hash itself. */
	HASH_MEMORY = 7 * 1024,
	HASH_PASSES = 5,
	HASH_WAITING = 10,          /* requests that wait for a hash; the workers must not all do so */
	CODE_TRIES = 5,             /* of a code of eight digits: 1 in 20 million */
	SESSIONS_MOST = 50,         /* of one reader; the one not used for longest goes */
	PASSKEYS_MOST = 20,         /* one for each device, and some forgotten ones */
	PASSKEY_NAME_MOST = 60,     /* code points: a line of the list */
	DEVICE_MOST = 80,
	RATE_ENTRIES = 1 << 16,     /* who was counted of late; 2 MB */
};

#define MAIL_LIFE      (15 * MINUTE)   /* of a link and a code in a mail */
#define INVITE_LIFE    (7 * DAY)
#define CEREMONY_LIFE  (5 * MINUTE)    /* of a passkey's or a provider's challenge */
#define PROVEN_FOR     (10 * MINUTE)   /* after that a sensitive action asks again */
#define NAME_PACE      (14 * DAY)      /* between two changes of a name */
#define LEAVING_GRACE  (DAY)           /* between "delete my account" and its end */
#define COPY_LIFE      (DAY)           /* of everything about a reader, made to take away */
#define ADDRESS_LIFE   (30 * DAY)      /* of the keyed hash of a network address */

#define SESSION_IDLE        (30 * DAY)
#define SESSION_LIFE        (365 * DAY)
#define STAFF_SESSION_IDLE  (12 * HOUR)
#define STAFF_SESSION_LIFE  (7 * DAY)
#define SESSION_TURN        (DAY)      /* how often a session gets a new secret */
#define SESSION_GRACE       (60 * SECOND) /* the one before is good for requests on their way */
#define SESSION_TOUCH       (HOUR)     /* "last used" is not told more closely, nor written more often */
