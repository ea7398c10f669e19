/* test_conf.c: stet.conf, and small files as wholes. */
#include "base/base.h"
#include "base/config.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state)
{
	*state = arena_create(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct config parse(arena_t *a, const char *text)
{
	struct config c;
	err_t e = config_parse(a, S("stet.conf"), str_of(text), &c);
	if (e)
		fail_msg("%s", err_text(e));
	return c;
}

static void refuses(arena_t *a, str_t text, const char *says)
{
	struct config c;
	err_t e = config_parse(a, S("stet.conf"), text, &c);
	if (!e)
		fail_msg("taken: %.*s", STR(text));
	if (!strstr(err_text(e), says))
		fail_msg("\"%s\" does not say \"%s\"", err_text(e), says);
	assert_int_equal(e->code, ERR_INPUT);
	err_free(e);
}

static void an_empty_file_gives_the_defaults(void **state)
{
	struct config c = parse(*state, "\n# nothing\n   \n"), d;
	config_defaults(*state, &d);
	for (size_t i = 0; config_keys[i].name; i++) {
		const char *x = (const char *)&c + config_keys[i].at;
		const char *y = (const char *)&d + config_keys[i].at;
		if (config_keys[i].rule == CONFIG_NUMBER)
			assert_int_equal(*(const int64_t *)(const void *)x,
					 *(const int64_t *)(const void *)y);
		else
			assert_true(str_eq(*(const str_t *)(const void *)x,
					   *(const str_t *)(const void *)y));
	}
}

static const char *good_for(enum config_rule rule)
{
	switch (rule) {
	case CONFIG_URL: return "https://news.example";
	case CONFIG_LEVEL: return "error";
	case CONFIG_PLACE: return "/about";
	case CONFIG_LINKS: return "https://a.example/x, https://b.example";
	case CONFIG_COLOUR: return "12aBcd";
	case CONFIG_SWITCH: return "allow";
	case CONFIG_KEY: return "0123-abcd";
	case CONFIG_CONTACT: return "mailto:a@b.example";
	case CONFIG_MAIL: return "smtps://mail.example:465";
	case CONFIG_TRUST: return "member=https://a.example, contact=https://b.example/c";
	case CONFIG_TEXT:
	case CONFIG_NOT_EMPTY:
	case CONFIG_NUMBER: break;
	}
	return "some words";
}

/* Every key takes what its rule allows, at both ends, and names its line when it does not. */
static void every_key(void **state)
{
	arena_t *a = *state;
	for (size_t i = 0; config_keys[i].name; i++) {
		const struct config_key *k = &config_keys[i];
		assert_true(strlen(k->about) > 5);
		if (k->rule == CONFIG_NUMBER) {
			for (int end = 0; end < 2; end++) {
				int64_t v = end ? k->high : k->low;
				struct config c = parse(a, str_z(a, str_format(a, "%s = %lld", k->name,
									      (long long)v)));
				assert_int_equal(*(int64_t *)(void *)((char *)&c + k->at), v);
			}
			refuses(a, str_format(a, "\n%s = %lld", k->name, (long long)k->low - 1),
				"stet.conf:2: ");
			refuses(a, str_format(a, "%s = %lld", k->name, (long long)k->high + 1),
				"whole number");
			refuses(a, str_format(a, "%s = many", k->name), k->name);
			continue;
		}
		const char *good = good_for(k->rule);
		struct config c = parse(a, str_z(a, str_format(a, "%s=%s", k->name, good)));
		assert_true(str_eq(*(str_t *)(void *)((char *)&c + k->at), str_of(good)));
		if (k->rule != CONFIG_TEXT && k->rule != CONFIG_NOT_EMPTY)
			refuses(a, str_format(a, "%s = a b", k->name), "stet.conf:1: ");
		if (!*k->fallback)
			parse(a, str_z(a, str_format(a, "%s =", k->name)));
		else if (k->rule != CONFIG_TEXT && k->rule != CONFIG_PLACE)
			refuses(a, str_format(a, "%s =", k->name), "stet.conf:1: ");
		refuses(a, str_format(a, "%s = \xff", k->name), "UTF-8");
		refuses(a, str_format(a, "%s = a\x01" "b", k->name), "control character");
	}
}

static void mistakes_are_named_with_line_and_remedy(void **state)
{
	arena_t *a = *state;
	refuses(a, S("name = A\nlisen = x\n"), "stet.conf:2: unknown key \"lisen\"; did you mean \"listen\"?");
	refuses(a, S("name = A\n\nname = B"), "stet.conf:3: \"name\" stands here a second time");
	refuses(a, S("just words"), "key = value");
	refuses(a, S("name = \"open"), "closing quote");
	refuses(a, S("name = \"a\" b"), "behind the closing quote");
	refuses(a, S("url = ftp://x"), "http://");
	refuses(a, S("url = http://x/"), "slash");
	refuses(a, S("url = http://"), "host");
	refuses(a, S("log_level = loud"), "debug, info, warn or error");
	refuses(a, S("licence = //evil.example"), "a page here");
	refuses(a, S("licence = javascript:alert(1)"), "a page here");
	refuses(a, S("hubs = https://a.example, b.example"), "\"b.example\" is no address");
	refuses(a, S("hubs = https://"), "no address");
	refuses(a, S("share_colour = 12345g"), "a colour");
	refuses(a, S("indexnow = 1234567"), "8 to 128");
	refuses(a, S("indexnow = ../../etc/passwd"), "letters, digits and hyphens");
	refuses(a, S("ai_training = no"), "allow or deny");
	refuses(a, S("security_contact = a@b.example"), "mailto:");
	refuses(a, S("trust = friend=https://a.example"), "\"friend\" begins no line of trust.txt");
	refuses(a, S("trust = member=a.example"), "member: \"a.example\"");
}

static void quotes_and_comments(void **state)
{
	arena_t *a = *state;
	assert_true(str_eq(parse(a, "\xef\xbb\xbfname = Bay # not this\r\n").name, S("Bay")));
	assert_true(str_eq(parse(a, "name = \" a # \\\"b\\\\ \" # c").name, S(" a # \"b\\ ")));
	assert_true(str_eq(parse(a, "name = a=b#c").name, S("a=b#c")));
}

static void what_is_written_reads_the_same(void **state)
{
	arena_t *a = *state;
	static const char *const names[] = { "Plain", " spaces ", "a # b", "#", "\"quoted\"", "a\"b",
					     "back\\slash", "\"", "\\\"#", "Größe 港" };
	for (size_t i = 0; i < COUNT(names); i++) {
		struct config c;
		config_defaults(a, &c);
		c.name = str_of(names[i]);
		c.cache_mb = 7;
		struct config back = parse(a, str_z(a, config_write(a, &c)));
		if (!str_eq(back.name, c.name))
			fail_msg("%s became %.*s", names[i], STR(back.name));
		assert_int_equal(back.cache_mb, 7);
	}
}

static size_t files_in(const char *folder)
{
	size_t n = 0;
	DIR *d = opendir(folder);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void a_file_is_replaced_as_a_whole(void **state)
{
	arena_t *a = *state;
	char folder[] = "/tmp/stet-test-XXXXXX";
	str_t text;
	struct stat st;
	assert_non_null(mkdtemp(folder));
	assert_true(folder_is_empty(folder));
	char *path = path_join(a, folder, "one");
	assert_null(file_write(path, S("first"), 0600));
	assert_null(file_write(path, S("second\0x"), 0640));
	assert_null(file_read(a, path, 100, &text));
	assert_true(str_eq(text, S("second\0x")));
	assert_int_equal(text.p[text.n], 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(files_in(folder), 1);
	err_t e = file_read(a, path, 3, &text);
	assert_int_equal(e->code, ERR_TOO_LARGE);
	err_free(e);
	e = file_read(a, path_join(a, folder, "none"), 3, &text);
	assert_int_equal(e->code, ERR_MISSING);
	err_free(e);
	/* A folder stands in the way: the old stays, and nothing beside it. */
	char *inner = path_join(a, folder, "a/b/c");
	assert_null(folder_make(inner));
	assert_null(folder_make(inner));
	e = file_write(path_join(a, folder, "a"), S("x"), 0600);
	assert_non_null(e);
	err_free(e);
	assert_int_equal(files_in(folder), 2);
	assert_false(folder_is_empty(folder));
	assert_true(folder_is_empty(path_join(a, folder, "nowhere")));
	e = folder_make(path_join(a, path, "below-a-file"));
	assert_non_null(e);
	err_free(e);
	unlink(path);
	rmdir(inner);
	rmdir(path_join(a, folder, "a/b"));
	rmdir(path_join(a, folder, "a"));
	rmdir(folder);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_file_gives_the_defaults), T(every_key),
		T(mistakes_are_named_with_line_and_remedy), T(quotes_and_comments),
		T(what_is_written_reads_the_same), T(a_file_is_replaced_as_a_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
