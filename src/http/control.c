/* control.c: see control.h. */
#include "http/control.h"

#include "http/limits.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TALKS    8            /* at a time; they are commands typed by a person */
#define PATIENCE (5 * SECOND) /* for the line that a client came to say */

struct talk {
	struct control *control;
	pthread_t       thread;
	int             socket; /* -1: free */
	atomic_bool     over;
};

struct control {
	const struct control_command *commands;
	const struct log             *log;
	struct sockaddr_un            at;
	ino_t                         inode;
	int                           listener, wake;
	pthread_t                     thread;
	struct talk                   talks[TALKS];
};

/* -- lines ----------------------------------------------------------------------------------- */

static err_t address(const char *path, struct sockaddr_un *at)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof at->sun_path)
		return err_new(ERR_INPUT, "%s: this path is too long for a socket (%zu bytes at "
			       "most)", path, sizeof at->sun_path - 1);
	memcpy(at->sun_path, path, strlen(path));
	return OK;
}

err_t control_write(int socket, const char *line)
{
	char text[LIMIT_CONTROL + 1];
	int n = snprintf(text, sizeof text, "%s\n", line);
	size_t size = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	if (send(socket, text, size, MSG_NOSIGNAL) != (ssize_t)size)
		return err_errno(errno, "write to the control socket");
	return OK;
}

/* Byte by byte: what follows the line may carry descriptors, and is not ours to read. */
err_t control_read(int socket, usec_t patience, char *line, size_t size)
{
	usec_t by = clock_steady() + patience;
	for (size_t n = 0; n + 1 < size;) {
		struct pollfd p = { .fd = socket, .events = POLLIN };
		usec_t left = by - clock_steady();
		int ready = left > 0 ? poll(&p, 1, (int)(left / 1000) + 1) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (!ready)
			return err_new(ERR_BUSY, "the control socket stays silent");
		char c;
		ssize_t got = ready < 0 ? -1 : recv(socket, &c, 1, 0);
		if (got < 0)
			return err_errno(errno, "read from the control socket");
		if (!got)
			return err_new(ERR_MISSING, "the control socket was closed");
		line[n] = '\0';
		if (c == '\n')
			return OK;
		line[n++] = c;
	}
	return err_new(ERR_TOO_LARGE, "a line of more than %zu bytes on the control socket",
		       size - 2);
}

err_t control_verdict(const char *line)
{
	if (strcmp(line, "ok") == 0)
		return OK;
	if (strncmp(line, "error: ", 7) == 0)
		return err_new(ERR_SYSTEM, "the server says: %s", line + 7);
	return err_new(ERR_SYSTEM, "the server says something unexpected: %s", line);
}

err_t control_connect(const char *path, int *out)
{
	struct sockaddr_un at;
	TRY(address(path, &at));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(errno, "make a socket");
	if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		int why = errno == ECONNREFUSED ? ENOENT : errno; /* left by one that died */
		close(fd);
		return err_errno(why, "connect to %s", path);
	}
	*out = fd;
	return OK;
}

err_t control_ask(const char *path, const char *line, usec_t patience)
{
	int fd = -1;
	char answer[LIMIT_CONTROL + 1];
	TRY(control_connect(path, &fd));
	err_t e = control_write(fd, line);
	if (!e)
		e = control_read(fd, patience, answer, sizeof answer);
	if (!e)
		e = control_verdict(answer);
	close(fd);
	return e;
}

/* -- conversations --------------------------------------------------------------------------- */

static bool is_ours(int socket)
{
	struct ucred who;
	socklen_t n = sizeof who;
	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	       (who.uid == geteuid() || who.uid == 0);
}

static err_t obey(const struct control *c, int socket)
{
	char line[LIMIT_CONTROL + 1];
	TRY(control_read(socket, PATIENCE, line, sizeof line));
	for (const struct control_command *k = c->commands; k->line; k++)
		if (strcmp(k->line, line) == 0)
			return k->run(k->ctx, socket);
	return err_new(ERR_USAGE, "no such command");
}

