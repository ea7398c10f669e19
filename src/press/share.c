/* share.c: see share.h. */
#include "press/share.h"
#include "press/media.h"
#include "press/picture.h"
#include "press/structured_parts.h"
#include "press/view.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

/* What the networks crop least: about 1.91 to 1. */
enum { CARD_WIDTH = 1200, CARD_HEIGHT = 630 };

/* Shown large from 1200 points on; more would be bytes for nobody. */
enum { SHARE_WIDTH_MOST = 1600 };

/* --- which picture --- */

struct share_picture share_media(struct stet *s, arena_t *a, const struct media *m, str_t alt)
{
	int width = 0;
	for (size_t i = 0; media_widths[i] && media_widths[i] <= m->width; i++)
		if (media_widths[i] <= SHARE_WIDTH_MOST)
			width = media_widths[i];
	if (!width)
		width = m->width;
	/* Rounded, as the picture itself is. */
	int height = m->width ? (int)(((int64_t)width * m->height + m->width / 2) / m->width) : 0;
	return (struct share_picture){
		.url = view_absolute(s, a, media_url(a, m, width, MEDIA_JPEG)), .alt = alt,
		.type = S("image/jpeg"), .width = width, .height = height > 0 ? height : 1,
	};
}

static struct share_picture drawn(struct stet *s, arena_t *a, str_t path, str_t alt)
{
	return (struct share_picture){ .url = view_absolute(s, a, path), .alt = alt,
				       .type = S("image/png"), .width = CARD_WIDTH,
				       .height = CARD_HEIGHT, .drawn = true };
}

struct share_picture share_picture_of(struct stet *s, arena_t *a, const struct story *st)
{
	if (st->picture.media.id && !st->sensitive)
		return share_media(s, a, &st->picture.media, st->picture.alt);
	return drawn(s, a, str_format(a, "/share/%.*s-%lld.png", STR(id_text(a, st->id)),
				      (long long)st->revision), st->headline);
}

struct share_picture share_site(struct stet *s, arena_t *a)
{
	return drawn(s, a, S("/share/site.png"), s->config.name);
}

json_t *share_view(const struct share_picture *p)
{
	json_t *j = json_object();
	json_object_set_new(j, "url", view_text(p->url));
	json_object_set_new(j, "width", json_integer(p->width));
	json_object_set_new(j, "height", json_integer(p->height));
	json_object_set_new(j, "type", view_text(p->type));
	view_set_text(j, "alt", p->alt);
	return j;
}

/* --- drawing it --- */

