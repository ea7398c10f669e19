/* clean_media.c: recordings: only what was taken in here plays; anything else is a link. */
#include "page/clean_writer.h"

static const GumboNode *child_named(const GumboNode *node, GumboTag tag, unsigned *from)
{
	const GumboVector *v = &node->v.element.children;
	while (*from < v->length) {
		const GumboNode *child = v->data[(*from)++];
		if (clean_is_element(child) && child->v.element.tag == tag)
			return child;
	}
	return NULL;
}

static str_t value_of(const GumboNode *node, const char *name)
{
	const GumboAttribute *at = node ? clean_attribute(&node->v.element, name) : NULL;
	return at ? str_trim(str_of(at->value)) : S("");
}

str_t clean_source(const GumboNode *node)
{
	unsigned from = 0;
	str_t own = value_of(node, "src");
	return own.n ? own : value_of(child_named(node, GUMBO_TAG_SOURCE, &from), "src");
}

str_t clean_ours(struct writer *w, str_t url)
{
	str_t other = { NULL, 0 };
	url = str_trim(url);
	if (w->hooks && url_is_safe(url, true) && !url_is_ours(url))
		other = w->hooks->source(w->hooks->ctx, url);
	if (other.p)
		url = other;
	return url_is_ours(url) ? url : (str_t){ NULL, 0 };
}

static void write_track(struct writer *w, const GumboNode *track)
{
	if (!clean_ours(w, value_of(track, "src")).p)
		return;
	clean_tell_attributes(w, track);
	clean_open_tag(w, track, track_rule());
}

/* A player with its tracks; the words for browsers that know none go. */
static void write_player(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	const GumboNode *track;
	unsigned from = 0;
	clean_flush_gap(w);
	clean_open_tag(w, node, r);
	while ((track = child_named(node, GUMBO_TAG_TRACK, &from)))
		write_track(w, track);
	clean_close_tag(w, r);
}

void clean_write_player(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	str_t url = clean_source(node);
	if (clean_ours(w, url).p)
		write_player(w, node, r);
	else
		clean_write_gone(w, url, S(""), r);
}