static void *converse(void *arg)
{
	struct talk *t = arg;
	char answer[LIMIT_CONTROL + 1] = "ok";
	err_t e = is_ours(t->socket) ? obey(t->control, t->socket)
				     : err_new(ERR_REFUSED, "another user's server");
	if (e) {
		snprintf(answer, sizeof answer, "error: %s", err_text(e));
		log_line(t->control->log, LOG_WARN, "serve", "control: %s", err_text(e));
	}
	err_free(e);
	err_free(control_write(t->socket, answer));
	shutdown(t->socket, SHUT_RDWR);
	atomic_store(&t->over, true);
	return NULL;
}

static void end_talk(struct talk *t)
{
	pthread_join(t->thread, NULL);
	close(t->socket);
	t->socket = -1;
}

static void begin_talk(struct control *c, int socket)
{
	for (size_t i = 0; i < TALKS; i++) {
		struct talk *t = &c->talks[i];
		if (t->socket >= 0 && atomic_load(&t->over))
			end_talk(t);
		if (t->socket >= 0)
			continue;
		t->control = c;
		t->socket = socket;
		atomic_store(&t->over, false);
		if (pthread_create(&t->thread, NULL, converse, t) == 0)
			return;
		t->socket = -1;
		break;
	}
	err_free(control_write(socket, "error: too much to do; try again"));
	close(socket);
}

static void *attend(void *arg)
{
	struct control *c = arg;
	struct pollfd p[2] = { { .fd = c->listener, .events = POLLIN },
			       { .fd = c->wake, .events = POLLIN } };
	while (!(p[1].revents & POLLIN)) {
		if (poll(p, 2, -1) < 0)
			continue;
		int socket = p[0].revents & POLLIN ? accept4(c->listener, NULL, NULL, SOCK_CLOEXEC)
						   : -1;
		if (socket >= 0)
			begin_talk(c, socket);
	}
	for (size_t i = 0; i < TALKS; i++) {
		if (c->talks[i].socket < 0)
			continue;
		shutdown(c->talks[i].socket, SHUT_RD);
		end_talk(&c->talks[i]);
	}
	return NULL;
}

/* -- life ------------------------------------------------------------------------------------ */

/* Bound under another name and moved, so that there is no moment without a socket at the path. */
static err_t bind_at(struct control *c, const char *path)
{
	struct sockaddr_un beside;
	char name[sizeof beside.sun_path];
	struct stat st;
	TRY(address(path, &c->at));
	if (snprintf(name, sizeof name, "%s.new", path) >= (int)sizeof name)
		return err_new(ERR_INPUT, "%s: this path is too long for a socket", path);
	TRY(address(name, &beside));
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->listener < 0)
		return err_errno(errno, "make a socket");
	unlink(name);
	if (bind(c->listener, (struct sockaddr *)&beside, sizeof beside) < 0 ||
	    chmod(name, 0600) < 0 || listen(c->listener, TALKS) < 0 || stat(name, &st) < 0 ||
	    rename(name, path) < 0)
		return err_errno(errno, "listen at %s", path);
	c->inode = st.st_ino;
	return OK;
}

static void let_go(struct control *c)
{
	struct stat st;
	if (c->inode && stat(c->at.sun_path, &st) == 0 && st.st_ino == c->inode)
		unlink(c->at.sun_path);
	if (c->listener >= 0)
		close(c->listener);
	if (c->wake >= 0)
		close(c->wake);
	free(c);
}

err_t control_open(const char *path, const struct control_command *commands, const struct log *log,
		   struct control **out)
{
	struct control *c = calloc(1, sizeof *c);
	if (!c)
		return err_new(ERR_MEMORY, "no memory for the control socket");
	c->commands = commands;
	c->log = log;
	c->listener = -1;
	for (size_t i = 0; i < TALKS; i++)
		c->talks[i].socket = -1;
	c->wake = eventfd(0, EFD_CLOEXEC);
	err_t e = c->wake < 0 ? err_errno(errno, "make the control socket") : bind_at(c, path);
	if (!e) {
		int failed = pthread_create(&c->thread, NULL, attend, c);
		if (failed)
			e = err_errno(failed, "make the control socket");
	}
	if (e)
		let_go(c);
	else
		*out = c;
	return e;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	uint64_t one = 1;
	if (write(c->wake, &one, sizeof one) == sizeof one)
		pthread_join(c->thread, NULL);
	let_go(c);
}
