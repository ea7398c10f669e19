/* topics.c: the words for what an act touches. */
#include "record/act.h"

static str_t named(arena_t *a, const char *what, str_t which)
{
	return str_format(a, "%s:%.*s", what, STR(which));
}

str_t topic_front(void)
{
	return S("front");
}

str_t topic_site(void)
{
	return S("site");
}

str_t topic_section(arena_t *a, str_t slug)
{
	return named(a, "section", slug);
}

str_t topic_tag(arena_t *a, str_t slug)
{
	return named(a, "tag", slug);
}

str_t topic_author(arena_t *a, str_t slug)
{
	return named(a, "author", slug);
}

str_t topic_series(arena_t *a, str_t slug)
{
	return named(a, "series", slug);
}

str_t topic_most_read(void)
{
	return S("most-read");
}

str_t topic_corrections(void)
{
	return S("corrections");
}

str_t topic_story(arena_t *a, id64 id)
{
	return named(a, "story", id_text(a, id));
}
