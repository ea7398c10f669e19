/* embed.c: see embed.h. A pattern is an address without scheme and "www."; what stands in braces is a
 * hole: {id} letters, digits, "_" and "-"; {n} digits; {name} what may stand between slashes; {host} a
 * server that is trusted; {number} with sign and point; {area} four of them; {a|b} one of those words.
 * "?v=" is sought among the parameters, "#" at the fragment. What fills the holes stands as {0}, {1} in
 * link and frame. */
#include "page/embed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { HOLES_MOST = 4, PATTERNS_MOST = 8, URL_MOST = 1024 };

struct provider {
	const char      *name;
	const char      *patterns[PATTERNS_MOST];
	const char      *link;
	const char      *frame;
	enum embed_shape shape;
	bool             referrer;
};

#define SPOTIFY "{track|album|playlist|episode|show|artist}/{id}"

static const struct provider providers[] = {
	{ "YouTube",
	  { "youtube.com/watch?v={id}", "youtu.be/{id}", "youtube.com/embed/{id}",
	    "youtube.com/shorts/{id}", "youtube.com/live/{id}", "m.youtube.com/watch?v={id}",
	    "youtube-nocookie.com/embed/{id}" },
	  "https://www.youtube.com/watch?v={0}", "https://www.youtube-nocookie.com/embed/{0}",
	  EMBED_WIDE, true },
	{ "Vimeo", { "vimeo.com/{n}", "player.vimeo.com/video/{n}" },
	  "https://vimeo.com/{0}", "https://player.vimeo.com/video/{0}?dnt=1", EMBED_WIDE, true },
	{ "Dailymotion",
	  { "dailymotion.com/video/{id}", "dai.ly/{id}", "dailymotion.com/embed/video/{id}",
	    "geo.dailymotion.com/player.html?video={id}" },
	  "https://www.dailymotion.com/video/{0}",
	  "https://geo.dailymotion.com/player.html?video={0}", EMBED_WIDE, true },
	{ "Internet Archive", { "archive.org/details/{name}", "archive.org/embed/{name}" },
	  "https://archive.org/details/{0}", "https://archive.org/embed/{0}", EMBED_WIDE, false },
	{ "PeerTube",
	  { "{host}/w/{id}", "{host}/videos/watch/{id}", "{host}/videos/embed/{id}" },
	  "https://{0}/w/{1}", "https://{0}/videos/embed/{1}", EMBED_WIDE, false },
	{ "SoundCloud", { "soundcloud.com/{name}/sets/{name}" },
	  "https://soundcloud.com/{0}/sets/{1}",
	  "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/{0}/sets/{1}",
	  EMBED_SOUND, false },
	{ "SoundCloud", { "soundcloud.com/{name}/{name}" },
	  "https://soundcloud.com/{0}/{1}",
	  "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/{0}/{1}", EMBED_SOUND,
	  false },
	{ "Spotify", { "open.spotify.com/" SPOTIFY, "open.spotify.com/embed/" SPOTIFY },
	  "https://open.spotify.com/{0}/{1}", "https://open.spotify.com/embed/{0}/{1}",
	  EMBED_SOUND, false },
	{ "Mastodon", { "{host}/@{name}/{n}" },
	  "https://{0}/@{1}/{2}", "https://{0}/@{1}/{2}/embed", EMBED_POST, false },
	{ "Bluesky", { "bsky.app/profile/{name}/post/{id}" },
	  "https://bsky.app/profile/{0}/post/{1}",
	  "https://embed.bsky.app/embed/{0}/app.bsky.feed.post/{1}", EMBED_POST, false },
	{ "X", { "x.com/{id}/status/{n}", "twitter.com/{id}/status/{n}",
		 "mobile.twitter.com/{id}/status/{n}" },
	  "https://x.com/{0}/status/{1}",
	  "https://platform.twitter.com/embed/Tweet.html?dnt=true&id={1}", EMBED_POST, false },
	{ "Instagram", { "instagram.com/{p|reel|tv}/{id}" },
	  "https://www.instagram.com/{0}/{1}/", "https://www.instagram.com/{0}/{1}/embed/",
	  EMBED_POST, false },
	{ "TikTok", { "tiktok.com/@{name}/video/{n}" },
	  "https://www.tiktok.com/@{0}/video/{1}", "https://www.tiktok.com/player/v1/{1}",
	  EMBED_UPRIGHT, false },
	{ "Datawrapper", { "datawrapper.dwcdn.net/{id}" },
	  "https://datawrapper.dwcdn.net/{0}/", "https://datawrapper.dwcdn.net/{0}/", EMBED_CHART,
	  false },
	{ "Flourish", { "public.flourish.studio/{visualisation|story}/{n}",
			"flo.uri.sh/{visualisation|story}/{n}" },
	  "https://public.flourish.studio/{0}/{1}/", "https://flo.uri.sh/{0}/{1}/embed",
	  EMBED_CHART, false },
	{ "OpenStreetMap", { "openstreetmap.org/#map={number}/{number}/{number}" },
	  "https://www.openstreetmap.org/#map={0}/{1}/{2}",
	  "https://www.openstreetmap.org/export/embed.html?bbox={3}&layer=mapnik", EMBED_MAP,
	  false },
	{ "OpenStreetMap", { "openstreetmap.org/export/embed.html?bbox={area}",
			     "openstreetmap.org/?bbox={area}" },
	  "https://www.openstreetmap.org/?bbox={0}",
	  "https://www.openstreetmap.org/export/embed.html?bbox={0}&layer=mapnik", EMBED_MAP,
	  false },
};

