/* infile.c: see infile.h. */
#include "exchange/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
	CHUNK = 64 * 1024,
	KEPT_BACK = 4, /* bytes of a character that the end of a chunk cuts */
};

struct infile {
	arena_t *a;        /* the line's */
	char    *name;
	gzFile   gz;       /* NULL: `text` */
	str_t    text;
	size_t   at;       /* in `text` */
	int64_t  size, mended, line;
	bool     begun, ended;
	unsigned char raw[CHUNK + KEPT_BACK];
	size_t   nraw;
	char     out[3 * (CHUNK + KEPT_BACK)]; /* a bad byte becomes three */
	str_t    piece;    /* of `out`, not handed over yet */
	struct buf long_line;
};

static err_t make(str_t name, struct infile **out)
{
	struct infile *f = calloc(1, sizeof *f);
	arena_t *a = arena_create(0);
	if (!f || !a) {
		free(f);
		arena_free(a);
		return err_new(ERR_MEMORY, "out of memory while reading %.*s", STR(name));
	}
	f->a = a;
	f->name = str_z(a, name);
	f->long_line = buf_new(a, 4096);
	*out = f;
	return OK;
}

err_t infile_open(const char *path, struct infile **out)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	int bad = fstat(fd, &st) != 0 ? errno : S_ISDIR(st.st_mode) ? EISDIR : 0;
	err_t e = bad ? err_errno(bad, "read %s", path) : make(str_of(slash ? slash + 1 : path), out);
	if (e) {
		close(fd);
		return e;
	}
	(*out)->size = st.st_size;
	(*out)->gz = gzdopen(fd, "rb");
	if ((*out)->gz)
		return OK;
	close(fd);
	infile_close(*out);
	return err_new(ERR_MEMORY, "out of memory while reading %s", path);
}

err_t infile_of(str_t name, str_t text, struct infile **out)
{
	TRY(make(name, out));
	(*out)->text = text;
	(*out)->size = (int64_t)text.n;
	return OK;
}

void infile_close(struct infile *f)
{
	if (!f)
		return;
	if (f->gz)
		gzclose(f->gz);
	arena_free(f->a);
	free(f);
}

err_t infile_rewind(struct infile *f)
{
	if (f->gz && gzrewind(f->gz) != 0)
		return err_new(ERR_INPUT, "%s cannot be read twice: name a file, not a pipe", f->name);
	f->at = f->nraw = 0;
	f->line = f->mended = 0;
	f->begun = f->ended = false;
	f->piece = S("");
	return OK;
}

/* --- bytes --- */

static err_t packed_fault(struct infile *f)
{
	int code;
	const char *why = gzerror(f->gz, &code);
	if (code == Z_ERRNO)
		return err_errno(errno, "read %s", f->name);
	if (code == Z_BUF_ERROR)
		return err_new(ERR_INPUT, "%s is cut short: its packed part ends in the middle (byte %lld)", f->name,
			       (long long)f->size);
	return err_new(code == Z_MEM_ERROR ? ERR_MEMORY : ERR_INPUT, "%s cannot be unpacked: %s (byte %lld)", f->name,
		       why, (long long)gzoffset(f->gz));
}

static err_t fill(struct infile *f)
{
	unsigned char *room = f->raw + f->nraw;
	if (!f->gz) {
		size_t n = f->text.n - f->at < CHUNK ? f->text.n - f->at : CHUNK;
		if (n)
			memcpy(room, f->text.p + f->at, n);
		f->at += n;
		f->nraw += n;
		f->ended = f->at == f->text.n;
		return OK;
	}
	int got = gzread(f->gz, room, CHUNK), code = Z_OK;
	if (got >= 0)
		(void)gzerror(f->gz, &code);
	if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END))
		return packed_fault(f);
	f->nraw += (size_t)got;
	f->ended = got == 0;
	return OK;
}

