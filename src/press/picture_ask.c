/* picture_ask.c: starts `stet picture ...` and reads its answer. */
#include "press/picture.h"
#include "press/picture_words.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ANSWER_MOST = 32 * 1024 }; /* words of a picture, each byte written as six */

/* Both ends of a pipe, closed on exec but for what posix_spawn hands on. */
static err_t open_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC) == 0 ? OK : err_errno(errno, "start the picture process");
}

static err_t start(char **argv, int out, int errors, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, errors, 2);
	int failed = posix_spawn(pid, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return failed ? err_errno(failed, "start the picture process") : OK;
}

/* Reads both streams to their ends; what does not fit is let go. */
static void read_both(int out, int errors, struct buf *said, struct buf *complaint)
{
	struct pollfd fds[] = { { .fd = out, .events = POLLIN }, { .fd = errors, .events = POLLIN } };
	struct buf *bufs[] = { said, complaint };
	int open_ends = 2;
	while (open_ends > 0 && (poll(fds, 2, -1) >= 0 || errno == EINTR)) {
		for (int i = 0; i < 2; i++) {
			char chunk[1024];
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			ssize_t got = read(fds[i].fd, chunk, sizeof chunk);
			if (got > 0 && bufs[i]->n < ANSWER_MOST)
				buf_add(bufs[i], str_from(chunk, (size_t)got));
			if (got == 0 || (got < 0 && errno != EINTR)) {
				fds[i].fd = -1;
				open_ends--;
			}
		}
	}
}

static err_t judge(int status, str_t complaint)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return OK;
	/* Ours is the last line; above it the library may have warned in its own words. */
	complaint = str_trim(complaint);
	for (size_t nl; (nl = str_find_char(complaint, '\n', 0)) != STR_NONE;)
		complaint = str_slice(complaint, nl + 1, complaint.n);
	if (WIFEXITED(status) && complaint.n)
		return err_user(ERR_INPUT, "picture", "%.*s", STR(complaint));
	return err_user(ERR_INPUT, "picture", "the picture could not be read: its decoder gave up "
			"(too much memory or time, or a broken file)");
}

static err_t ask(arena_t *a, char **argv, str_t *answer)
{
	int out[2], errors[2];
	TRY(open_pipe(out));
	err_t e = open_pipe(errors);
	if (e) {
		close(out[0]);
		close(out[1]);
		return e;
	}
	pid_t pid = 0;
	e = start(argv, out[1], errors[1], &pid);
	close(out[1]);
	close(errors[1]);
	struct buf said = buf_new(a, 256), complaint = buf_new(a, 256);
	int status = 0;
	if (!e) {
		read_both(out[0], errors[0], &said, &complaint);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		e = judge(status, buf_str(&complaint));
	}
	close(out[0]);
	close(errors[0]);
	*answer = buf_str(&said);
	return e;
}

static char **arguments(arena_t *a, size_t most)
{
	char **argv = arena_array(a, most + 1, sizeof *argv);
	argv[0] = str_z(a, S("stet"));
	argv[1] = str_z(a, S("picture"));
	return argv;
}

err_t picture_probe(arena_t *a, const char *path, const struct picture_limits *limits,
		    struct picture_facts *out)
{
	str_t answer;
	char **argv = arguments(a, 5);
	argv[2] = str_z(a, S("probe"));
	argv[3] = str_z(a, str_of(path));
	argv[4] = str_z(a, str_format(a, "%lld", (long long)limits->megapixels));
	TRY(ask(a, argv, &answer));
	json_error_t why;
	json_t *j = json_loadb(answer.p, answer.n, 0, &why);
	const char *format;
	int width, height;
	if (json_unpack(j, "{s:s, s:i, s:i}", "format", &format, "width", &width, "height",
			&height) != 0) {
		json_decref(j);
		return err_new(ERR_SYSTEM, "the picture process gave no sensible answer");
	}
	*out = (struct picture_facts){ .format = str_copy(a, str_of(format)), .width = width,
				       .height = height };
	for (size_t i = 0; i < PICTURE_WORDS; i++)
		*picture_word(&out->words, i) =
			str_copy(a, str_of(json_string_value(
				json_object_get(j, picture_word_names[i]))));
	json_decref(j);
	return OK;
}

static err_t words_json(arena_t *a, const struct picture_words *words, char **out)
{
	struct picture_words w = *words;
	json_t *j = json_object();
	for (size_t i = 0; i < PICTURE_WORDS; i++) {
		str_t s = *picture_word(&w, i);
		if (s.n)
			json_object_set_new(j, picture_word_names[i], json_stringn(s.p, s.n));
	}
	char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while making copies of a picture");
	*out = str_z(a, str_of(text));
	free(text);
	return OK;
}

static str_t size_of(arena_t *a, const struct picture_copy *copy)
{
	if (!copy->height)
		return str_format(a, "%d", copy->width);
	return str_format(a, "%dx%d-%d-%d", copy->width, copy->height, copy->focus_x, copy->focus_y);
}

err_t picture_copies(arena_t *a, const char *path, const struct picture_limits *limits,
		     const struct picture_words *words, const struct picture_copy *copies,
		     size_t n)
{
	str_t answer;
	char **argv = arguments(a, 6 + 3 * n);
	size_t at = 2;
	argv[at++] = str_z(a, S("copies"));
	argv[at++] = str_z(a, str_of(path));
	argv[at++] = str_z(a, str_format(a, "%lld", (long long)limits->megapixels));
	TRY(words_json(a, words, &argv[at++]));
	for (size_t i = 0; i < n; i++) {
		argv[at++] = str_z(a, size_of(a, &copies[i]));
		argv[at++] = str_z(a, str_of(copies[i].ext));
		argv[at++] = str_z(a, copies[i].path);
	}
	return ask(a, argv, &answer);
}

err_t picture_card(arena_t *a, const struct picture_card *card, str_t path)
{
	const struct {
		const char *key;
		str_t       text;
	} words[] = {
		{ "ground", card->ground }, { "ink", card->ink }, { "headline", card->headline },
		{ "label", card->label },   { "name", card->name }, { "note", card->note },
	};
	json_t *j = json_pack("{s:i, s:i, s:b}", "width", card->width, "height", card->height,
			      "logo", card->logo);
	for (size_t i = 0; i < COUNT(words); i++)
		json_object_set_new(j, words[i].key,
				    json_stringn(words[i].text.p ? words[i].text.p : "",
						 words[i].text.n));
	char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while a picture is drawn");
	str_t answer;
	char **argv = arguments(a, 5);
	argv[2] = str_z(a, S("card"));
	argv[3] = str_z(a, path);
	argv[4] = str_z(a, str_of(text));
	free(text);
	return ask(a, argv, &answer);
}