/* A drawing's file is named by all that it shows: another colour is another file. */
static char *drawing_path(struct stet *s, arena_t *a, const struct picture_card *card)
{
	str_t all[] = { card->ground, card->ink,  card->headline,
			card->label,  card->name, card->note };
	str_t what = str_format(a, "%d %d %d %.*s", card->width, card->height, card->logo,
				STR(str_join(a, all, COUNT(all), S("\x1f"))));
	unsigned char digest[16];
	char hex[2 * sizeof digest + 1];
	crypto_generichash(digest, sizeof digest, (const unsigned char *)what.p, what.n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	char *folder = path_join(a, s->folder, "cache/share");
	return path_join(a, folder, str_z(a, str_format(a, "%s.png", hex)));
}

/* One is drawn at a time, whoever asks: a card that everybody asks for at once is drawn once, and
 * somebody who asks for all of them has one core. */
static err_t draw_missing(struct stet *s, arena_t *a, const struct picture_card *card, char *path)
{
	char *folder = path_join(a, s->folder, "cache/share");
	TRY(folder_make(path_join(a, s->folder, "cache")));
	TRY(folder_make(folder));
	int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return err_errno(errno, "open %s", folder);
	while (flock(lock, LOCK_EX) != 0 && errno == EINTR)
		continue;
	err_t e = file_exists(path) ? OK : picture_card(a, card, str_of(path));
	close(lock);
	/* What was asked for is an address: a failure is the server's. */
	return e ? err_new(ERR_SYSTEM, "%s", err_text(e)) : OK;
}

static err_t serve_card(struct stet *s, struct request *q, struct response *r,
			const struct picture_card *card, str_t keep)
{
	char *path = drawing_path(s, q->a, card);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		TRY(draw_missing(s, q->a, card, path));
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	str_t file = str_of(path);
	r->file = fd;
	r->file_etag = str_format(q->a, "\"%.*s\"", STR(str_slice(file, file.n - 36, file.n - 4)));
	response_header(q, r, "Content-Type", S("image/png"));
	response_header(q, r, "Cache-Control", keep);
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	return OK;
}

static struct picture_card card_of(struct stet *s, int width, int height)
{
	return (struct picture_card){ .width = width, .height = height,
				      .ground = s->config.share_colour,
				      .ink = s->config.share_ink };
}

static str_t host_of(struct stet *s)
{
	str_t url = s->config.url;
	return str_slice(url, str_find(url, S("//"), 0) + 2, url.n);
}

static err_t site_card(struct stet *s, struct request *q, struct response *r)
{
	struct picture_card card = card_of(s, CARD_WIDTH, CARD_HEIGHT);
	card.headline = s->config.name;
	card.name = s->config.tagline;
	card.note = host_of(s);
	return serve_card(s, q, r, &card, S("public, max-age=86400"));
}

static err_t logo_card(struct stet *s, struct request *q, struct response *r)
{
	struct picture_card card = card_of(s, LOGO_WIDTH, LOGO_HEIGHT);
	card.headline = s->config.name;
	card.ink = s->config.share_colour;
	card.logo = true;
	return serve_card(s, q, r, &card, S("public, max-age=86400"));
}

/* "ID-REVISION" */
static bool parse_name(str_t name, id64 *id, int64_t *revision)
{
	size_t dash = str_find_char(name, '-', 0);
	return dash != STR_NONE && id_parse(str_slice(name, 0, dash), id) &&
	       str_int(str_slice(name, dash + 1, name.n), revision);
}

struct asked {
	id64         id;
	struct story story;
};

static err_t load(struct conn *c, arena_t *a, void *ctx)
{
	struct asked *asked = ctx;
	return story_load(c, a, asked->id, &asked->story);
}

/* The day of publication, in the story's language. */
static err_t day_of(struct stet *s, arena_t *a, const struct story *st, str_t *out)
{
	const struct theme_set *theme;
	TRY(theme_hold(s->theme, &theme));
	str_t language = st->language.n ? st->language : s->config.language;
	*out = messages_date(a, messages_tongue(theme->messages, language), "date.day",
			     st->published);
	theme_release(s->theme, theme);
	return OK;
}

static err_t story_card(struct stet *s, struct request *q, struct response *r, str_t name)
{
	struct asked asked;
	int64_t revision;
	if (!parse_name(name, &asked.id, &revision))
		return err_new(ERR_MISSING, "there is no such picture");
	TRY(store_read(s->store, q->a, load, &asked));
	const struct story *st = &asked.story;
	if (st->state != PUBLISHED || revision < 1 || revision > st->revision)
		return err_new(ERR_MISSING, "there is no such picture");
	if (revision != st->revision) {
		str_t newest = str_format(q->a, "/share/%.*s-%lld.png", STR(id_text(q->a, st->id)),
					  (long long)st->revision);
		response_redirect(q, r, 302, view_absolute(s, q->a, newest));
		return OK;
	}
	struct picture_card card = card_of(s, CARD_WIDTH, CARD_HEIGHT);
	card.headline = st->headline;
	card.label = st->section.name;
	card.name = s->config.name;
	TRY(day_of(s, q->a, st, &card.note));
	return serve_card(s, q, r, &card, S("public, max-age=31536000, immutable"));
}

static err_t share_serve(struct stet *s, struct request *q, struct response *r)
{
	str_t name = params_get(&q->route, "name");
	if (str_eq(name, S("site")))
		return site_card(s, q, r);
	if (str_eq(name, S("logo")))
		return logo_card(s, q, r);
	return story_card(s, q, r, name);
}

const struct route share_routes[] = {
	{ GET, "/share/:name.png", share_serve },
	{ METHOD_OTHER, NULL, NULL },
};
