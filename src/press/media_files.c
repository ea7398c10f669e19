/* media_files.c: see media_files.h. */
#include "press/media_files.h"

#include "base/file.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

char *media_path(struct stet *s, arena_t *a, str_t hash, const char *file)
{
	return str_z(a, str_format(a, "%s/media/%.*s%s%s", s->folder, STR(hash), *file ? "/" : "",
				   file));
}

err_t media_partial(struct stet *s, arena_t *a, str_t file, char **out)
{
	char *folder = str_z(a, str_format(a, "%s/media/.partial", s->folder));
	TRY(folder_make(folder));
	*out = path_join(a, folder, str_z(a, file));
	return OK;
}

struct picture_limits media_picture_limits(const struct stet *s)
{
	return (struct picture_limits){ .megapixels = s->config.picture_megapixels };
}

/* Whoever waited may hold a folder that was removed meanwhile: then it begins anew. */
static bool is_still_there(const char *path, int fd)
{
	struct stat held, there;
	return fstat(fd, &held) == 0 && stat(path, &there) == 0 && held.st_ino == there.st_ino &&
	       held.st_dev == there.st_dev;
}

err_t media_hold(struct stet *s, arena_t *a, str_t hash, int *fd)
{
	char *path = media_path(s, a, hash, "");
	for (;;) {
		TRY(folder_make(path));
		*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (*fd < 0 && errno == ENOENT)
			continue;
		if (*fd < 0)
			return err_errno(errno, "open %s", path);
		while (flock(*fd, LOCK_EX) != 0)
			if (errno != EINTR) {
				err_t e = err_errno(errno, "lock %s", path);
				close(*fd);
				return e;
			}
		if (is_still_there(path, *fd))
			return OK;
		close(*fd);
	}
}

err_t media_hash_file(arena_t *a, const char *path, str_t *hash, int64_t *size)
{
	enum { CHUNK = 256 * 1024 };
	crypto_hash_sha256_state state;
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	unsigned char *chunk = arena_alloc(a, CHUNK);
	crypto_hash_sha256_init(&state);
	*size = 0;
	ssize_t got;
	while ((got = read(fd, chunk, CHUNK)) > 0 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		crypto_hash_sha256_update(&state, chunk, (size_t)got);
		*size += got;
	}
	err_t e = got < 0 ? err_errno(errno, "read %s", path) : OK;
	close(fd);
	crypto_hash_sha256_final(&state, digest);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	*hash = str_copy(a, str_from(hex, MEDIA_HASH));
	return e;
}

err_t media_known(struct stet *s, arena_t *a, str_t hash, struct media *out, bool *found)
{
	struct conn *c;
	TRY(store_reader(s->store, &c));
	err_t e = media_by_hash(c, a, hash, out);
	store_done(s->store, c);
	*found = !e;
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		e = OK;
	}
	return e;
}

/* --- names of copies --- */

str_t media_copy_name(arena_t *a, const struct media_copy *copy)
{
	const char *ext = media_copy_formats[copy->format].ext;
	if (!copy->height)
		return str_format(a, "%d.%s", copy->width, ext);
	return str_format(a, "%dx%d-%d-%d.%s", copy->width, copy->height, copy->focus_x,
			  copy->focus_y, ext);
}

static bool plain_offered(const struct media *m, int width)
{
	int widths[MEDIA_WIDTHS_MOST];
	size_t n = media_copy_widths(m, widths);
	for (size_t i = 0; i < n; i++)
		if (widths[i] == width)
			return true;
	return false;
}

static bool small_number(str_t s, int *out)
{
	int64_t n;
	if (!str_int(s, &n) || n < 0 || n > 100000 || (s.n > 1 && s.p[0] == '0'))
		return false;
	*out = (int)n;
	return true;
}

/* "960x540-50-30" behind its first number. */
static bool parse_cut(str_t rest, struct media_copy *out)
{
	str_t height = str_cut(&rest, '-');
	str_t x = rest.p ? str_cut(&rest, '-') : rest;
	return rest.p && small_number(height, &out->height) && small_number(x, &out->focus_x) &&
	       small_number(rest, &out->focus_y);
}

bool media_copy_parse(const struct media *m, str_t file, struct media_copy *out)
{
	str_t ext = file, shape = str_cut(&ext, '.');
	size_t k = 0;
	while (k < MEDIA_FORMATS && !str_eq(ext, str_of(media_copy_formats[k].ext)))
		k++;
	if (m->kind != PICTURE || k == MEDIA_FORMATS)
		return false;
	*out = (struct media_copy){ .format = (enum media_format)k };
	str_t width = str_cut(&shape, 'x');
	if (!small_number(width, &out->width))
		return false;
	if (!shape.p)
		return plain_offered(m, out->width);
	return parse_cut(shape, out) && media_crop_offered(m, out);
}

/* Not the original, nor a copy that pages may name now. */
static bool is_superseded(const struct media *m, const char *name, bool all)
{
	struct media_copy copy;
	if (name[0] == '.' || strcmp(name, "original") == 0)
		return false;
	if (all || !media_copy_parse(m, str_of(name), &copy))
		return true;
	return copy.height && (copy.focus_x != m->focus_x || copy.focus_y != m->focus_y);
}

err_t media_drop_copies(struct stet *s, arena_t *a, const struct media *m, bool all)
{
	char *folder = media_path(s, a, m->hash, "");
	DIR *d = opendir(folder);
	if (!d)
		return errno == ENOENT ? OK : err_errno(errno, "open %s", folder);
	for (struct dirent *entry; (entry = readdir(d));)
		if (is_superseded(m, entry->d_name, all))
			unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	return OK;
}
