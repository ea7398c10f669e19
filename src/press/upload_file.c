/* upload_file.c: see upload_file.h. */
#include "press/upload_file.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INFO_MOST = 64 * 1024 };

struct field {
	const char *key;
	str_t      *at;
};
enum { FIELDS = 10 };

static void fields_of(struct upload_info *u, struct field out[FIELDS])
{
	const struct field all[FIELDS] = {
		{ "token", &u->token },     { "actor", &u->actor },     { "name", &u->name },
		{ "alt", &u->alt },         { "caption", &u->caption }, { "credit", &u->credit },
		{ "creator", &u->creator }, { "licence", &u->licence }, { "done", &u->done },
		{ "copyright", &u->copyright },
	};
	memcpy(out, all, sizeof all);
}

err_t upload_path(struct stet *s, arena_t *a, str_t id, const char *ending, char **out)
{
	if (!media_is_hash(id)) /* the same form; and never a path */
		return err_new(ERR_MISSING, "there is no such upload");
	return media_partial(s, a, str_format(a, "%.*s.%s", STR(id), ending), out);
}

err_t upload_save(struct stet *s, arena_t *a, const struct upload_info *info)
{
	struct upload_info u = *info;
	struct field fields[FIELDS];
	char *path;
	TRY(upload_path(s, a, u.id, "json", &path));
	json_t *j = json_pack("{s:I, s:I}", "length", (json_int_t)u.length, "begun",
			      (json_int_t)u.begun);
	fields_of(&u, fields);
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].at->n)
			json_object_set_new(j, fields[i].key,
					    json_stringn(fields[i].at->p, fields[i].at->n));
	char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while keeping an upload");
	err_t e = file_write(path, str_of(text), 0600);
	free(text);
	return e;
}

err_t upload_load(struct stet *s, arena_t *a, str_t id, struct upload_info *out)
{
	struct field fields[FIELDS];
	char *path;
	str_t text;
	json_error_t why;
	TRY(upload_path(s, a, id, "json", &path));
	err_t e = file_read(a, path, INFO_MOST, &text);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return err_new(ERR_MISSING, "there is no such upload");
	}
	if (e)
		return e;
	json_t *j = json_loadb(text.p, text.n, 0, &why);
	*out = (struct upload_info){ .id = id };
	out->length = json_integer_value(json_object_get(j, "length"));
	out->begun = json_integer_value(json_object_get(j, "begun"));
	fields_of(out, fields);
	for (size_t i = 0; i < FIELDS; i++)
		*fields[i].at = str_copy(a, str_of(json_string_value(
						    json_object_get(j, fields[i].key))));
	json_decref(j);
	if (!out->length)
		return err_new(ERR_CORRUPT, "%s is damaged", path);
	if (clock_now(&s->clock) - out->begun > UPLOAD_LIFE)
		return err_new(ERR_GONE, "the upload was not finished within a day; begin anew");
	return OK;
}

err_t upload_create(struct stet *s, arena_t *a, struct upload_info *info)
{
	unsigned char bytes[MEDIA_HASH / 2];
	char hex[MEDIA_HASH + 1], *path;
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
	info->id = str_copy(a, str_of(hex));
	TRY(upload_path(s, a, info->id, "upload", &path));
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(errno, "begin an upload");
	close(fd);
	err_t e = upload_save(s, a, info);
	if (e)
		unlink(path);
	return e;
}

void upload_remove(struct stet *s, arena_t *a, str_t id)
{
	static const char *const endings[] = { "upload", "unproven", "json" };
	for (size_t i = 0; i < COUNT(endings); i++) {
		char *path;
		err_t e = upload_path(s, a, id, endings[i], &path);
		if (!e)
			unlink(path);
		err_free(e);
	}
}

/* A server that was killed while bytes came under a checksum left a mark where they began. */
static err_t forget_unproven(struct stet *s, arena_t *a, str_t id, int fd)
{
	char *path;
	str_t text;
	int64_t from;
	TRY(upload_path(s, a, id, "unproven", &path));
	if (!file_exists(path))
		return OK;
	TRY(file_read(a, path, 64, &text));
	if (str_int(str_trim(text), &from) && from >= 0 && ftruncate(fd, from) != 0)
		return err_errno(errno, "cut an upload");
	return unlink(path) == 0 ? OK : err_errno(errno, "remove %s", path);
}

err_t upload_open(struct stet *s, arena_t *a, str_t id, int *fd, int64_t *size)
{
	struct stat st;
	char *path;
	TRY(upload_path(s, a, id, "upload", &path));
	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return errno == ENOENT ? err_new(ERR_MISSING, "there is no such upload")
				       : err_errno(errno, "open %s", path);
	err_t e = OK;
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
		e = errno == EWOULDBLOCK
			    ? err_new(ERR_BUSY, "another request is writing to this upload")
			    : err_errno(errno, "lock %s", path);
	if (!e)
		e = forget_unproven(s, a, id, *fd);
	if (!e && fstat(*fd, &st) != 0)
		e = err_errno(errno, "look at %s", path);
	if (e) {
		close(*fd);
		*fd = -1;
		return e;
	}
	*size = st.st_size;
	return OK;
}
