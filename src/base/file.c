/* file.c: see file.h. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static err_t read_all(arena_t *a, int fd, const char *path, size_t most, str_t *out)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_errno(errno, "read %s", path);
	if (S_ISDIR(st.st_mode))
		return err_errno(EISDIR, "read %s", path);
	struct buf b = buf_new(a, st.st_size > 0 ? (size_t)st.st_size : 4096);
	for (;;) {
		size_t room = b.cap - b.n - 1;
		if (room == 0)
			room = b.cap;
		ssize_t got = read(fd, buf_room(&b, room), room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(errno, "read %s", path);
		if (got == 0)
			break;
		buf_advance(&b, (size_t)got);
		if (b.n > most)
			return err_new(ERR_TOO_LARGE, "%s is larger than %zu bytes", path, most);
	}
	*out = buf_str(&b);
	return OK;
}

err_t file_read_open(arena_t *a, int fd, const char *name, size_t most, str_t *out)
{
	return read_all(a, fd, name, most, out);
}

err_t file_read(arena_t *a, const char *path, size_t most, str_t *out)
{
	/* Standard input may be a socket, which cannot be opened by its name. */
	int fd = strcmp(path, "/dev/stdin") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
						 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	err_t e = read_all(a, fd, path, most, out);
	close(fd);
	return e;
}

static err_t write_all(int fd, const char *path, str_t content)
{
	for (size_t at = 0; at < content.n;) {
		ssize_t put = write(fd, content.p + at, content.n - at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_errno(errno, "write %s", path);
		at += (size_t)put;
	}
	if (fsync(fd) != 0)
		return err_errno(errno, "flush %s", path);
	return OK;
}

err_t file_write(const char *path, str_t content, unsigned mode)
{
	char *beside;
	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return err_new(ERR_MEMORY, "out of memory while writing %s", path);
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0) {
		err_t e = err_errno(errno, "write %s", path);
		free(beside);
		return e;
	}
	err_t e = fchmod(fd, mode) == 0 ? OK : err_errno(errno, "write %s", path);
	if (!e)
		e = write_all(fd, path, content);
	if (close(fd) != 0 && !e)
		e = err_errno(errno, "write %s", path);
	if (!e && rename(beside, path) != 0)
		e = err_errno(errno, "replace %s", path);
	if (e)
		unlink(beside);
	free(beside);
	return e;
}

static err_t copy_bytes(int from, int to, const char *path)
{
	char chunk[64 * 1024];
	for (;;) {
		ssize_t got = read(from, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(errno, "read what goes to %s", path);
		for (ssize_t at = 0; at < got;) {
			ssize_t put = write(to, chunk + at, (size_t)(got - at));
			if (put < 0 && errno != EINTR)
				return err_errno(errno, "write %s", path);
			if (put > 0)
				at += put;
		}
		if (got == 0)
			return fsync(to) == 0 ? OK : err_errno(errno, "flush %s", path);
	}
}

err_t file_copy(const char *from, const char *to, unsigned mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return err_errno(errno, "open %s", from);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	err_t e = out < 0 ? err_errno(errno, "write %s", to) : copy_bytes(in, out, to);
	if (out >= 0)
		close(out);
	if (e && out >= 0)
		unlink(to);
	close(in);
	return e;
}

err_t folder_make(const char *path)
{
	char *part = strdup(path);
	if (!part)
		return err_new(ERR_MEMORY, "out of memory while making %s", path);
	err_t e = OK;
	for (char *at = part + 1; !e && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			e = err_errno(errno, "make folder %s", part);
		*at = '/';
	}
	if (!e && mkdir(part, 0755) != 0 && errno != EEXIST)
		e = err_errno(errno, "make folder %s", path);
	free(part);
	return e;
}

bool folder_is_empty(const char *path)
{
	DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT;
	bool any = false;
	for (struct dirent *e; (e = readdir(d));)
		any |= strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return !any;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *path_join(arena_t *a, const char *folder, const char *name)
{
	return str_z(a, str_format(a, "%s/%s", folder, name));
}
