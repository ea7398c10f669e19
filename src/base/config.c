/* config.c: one table says for each key its name, where its value goes, its rule, its default and
 * its documentation; everything else follows from the table. */
#include "base/config.h"
#include "base/file.h"

#include <stddef.h>

enum { MOST_CONFIG = 64 * 1024 }; /* bytes; a longer file is a mistake */

/* The offset and the rule of a key. */
#define TEXT(key) offsetof(struct config, key), CONFIG_TEXT, 0, 0
#define FILLED(key) offsetof(struct config, key), CONFIG_NOT_EMPTY, 0, 0
#define ADDRESS(key) offsetof(struct config, key), CONFIG_URL, 0, 0
#define LEVEL(key) offsetof(struct config, key), CONFIG_LEVEL, 0, 0
#define NUMBER(key, low, high) offsetof(struct config, key), CONFIG_NUMBER, low, high

const struct config_key config_keys[] = {
	{ "name", FILLED(name), "My Newspaper",
	  "the publication's name" },
	{ "tagline", TEXT(tagline), "",
	  "a line under the name" },
	{ "language", FILLED(language), "en",
	  "the language of stories, as \"en\" or \"fr-CA\"" },
	{ "zone", FILLED(zone), "UTC",
	  "the time zone of all dates shown, as \"America/Toronto\"" },
	{ "theme", TEXT(theme), "",
	  "the look: broadsheet, magazine, or the path of a folder as \"./themes/own\"; empty: "
	  "what theme/theme.conf is based on, else broadsheet" },
	{ "url", ADDRESS(url), "http://127.0.0.1:8080",
	  "the public address, without a slash at the end" },
	{ "listen", TEXT(listen), "127.0.0.1:8080",
	  "where plain HTTP is served; comma-separated" },
	{ "listen_tls", TEXT(listen_tls), "",
	  "where HTTPS is served, as \"[::]:443\"" },
	{ "certificate", TEXT(certificate), "keys/certificate.pem",
	  "certificate chain for HTTPS" },
	{ "certificate_key", TEXT(certificate_key), "keys/certificate.key",
	  "its private key" },
	{ "trusted_proxies", TEXT(trusted_proxies), "",
	  "proxies whose X-Forwarded-For is believed, as \"10.0.0.0/8\"" },
	{ "log_level", LEVEL(log_level), "info",
	  "debug, info, warn or error" },
	{ "loops", NUMBER(loops, 0, 64), "0",
	  "event loops; 0: one a core" },
	{ "workers", NUMBER(workers, 0, 256), "0",
	  "threads that render and write; 0: two a core" },
	{ "cache_mb", NUMBER(cache_mb, 1, 65536), "64",
	  "memory for finished pages, in MB" },
	{ "front_stories", NUMBER(front_stories, 1, 100), "40",
	  "stories considered for the front page" },
	{ "list_stories", NUMBER(list_stories, 1, 100), "20",
	  "stories on a page of a section, tag or author" },
	{ "picture_mb", NUMBER(picture_mb, 1, 512), "40",
	  "the largest picture file that is taken, in MB" },
	{ "picture_megapixels", NUMBER(picture_megapixels, 1, 1000), "120",
	  "the largest picture that is taken, in megapixels" },
	{ "embed_hosts", TEXT(embed_hosts), "",
	  "servers of PeerTube and Mastodon whose videos and posts stories may embed; comma-separated" },
	{ NULL, TEXT(name), NULL, NULL },
};

static err_t check_url(str_t v)
{
	bool scheme = str_starts(v, S("http://")) || str_starts(v, S("https://"));
	size_t host = str_starts(v, S("https://")) ? 8 : 7;
	if (!scheme || v.n == host || str_find_char(v, '/', host) != STR_NONE)
		return err_new(ERR_INPUT, "must be \"http://\" or \"https://\" and a host, "
			       "without a slash at the end");
	return OK;
}

static err_t check_number(const struct config_key *b, str_t v, int64_t *out)
{
	if (!str_int(v, out) || *out < b->low || *out > b->high)
		return err_new(ERR_INPUT, "must be a whole number from %lld to %lld",
			       (long long)b->low, (long long)b->high);
	return OK;
}

static err_t assign(struct config *c, size_t key, str_t v)
{
	const struct config_key *b = &config_keys[key];
	char *at = (char *)c + b->at;
	enum log_level level;
	size_t bad;
	if (!str_is_utf8(v, &bad))
		return err_new(ERR_INPUT, "is not UTF-8 (byte %zu of the value)", bad + 1);
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f)
			return err_new(ERR_INPUT, "holds a control character (byte %zu of the value)",
				       i + 1);
	switch (b->rule) {
	case CONFIG_NUMBER: return check_number(b, v, (int64_t *)(void *)at);
	case CONFIG_URL: TRY(check_url(v)); break;
	case CONFIG_LEVEL:
		if (!log_level_parse(v, &level))
			return err_new(ERR_INPUT, "must be debug, info, warn or error");
		break;
	case CONFIG_NOT_EMPTY:
		if (!v.n)
			return err_new(ERR_INPUT, "must not be empty");
		break;
	case CONFIG_TEXT: break;
	}
	*(str_t *)(void *)at = v;
	return OK;
}

