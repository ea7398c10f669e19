/* limits.h: the forum's bounds, each with the reason for its value. */
#pragma once

#include "base/clock.h"

enum forum_limits {
	COMMENT_MOST = 5000,         /* code points: more is a story of its own */
	COMMENT_BYTES = 20000,
	QUOTE_MOST = 600,            /* code points of a story: a paragraph */
	MENTIONS_MOST = 10,
	MARKS_MOST = 4,              /* combining marks on one letter: no written language has more */
	ROOTS_PAGE = 20,             /* comments to the story itself on a page of the conversation */
	ROOTS_STORY = 6,             /* and under the story */
	SHOWN_PAGE = 60,             /* comments on a page, replies among them: what fits into 60 KB */
	SHOWN_STORY = 14,
	DEPTH_SHOWN = 5,             /* deeper ones have a page of their own: lines on a phone get too short */
	REPLIES_SHOWN = 5,           /* of one comment; the others behind a line that counts them */
	ANCESTORS_SHOWN = 3,         /* above a comment on its own page */
	READER_PAGE = 20,
	NEWS_PAGE = 30,
	UNREAD_MOST = 99,            /* that are counted: more is "many" */
	THINGS_MOST = 500,         /* of one kind: a page of news is a range for each */
	NEW_MOST = 50,               /* comments that open pages are given at once */
	CHANGES_TOLD = 40,           /* in one event; behind more the page is read again */
	COUNTS_MOST = 200,           /* stories in one request */
};

#define SAME_AGAIN   (10 * MINUTE)  /* the same text from the same reader is a slip of the finger */
#define DRAFT_LIFE   (2 * DAY)
#define STREAM_PACE  (3 * SECOND / 20) /* between two events of one conversation */
