/* limits.h: the press's bounds. */
#pragma once

enum press_limits {
	HEADLINE_MOST = 300,          /* code points: longer is a paragraph, not a headline */
	STANDFIRST_MOST = 1000,       /* code points: two or three sentences */
	DATELINE_MOST = 80,
	KICKER_MOST = 60,             /* a few words: a longer one breaks over two lines on a phone */
	LANGUAGE_MOST = 35,           /* bytes: the longest tag of RFC 5646 section 4.4.1 */
	RELATED_MOST = 20,
	SLUG_MOST = 80,               /* bytes: an address people can still send by mail */
	NAME_MOST = 200,              /* an author, section or tag */
	CREDIT_MOST = 300,
	CAPTION_MOST = 2000,
	CORRECTION_MOST = 5000,
	SOURCE_MOST = 4 * 1024 * 1024, /* bytes of body: a book; a page of it still renders in time */
	LIVE_SOURCE_MOST = 20000,     /* bytes of an entry: longer is a story of its own */
	LIVE_KEY_MOST = 300,          /* a key point: a sentence */
	LIVE_KEYS_MOST = 30,          /* more is no summary */
	AUTHORS_MOST = 50,
	TAGS_MOST = 50,
};
