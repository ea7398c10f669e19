/* prepare.c: what a story must be before it is written, judged without the database: lengths, languages,
 * moments; texts are cleaned, slugs made. What only the database knows, save.c asks of it. */
#include "press/limits.h"
#include "press/press.h"
#include "press/rows.h"
#include "press/saving.h"

#include "page/clean.h"

err_t check_length(const char *field, str_t text, size_t most, bool needed)
{
	size_t bad;
	if (needed && !str_trim(text).n)
		return err_user(ERR_INPUT, field, "%s: must not be empty", field);
	if (!str_is_utf8(text, &bad))
		return err_user(ERR_INPUT, field, "%s: is not UTF-8 at byte %zu", field, bad + 1);
	size_t n = str_runes(text);
	if (n > most)
		return err_user(ERR_INPUT, field, "%s: has %zu characters; at most %zu fit", field,
				n, most);
	return OK;
}

str_t one_line(arena_t *a, str_t s)
{
	str_t copy = str_copy(a, str_trim(s));
	char *p = (char *)copy.p;
	for (size_t i = 0; i < copy.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return copy;
}

static err_t clean_inline(arena_t *a, const char *field, str_t *html, size_t most)
{
	TRY(check_length(field, *html, most * 4, false));
	TRY(err_wrap(clean_html(a, GRAMMAR_INLINE, *html, html, NULL), "%s", field));
	return check_length(field, clean_text(a, *html), most, false);
}

/* A fault of notation is one of the body's. */
static err_t in_body(err_t e)
{
	if (!e || e->field)
		return e;
	err_t named = err_user(e->code, "body", "body: %s", err_text(e));
	err_free(e);
	return named;
}

static err_t clean_body(arena_t *a, struct story *st)
{
	size_t bad;
	if (st->source.n > SOURCE_MOST)
		return err_user(ERR_TOO_LARGE, "body", "body: is %zu bytes; at most %d fit",
				st->source.n, SOURCE_MOST);
	if (!str_is_utf8(st->source, &bad))
		return err_user(ERR_INPUT, "body", "body: is not UTF-8 at byte %zu", bad + 1);
	if (st->format == MARKDOWN)
		TRY(in_body(clean_markdown(a, GRAMMAR_STORY, st->source, &st->body, NULL)));
	else
		TRY(clean_html(a, GRAMMAR_STORY, st->source, &st->body, NULL));
	st->words = clean_words(st->body);
	return OK;
}

static err_t check_people(struct story *st)
{
	if (st->nauthors > AUTHORS_MOST)
		return err_user(ERR_INPUT, "authors", "authors: at most %d", AUTHORS_MOST);
	if (st->ntags > TAGS_MOST)
		return err_user(ERR_INPUT, "tags", "tags: at most %d", TAGS_MOST);
	for (size_t i = 0; i < st->nauthors; i++)
		TRY(check_length("authors", st->authors[i].name, NAME_MOST, true));
	for (size_t i = 0; i < st->ntags; i++)
		TRY(check_length("tags", st->tags[i].name, NAME_MOST, true));
	return OK;
}

/* Makes slugs that are missing and forgets those named twice. */
static err_t name_people(arena_t *a, struct story *st)
{
	size_t n = 0;
	for (size_t i = 0; i < st->nauthors; i++) {
		struct author *au = &st->authors[i];
		if (!au->slug.n)
			au->slug = slug_from(a, au->name);
		TRY(slug_check("authors", au->slug));
		bool twice = false;
		for (size_t j = 0; j < n; j++)
			twice |= str_eq(st->authors[j].slug, au->slug);
		if (!twice)
			st->authors[n++] = *au;
	}
	st->nauthors = n;
	n = 0;
	for (size_t i = 0; i < st->ntags; i++) {
		struct tag *tag = &st->tags[i];
		if (!tag->slug.n)
			tag->slug = slug_from(a, tag->name);
		TRY(slug_check("tags", tag->slug));
		bool twice = false;
		for (size_t j = 0; j < n; j++)
			twice |= str_eq(st->tags[j].slug, tag->slug);
		if (!twice)
			st->tags[n++] = *tag;
	}
	st->ntags = n;
	return OK;
}

/* New corrections are copied before they are cleaned and numbered: a refused save must not leave
 * its marks on the caller's. */
static err_t prepare_corrections(arena_t *a, struct story *st)
{
	struct correction *copy = arena_array(a, st->ncorrections, sizeof *copy);
	for (size_t i = 0; i < st->ncorrections; i++) {
		copy[i] = st->corrections[i];
		if (copy[i].id)
			continue;
		TRY(clean_inline(a, "corrections", &copy[i].text, CORRECTION_MOST));
		TRY(clean_inline(a, "wrong", &copy[i].wrong, CORRECTION_MOST));
		TRY(clean_inline(a, "right", &copy[i].right, CORRECTION_MOST));
		TRY(correction_check("corrections", &copy[i]));
	}
	st->corrections = copy;
	return OK;
}

/* A language tag as BCP 47 has it: letters, digits and hyphens, the first part letters. */
static err_t check_language(str_t tag)
{
	bool good = tag.n <= LANGUAGE_MOST;
	for (size_t i = 0; i < tag.n; i++) {
		char ch = tag.p[i];
		bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
		good &= letter || (i > 1 && ((ch >= '0' && ch <= '9') || ch == '-'));
	}
	if (good && tag.n != 1)
		return OK;
	return err_user(ERR_INPUT, "language", "language: \"%.*s\" is no language tag as \"en\" or "
			"\"fr-CA\"", STR(tag));
}

/* When it comes out, and when it may. */
static err_t check_moments(const struct story *st)
{
	if (st->scheduled && st->state != DRAFT)
		return err_user(ERR_INPUT, "scheduled", "scheduled: only a draft can be scheduled");
	if (st->scheduled && st->embargo > st->scheduled)
		return err_user(ERR_INPUT, "scheduled",
				"scheduled: the story is under embargo until later than that");
	if (st->live_until && st->live_until < st->live_from)
		return err_user(ERR_INPUT, "live", "live: it ends before it begins");
	return OK;
}

/* What the second part of the paper's life added: all optional, none for static pages. */
static err_t prepare_more(arena_t *a, struct story *st)
{
	st->kicker = one_line(a, st->kicker);
	st->language = one_line(a, st->language);
	TRY(check_length("kicker", st->kicker, KICKER_MOST, false));
	TRY(check_language(st->language));
	if (st->kind == STATIC_PAGE) {
		st->series = (struct series){ 0 };
		st->nrelated = 0;
		st->live = NOT_LIVE;
	}
	if (st->nrelated > RELATED_MOST)
		return err_user(ERR_INPUT, "related", "related: at most %d", RELATED_MOST);
	if (st->series.name.n && !st->series.slug.n)
		st->series.slug = slug_from(a, st->series.name);
	if (st->series.slug.n) {
		TRY(slug_check("series", st->series.slug));
		if (!st->series.name.n)
			st->series.name = st->series.slug;
		TRY(check_length("series", st->series.name, NAME_MOST, true));
	}
	return check_moments(st);
}

err_t story_prepare(arena_t *a, struct story *st)
{
	st->headline = one_line(a, st->headline);
	st->dateline = one_line(a, st->dateline);
	st->picture.alt = one_line(a, st->picture.alt);
	st->picture.credit = one_line(a, st->picture.credit);
	TRY(check_length("headline", st->headline, HEADLINE_MOST, true));
	TRY(check_length("dateline", st->dateline, DATELINE_MOST, false));
	TRY(check_length("alt", st->picture.alt, CAPTION_MOST, false));
	TRY(check_length("credit", st->picture.credit, CREDIT_MOST, false));
	TRY(clean_inline(a, "standfirst", &st->standfirst, STANDFIRST_MOST));
	TRY(clean_inline(a, "caption", &st->picture.caption, CAPTION_MOST));
	TRY(clean_body(a, st));
	TRY(prepare_corrections(a, st));
	if (st->kind == STATIC_PAGE) /* which stands in no list */
		st->nauthors = st->ntags = 0;
	TRY(check_people(st));
	TRY(name_people(a, st));
	TRY(prepare_more(a, st));
	if (!st->slug.n)
		st->slug = slug_from(a, st->headline);
	if (!st->slug.n)
		st->slug = id_text(a, st->id);
	if (st->kind == STATIC_PAGE)
		return slug_check_top("slug", st->slug);
	return slug_check("slug", st->slug);
}

err_t story_check_for_readers(const struct story *st)
{
	if (!st->body.n && !st->picture.media.id && st->live == NOT_LIVE)
		return err_user(ERR_INPUT, "body", "body: a story without text or picture cannot be "
				"published");
	if (st->picture.media.id && !st->picture.alt.n)
		return err_user(ERR_INPUT, "alt", "alt: say what the picture shows, for readers who "
				"do not see it, before publishing");
	return OK;
}

err_t story_check_embargo(struct stet *s, arena_t *a, const struct story *st)
{
	if (st->embargo <= clock_now(&s->clock))
		return OK;
	return err_user(ERR_REFUSED, "embargo", "the story is under embargo until %.*s; "
			"`stet story embargo %.*s --lift` ends it", STR(time_long(a, st->embargo)),
			STR(st->slug));
}
