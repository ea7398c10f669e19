/* shim.c: see shim.h. Numbers are atomic: several threads and connections use the disk at once. */
#include "shim.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct shim {
	sqlite3_vfs   vfs;
	sqlite3_vfs  *real;
	enum shim_how how;
	atomic_int    left; /* steps until it fails; -1: it does not */
	atomic_bool   failed;
	atomic_int    flushes;
	bool          hurried;
};

struct file {
	sqlite3_file  base;
	struct shim  *shim;
	sqlite3_file *real;
};

static struct shim *shim_of(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

static sqlite3_file *real(sqlite3_file *f)
{
	return ((struct file *)(void *)f)->real;
}

enum step { STEP_WRITE, STEP_FLUSH, STEP_LENGTH };

/* Counts a step; SQLITE_OK if the disk bears it. */
static int take_step(sqlite3_file *f, enum step step, int broken)
{
	struct shim *s = ((struct file *)(void *)f)->shim;
	if (atomic_load(&s->left) < 0)
		return SQLITE_OK;
	bool flush = step == STEP_FLUSH;
	if ((s->how == SHIM_FULL || s->how == SHIM_FULL_ONCE) && step != STEP_WRITE)
		return SQLITE_OK;
	if (s->how == SHIM_FLUSH_ONCE && !flush)
		return SQLITE_OK;
	if (atomic_load(&s->left) > 0) {
		atomic_fetch_sub(&s->left, 1);
		return SQLITE_OK;
	}
	atomic_store(&s->failed, true);
	if (s->how == SHIM_FULL_ONCE || s->how == SHIM_BROKEN_ONCE || s->how == SHIM_FLUSH_ONCE)
		atomic_store(&s->left, -1);
	return s->how == SHIM_FULL || s->how == SHIM_FULL_ONCE ? SQLITE_FULL : broken;
}

static int shim_close(sqlite3_file *f)
{
	sqlite3_file *r = real(f);
	int rc = r->pMethods ? r->pMethods->xClose(r) : SQLITE_OK;
	free(r);
	return rc;
}

static int shim_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), p, n, at);
}

static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = take_step(f, STEP_WRITE, SQLITE_IOERR_WRITE);
	if (rc == SQLITE_OK)
		return real(f)->pMethods->xWrite(real(f), p, n, at);
	real(f)->pMethods->xWrite(real(f), p, n / 2, at);
	return rc;
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	int rc = take_step(f, STEP_LENGTH, SQLITE_IOERR_TRUNCATE);
	return rc == SQLITE_OK ? real(f)->pMethods->xTruncate(real(f), n) : rc;
}

static int shim_sync(sqlite3_file *f, int flags)
{
	struct shim *s = ((struct file *)(void *)f)->shim;
	atomic_fetch_add(&s->flushes, 1);
	int rc = take_step(f, STEP_FLUSH, SQLITE_IOERR_FSYNC);
	return rc == SQLITE_OK && !s->hurried ? real(f)->pMethods->xSync(real(f), flags) : rc;
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}

static int shim_lock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xLock(real(f), how);
}

static int shim_unlock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xUnlock(real(f), how);
}

static int shim_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int shim_control(sqlite3_file *f, int what, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), what, arg);
}

static int shim_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int shim_kind(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int shim_shm_map(sqlite3_file *f, int region, int n, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), region, n, extend, out);
}

static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int shim_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = shim_close,
	.xRead = shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = shim_size,
	.xLock = shim_lock,
	.xUnlock = shim_unlock,
	.xCheckReservedLock = shim_reserved,
	.xFileControl = shim_control,
	.xSectorSize = shim_sector,
	.xDeviceCharacteristics = shim_kind,
	.xShmMap = shim_shm_map,
	.xShmLock = shim_shm_lock,
	.xShmBarrier = shim_shm_barrier,
	.xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct shim *s = shim_of(vfs);
	struct file *file = (struct file *)(void *)f;
	file->shim = s;
	file->real = calloc(1, (size_t)s->real->szOsFile);
	int rc = s->real->xOpen(s->real, name, file->real, flags, out);
	file->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
	if (rc != SQLITE_OK)
		free(file->real);
	return rc;
}

struct shim *shim_new(const char *name)
{
	struct shim *s = calloc(1, sizeof *s);
	s->real = sqlite3_vfs_find(NULL);
	s->vfs = *s->real;
	s->vfs.zName = name;
	s->vfs.pNext = NULL;
	s->vfs.szOsFile = sizeof(struct file);
	s->vfs.pAppData = s;
	s->vfs.xOpen = shim_open;
	s->left = -1;
	sqlite3_vfs_register(&s->vfs, 0);
	return s;
}

void shim_free(struct shim *s)
{
	sqlite3_vfs_unregister(&s->vfs);
	free(s);
}

void shim_hurry(struct shim *s)
{
	s->hurried = true;
}

void shim_break(struct shim *s, enum shim_how how, int after)
{
	s->how = how;
	atomic_store(&s->failed, false);
	atomic_store(&s->left, after);
}

void shim_mend(struct shim *s)
{
	atomic_store(&s->left, -1);
}

int shim_flushes(const struct shim *s)
{
	return atomic_load(&s->flushes);
}

bool shim_failed(const struct shim *s)
{
	return atomic_load(&s->failed);
}