const char *embed_shape_name(enum embed_shape shape)
{
	static const char *const names[] = {
		[EMBED_WIDE] = "wide",   [EMBED_UPRIGHT] = "upright", [EMBED_SOUND] = "sound",
		[EMBED_POST] = "post",   [EMBED_CHART] = "chart",     [EMBED_MAP] = "map",
	};
	return names[shape];
}

/* --- holes --- */

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool fits(str_t hole, char c)
{
	if (str_eq(hole, S("n")))
		return is_digit(c);
	if (str_eq(hole, S("id")))
		return is_alnum(c) || c == '_' || c == '-';
	if (str_eq(hole, S("number")))
		return is_digit(c) || c == '.' || c == '-';
	if (str_eq(hole, S("area")))
		return is_digit(c) || c == '.' || c == '-' || c == ',' || c == '%' || c == 'C';
	return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '~';
}

/* One of the words of {a|b}, or of a list of hosts. */
static size_t word_at(str_t words, str_t s)
{
	size_t best = 0;
	for (size_t at = 0; at < words.n;) {
		size_t end = at;
		while (end < words.n && words.p[end] != '|' && words.p[end] != ' ' &&
		       words.p[end] != ',')
			end++;
		str_t word = str_slice(words, at, end);
		bool whole = s.n == word.n || (s.n > word.n && s.p[word.n] == '/');
		if (word.n && str_starts(s, word) && whole && word.n > best)
			best = word.n;
		at = end + 1;
	}
	return best;
}

static size_t fill_hole(str_t hole, str_t s, str_t hosts)
{
	size_t n = 0;
	if (str_eq(hole, S("host")))
		return word_at(hosts, s);
	if (str_find_char(hole, '|', 0) != STR_NONE)
		return word_at(hole, s);
	while (n < s.n && fits(hole, s.p[n]))
		n++;
	return n <= 128 ? n : 0;
}

/* --- patterns --- */

struct match {
	str_t  holes[HOLES_MOST];
	size_t n;
};

/* Where the parameter begins whose name and "=" stand next in the pattern. */
static size_t parameter_at(str_t url, size_t at, str_t pattern)
{
	size_t fragment = str_find_char(url, '#', at);
	str_t key = str_slice(pattern, 0, str_find_char(pattern, '{', 0));
	if (at >= url.n || url.p[at] != '?')
		return STR_NONE;
	for (at++; at < url.n && at < fragment; at++) {
		if (str_starts(str_slice(url, at, url.n), key))
			return at;
		at = str_find_char(url, '&', at);
		if (at == STR_NONE)
			break;
	}
	return STR_NONE;
}

