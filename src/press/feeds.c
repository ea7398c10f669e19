/* feeds.c: what is fed: lists of stories, and how a story becomes an entry. Entries carry the whole
 * text: a reader's program is a reader. Addresses are made absolute, since an entry is read far
 * from its page. How a feed is written is in feed_write.c. */
#include "press/feeds.h"
#include "press/body.h"
#include "press/media.h"
#include "press/pages.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

/* --- entries --- */

void feed_begin(struct stet *s, struct view *v, struct feed *f, str_t title, str_t path)
{
	*f = (struct feed){ .title = title, .page = view_absolute(s, v->a, path),
			    .self = view_absolute(s, v->a, v->q->path),
			    .language = s->config.language, .publisher = s->config.name,
			    .site = view_absolute(s, v->a, S("/")) };
	struct buf link = buf_new(v->a, 256);
	for (str_t rest = s->config.hubs; rest.n;) {
		str_t hub = str_uri(v->a, str_trim(str_cut(&rest, ',')));
		strs_add(v->a, &f->hubs, hub);
		buf_add_format(&link, "<%.*s>; rel=\"hub\", ", STR(hub));
	}
	/* Who asks for a feed learns from its head where to subscribe, and under which name. */
	if (f->hubs.n) {
		buf_add_format(&link, "<%.*s>; rel=\"self\"", STR(f->self));
		v->link = buf_str(&link);
	}
	strs_add(v->a, &v->topics, topic_site());
}

struct feed_entry *feed_add(arena_t *a, struct feed *f)
{
	f->entries = arena_room(a, f->entries, f->n, sizeof *f->entries);
	f->entries[f->n] = (struct feed_entry){ 0 };
	return &f->entries[f->n++];
}

/* Local addresses in clean HTML become absolute: href="/x", src="/x", srcset="/x 1w, /y 2w". */
static str_t absolute_html(struct stet *s, arena_t *a, str_t html)
{
	static const char *const attributes[] = { "href", "src", "srcset", "poster" };
	str_t url = s->config.url;
	for (size_t i = 0; i < COUNT(attributes); i++)
		html = str_replace(a, html, str_format(a, "%s=\"/", attributes[i]),
				   str_format(a, "%s=\"%.*s/", attributes[i], STR(url)));
	return str_replace(a, html, S(", /media/"), str_format(a, ", %.*s/media/", STR(url)));
}

err_t feed_html(struct stet *s, struct view *v, str_t html, str_t *out)
{
	TRY(body_expand(s, v, html, BODY_FEED, S(""), out));
	*out = absolute_html(s, v->a, *out);
	return OK;
}

void feed_correction(struct view *v, struct buf *b, const struct correction *k)
{
	const char *kind = k->kind == CLARIFICATION ? "story.clarification" : "story.correction";
	str_t day = messages_date(v->a, v->tongue, "date.day", k->made);
	str_t said = correction_html(v, k);
	buf_add_format(b, "<p><strong>%.*s, %.*s:</strong> %.*s</p>", STR(say(v, kind)), STR(day),
		       STR(said));
}

/* A sensitive story is shared without its picture. */
static bool shows_picture(const struct story *st)
{
	return st->picture.media.id && !st->sensitive;
}

static void add_picture(struct view *v, struct buf *b, const struct lead_picture *p)
{
	buf_add_format(b, "<figure><img src=\"%.*s\" alt=\"", STR(media_src(v->a, &p->media)));
	buf_add_html(b, p->alt);
	buf_add(b, S("\">"));
	if (p->caption.n || p->credit.n) {
		buf_add_format(b, "<figcaption>%.*s ", STR(p->caption));
		buf_add_html(b, p->credit);
		buf_add(b, S("</figcaption>"));
	}
	buf_add(b, S("</figure>"));
}

/* The text of an entry: corrections first, as on the page; lead picture; body. */
static err_t story_html(struct stet *s, struct view *v, const struct story *st, str_t *out)
{
	struct buf b = buf_new(v->a, st->body.n + 1024);
	for (size_t i = st->ncorrections; i > 0; i--)
		feed_correction(v, &b, &st->corrections[i - 1]);
	if (shows_picture(st))
		add_picture(v, &b, &st->picture);
	buf_add(&b, st->body);
	return feed_html(s, v, buf_str(&b), out);
}

static void add_lead_file(struct stet *s, arena_t *a, struct feed_entry *e,
			  const struct lead_picture *p)
{
	e->files = arena_new(a, struct feed_file);
	e->nfiles = 1;
	e->files[0] = (struct feed_file){
		.url = view_absolute(s, a, media_src(a, &p->media)), .type = S("image/jpeg"),
		.about = p->alt, .credit = p->credit };
}

/* The name of an entry stays when its address changes (RFC 4151 would need a date of owning; the
 * id alone is unique for ever). */
