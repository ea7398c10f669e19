/* messages.h: what the pages say, in the reader's language.
 *
 * A theme holds a file for each language, messages/en.txt: lines of "key = text", '#' before a
 * comment. A key is words between dots: "story.published". Templates say {{t.story.published}}; C
 * says messages_get. A key that a language lacks is said in English, so a new sentence never
 * leaves a hole. Texts may hold {names} that messages_fill puts values in, and forms for numbers:
 * "story.changes.one", "story.changes.other" (the categories of Unicode's plural rules). */
#pragma once

#include "base/base.h"
#include "page/assets.h"

struct messages;

/* Reads the files under messages/ of `files`. A line that is no "key = text" is an error that names
 * file and line. */
err_t messages_new(const struct asset_file *files, size_t n, struct messages **out) CHECKED;
void  messages_free(struct messages *m);

/* One language. For "fr-CA" that of fr-CA.txt, or fr.txt, or English. Never NULL; lives as long
 * as `m`. */
struct tongue;
const struct tongue *messages_tongue(const struct messages *m, str_t language);

/* The language of the file that was found. */
str_t tongue_name(const struct tongue *t);

/* The text of a key; the key itself, so that it is seen, where no language has it. */
str_t messages_get(const struct tongue *t, const char *key);

/* Puts values in the place of {names}: messages_fill(a, text, "n", count, NULL-ended pairs). */
struct message_value {
	const char *name;
	str_t       value;
};
str_t messages_fill(arena_t *a, str_t text, const struct message_value *v, size_t n);

/* A whole number as the language writes it: 12,345 or 12 345. */
str_t messages_number(arena_t *a, const struct tongue *t, int64_t n);

/* The form of `key` for a number, its {n} filled. */
str_t messages_count(arena_t *a, const struct tongue *t, const char *key, int64_t n);

/* What an error says: the message of its key, filled; its own text if it has none. */
str_t messages_error(arena_t *a, const struct tongue *t, const struct err *e);

/* A moment by the pattern of `key` ("date.long"), in the publication's zone. A pattern knows
 * {weekday} {day} {month} {mon} {year} {hour} {minute} {zone}; "date.first" is the day of a month's
 * first ("1er"). */
str_t messages_date(arena_t *a, const struct tongue *t, const char *key, usec_t moment);

/* All of it as the object `t` of a view: {"story": {"published": ...}}. Not to be changed. */
json_t *tongue_view(const struct tongue *t);

/* A line for each key of English that a language lacks, and each that English does not know. */
void messages_check(const struct messages *m, arena_t *a, struct strs *report);
