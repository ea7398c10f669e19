/* body_media.c: recordings, files and galleries within a body. */
#include "press/body_parts.h"

/* What is named may be gone; then what stands in the body is shown as it is. */
static err_t find(struct walk *w, str_t url, struct media_whole *out, bool *found)
{
	str_t hash = hash_in(url);
	*found = false;
	if (!hash.p)
		return OK;
	err_t e = media_whole(w->v->c, w->a, hash, out);
	*found = !e;
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		e = OK;
	}
	return e;
}

/* The largest copy of a picture, the file of anything else. */
static str_t address_of(struct walk *w, const struct media_whole *m)
{
	int best = m->media.width;
	if (m->media.kind != PICTURE)
		return m->url;
	for (size_t i = 0; media_widths[i]; i++)
		if (media_widths[i] <= m->media.width)
			best = media_widths[i];
	return media_url(w->a, &m->media, best, MEDIA_JPEG);
}

err_t body_media_link(struct walk *w, str_t url, str_t *out)
{
	struct media_whole m;
	bool found;
	*out = url;
	TRY(find(w, url, &m, &found));
	if (found)
		*out = address_of(w, &m);
	return OK;
}

/* --- players --- */

static str_t clock_text(arena_t *a, usec_t duration)
{
	long long seconds = (long long)((duration + 500000) / 1000000);
	if (seconds >= 3600)
		return str_format(a, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
				  seconds % 60);
	return str_format(a, "%lld:%02lld", seconds / 60, seconds % 60);
}

static void add_track(struct walk *w, str_t kind, str_t url, str_t language, str_t label)
{
	buf_add_format(&w->out, "<track kind=\"%.*s\"", STR(kind));
	add_value(&w->out, "src", url);
	add_value(&w->out, "srclang", language.n ? language : w->v->language);
	if (label.n)
		add_value(&w->out, "label", label);
	buf_add_char(&w->out, '>');
}

/* Those of the body, then those of the recording itself that it does not replace. */
static err_t add_tracks(struct walk *w, str_t inner, const struct media_tracks *own)
{
	str_t mark = S("<track ");
	for (size_t at = 0; (at = str_find(inner, mark, at)) != STR_NONE; at += mark.n) {
		str_t tag = str_slice(inner, at, str_find_char(inner, '>', at)), url;
		TRY(body_media_link(w, tag_value(w->a, tag, "src"), &url));
		add_track(w, tag_value(w->a, tag, "kind"), url, tag_value(w->a, tag, "srclang"),
			  str_replace(w->a, tag_value(w->a, tag, "label"), S("&amp;"), S("&")));
	}
	for (size_t i = 0; i < own->n; i++) {
		const struct media_track *t = &own->v[i];
		str_t kind = track_kind_name(t->kind);
		str_t there = str_format(w->a, "<track kind=\"%.*s\"", STR(kind));
		if (str_find(inner, there, 0) == STR_NONE)
			add_track(w, kind, t->url, t->language, t->label);
	}
	return OK;
}

static err_t poster_of(struct walk *w, str_t tag, const struct media_whole *m, str_t *out)
{
	struct media_whole given;
	bool found;
	TRY(find(w, tag_value(w->a, tag, "poster"), &given, &found));
	*out = found && given.media.kind == PICTURE ? media_src(w->a, &given.media)
	       : m->poster.id                       ? media_src(w->a, &m->poster)
						    : S("");
	return OK;
}

/* Nothing is fetched before somebody plays it, unless there would be nothing to see. */
static err_t add_video(struct walk *w, str_t tag, const struct media_whole *m)
{
	str_t poster, width = tag_value(w->a, tag, "width"), height = tag_value(w->a, tag, "height");
	TRY(poster_of(w, tag, m, &poster));
	buf_add_format(&w->out, "<video controls playsinline preload=\"%s\"",
		       poster.n ? "none" : "metadata");
	if (m->media.width && m->media.height)
		buf_add_format(&w->out, " width=\"%d\" height=\"%d\"", m->media.width,
			       m->media.height);
	else if (width.n && height.n)
		buf_add_format(&w->out, " width=\"%.*s\" height=\"%.*s\"", STR(width), STR(height));
	if (poster.n)
		add_value(&w->out, "poster", poster);
	buf_add_char(&w->out, '>');
	return OK;
}

/* The figure tells where its words are, if an editor gave them a file of their own. */
static bool has_transcript(const struct walk *w)
{
	size_t end = str_find(w->html, S("</figure>"), w->at);
	return str_find(str_slice(w->html, w->at, end), S("class=\"transcript\""), 0) != STR_NONE;
}

