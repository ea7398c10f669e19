/* mention.c: see mention.h. Names may have spaces, so behind an '@' the longest run of words that is
 * somebody's name is theirs. */
#include "forum/mention.h"

#include "forum/limits.h"

_Static_assert(sizeof((struct mentions *)0)->v / sizeof(id64) == MENTIONS_MOST, "as many as may be named");

enum { NAME_WORDS = 4, NAME_BYTES = 160 };

static const struct sql select_named = {
	"SELECT id, name FROM reader WHERE name_key = $1 AND state = 'active'"
};

err_t reader_named(struct stet *s, struct conn *c, arena_t *a, str_t name, struct reader *out)
{
	struct name_keys keys;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct reader){ 0 };
	err_t bad = name_keys(s, a, name, &keys);
	if (bad) { /* no text that could be one */
		err_free(bad);
		return OK;
	}
	TRY(db_query(c, &select_named, ARGS(v_str(keys.key)), &r));
	if (rows_next(&r, &e)) {
		out->id = row_int(&r, 0);
		out->name = row_str(&r, a, 1);
	}
	return e;
}

static bool ends_name(char c)
{
	return c == '<' || c == '&' || c == '\n' || c == '@' || c == '"';
}

/* Where the text behind '@' stops being a name that could be; the ends of its words, longest last. */
static size_t words_behind(str_t s, size_t *ends)
{
	size_t n = 0, i = 0;
	for (; i < s.n && i < NAME_BYTES && !ends_name(s.p[i]) && n < NAME_WORDS; i++)
		if (s.p[i] == ' ' && i > 0 && s.p[i - 1] != ' ')
			ends[n++] = i;
	if (n < NAME_WORDS && i > 0 && i < NAME_BYTES)
		ends[n++] = i;
	return n;
}

/* Punctuation that follows a name rather than ends it (names are found whatever stops are in them). */
static str_t without_stop(str_t s)
{
	while (s.n && strchr(".,;:!?)'", s.p[s.n - 1]))
		s.n--;
	return s;
}

static str_t without_possessive(str_t s)
{
	static const str_t ends[] = { S("'s"), S("\xe2\x80\x99s"), S("\xe2\x80\x99") };
	for (size_t i = 0; i < COUNT(ends); i++)
		if (str_ends(s, ends[i]))
			return str_slice(s, 0, s.n - ends[i].n);
	return s;
}

static err_t find_name(struct stet *s, struct conn *c, arena_t *a, str_t behind, struct reader *out, size_t *n)
{
	size_t ends[NAME_WORDS];
	out->id = 0;
	for (size_t i = words_behind(behind, ends); i > 0 && !out->id; i--) {
		str_t name = without_stop(str_slice(behind, 0, ends[i - 1])), owner = without_possessive(name);
		*n = name.n;
		TRY(reader_named(s, c, a, name, out));
		if (!out->id && owner.n < name.n) {
			*n = owner.n;
			TRY(reader_named(s, c, a, owner, out));
		}
	}
	return OK;
}

static bool add(struct mentions *m, id64 id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i] == id)
			return true;
	if (m->n == MENTIONS_MOST)
		return false;
	m->v[m->n++] = id;
	return true;
}

/* Tags between which a name is only text. */
static int literal_tag(str_t rest)
{
	static const char *const names[] = { "a", "code", "pre" };
	for (size_t i = 0; i < COUNT(names); i++) {
		str_t name = str_of(names[i]);
		bool closing = rest.n > 1 && rest.p[1] == '/';
		str_t tag = str_slice(rest, 1 + closing, rest.n);
		if (str_starts(tag, name) && tag.n > name.n && strchr(" >\n", tag.p[name.n]))
			return closing ? -1 : 1;
	}
	return 0;
}

static bool begins_word(str_t html, size_t at)
{
	return at == 0 || strchr(" \n>(\"", html.p[at - 1]) != NULL;
}

err_t mentions_link(struct stet *s, struct conn *c, arena_t *a, str_t html, str_t *out, struct mentions *found)
{
	struct buf b = buf_new(a, html.n + 64);
	int literal = 0, tried = 0;
	*found = (struct mentions){ 0 };
	for (size_t i = 0; i < html.n;) {
		size_t n = 1;
		if (html.p[i] == '<') {
			size_t end = str_find_char(html, '>', i);
			literal += literal_tag(str_slice(html, i, html.n));
			n = (end == STR_NONE ? html.n : end + 1) - i;
		} else if (html.p[i] == '@' && !literal && begins_word(html, i) && tried < 2 * MENTIONS_MOST) {
			struct reader r;
			size_t named;
			tried++;
			TRY(find_name(s, c, a, str_slice(html, i + 1, html.n), &r, &named));
			if (r.id && add(found, r.id)) {
				buf_add_format(&b, "<a href=\"%.*s\">@%.*s</a>", STR(reader_path(a, r.id)),
					       STR(str_slice(html, i + 1, i + 1 + named)));
				i += 1 + named;
				continue;
			}
		}
		buf_add(&b, str_slice(html, i, i + n));
		i += n;
	}
	*out = buf_str(&b);
	return OK;
}

static const struct sql insert_mention = {
	"INSERT INTO comment_mention (comment, reader, made) SELECT id, $2, made FROM comment WHERE id = $1 "
	"ON CONFLICT DO NOTHING"
};
static const struct sql delete_mentions = { "DELETE FROM comment_mention WHERE comment = $1" };

err_t mentions_save(struct conn *c, id64 comment, const struct mentions *m)
{
	TRY(db_run(c, &delete_mentions, ARGS(v_int(comment)), NULL));
	for (size_t i = 0; i < m->n; i++)
		TRY(db_run(c, &insert_mention, ARGS(v_int(comment), v_int(m->v[i])), NULL));
	return OK;
}