void config_defaults(arena_t *a, struct config *c)
{
	(void)a;
	*c = (struct config){ 0 };
	for (size_t i = 0; config_keys[i].name; i++)
		err_free(assign(c, i, str_of(config_keys[i].fallback)));
}

static err_t find_key(str_t name, size_t *out)
{
	size_t nearest = 0, least = SIZE_MAX;
	for (size_t i = 0; config_keys[i].name; i++) {
		size_t d = str_distance(name, str_of(config_keys[i].name));
		if (d < least) {
			least = d;
			nearest = i;
		}
	}
	*out = nearest;
	if (least == 0)
		return OK;
	return err_user(ERR_INPUT, config_keys[nearest].name,
			"unknown key \"%.*s\"; did you mean \"%s\"?", STR(str_clip(name, 64)),
			config_keys[nearest].name);
}

/* The value without its quotes or the comment behind it; \" and \\ within quotes. */
static err_t unquote(arena_t *a, str_t raw, str_t *out)
{
	str_t v = str_trim(raw);
	if (!str_starts(v, S("\""))) {
		size_t comment = str_starts(v, S("#")) ? 0 : str_find(v, S(" #"), 0);
		*out = str_trim(str_slice(v, 0, comment));
		return OK;
	}
	struct buf b = buf_new(a, v.n);
	size_t i = 1;
	for (; i < v.n && v.p[i] != '"'; i++) {
		if (v.p[i] == '\\' && i + 1 < v.n && (v.p[i + 1] == '"' || v.p[i + 1] == '\\'))
			i++;
		buf_add_char(&b, v.p[i]);
	}
	if (i >= v.n)
		return err_new(ERR_INPUT, "the closing quote is missing");
	str_t behind = str_trim(str_slice(v, i + 1, v.n));
	if (behind.n && behind.p[0] != '#')
		return err_new(ERR_INPUT, "there is text behind the closing quote");
	*out = buf_str(&b);
	return OK;
}

static err_t parse_line(arena_t *a, struct config *c, str_t line, bool *seen)
{
	size_t equals = str_find_char(line, '=', 0);
	if (equals == STR_NONE)
		return err_new(ERR_INPUT, "write \"key = value\"");
	size_t key;
	TRY(find_key(str_trim(str_slice(line, 0, equals)), &key));
	const char *name = config_keys[key].name;
	if (seen[key])
		return err_user(ERR_INPUT, name, "\"%s\" stands here a second time", name);
	seen[key] = true;
	str_t value;
	TRY(err_wrap(unquote(a, str_slice(line, equals + 1, line.n), &value), "%s", name));
	return err_wrap(assign(c, key, str_copy(a, value)), "%s", name);
}

err_t config_parse(arena_t *a, str_t file, str_t text, struct config *c)
{
	bool seen[COUNT(config_keys)] = { false };
	config_defaults(a, c);
	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_slice(text, 3, text.n);
	int number = 0;
	for (str_t rest = text; rest.p;) {
		str_t line = str_trim(str_cut(&rest, '\n'));
		number++;
		if (!line.n || line.p[0] == '#')
			continue;
		TRY(err_wrap(parse_line(a, c, line, seen), "%.*s:%d", STR(file), number));
	}
	return OK;
}

err_t config_read(arena_t *a, const char *path, struct config *c)
{
	str_t text;
	TRY(file_read(a, path, MOST_CONFIG, &text));
	const char *slash = strrchr(path, '/');
	return config_parse(a, str_of(slash ? slash + 1 : path), text, c);
}

static void write_value(struct buf *b, const struct config *c, size_t key)
{
	const char *at = (const char *)c + config_keys[key].at;
	if (config_keys[key].rule == CONFIG_NUMBER) {
		buf_add_int(b, *(const int64_t *)(const void *)at);
		return;
	}
	str_t v = *(const str_t *)(const void *)at;
	if (str_eq(v, str_trim(v)) && str_find_char(v, '#', 0) == STR_NONE &&
	    !str_starts(v, S("\""))) {
		buf_add(b, v);
		return;
	}
	buf_add_char(b, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			buf_add_char(b, '\\');
		buf_add_char(b, v.p[i]);
	}
	buf_add_char(b, '"');
}

str_t config_write(arena_t *a, const struct config *c)
{
	struct buf b = buf_new(a, 2048), value = buf_new(a, 64);
	for (size_t i = 0; config_keys[i].name; i++) {
		buf_clear(&value);
		write_value(&value, c, i);
		bool same = str_eq(buf_str(&value), str_of(config_keys[i].fallback));
		buf_add_format(&b, "# %s\n%s%s = %.*s\n\n", config_keys[i].about, same ? "# " : "",
			       config_keys[i].name, STR(buf_str(&value)));
	}
	return buf_str(&b);
}