/* At the very start: what the file says of its encoding. */
static err_t pass_mark(struct infile *f, size_t *at)
{
	if (f->nraw > 1 && (memcmp(f->raw, "\xff\xfe", 2) == 0 || memcmp(f->raw, "\xfe\xff", 2) == 0))
		return err_new(ERR_INPUT, "%s:1: is UTF-16; only UTF-8 is read (byte 0)", f->name);
	if (f->nraw > 2 && memcmp(f->raw, "\xef\xbb\xbf", 3) == 0)
		*at = 3;
	return OK;
}

static char *put_bad(struct infile *f, char *to)
{
	f->mended++;
	memcpy(to, "\xef\xbf\xbd", 3);
	return to + 3;
}

/* raw -> out; fewer than four bytes may stay for the next time. */
static void mend(struct infile *f, size_t at)
{
	str_t raw = str_from((const char *)f->raw, f->nraw);
	char *to = f->out;
	while (at < raw.n) {
		unsigned char c = f->raw[at];
		if (c < 0x80) {
			*to++ = c < 0x20 && c != '\n' && c != '\t' && c != '\r' ? ' ' : (char)c;
			at++;
			continue;
		}
		if (!f->ended && raw.n - at < KEPT_BACK)
			break;
		size_t from = at;
		int32_t rune = str_next_rune(raw, &at);
		if (at - from == 1 || rune == 0xfffe || rune == 0xffff) {
			to = put_bad(f, to);
			continue;
		}
		memcpy(to, raw.p + from, at - from);
		to += at - from;
	}
	f->nraw -= at;
	memmove(f->raw, f->raw + at, f->nraw);
	f->piece = str_from(f->out, (size_t)(to - f->out));
}

/* Until there is a piece, or nothing is left. */
static err_t refill(struct infile *f)
{
	while (!f->piece.n && !(f->ended && !f->nraw)) {
		size_t at = 0;
		TRY(fill(f));
		if (!f->begun)
			TRY(pass_mark(f, &at));
		f->begun = true;
		mend(f, at);
		if (f->ended && !f->nraw)
			break;
	}
	return OK;
}

err_t infile_head(struct infile *f, str_t *out)
{
	TRY(refill(f));
	*out = f->piece;
	return OK;
}

err_t infile_next(struct infile *f, str_t *out)
{
	TRY(refill(f));
	*out = f->piece;
	f->piece = S("");
	return OK;
}

/* --- lines --- */

static err_t too_long(const struct infile *f)
{
	return err_new(ERR_TOO_LARGE, "%s:%lld: is longer than %d MB", f->name, (long long)f->line,
		       INFILE_LINE_MOST >> 20);
}

err_t infile_line(struct infile *f, str_t *out, bool *there)
{
	bool joined = false;
	buf_clear(&f->long_line);
	*there = false;
	f->line++;
	for (;;) {
		TRY(refill(f));
		if (!f->piece.n)
			break;
		*there = true;
		size_t end = str_find_char(f->piece, '\n', 0);
		str_t part = str_slice(f->piece, 0, end);
		f->piece = end == STR_NONE ? S("") : str_slice(f->piece, end + 1, f->piece.n);
		if (f->long_line.n + part.n > INFILE_LINE_MOST)
			return too_long(f);
		if (end != STR_NONE && !joined) {
			*out = part;
			return OK;
		}
		joined = true;
		buf_add(&f->long_line, part);
		if (end != STR_NONE)
			break;
	}
	*out = buf_str(&f->long_line);
	return OK;
}

err_t infile_skip_line(struct infile *f)
{
	f->line++;
	for (;;) {
		TRY(refill(f));
		size_t end = str_find_char(f->piece, '\n', 0);
		if (!f->piece.n)
			return OK;
		f->piece = end == STR_NONE ? S("") : str_slice(f->piece, end + 1, f->piece.n);
		if (end != STR_NONE)
			return OK;
	}
}

str_t infile_name(const struct infile *f)
{
	return str_of(f->name);
}

int64_t infile_line_number(const struct infile *f)
{
	return f->line;
}

int64_t infile_mended(const struct infile *f)
{
	return f->mended;
}

void infile_progress(const struct infile *f, int64_t *done, int64_t *all)
{
	*done = f->gz ? (int64_t)gzoffset(f->gz) : (int64_t)f->at;
	*all = f->size;
}
