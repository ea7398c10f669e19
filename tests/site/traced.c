/* traced.c: linked to the program, it writes each SQL statement that is run, once, to the file named by STET_STATEMENTS.
 *
 * SQLite calls it for every connection that is opened, so the program itself knows nothing of it. */
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACES = 1 << 14 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t seen[PLACES];
static int out = -1;

static uint64_t hash_of(const char *text)
{
	uint64_t h = 14695981039346656037u;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h ? h : 1;
}

static int is_new(uint64_t h)
{
	for (size_t i = h % PLACES;; i = (i + 1) % PLACES) {
		if (seen[i] == h)
			return 0;
		if (seen[i])
			continue;
		seen[i] = h;
		return 1;
	}
}

static int note(unsigned kind, void *ctx, void *statement, void *more)
{
	const char *text = sqlite3_sql(statement);
	(void)kind;
	(void)ctx;
	(void)more;
	if (!text)
		return 0;
	pthread_mutex_lock(&lock);
	if (is_new(hash_of(text)) && (write(out, text, strlen(text)) < 0 || write(out, "\x1e", 1) < 0))
		abort();
	pthread_mutex_unlock(&lock);
	return 0;
}

static int watch(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
	(void)error;
	(void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note, NULL);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("STET_STATEMENTS");
	if (path && (out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) >= 0)
		sqlite3_auto_extension((void (*)(void))watch);
}
