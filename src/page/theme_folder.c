/* theme_folder.c: see theme_folder.h. */
#include "page/theme_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MOST = 4 << 20,   /* a font with all of CJK would be more, and too slow for readers */
	BYTES_MOST = 32 << 20, /* all of it stays in memory */
	FILES_MOST = 1000,
	DEPTH_MOST = 4,
	PATH_MOST = 1024,
};

static const struct {
	const char *folder, *ext;
} kinds[] = {
	{ "templates/", ".html" }, { "style/", ".css" },  { "fonts/", ".woff2" },
	{ "script/", ".js" },      { "icons/", ".svg" },  { "icons/", ".png" },
	{ "icons/", ".ico" },      { "icons/", ".webp" },
	{ "messages/", ".txt" },
};

bool theme_knows(str_t path)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_starts(path, str_of(kinds[i].folder)) && str_ends(path, str_of(kinds[i].ext)))
			return true;
	return str_eq(path, S("style/ORDER")) || str_eq(path, S("theme.conf"));
}

/* Licences and explanations may lie in a theme. */
static bool is_note(str_t path)
{
	if (str_starts(path, S("messages/")))
		return false;
	return str_ends(path, S(".txt")) || str_ends(path, S(".md"));
}

void theme_put(struct theme_files *f, str_t path, str_t bytes)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->v[i].path, path)) {
			f->v[i].bytes = bytes;
			return;
		}
	f->v = arena_room(f->a, f->v, f->n, sizeof *f->v);
	f->v[f->n++] = (struct asset_file){ path, bytes };
}

/* --- walking --- */

/* One entry of a folder: `folder` is open, `path` is below the theme's folder. */
struct entry {
	int         folder;
	const char *name;
	const char *path;
	struct stat st;
};

struct walk {
	err_t (*file)(struct walk *w, const struct entry *e);
	int   depth;
};

static err_t walk_folder(struct walk *w, int fd, const char *path);

static err_t walk_entry(struct walk *w, const struct entry *e)
{
	if (!S_ISDIR(e->st.st_mode) || w->depth == DEPTH_MOST)
		return w->file(w, e);
	int fd = openat(e->folder, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(errno, "open the theme's %s", e->path);
	w->depth++;
	err_t problem = walk_folder(w, fd, e->path);
	w->depth--;
	return problem;
}

static err_t walk_folder(struct walk *w, int fd, const char *path)
{
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return err_errno(errno, "read the theme's folder %s", path);
	}
	err_t problem = OK;
	for (struct dirent *it; !problem && (it = readdir(d));) {
		char below[PATH_MOST];
		struct entry e = { .folder = fd, .name = it->d_name, .path = below };
		int n = snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", it->d_name);
		if (it->d_name[0] == '.' || n >= PATH_MOST ||
		    fstatat(fd, it->d_name, &e.st, AT_SYMLINK_NOFOLLOW) != 0)
			continue; /* hidden, or gone meanwhile */
		problem = walk_entry(w, &e);
	}
	closedir(d);
	return problem;
}

static err_t walk_theme(struct walk *w, const char *folder)
{
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0)
		return !folder || errno == ENOENT ? OK : err_errno(errno, "open %s", folder);
	return walk_folder(w, fd, "");
}

/* --- reading --- */

struct reading {
	struct walk         walk; /* first */
	struct theme_files *files;
	size_t              n, bytes;
};

static void note(struct theme_files *f, const char *path, const char *why)
{
	strs_add(f->a, &f->notes, str_format(f->a, "%s is left out: %s", path, why));
}

static err_t read_bytes(struct reading *r, const struct entry *e, str_t *out)
{
	int fd = openat(e->folder, e->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_errno(errno, "open the theme's %s", e->path);
	struct buf b = buf_new(r->files->a, (size_t)e->st.st_size + 1);
	ssize_t got = 1;
	while (got > 0 && b.n <= FILE_MOST) {
		got = read(fd, buf_room(&b, 4096), 4096);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			buf_advance(&b, (size_t)got);
	}
	err_t problem = got < 0 ? err_errno(errno, "read the theme's %s", e->path) : OK;
	close(fd);
	r->bytes += b.n;
	if (!problem && (b.n > FILE_MOST || r->bytes > BYTES_MOST))
		problem = err_new(ERR_TOO_LARGE,
				  "the theme's %s is too large: a file may have %d MB, all together %d",
				  e->path, FILE_MOST >> 20, BYTES_MOST >> 20);
	*out = buf_str(&b);
	return problem;
}

/* Editors on some systems put a byte order mark before text. */
static str_t without_mark(str_t bytes)
{
	return str_starts(bytes, S("\xef\xbb\xbf")) ? str_slice(bytes, 3, bytes.n) : bytes;
}

static err_t read_entry(struct walk *w, const struct entry *e)
{
	struct reading *r = (struct reading *)w;
	str_t bytes, path = str_of(e->path);
	if (is_note(path))
		return OK;
	if (!S_ISREG(e->st.st_mode)) {
		note(r->files, e->path, "it is no plain file (links are not followed)");
		return OK;
	}
	if (!theme_knows(path)) {
		note(r->files, e->path, "a theme has no such files");
		return OK;
	}
	if (++r->n > FILES_MOST)
		return err_new(ERR_TOO_LARGE, "the theme has more than %d files", FILES_MOST);
	TRY(read_bytes(r, e, &bytes));
	if (!str_ends(path, S(".woff2")))
		bytes = without_mark(bytes);
	theme_put(r->files, str_copy(r->files->a, path), bytes);
	return OK;
}

err_t theme_read_folder(struct theme_files *f, const char *folder)
{
	struct reading r = { .walk = { .file = read_entry }, .files = f };
	return walk_theme(&r.walk, folder);
}

bool theme_folder_there(const char *folder)
{
	struct stat st;
	return stat(folder, &st) == 0 && S_ISDIR(st.st_mode);
}

/* --- noticing changes --- */

struct stamping {
	struct walk walk; /* first */
	uint64_t    sum;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* The order in which a folder is read says nothing, so entries are summed. */
static err_t stamp_entry(struct walk *w, const struct entry *e)
{
	struct stamping *s = (struct stamping *)w;
	uint64_t h = 1;
	for (const char *p = e->path; *p; p++)
		h = mix(h, (unsigned char)*p);
	h = mix(h, (uint64_t)e->st.st_mtim.tv_sec);
	h = mix(h, (uint64_t)e->st.st_mtim.tv_nsec);
	h = mix(h, (uint64_t)e->st.st_size);
	s->sum += mix(h, (uint64_t)e->st.st_ino);
	return OK;
}

uint64_t theme_stamp(const char *folder)
{
	struct stamping s = { .walk = { .file = stamp_entry } };
	err_t e = walk_theme(&s.walk, folder);
	err_free(e); /* reading it will say what is wrong */
	return s.sum;
}