/* How long it is, and where what is said in it can be read. */
static void add_length(struct walk *w, const struct media_whole *m)
{
	struct message_value time = { "time", clock_text(w->a, m->media.duration) };
	bool transcript = m->transcript.n && !has_transcript(w);
	if (!m->media.duration && !transcript)
		return;
	buf_add(&w->out, S("<p class=\"length\">"));
	if (m->media.duration)
		buf_add_html(&w->out, say_with(w->v, "body.length", &time, 1));
	if (transcript) {
		buf_add(&w->out, S(" <a class=\"transcript\""));
		add_value(&w->out, "href", m->transcript);
		buf_add_char(&w->out, '>');
		buf_add_html(&w->out, say(w->v, "body.transcript"));
		buf_add(&w->out, S("</a>"));
	}
	buf_add(&w->out, S("</p>"));
}

static void add_words(struct walk *w, const struct media_whole *m, const char *element)
{
	buf_add(&w->out, S("<a"));
	add_value(&w->out, "href", m->url);
	buf_add_char(&w->out, '>');
	buf_add_html(&w->out, say(w->v, "body.open-recording"));
	buf_add_format(&w->out, "</a></%s>", element);
	if (w->use == BODY_PAGE && walk_figure(w) == FIGURE_RECORDING)
		add_length(w, m);
}

err_t body_player(struct walk *w, str_t tag)
{
	struct media_whole m;
	bool found, video = str_starts(tag, S("<video"));
	const char *element = video ? "video" : "audio";
	str_t close = video ? S("</video>") : S("</audio>");
	size_t end = str_find(w->html, close, w->at);
	if (end == STR_NONE)
		end = w->html.n;
	str_t inner = str_slice(w->html, w->at, end);
	TRY(find(w, tag_value(w->a, tag, "src"), &m, &found));
	if (!found || (m.media.kind != VIDEO && m.media.kind != AUDIO)) {
		buf_add(&w->out, tag);
		return OK;
	}
	w->at = end + close.n < w->html.n ? end + close.n : w->html.n;
	if (video)
		TRY(add_video(w, tag, &m));
	else
		buf_add(&w->out, S("<audio controls preload=\"none\">"));
	buf_add(&w->out, S("<source"));
	add_value(&w->out, "src", m.url);
	add_value(&w->out, "type", m.type);
	buf_add_char(&w->out, '>');
	TRY(add_tracks(w, inner, &m.tracks));
	add_words(w, &m, element);
	return OK;
}

/* --- files --- */

static str_t size_text(struct walk *w, int64_t bytes)
{
	enum { MANY_KB = 10000 };
	int64_t kb = (bytes + 999) / 1000;
	struct message_value n = { "n", messages_number(w->a, w->v->tongue,
							kb < MANY_KB ? kb : (kb + 500) / 1000) };
	return say_with(w->v, kb < MANY_KB ? "body.kilobytes" : "body.megabytes", &n, 1);
}

/* "PDF, 120 kB" */
static str_t file_facts(struct walk *w, const struct media *m)
{
	str_t ext = str_copy(w->a, media_ext(m));
	char *p = (char *)ext.p;
	for (size_t i = 0; i < ext.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 'a' + 'A');
	struct message_value values[] = { { "type", ext }, { "size", size_text(w, m->bytes) } };
	return say_with(w->v, "body.file", values, COUNT(values));
}

err_t body_file(struct walk *w)
{
	struct media_whole m;
	bool found;
	size_t open = str_find(w->html, S("<a href=\""), w->at), end = str_find_char(w->html, '>', open);
	size_t close = str_find(w->html, S("</a>"), open);
	if (open == STR_NONE || close == STR_NONE ||
	    str_find(str_slice(w->html, w->at, open), S("</figure>"), 0) != STR_NONE)
		return OK;
	str_t url = tag_value(w->a, str_slice(w->html, open, end + 1), "href");
	str_t words = str_slice(w->html, end + 1, close);
	TRY(find(w, url, &m, &found));
	if (!found)
		return OK;
	buf_add(&w->out, str_slice(w->html, w->at, open));
	buf_add(&w->out, S("<a"));
	add_value(&w->out, "href", address_of(w, &m));
	buf_add(&w->out, S(" download>"));
	if (str_starts(words, S("/media/")))
		buf_add_html(&w->out, m.media.name);
	else
		buf_add(&w->out, words);
	buf_add(&w->out, S("</a> <span class=\"facts-of-file\">"));
	buf_add_html(&w->out, file_facts(w, &m.media));
	buf_add(&w->out, S("</span>"));
	w->at = close + 4;
	return OK;
}

/* --- galleries --- */

err_t body_enlarged(struct walk *w, str_t tag)
{
	struct media_whole m;
	bool found;
	TRY(find(w, tag_value(w->a, tag, "src"), &m, &found));
	if (!found || m.media.kind != PICTURE) {
		buf_add(&w->out, tag);
		return OK;
	}
	buf_add(&w->out, S("<a class=\"enlarge\""));
	add_value(&w->out, "href", address_of(w, &m));
	if (!tag_value(w->a, tag, "alt").n)
		add_value(&w->out, "aria-label", say(w->v, "body.enlarge"));
	buf_add_format(&w->out, ">%.*s</a>", STR(tag));
	return OK;
}