static bool matches(str_t pattern, str_t url, str_t hosts, struct match *m)
{
	size_t at = 0;
	m->n = 0;
	for (size_t i = 0; i < pattern.n;) {
		char c = pattern.p[i];
		if (c == '{') {
			size_t end = str_find_char(pattern, '}', i);
			str_t rest = str_slice(url, at, url.n);
			size_t n = fill_hole(str_slice(pattern, i + 1, end), rest, hosts);
			if (!n || m->n == HOLES_MOST)
				return false;
			m->holes[m->n++] = str_slice(rest, 0, n);
			at += n;
			i = end + 1;
			continue;
		}
		if (c == '?' || c == '#') {
			str_t rest = str_slice(pattern, i + 1, pattern.n);
			size_t mark = str_find_char(url, '#', at);
			at = c == '?' ? parameter_at(url, at, rest)
				      : mark == STR_NONE ? mark : mark + 1;
			if (at == STR_NONE)
				return false;
			i++;
			continue;
		}
		if (at >= url.n || url.p[at] != c)
			return false;
		at++;
		i++;
	}
	return at == url.n || url.p[at] == '/' || url.p[at] == '?' || url.p[at] == '&' ||
	       url.p[at] == '#';
}

/* The piece of the world that a map of this zoom shows, in a frame a little wider than high. */
static str_t area_of(arena_t *a, const struct match *m)
{
	double zoom = strtod(str_z(a, m->holes[0]), NULL);
	double lat = strtod(str_z(a, m->holes[1]), NULL), lon = strtod(str_z(a, m->holes[2]), NULL);
	zoom = zoom >= 1 && zoom <= 20 ? zoom : 12;
	lat = lat >= -85 && lat <= 85 ? lat : 0;
	lon = lon >= -180 && lon <= 180 ? lon : 0;
	double half = 360 / exp2(zoom) * 1.25, high = half * .7 * cos(lat * 3.14159265 / 180);
	return str_format(a, "%.5f,%.5f,%.5f,%.5f", lon - half, lat - high, lon + half, lat + high);
}

static str_t fill_in(arena_t *a, const char *form, const struct match *m)
{
	struct buf b = buf_new(a, 128);
	for (const char *c = form; *c; c++) {
		if (*c != '{') {
			buf_add_char(&b, *c);
			continue;
		}
		size_t hole = (size_t)(c[1] - '0');
		if (hole < m->n)
			buf_add(&b, m->holes[hole]);
		c += 2;
	}
	return buf_str(&b);
}

/* Without scheme and "www.", the host in small letters. False if it is no web address. */
static bool bare(arena_t *a, str_t url, str_t *out)
{
	static const char *const starts[] = { "https://", "http://", "//" };
	size_t i = 0;
	while (i < COUNT(starts) && !str_starts(url, str_of(starts[i])))
		i++;
	if (i == COUNT(starts) || url.n > URL_MOST)
		return false;
	url = str_slice(url, strlen(starts[i]), url.n);
	size_t slash = str_find_char(url, '/', 0);
	str_t host = str_lower(a, str_slice(url, 0, slash));
	if (str_starts(host, S("www.")))
		host = str_slice(host, 4, host.n);
	str_t path = slash == STR_NONE ? S("") : str_slice(url, slash, url.n);
	*out = str_format(a, "%.*s%.*s", STR(host), STR(path));
	return true;
}

bool embed_find(arena_t *a, str_t url, str_t hosts, struct embed *out)
{
	str_t address;
	struct match m;
	if (!bare(a, str_trim(url), &address))
		return false;
	for (size_t i = 0; i < COUNT(providers); i++) {
		const struct provider *p = &providers[i];
		for (size_t k = 0; k < PATTERNS_MOST && p->patterns[k]; k++) {
			if (!matches(str_of(p->patterns[k]), address, hosts, &m))
				continue;
			if (p->shape == EMBED_MAP && m.n == 3)
				m.holes[m.n++] = area_of(a, &m);
			*out = (struct embed){ .provider = str_of(p->name),
					       .link = fill_in(a, p->link, &m),
					       .frame = fill_in(a, p->frame, &m),
					       .shape = p->shape, .referrer = p->referrer };
			size_t from = strlen("https://");
			out->host = str_slice(out->frame, from,
					      str_find_char(out->frame, '/', from));
			return true;
		}
	}
	return false;
}
