/* media_check.c: whether every original is there, whole, and what was taken in. */
#include "press/media_files.h"
#include "press/media_keep.h"
#include "press/press.sql.h"
#include "press/rows.h"

#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { GLANCE = 64 << 20 }; /* what is larger is hashed only when every byte is asked for */

static const struct sql all_media = {
	"SELECT " MEDIA_COLUMNS " FROM media m WHERE ($1 IS NULL OR m.kind = $1) ORDER BY m.id DESC"
};

struct each {
	str_t kind;
	void (*one)(void *ctx, const struct media *m);
	void *ctx;
};

static err_t read_each(struct conn *c, arena_t *a, void *ctx)
{
	struct each *x = ctx;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &all_media, ARGS(x->kind.n ? v_str(x->kind) : v_null()), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		struct media m;
		row_media(&r, a, 0, &m);
		x->one(x->ctx, &m);
	}
	return e;
}

err_t media_each(struct stet *s, arena_t *a, str_t kind,
		 void (*one)(void *ctx, const struct media *m), void *ctx)
{
	struct each x = { kind, one, ctx };
	return store_read(s->store, a, read_each, &x);
}

/* --- one by one --- */

struct checking {
	struct stet    *s;
	arena_t        *a;
	enum media_care care;
	struct strs    *findings;
	struct media   *v;
	size_t          n;
};

static void collect(void *ctx, const struct media *m)
{
	struct checking *x = ctx;
	x->v = arena_room(x->a, x->v, x->n, sizeof *x->v);
	x->v[x->n++] = *m;
}

static const char *noun(const struct media *m)
{
	return m->kind == PICTURE ? "picture" : m->kind == PLAIN_FILE ? "file" : "recording";
}

static void find_changed(struct checking *x, const struct media *m, const char *path)
{
	str_t hash;
	int64_t size;
	arena_t *a = arena_create(0);
	err_t e = a ? media_hash_file(a, path, &hash, &size)
		    : err_new(ERR_MEMORY, "out of memory");
	if (e)
		strs_add(x->a, x->findings, str_format(x->a, "the %s \"%.*s\" cannot be read: %s",
						       noun(m), STR(m->name), err_text(e)));
	else if (!str_eq(hash, m->hash))
		strs_add(x->a, x->findings,
			 str_format(x->a, "the %s \"%.*s\" (%s) is not what was taken in: its bytes "
				    "have changed", noun(m), STR(m->name), path));
	err_free(e);
	arena_free(a);
}

static void check_one(struct checking *x, const struct media *m)
{
	struct stat st;
	char *path = media_path(x->s, x->a, m->hash, "original");
	if (stat(path, &st) != 0) {
		strs_add(x->a, x->findings,
			 str_format(x->a, "the %s \"%.*s\" cannot be read: open %s: %s; restore it from "
				    "a backup, or add the same file again", noun(m), STR(m->name), path,
				    strerror(errno)));
		return;
	}
	if (x->care == MEDIA_EVERY_BYTE || st.st_size <= GLANCE)
		find_changed(x, m, path);
	else if (st.st_size != m->bytes)
		strs_add(x->a, x->findings,
			 str_format(x->a, "the %s \"%.*s\" (%s) is not what was taken in: it has %lld "
				    "bytes instead of %lld", noun(m), STR(m->name), path,
				    (long long)st.st_size, (long long)m->bytes));
}

/* --- what belongs to nothing --- */

static const struct media *find(const struct checking *x, const char *hash)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->v[i].hash, str_of(hash)))
			return &x->v[i];
	return NULL;
}

static void check_folder(struct checking *x, const struct media *m)
{
	struct media_copy copy;
	DIR *d = opendir(media_path(x->s, x->a, m->hash, ""));
	if (!d)
		return; /* told already: the original is missing */
	for (struct dirent *entry; (entry = readdir(d));) {
		str_t name = str_of(entry->d_name);
		if (entry->d_name[0] == '.' || str_eq(name, S("original")) ||
		    str_ends(name, S(".part")) || media_copy_parse(m, name, &copy))
			continue;
		strs_add(x->a, x->findings,
			 str_format(x->a, "media/%.*s/%s belongs to nothing; `stet media prune` "
				    "removes it", STR(m->hash), entry->d_name));
	}
	closedir(d);
}

static err_t check_strays(struct checking *x)
{
	char *path = str_z(x->a, str_format(x->a, "%s/media", x->s->folder));
	DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT ? OK : err_errno(errno, "open %s", path);
	for (struct dirent *entry; (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		const struct media *m = find(x, entry->d_name);
		if (m)
			check_folder(x, m);
		else
			strs_add(x->a, x->findings,
				 str_format(x->a, "media/%s belongs to nothing; `stet media prune` "
					    "removes it", entry->d_name));
	}
	closedir(d);
	return OK;
}

err_t media_check(struct stet *s, arena_t *a, enum media_care care, struct strs *findings)
{
	struct checking x = { .s = s, .a = a, .care = care, .findings = findings };
	TRY(media_each(s, a, S(""), collect, &x));
	for (size_t i = x.n; i-- > 0;)
		check_one(&x, &x.v[i]);
	return check_strays(&x);
}
