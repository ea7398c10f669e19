/* known.c: see known.h. */
#include "press/known.h"
#include "press/view.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 256 * 1024, SECURITY_DAYS = 180 };

/* --- what is made of the settings --- */

err_t known_security(struct stet *s, arena_t *a, str_t *out)
{
	if (!s->config.security_contact.n)
		return OK;
	/* Good for half a year from today (RFC 9116 advises less than a year). */
	usec_t expires = (clock_now(&s->clock) / DAY + SECURITY_DAYS) * DAY;
	str_t when = str_slice(time_iso_utc(a, expires), 0, 19);
	*out = str_format(a, "Contact: %.*s\nExpires: %.*sZ\nPreferred-Languages: %.*s\n"
			  "Canonical: %.*s\n", STR(s->config.security_contact), STR(when),
			  STR(s->config.language),
			  STR(view_absolute(s, a, S("/.well-known/security.txt"))));
	return OK;
}

static void add_trust(struct buf *b, const char *name, str_t value)
{
	buf_add_format(b, "%s=%.*s\n", name, STR(value));
}

err_t known_trust(struct stet *s, arena_t *a, str_t *out)
{
	const struct config *c = &s->config;
	if (!c->trust.n && !c->same_as.n)
		return OK;
	struct buf b = buf_new(a, 512);
	for (str_t rest = c->trust; rest.n;) {
		str_t value = str_trim(str_cut(&rest, ',')), name = str_cut(&value, '=');
		add_trust(&b, str_z(a, name), value);
	}
	for (str_t rest = c->same_as; rest.n;)
		add_trust(&b, "social", str_trim(str_cut(&rest, ',')));
	add_trust(&b, "datatrainingallowed", config_allows(c->ai_training) ? S("yes") : S("no"));
	*out = buf_str(&b);
	return OK;
}

/* The line by which one says that nobody sells in one's name (ads.txt 1.1, section 3.2.1). */
static err_t no_sellers(struct stet *s, arena_t *a, str_t *out)
{
	(void)s;
	(void)a;
	*out = S("placeholder.example.com, placeholder, DIRECT, placeholder\n");
	return OK;
}

/* --- serving --- */

static const struct {
	const char *name;
	bool        root, below; /* at "/", in "/.well-known/" */
	known_fn    make;
} files[] = {
	{ "robots.txt", true, false, known_robots },
	{ "license.xml", true, false, known_licence },
	{ "trust.txt", true, true, known_trust },
	{ "ads.txt", true, false, no_sellers },
	{ "app-ads.txt", true, false, no_sellers },
	{ "security.txt", false, true, known_security },
};

/* What may be the name of a file there: no path, nothing hidden. */
static bool is_name(str_t s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_' || (c == '.' && i > 0)))
			return false;
	}
	return s.n > 0 && s.n <= 100;
}

/* The publication's own file of that name; {NULL, 0} if there is none. */
static err_t own_file(struct stet *s, arena_t *a, str_t name, str_t *out)
{
	char *path = path_join(a, path_join(a, s->folder, "well-known"), str_z(a, name));
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR))
		return OK;
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	err_t e = OK;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		e = file_read_open(a, fd, path, FILE_MOST, out);
	close(fd);
	return e;
}

static str_t type_of(str_t name)
{
	if (str_ends(name, S(".txt")))
		return S("text/plain; charset=utf-8");
	if (str_ends(name, S(".xml")))
		return S("application/xml; charset=utf-8");
	bool json = str_ends(name, S(".json")) || str_find_char(name, '.', 0) == STR_NONE;
	return json ? S("application/json") : S("application/octet-stream");
}

static void answer(struct request *q, struct response *r, str_t type, str_t body)
{
	r->body = body;
	response_header(q, r, "Content-Type", type);
	response_header(q, r, "Cache-Control", S("public, max-age=3600"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
}

/* Its own file, or what `make` makes. */
static err_t serve(struct stet *s, struct request *q, struct response *r, str_t name, known_fn make)
{
	str_t body = { NULL, 0 };
	TRY(own_file(s, q->a, name, &body));
	if (!body.p && make)
		TRY(make(s, q->a, &body));
	if (!body.p)
		return err_new(ERR_MISSING, "there is no such file");
	answer(q, r, type_of(name), body);
	return OK;
}

static err_t well_known(struct stet *s, struct request *q, struct response *r)
{
	str_t name = params_get(&q->route, "name");
	known_fn make = NULL;
	for (size_t i = 0; i < COUNT(files); i++)
		if (files[i].below && str_eq(name, str_of(files[i].name)))
			make = files[i].make;
	if (!is_name(name))
		return err_new(ERR_MISSING, "there is no such file");
	return serve(s, q, r, name, make);
}

/* "/robots.txt" and the like, by the last segment of the path. */
static err_t at_root(struct stet *s, struct request *q, struct response *r)
{
	str_t name = str_slice(q->path, 1, q->path.n);
	for (size_t i = 0; i < COUNT(files); i++)
		if (files[i].root && str_eq(name, str_of(files[i].name)))
			return serve(s, q, r, name, files[i].make);
	return err_new(ERR_MISSING, "there is no such file");
}

static err_t security_moved(struct stet *s, struct request *q, struct response *r)
{
	response_redirect(q, r, 301, view_absolute(s, q->a, S("/.well-known/security.txt")));
	return OK;
}

/* IndexNow wants its key back from an address that only the publication can answer at. */
static err_t key_file(struct stet *s, struct request *q, struct response *r)
{
	if (!s->config.indexnow.n || !str_eq(params_get(&q->route, "key"), s->config.indexnow))
		return err_new(ERR_MISSING, "there is no such file");
	answer(q, r, S("text/plain; charset=utf-8"), s->config.indexnow);
	return OK;
}

const struct route known_routes[] = {
	{ GET, "/robots.txt", at_root },
	{ GET, "/license.xml", at_root },
	{ GET, "/trust.txt", at_root },
	{ GET, "/ads.txt", at_root },
	{ GET, "/app-ads.txt", at_root },
	{ GET, "/security.txt", security_moved },
	{ GET, "/.well-known/:name", well_known },
	{ GET, "/:key.txt", key_file },
	{ METHOD_OTHER, NULL, NULL },
};
