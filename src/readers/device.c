/* device.c: what a browser calls itself, as its owner would say it: for the list of places where one is
 * signed in. Nothing depends on it. */
#include "readers/room.h"

struct known {
	const char *mark, *name;
};

/* The first that is found counts: browsers name those they resemble, too. */
static const struct known browsers[] = {
	{ "Firefox/", "Firefox" }, { "FxiOS/", "Firefox" },   { "EdgA/", "Edge" },
	{ "Edg/", "Edge" },	   { "OPR/", "Opera" },	      { "SamsungBrowser/", "Samsung Internet" },
	{ "Vivaldi/", "Vivaldi" }, { "CriOS/", "Chrome" },    { "HeadlessChrome/", "Chrome" },
	{ "Chrome/", "Chrome" },   { "Safari/", "Safari" },   { "curl/", "curl" },
};

static const struct known systems[] = {
	{ "iPhone", "iPhone" },	    { "iPad", "iPad" },	  { "Android", "Android" },
	{ "CrOS", "ChromeOS" },	    { "Windows", "Windows" }, { "Mac OS X", "Mac" },
	{ "Macintosh", "Mac" },	    { "Linux", "Linux" },
};

static const char *find(const struct known *v, size_t n, str_t in)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(in, str_of(v[i].mark), 0) != STR_NONE)
			return v[i].name;
	return NULL;
}

str_t device_of(arena_t *a, const struct request *q)
{
	str_t agent = request_header(q, "user-agent");
	const char *browser = find(browsers, COUNT(browsers), agent);
	const char *system = find(systems, COUNT(systems), agent);
	if (browser && system)
		return str_format(a, "%s, %s", browser, system);
	return str_of(browser ? browser : system ? system : "");
}
