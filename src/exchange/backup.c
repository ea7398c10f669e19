/* backup.c: see backup.h. libarchive does the tar. */
#include "exchange/backup.h"

#include "base/file.h"
#include "store/store.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct packing {
	struct archive *tar;
	arena_t        *a;
	const char     *folder;
	const char     *path;
	backup_progress progress;
	void           *ctx;
	int64_t         done;
};

/* --- writing --- */

static err_t tar_error(struct archive *tar, const char *what)
{
	int number = archive_errno(tar);
	const char *said = archive_error_string(tar);
	if (number == ENOSPC || number == EDQUOT)
		return err_errno(number, "%s", what);
	return err_new(ERR_SYSTEM, "%s: %s", what, said ? said : "unknown fault");
}

static err_t pack_content(struct packing *p, int fd, const char *name, int64_t size)
{
	char chunk[64 * 1024];
	while (size > 0) {
		size_t want = size < (int64_t)sizeof chunk ? (size_t)size : sizeof chunk;
		ssize_t got = read(fd, chunk, want);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_errno(got ? errno : EIO, "read %s", name);
		if (archive_write_data(p->tar, chunk, (size_t)got) != got)
			return tar_error(p->tar, p->path);
		size -= got;
		p->done += got;
		if (p->progress)
			p->progress(p->ctx, p->done, 0);
	}
	return OK;
}

/* The file at `from` under the name `name` in the archive. */
static err_t pack_file(struct packing *p, const char *from, const char *name)
{
	struct stat st;
	int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_errno(errno, "open %s", from);
	err_t e = fstat(fd, &st) == 0 ? OK : err_errno(errno, "read %s", from);
	struct archive_entry *entry = archive_entry_new();
	if (!entry && !e)
		e = err_new(ERR_MEMORY, "out of memory while making a backup");
	if (!e && S_ISREG(st.st_mode)) {
		archive_entry_set_pathname(entry, name);
		archive_entry_set_size(entry, st.st_size);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, st.st_mode & 0777);
		archive_entry_set_mtime(entry, st.st_mtime, 0);
		if (archive_write_header(p->tar, entry) != ARCHIVE_OK)
			e = tar_error(p->tar, p->path);
		else
			e = pack_content(p, fd, from, st.st_size);
	}
	archive_entry_free(entry);
	close(fd);
	return e;
}

static bool wanted(const char *below, const char *name)
{
	/* Of a picture only the original. */
	return strncmp(below, "media/", 6) != 0 || strcmp(name, "original") == 0;
}

static err_t pack_folder(struct packing *p, const char *below)
{
	char *path = path_join(p->a, p->folder, below);
	DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT ? OK : err_errno(errno, "open %s", path);
	err_t e = OK;
	for (struct dirent *entry; !e && (entry = readdir(d));) {
		struct stat st;
		if (entry->d_name[0] == '.')
			continue;
		char *name = path_join(p->a, below, entry->d_name);
		char *from = path_join(p->a, p->folder, name);
		if (lstat(from, &st) != 0)
			continue; /* removed meanwhile */
		if (S_ISDIR(st.st_mode))
			e = pack_folder(p, name);
		else if (S_ISREG(st.st_mode) && wanted(below, entry->d_name))
			e = pack_file(p, from, name);
	}
	closedir(d);
	return e;
}

/* The database first copied to a file of its own beside the backup, then packed. Pictures after it: a
 * row in the copy never lacks its file. */
static err_t pack_all(struct packing *p, struct stet *s)
{
	char *copy = str_z(p->a, str_format(p->a, "%s.db", p->path));
	unlink(copy);
	err_t e = store_backup(s->store, copy, NULL, NULL);
	if (!e)
		e = pack_file(p, copy, "stet.db");
	unlink(copy);
	if (!e)
		e = pack_file(p, path_join(p->a, p->folder, "stet.conf"), "stet.conf");
	static const char *const folders[] = { "media", "keys", "theme" };
	for (size_t i = 0; !e && i < COUNT(folders); i++)
		e = pack_folder(p, folders[i]);
	return e;
}

static err_t flush_and_name(const char *part, const char *path)
{
	int fd = open(part, O_RDONLY | O_CLOEXEC);
	bool flushed = fd >= 0 && fsync(fd) == 0;
	err_t e = flushed ? OK : err_errno(errno, "flush %s", part);
	if (fd >= 0)
		close(fd);
	if (!e && rename(part, path) != 0)
		e = err_errno(errno, "name %s", path);
	return e;
}

err_t backup_write(struct stet *s, arena_t *a, const char *path, backup_progress progress, void *ctx)
{
	char *part = str_z(a, str_format(a, "%s.part", path));
	struct packing p = { .tar = archive_write_new(), .a = a, .folder = s->folder, .path = part,
			     .progress = progress, .ctx = ctx };
	if (!p.tar)
		return err_new(ERR_MEMORY, "out of memory while making a backup");
	archive_write_set_format_pax_restricted(p.tar);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err_t e = fd < 0 ? err_errno(errno, "write %s", part) : OK;
	if (!e && archive_write_open_fd(p.tar, fd) != ARCHIVE_OK)
		e = tar_error(p.tar, part);
	if (!e)
		e = pack_all(&p, s);
	if (!e && archive_write_close(p.tar) != ARCHIVE_OK)
		e = tar_error(p.tar, part);
	archive_write_free(p.tar);
	if (fd >= 0)
		close(fd);
	if (!e)
		e = flush_and_name(part, path);
	if (e)
		unlink(part);
	return e;
}

