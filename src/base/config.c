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
#define PLACE(key) offsetof(struct config, key), CONFIG_PLACE, 0, 0
#define LINKS(key) offsetof(struct config, key), CONFIG_LINKS, 0, 0
#define COLOUR(key) offsetof(struct config, key), CONFIG_COLOUR, 0, 0
#define SWITCH(key) offsetof(struct config, key), CONFIG_SWITCH, 0, 0
#define KEY(key) offsetof(struct config, key), CONFIG_KEY, 0, 0
#define CONTACT(key) offsetof(struct config, key), CONFIG_CONTACT, 0, 0
#define TRUST(key) offsetof(struct config, key), CONFIG_TRUST, 0, 0
#define MAIL(key) offsetof(struct config, key), CONFIG_MAIL, 0, 0
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
	  "threads that render, write and check passwords; 0: two a core, and eight" },
	{ "cache_mb", NUMBER(cache_mb, 1, 65536), "128",
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
	{ "licence", PLACE(licence), "",
	  "the licence of what is published, an address or a page here, as \"/licence\"" },
	{ "policy_principles", PLACE(policy_principles), "",
	  "what the newsroom holds itself to: an address or a page here, as \"/principles\"" },
	{ "policy_corrections", PLACE(policy_corrections), "",
	  "how mistakes are put right" },
	{ "policy_ethics", PLACE(policy_ethics), "",
	  "the code of ethics" },
	{ "policy_ownership", PLACE(policy_ownership), "",
	  "who owns and pays for the publication" },
	{ "policy_masthead", PLACE(policy_masthead), "",
	  "who works here" },
	{ "policy_feedback", PLACE(policy_feedback), "",
	  "how readers reach the newsroom" },
	{ "same_as", LINKS(same_as), "",
	  "the publication's own addresses elsewhere; comma-separated" },
	{ "share_colour", COLOUR(share_colour), "0b4f5e",
	  "the ground of the pictures drawn for sharing, in six hexadecimal digits" },
	{ "share_ink", COLOUR(share_ink), "ffffff",
	  "the letters on it" },
	{ "ai_training", SWITCH(ai_training), "deny",
	  "allow or deny: programs that collect texts to train language models (robots.txt)" },
	{ "ai_answers", SWITCH(ai_answers), "allow",
	  "allow or deny: programs that answer questions from an index of the web" },
	{ "ai_visits", SWITCH(ai_visits), "allow",
	  "allow or deny: programs that fetch a page because a person asked them to" },
	{ "hubs", LINKS(hubs), "",
	  "WebSub hubs that are told when feeds change; comma-separated" },
	{ "announce_after", NUMBER(announce_after, 0, 3600), "60",
	  "seconds in which changes are gathered before hubs and search engines are told" },
	{ "indexnow", KEY(indexnow), "",
	  "a key of 8 to 128 letters, digits and hyphens; with one, search engines are told by "
	  "IndexNow what changed" },
	{ "indexnow_to", PLACE(indexnow_to), "https://api.indexnow.org/indexnow",
	  "where IndexNow is told" },
	{ "security_contact", CONTACT(security_contact), "",
	  "whom to tell of a security fault, as \"mailto:security@example.org\"; makes "
	  "/.well-known/security.txt" },
	{ "trust", TRUST(trust), "",
	  "lines of /trust.txt, as \"belongto=https://press.example, contact=https://example.org/x\"" },
	{ "private_calls", SWITCH(private_calls), "deny",
	  "allow or deny: calls to addresses of private networks, and from a publication that is "
	  "at one; for trying things out" },
	{ "upload_mb", NUMBER(upload_mb, 1, 1048576), "2048",
	  "the largest recording or other file that is taken, in MB" },
	{ "registration", SWITCH(registration), "allow",
	  "allow or deny: readers who register by themselves" },
	{ "providers", TEXT(providers), "",
	  "OpenID Connect providers that readers may sign in with, as \"Example=https://id.example.org "
	  "our-client-id\", comma-separated; a client's secret is the first line of keys/NAME.secret" },
	{ "smtp", MAIL(smtp), "",
	  "the mail server, as \"smtps://mail.example.org:465\" or \"smtp://mail.example.org:587\"; "
	  "\"outbox\" keeps mail in a folder and shows it at /dev/mail, for trying things out; "
	  "empty: no mail, so nobody can register" },
	{ "smtp_user", TEXT(smtp_user), "",
	  "whom we sign in as there; empty: nobody" },
	{ "smtp_password", TEXT(smtp_password), "keys/smtp.password",
	  "the file whose first line is the password for that" },
	{ "smtp_authorities", TEXT(smtp_authorities), "",
	  "a PEM file of authorities to trust instead of the system's" },
	{ "mail_from", TEXT(mail_from), "",
	  "the address mail comes from; empty: \"noreply@\" and the host of url" },
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

/* An address on the web: a scheme, a host, no spaces. */
static bool is_link(str_t v)
{
	str_t s = S("https://"), rest;
	if (!str_starts(v, s))
		s = S("http://");
	rest = str_slice(v, s.n, v.n);
	return str_starts(v, s) && rest.n && rest.p[0] != '/' &&
	       str_eq(v, str_trim(v)) && str_find_char(v, ' ', 0) == STR_NONE;
}

static err_t check_place(str_t v)
{
	bool path = str_starts(v, S("/")) && !str_starts(v, S("//"));
	if (v.n && !path && !is_link(v))
		return err_new(ERR_INPUT, "must be a page here, as \"/about\", or an address that "
			       "begins with \"https://\"");
	return OK;
}

static err_t check_mail(str_t v)
{
	bool server = (str_starts(v, S("smtp://")) && v.n > 7) ||
		      (str_starts(v, S("smtps://")) && v.n > 8);
	if (v.n && !str_eq(v, S(SMTP_OUTBOX)) && !server)
		return err_new(ERR_INPUT, "must be \"smtps://\" or \"smtp://\", a host and a port, or \""
			       SMTP_OUTBOX "\"");
	return OK;
}

static err_t check_links(str_t v)
{
	for (str_t rest = v; rest.n;) {
		str_t one = str_trim(str_cut(&rest, ','));
		if (!is_link(one))
			return err_new(ERR_INPUT, "\"%.*s\" is no address that begins with "
				       "\"https://\"", STR(str_clip(one, 64)));
	}
	return OK;
}

static err_t check_colour(str_t v)
{
	bool good = v.n == 6;
	for (size_t i = 0; good && i < v.n; i++)
		good = strchr("0123456789abcdefABCDEF", v.p[i]) != NULL;
	return good ? OK : err_new(ERR_INPUT, "must be a colour in six hexadecimal digits, as \"0b4f5e\"");
}

static err_t check_key(str_t v)
{
	enum { LEAST = 8, MOST = 128 }; /* of the IndexNow protocol */
	bool good = !v.n || (v.n >= LEAST && v.n <= MOST);
	for (size_t i = 0; good && i < v.n; i++) {
		char c = v.p[i];
		good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		       c == '-';
	}
	return good ? OK : err_new(ERR_INPUT, "must be %d to %d letters, digits and hyphens",
				   LEAST, MOST);
}

/* RFC 9116 section 2.5.3: an address that a program can tell the kind of. */
static err_t check_contact(str_t v)
{
	bool good = !v.n || is_link(v) || (str_starts(v, S("mailto:")) && v.n > 7) ||
		    (str_starts(v, S("tel:")) && v.n > 4);
	if (!good || str_find_char(v, ' ', 0) != STR_NONE)
		return err_new(ERR_INPUT, "must begin with \"mailto:\", \"tel:\" or \"https://\"");
	return OK;
}

/* The names that a line of trust.txt may begin with (journallist.net's specification). */
static bool is_trust_name(str_t name)
{
	static const char *const names[] = { "member", "belongto", "control", "controlledby",
					     "social", "vendor", "customer", "disclosure",
					     "contact" };
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

static err_t check_trust(str_t v)
{
	for (str_t rest = v; rest.n;) {
		str_t value = str_trim(str_cut(&rest, ',')), name = str_cut(&value, '=');
		if (!is_trust_name(name))
			return err_new(ERR_INPUT, "\"%.*s\" begins no line of trust.txt: member, "
				       "belongto, control, controlledby, social, vendor, customer, "
				       "disclosure and contact do", STR(str_clip(name, 64)));
		if (!is_link(value))
			return err_new(ERR_INPUT, "%.*s: \"%.*s\" is no address that begins with "
				       "\"https://\"", STR(name), STR(str_clip(value, 64)));
	}
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
	case CONFIG_PLACE: TRY(check_place(v)); break;
	case CONFIG_LINKS: TRY(check_links(v)); break;
	case CONFIG_COLOUR: TRY(check_colour(v)); break;
	case CONFIG_KEY: TRY(check_key(v)); break;
	case CONFIG_CONTACT: TRY(check_contact(v)); break;
	case CONFIG_TRUST: TRY(check_trust(v)); break;
	case CONFIG_MAIL: TRY(check_mail(v)); break;
	case CONFIG_SWITCH:
		if (!str_eq(v, S("allow")) && !str_eq(v, S("deny")))
			return err_new(ERR_INPUT, "must be allow or deny");
		break;
	case CONFIG_TEXT: break;
	}
	*(str_t *)(void *)at = v;
	return OK;
}

bool config_allows(str_t setting)
{
	return str_eq(setting, S("allow"));
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
