/* upload_sink.c: the bytes of an upload on their way from the wire to its file. Runs on a loop. */
#include "press/upload.h"
#include "press/upload_sink.h"
#include "http/origin.h"
#include "press/token.h"

#include "base/file.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

/* --- checksums: "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=" --- */

static err_t begin_checksum(struct upload_sink *k, const struct request *q)
{
	str_t rest = request_header(q, "upload-checksum");
	if (!rest.p)
		return OK;
	str_t name = str_cut(&rest, ' ');
	const EVP_MD *md = str_eq(name, S("sha1"))     ? EVP_sha1()
			   : str_eq(name, S("sha256")) ? EVP_sha256() : NULL;
	if (!md)
		return err_new(ERR_INPUT, "Upload-Checksum: sha1 and sha256 are known");
	rest = str_trim(rest);
	if (sodium_base642bin(k->wanted, sizeof k->wanted, rest.p ? rest.p : "", rest.n, NULL,
			      &k->nwanted, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    k->nwanted != (size_t)EVP_MD_get_size(md))
		return err_new(ERR_INPUT, "Upload-Checksum: is no %.*s in base 64", STR(name));
	k->digest = EVP_MD_CTX_new();
	if (!k->digest || EVP_DigestInit_ex(k->digest, md, NULL) != 1)
		return err_new(ERR_MEMORY, "out of memory while checking an upload");
	char *mark;
	TRY(upload_path(k->s, q->a, k->info.id, "unproven", &mark));
	return file_write(mark, str_format(q->a, "%lld", (long long)k->from), 0600);
}

err_t upload_prove(struct upload_sink *k, arena_t *a, bool *right)
{
	unsigned char is[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *mark;
	*right = true;
	if (!k->digest)
		return OK;
	*right = EVP_DigestFinal_ex(k->digest, is, &n) == 1 && n == k->nwanted &&
		 sodium_memcmp(is, k->wanted, n) == 0;
	EVP_MD_CTX_free(k->digest);
	k->digest = NULL;
	if (!*right && ftruncate(k->fd, k->from) != 0)
		return err_errno(errno, "cut an upload");
	if (*right && fdatasync(k->fd) != 0)
		return err_errno(errno, "flush an upload");
	TRY(upload_path(k->s, a, k->info.id, "unproven", &mark));
	return unlink(mark) == 0 ? OK : err_errno(errno, "remove %s", mark);
}

void upload_close(struct upload_sink *k)
{
	/* What came under a checksum and was never proven. */
	if (k->digest && k->fd >= 0 && ftruncate(k->fd, k->from) == 0 && k->mark)
		unlink(k->mark);
	EVP_MD_CTX_free(k->digest);
	k->digest = NULL;
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

static void drop(void *sink)
{
	upload_close(sink);
}

/* --- bytes --- */

static int take(struct sink *sink, str_t bytes, const char **why)
{
	struct upload_sink *k = (struct upload_sink *)sink;
	if ((int64_t)bytes.n > k->info.length - k->size) {
		*why = "More bytes come than the upload was said to have.";
		return 413;
	}
	if (k->digest && EVP_DigestUpdate(k->digest, bytes.p, bytes.n) != 1) {
		*why = "There is no memory for this request.";
		return 503;
	}
	while (bytes.n) {
		ssize_t put = pwrite(k->fd, bytes.p, bytes.n, k->size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
			*why = full ? "The disk is full." : "The file cannot be written.";
			return full ? 507 : 500;
		}
		k->size += put;
		bytes = str_slice(bytes, (size_t)put, bytes.n);
	}
	return 0;
}

/* --- before the first byte --- */

static err_t begin(struct upload_sink *k, struct request *q, str_t id, int64_t length)
{
	int64_t offset;
	str_t hash = token_hash(q->a, q);
	if (!origin_is_ours(q, k->s->config.url))
		return err_new(ERR_REFUSED, "the request comes from another site's page");
	TRY(upload_load(k->s, q->a, id, &k->info));
	if (hash.n != k->info.token.n || sodium_memcmp(hash.p, k->info.token.p, hash.n) != 0)
		return err_new(ERR_REFUSED, "the upload was begun with another token");
	if (!str_int(request_header(q, "upload-offset"), &offset) || offset < 0)
		return err_new(ERR_INPUT, "Upload-Offset: says where the bytes begin");
	if (k->info.done.n)
		return err_new(ERR_CONFLICT, "the upload is finished");
	TRY(upload_open(k->s, q->a, id, &k->fd, &k->size));
	k->from = k->size;
	if (offset != k->size)
		return err_new(ERR_CONFLICT, "the upload has %lld bytes so far, not %lld",
			       (long long)k->size, (long long)offset);
	if (length > k->info.length - k->size)
		return err_new(ERR_TOO_LARGE, "more bytes come than the upload was said to have");
	TRY(upload_path(k->s, q->a, id, "unproven", &k->mark));
	return begin_checksum(k, q);
}

err_t upload_sink_new(struct stet *s, struct request *q, str_t id, int64_t length,
		      struct upload_sink **out)
{
	struct upload_sink *k = arena_new(q->a, struct upload_sink);
	*k = (struct upload_sink){ .sink = { take }, .s = s, .fd = -1 };
	arena_defer(q->a, drop, k);
	*out = k;
	return begin(k, q, id, length);
}

bool upload_is(const struct request *q, enum method method)
{
	static const char *const names[] = { [PATCH] = "PATCH", [DELETE] = "DELETE" };
	if (q->method == method)
		return true;
	/* For clients that cannot say PATCH: the protocol's own way round. */
	return q->method == POST && (method == PATCH || method == DELETE) &&
	       str_eq(request_header(q, "x-http-method-override"), str_of(names[method]));
}

int upload_status(const struct err *e)
{
	return e->code == ERR_BUSY ? 423 : e->code == ERR_INPUT ? 400 : err_status(e);
}

struct sink *upload_sink(struct stet *s, struct request *q, int64_t length, int *status,
			 const char **why)
{
	str_t prefix = S("/upload/"), type = request_header(q, "content-type");
	struct upload_sink *k;
	*status = 0;
	if (!str_starts(q->path, prefix) || !upload_is(q, PATCH))
		return NULL;
	if (!str_eq(str_trim(type), S("application/offset+octet-stream"))) {
		*status = 415;
		*why = "Content-Type: is application/offset+octet-stream.";
		return NULL;
	}
	err_t e = upload_sink_new(s, q, str_slice(q->path, prefix.n, q->path.n), length, &k);
	if (!e)
		return &k->sink;
	*status = upload_status(e);
	*why = str_z(q->a, str_of(err_text(e)));
	err_free(e);
	upload_close(k);
	return NULL;
}