/* --- restoring --- */

/* Our names only, whatever the archive says. */
static bool is_our_name(str_t name)
{
	static const char *const tops[] = { "media/", "keys/", "theme/" };
	if (str_find(name, S(".."), 0) != STR_NONE || str_starts(name, S("/")))
		return false;
	if (str_eq(name, S("stet.db")) || str_eq(name, S("stet.conf")))
		return true;
	for (size_t i = 0; i < COUNT(tops); i++)
		if (str_starts(name, str_of(tops[i])))
			return true;
	return false;
}

static err_t write_content(struct archive *tar, int fd, const char *path)
{
	char chunk[64 * 1024];
	for (;;) {
		la_ssize_t got = archive_read_data(tar, chunk, sizeof chunk);
		if (got == 0)
			return fsync(fd) == 0 ? OK : err_errno(errno, "flush %s", path);
		if (got < 0)
			return tar_error(tar, "the backup is damaged");
		for (la_ssize_t at = 0; at < got;) {
			ssize_t put = write(fd, chunk + at, (size_t)(got - at));
			if (put < 0 && errno != EINTR)
				return err_errno(errno, "write %s", path);
			if (put > 0)
				at += put;
		}
	}
}

static err_t unpack_entry(struct archive *tar, struct archive_entry *entry, arena_t *a,
			  const char *folder)
{
	str_t name = str_of(archive_entry_pathname(entry));
	if (archive_entry_filetype(entry) != AE_IFREG || !is_our_name(name))
		return err_new(ERR_INPUT, "this is no backup of a publication: it holds \"%.*s\"",
			       STR(str_clip(name, 200)));
	char *path = path_join(a, folder, str_z(a, name));
	char *slash = strrchr(path, '/');
	*slash = '\0';
	TRY(folder_make(path));
	*slash = '/';
	unsigned mode = str_starts(name, S("keys/")) || str_eq(name, S("stet.db")) ? 0600 : 0644;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_errno(errno, "write %s", path);
	err_t e = write_content(tar, fd, path);
	close(fd);
	return e;
}

static err_t unpack_all(struct archive *tar, arena_t *a, const char *folder,
			backup_progress progress, void *ctx)
{
	struct archive_entry *entry;
	int code;
	while ((code = archive_read_next_header(tar, &entry)) == ARCHIVE_OK) {
		TRY(unpack_entry(tar, entry, a, folder));
		if (progress)
			progress(ctx, archive_filter_bytes(tar, -1), 0);
	}
	return code == ARCHIVE_EOF ? OK : tar_error(tar, "the backup is damaged");
}

static err_t check_restored(arena_t *a, const char *folder)
{
	struct store *store;
	struct strs report = { 0 };
	if (!file_exists(path_join(a, folder, "stet.conf")) ||
	    !file_exists(path_join(a, folder, "stet.db")))
		return err_new(ERR_INPUT, "this is no whole backup: stet.conf or stet.db is missing");
	TRY(store_open(&(struct store_options){ .path = path_join(a, folder, "stet.db"),
						.readers = 1 }, &store));
	err_t e = store_check(store, a, &report);
	store_close(store);
	if (!e && report.n)
		e = err_new(ERR_CORRUPT, "the restored database is damaged: %.*s",
			    STR(report.v[0]));
	return e;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0)
		remove(path);
	return 0;
}

/* The folder was empty before, so all in it is ours; half a publication must not look like one. */
static void undo(const char *folder, bool was_there)
{
	enum { FOLDERS_OPEN = 16 };
	nftw(folder, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
	if (!was_there)
		rmdir(folder);
}

err_t backup_restore(arena_t *a, const char *path, const char *folder, backup_progress progress,
		     void *ctx)
{
	if (!folder_is_empty(folder))
		return err_new(ERR_CONFLICT, "%s is not empty; restore into a new folder", folder);
	bool was_there = file_exists(folder);
	struct archive *tar = archive_read_new();
	if (!tar)
		return err_new(ERR_MEMORY, "out of memory while restoring");
	archive_read_support_format_tar(tar);
	err_t e = OK;
	if (!file_exists(path))
		e = err_errno(ENOENT, "open %s", path);
	else if (archive_read_open_filename(tar, path, 64 * 1024) != ARCHIVE_OK)
		e = err_wrap(tar_error(tar, "this is no backup"), "%s", path);
	if (!e)
		e = folder_make(folder);
	if (!e)
		e = err_wrap(unpack_all(tar, a, folder, progress, ctx), "%s", path);
	archive_read_free(tar);
	if (!e)
		e = check_restored(a, folder);
	if (e)
		undo(folder, was_there);
	return e;
}
