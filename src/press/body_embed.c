/* body_embed.c: embeds: a card that says who shows the thing and asks nobody for anything. On a click
 * theme/script/embed.js puts the frame in its place; the page's policy names the frame's host, and no
 * other. */
#include "press/body_parts.h"

#include "page/embed.h"

static str_t unescaped(arena_t *a, str_t s)
{
	static const char *const pairs[][2] = {
		{ "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" }, { "&amp;", "&" },
	};
	for (size_t i = 0; i < COUNT(pairs); i++)
		s = str_replace(a, s, str_of(pairs[i][0]), str_of(pairs[i][1]));
	return s;
}

/* Where the element that begins before `at` ends: at its "</figure>". */
static size_t figure_end(str_t html, size_t at)
{
	for (int depth = 1; (at = str_find(html, S("figure"), at)) != STR_NONE; at++) {
		if (at && html.p[at - 1] == '<')
			depth++;
		else if (at > 1 && html.p[at - 1] == '/' && html.p[at - 2] == '<' && --depth == 0)
			return at - 2;
	}
	return html.n;
}

struct offer {
	struct embed embed;
	str_t        title; /* HTML */
	str_t        rest;  /* HTML: what else stood in the figure */
};

/* The first link of the figure, if it is one to a provider's page. */
static bool read_offer(struct walk *w, str_t inner, struct offer *offer)
{
	size_t open = str_find(inner, S("<a href=\""), 0), caption = str_find(inner, S("<figcaption"), 0);
	size_t end = str_find_char(inner, '>', open), close = str_find(inner, S("</a>"), open);
	if (open == STR_NONE || close == STR_NONE || caption < open)
		return false;
	str_t url = unescaped(w->a, tag_value(w->a, str_slice(inner, open, end + 1), "href"));
	if (!embed_find(w->a, url, w->s->config.embed_hosts, &offer->embed))
		return false;
	offer->title = str_trim(str_slice(inner, end + 1, close));
	offer->rest = str_format(w->a, "%.*s%.*s", STR(str_slice(inner, 0, open)),
				STR(str_slice(inner, close + 4, inner.n)));
	offer->rest = str_replace(w->a, offer->rest, S("<p></p>"), S(""));
	return true;
}

/* An address or the provider's name is no title. */
static bool has_title(const struct offer *offer)
{
	return !str_eq(offer->title, offer->embed.provider) && !str_starts(offer->title, S("http")) &&
	       str_find_char(offer->title, '<', 0) == STR_NONE && offer->title.n;
}

static void add_host(struct view *v, str_t host)
{
	for (size_t i = 0; i < v->frames.n; i++)
		if (str_eq(v->frames.v[i], host))
			return;
	strs_add(v->a, &v->frames, host);
}

static void add_link(struct walk *w, const struct offer *offer, str_t elsewhere)
{
	buf_add(&w->out, S("<a"));
	add_value(&w->out, "href", offer->embed.link);
	buf_add_char(&w->out, '>');
	if (has_title(offer))
		buf_add(&w->out, offer->title);
	else
		buf_add_html(&w->out, elsewhere);
	buf_add(&w->out, S("</a>"));
}

static void add_said(struct walk *w, const char *open, str_t words, const char *close)
{
	buf_add(&w->out, str_of(open));
	buf_add_html(&w->out, words);
	buf_add(&w->out, str_of(close));
}

static void add_offer(struct walk *w, const struct offer *offer)
{
	const struct embed *e = &offer->embed;
	str_t title = has_title(offer) ? unescaped(w->a, offer->title) : e->link;
	struct message_value values[] = {
		{ "provider", e->provider }, { "host", e->host }, { "title", title },
	};
	buf_add_format(&w->out, "<figure class=\"embed %s\"", embed_shape_name(e->shape));
	add_value(&w->out, "data-frame", e->frame);
	add_value(&w->out, "data-title", say_with(w->v, "body.embed-frame", values, COUNT(values)));
	if (e->referrer)
		buf_add(&w->out, S(" data-referrer"));
	add_said(w, "><div class=\"offer\"><p class=\"provider\">", e->provider, "</p><p class=\"title\">");
	add_link(w, offer, say_with(w->v, "body.embed-there", values, COUNT(values)));
	add_said(w, "</p><p class=\"warning\" hidden>",
		 say_with(w->v, "body.embed-warning", values, COUNT(values)), "</p>");
	add_said(w, "<button type=\"button\" hidden>",
		 say_with(w->v, "body.embed-load", values, COUNT(values)), "</button></div>");
	json_object_set_new(w->v->json, "embeds", json_true());
	add_host(w->v, e->host);
}

void body_embed(struct walk *w)
{
	size_t end = figure_end(w->html, w->at);
	str_t inner = str_slice(w->html, w->at, end);
	struct offer offer;
	if (!read_offer(w, inner, &offer)) {
		if (w->nfigures < BODY_DEPTH_MOST)
			w->figures[w->nfigures++] = FIGURE_EMBED;
		buf_add(&w->out, S("<figure class=\"embed\">"));
		return;
	}
	w->at = end + strlen("</figure>") < w->html.n ? end + strlen("</figure>") : w->html.n;
	if (w->use == BODY_FEED) {
		buf_add(&w->out, S("<figure><p>"));
		add_link(w, &offer, offer.embed.link);
		add_said(w, " (", offer.embed.provider, ")</p>");
	} else {
		add_offer(w, &offer);
	}
	buf_add(&w->out, offer.rest);
	buf_add(&w->out, S("</figure>"));
}