err_t feed_add_story(struct stet *s, struct view *v, struct feed *f, const struct story *st)
{
	arena_t *a = v->a;
	struct feed_entry *e = feed_add(a, f);
	*e = (struct feed_entry){
		.id = str_format(a, "urn:stet:story:%.*s", STR(id_text(a, st->id))),
		.url = view_absolute(s, a, story_path(a, st)), .title = st->headline,
		.summary = clean_text(a, st->standfirst), .language = st->language,
		.published = st->published,
		.updated = st->updated > st->published ? st->updated : st->published,
		.authors = st->authors, .nauthors = st->nauthors,
		.labels = arena_array(a, st->ntags + 1, sizeof *e->labels) };
	if (st->section.slug.n)
		e->labels[e->nlabels++] = (struct feed_label){ st->section.slug, st->section.name };
	for (size_t i = 0; i < st->ntags; i++)
		e->labels[e->nlabels++] = (struct feed_label){ st->tags[i].slug, st->tags[i].name };
	if (shows_picture(st))
		add_lead_file(s, a, e, &st->picture);
	return story_html(s, v, st, &e->html);
}

/* --- lists of stories --- */

struct fed {
	enum list_of of;
	id64         id;
	str_t        path; /* of the page */
	str_t        name; /* {NULL, 0}: the whole */
	str_t        about;
	str_t        topic;
};

static err_t fed_section(struct view *v, str_t slug, struct fed *out)
{
	struct section section;
	TRY(section_by_slug(v->c, v->a, slug, &section));
	*out = (struct fed){ LIST_SECTION, section.id, str_format(v->a, "/%.*s", STR(slug)),
			     section.name, section.description, topic_section(v->a, slug) };
	return OK;
}

static err_t fed_tag(struct view *v, str_t slug, struct fed *out)
{
	struct tag tag;
	TRY(tag_by_slug(v->c, v->a, slug, &tag));
	*out = (struct fed){ LIST_TAG, tag.id, str_format(v->a, "/tag/%.*s", STR(slug)), tag.name,
			     S(""), topic_tag(v->a, slug) };
	return OK;
}

static err_t fed_author(struct view *v, str_t slug, struct fed *out)
{
	struct author author;
	TRY(author_by_slug(v->c, v->a, slug, &author));
	*out = (struct fed){ LIST_AUTHOR, author.id, str_format(v->a, "/author/%.*s", STR(slug)),
			     author.name, clean_text(v->a, author.bio), topic_author(v->a, slug) };
	return OK;
}

static err_t fed_series(struct view *v, str_t slug, struct fed *out)
{
	struct series series;
	TRY(series_by_slug(v->c, v->a, slug, &series));
	*out = (struct fed){ LIST_SERIES, series.id, str_format(v->a, "/series/%.*s", STR(slug)),
			     series.name, clean_text(v->a, series.description),
			     topic_series(v->a, slug) };
	return OK;
}

/* The address names what is fed. */
static err_t find_fed(struct stet *s, struct view *v, struct fed *out)
{
	static const struct {
		const char *parameter;
		err_t (*find)(struct view *v, str_t slug, struct fed *out);
	} kinds[] = { { "section", fed_section }, { "tag", fed_tag }, { "author", fed_author },
		      { "series", fed_series } };
	for (size_t i = 0; i < COUNT(kinds); i++) {
		str_t slug = params_get(&v->q->route, kinds[i].parameter);
		if (slug.p)
			return kinds[i].find(v, slug, out);
	}
	*out = (struct fed){ .of = LIST_ALL, .path = S("/"), .about = s->config.tagline,
			     .topic = topic_front() };
	return OK;
}

void feed_pages(struct view *v, struct feed *f, str_t older, bool newest)
{
	arena_t *a = v->a;
	str_t self = f->self;
	if (older.n)
		f->next = str_format(a, "%.*s?before=%.*s", STR(self), STR(older));
	if (newest)
		return;
	f->first = self;
	f->self = str_format(a, "%.*s?before=%.*s", STR(self),
			     STR(params_get(&v->q->query, "before")));
}

static err_t story_feed(struct stet *s, struct view *v)
{
	struct fed fed;
	struct list_key key;
	struct list list;
	struct feed f;
	TRY(find_fed(s, v, &fed));
	TRY(list_key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, fed.of, fed.id, key, FEED_ENTRIES, &list));
	str_t title = s->config.name;
	if (fed.name.p)
		title = str_format(v->a, "%.*s: %.*s", STR(s->config.name), STR(fed.name));
	feed_begin(s, v, &f, title, fed.path);
	f.about = fed.about;
	feed_pages(v, &f, list.more ? list_key_text(v->a, &list.v[list.n - 1]) : S(""), !key.id);
	for (size_t i = 0; i < list.n; i++) {
		struct story st;
		TRY(story_load(v->c, v->a, list.v[i].id, &st));
		TRY(feed_add_story(s, v, &f, &st));
	}
	strs_add(v->a, &v->topics, fed.topic);
	return feed_write(v, &f);
}

static err_t feed_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, story_feed);
}

#define FEEDS(base)                                                                                \
	{ GET, base "/rss.xml", feed_page }, { GET, base "/atom.xml", feed_page },                 \
	{ GET, base "/feed.json", feed_page }

const struct route feed_routes[] = {
	FEEDS(""),
	FEEDS("/tag/:tag"),
	FEEDS("/author/:author"),
	FEEDS("/series/:series"),
	FEEDS("/:section"),
	{ METHOD_OTHER, NULL, NULL },
};
