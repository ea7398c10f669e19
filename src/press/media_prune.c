/* media_prune.c: removing what nothing refers to. The row goes first, then the files: a row never
 * points at nothing, and files left by a crash are found the next time. */
#include "press/media_files.h"
#include "press/media_keep.h"
#include "press/media_refs.h"

#include "record/act.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct act_kind ACT_MEDIA_REMOVE = { "media.remove" };

/* What was taken in lately may be on its way into a story; what is on its way in may yet arrive. */
static const usec_t young = 24 * HOUR;

static const struct sql newest_entry = { "SELECT coalesce(max(number), 0) FROM entry" };
static const struct sql added_since = { "SELECT id FROM media WHERE added >= $1 ORDER BY id DESC" };
static const struct sql delete_tracks = { "DELETE FROM media_track WHERE media = $1" };
static const struct sql delete_import = {
	"DELETE FROM imported WHERE kind = 'media' AND local = $1"
};
static const struct sql delete_media = { "DELETE FROM media WHERE id = $1" };

struct pruning {
	struct stet            *s;
	arena_t                *a;
	bool                    copies;
	enum media_prune        what;
	str_t                   actor;
	struct media_removals  *out;
	struct media           *v;
	size_t                  n;
	bool                   *used;
	int64_t                 entry; /* newest in the record when it was looked through */
};

static void collect(void *ctx, const struct media *m)
{
	struct pruning *x = ctx;
	x->v = arena_room(x->a, x->v, x->n, sizeof *x->v);
	x->v[x->n++] = *m;
}

static err_t read_entry(struct conn *c, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &newest_entry, NO_ARGS, &r));
	err_t e = OK;
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

/* Both lists are by falling id. */
static err_t keep_young(struct conn *c, struct pruning *x)
{
	AUTO_ROWS r = { 0 };
	size_t i = 0;
	TRY(db_query(c, &added_since, ARGS(v_int(clock_now(&x->s->clock) - young)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		while (i < x->n && x->v[i].id > row_int(&r, 0))
			i++;
		if (i < x->n && x->v[i].id == row_int(&r, 0))
			x->used[i] = true;
	}
	return e;
}

/* All of it in one snapshot. */
static err_t look_through(struct conn *c, arena_t *a, void *ctx)
{
	struct pruning *x = ctx;
	TRY(read_entry(c, &x->entry));
	TRY(media_refs(c, a, x->v, x->n, x->used));
	return keep_young(c, x);
}

/* --- what it frees --- */

static void add(struct pruning *x, str_t what, int64_t bytes)
{
	struct media_removals *out = x->out;
	out->v = arena_room(x->a, out->v, out->n, sizeof *out->v);
	out->v[out->n++] = (struct media_removal){ what, bytes };
	out->bytes += bytes;
}

/* Bytes of the files in a folder, of those that `wanted` says; with `remove` they go. */
static int64_t sweep(const struct pruning *x, const char *folder, const struct media *m,
		     bool (*wanted)(const struct pruning *x, const struct media *m, const char *name,
				    const struct stat *st))
{
	int64_t bytes = 0;
	DIR *d = opendir(folder);
	if (!d)
		return 0;
	for (struct dirent *entry; (entry = readdir(d));) {
		struct stat st;
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode) || !wanted(x, m, entry->d_name, &st))
			continue;
		bytes += st.st_size;
		if (x->what == MEDIA_REMOVE)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
	return bytes;
}

static bool anything(const struct pruning *x, const struct media *m, const char *name,
		     const struct stat *st)
{
	(void)x;
	(void)m;
	(void)name;
	(void)st;
	return true;
}

static bool is_old(const struct pruning *x, const struct stat *st)
{
	return (usec_t)st->st_mtim.tv_sec * SECOND < clock_now(&x->s->clock) - young;
}

static bool needless(const struct pruning *x, const struct media *m, const char *name,
		     const struct stat *st)
{
	struct media_copy copy;
	str_t s = str_of(name);
	if (str_eq(s, S("original")))
		return false;
	if (str_ends(s, S(".part")))
		return is_old(x, st);
	bool ours = media_copy_parse(m, s, &copy);
	bool named = ours && (!copy.height || (copy.focus_x == m->focus_x &&
					       copy.focus_y == m->focus_y));
	return !named || x->copies;
}

static bool given_up(const struct pruning *x, const struct media *m, const char *name,
		     const struct stat *st)
{
	(void)m;
	(void)name;
	return is_old(x, st);
}

/* --- removing --- */

struct removing {
	struct pruning     *x;
	const struct media *m;
};

static err_t delete_rows(struct conn *c, arena_t *a, void *ctx)
{
	struct removing *r = ctx;
	int64_t entry = 0;
	(void)a;
	TRY(read_entry(c, &entry));
	if (entry != r->x->entry)
		return err_new(ERR_CONFLICT, "the publication was changed meanwhile; run it again");
	TRY(db_run(c, &delete_tracks, ARGS(v_int(r->m->id)), NULL));
	TRY(db_run(c, &delete_import, ARGS(v_int(r->m->id)), NULL));
	return db_run(c, &delete_media, ARGS(v_int(r->m->id)), NULL);
}

static err_t remove_medium(struct pruning *x, const struct media *m)
{
	struct removing r = { x, m };
	int folder;
	TRY(media_hold(x->s, x->a, m->hash, &folder));
	struct act act = act_begin(x->s, x->a, &ACT_MEDIA_REMOVE, m->id, x->actor);
	act_detail(&act, json_pack("{s:s%}", "hash", m->hash.p, m->hash.n));
	err_t e = act_commit(&act, delete_rows, &r);
	if (!e)
		x->entry = act.entry;
	close(folder);
	return e;
}

static err_t prune_medium(struct pruning *x, const struct media *m)
{
	char *folder = media_path(x->s, x->a, m->hash, "");
	if (x->what == MEDIA_REMOVE)
		TRY(remove_medium(x, m));
	int64_t bytes = sweep(x, folder, m, anything);
	if (x->what == MEDIA_REMOVE)
		rmdir(folder);
	add(x, str_format(x->a, "the %.*s \"%.*s\" (/media/%.*s), which nothing refers to",
			  STR(media_kind_name(m->kind)), STR(m->name), STR(m->hash)), bytes);
	return OK;
}

static err_t prune_media(struct pruning *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct media *m = &x->v[i];
		if (!x->used[i]) {
			TRY(prune_medium(x, m));
			continue;
		}
		int64_t bytes = sweep(x, media_path(x->s, x->a, m->hash, ""), m, needless);
		if (bytes)
			add(x, str_format(x->a, "copies of \"%.*s\" (/media/%.*s)", STR(m->name),
					  STR(m->hash)), bytes);
	}
	return OK;
}

static bool is_known(const struct pruning *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->v[i].hash, str_of(name)))
			return true;
	return false;
}

/* A folder without a row may be one that is being taken in: it is held, and younger than a moment. */
static err_t prune_stray(struct pruning *x, const char *name)
{
	struct media m;
	bool found = false;
	char *path = str_z(x->a, str_format(x->a, "%s/media/%s", x->s->folder, name));
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode) || !is_old(x, &st))
		return OK;
	if (media_is_hash(str_of(name)))
		TRY(media_known(x->s, x->a, str_of(name), &m, &found));
	if (found)
		return OK;
	int64_t bytes = sweep(x, path, NULL, anything);
	if (x->what == MEDIA_REMOVE)
		rmdir(path);
	add(x, str_format(x->a, "media/%s, which belongs to nothing", name), bytes);
	return OK;
}

static err_t prune_strays(struct pruning *x)
{
	char *path = str_z(x->a, str_format(x->a, "%s/media", x->s->folder));
	err_t e = OK;
	DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT ? OK : err_errno(errno, "open %s", path);
	for (struct dirent *entry; !e && (entry = readdir(d));)
		if (entry->d_name[0] != '.' && !is_known(x, entry->d_name))
			e = prune_stray(x, str_z(x->a, str_of(entry->d_name)));
	closedir(d);
	return e;
}

err_t media_prune(struct stet *s, arena_t *a, bool copies, enum media_prune what, str_t actor,
		  struct media_removals *out)
{
	struct pruning x = { .s = s, .a = a, .copies = copies, .what = what, .actor = actor,
			     .out = out };
	TRY(media_each(s, a, S(""), collect, &x));
	x.used = arena_array(a, x.n ? x.n : 1, sizeof *x.used);
	TRY(store_read(s->store, a, look_through, &x));
	TRY(prune_media(&x));
	TRY(prune_strays(&x));
	int64_t partial = sweep(&x, str_z(a, str_format(a, "%s/media/.partial", s->folder)), NULL,
				given_up);
	if (partial)
		add(&x, S("uploads that were given up"), partial);
	return OK;
}
