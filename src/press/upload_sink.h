/* upload_sink.h: what upload.c and upload_sink.c share. */
#pragma once

#include "http/http.h"
#include "press/upload_file.h"

#include <openssl/evp.h>

struct upload_sink {
	struct sink        sink; /* first: the server hands it to us */
	struct stet       *s;
	struct upload_info info;
	int                fd;   /* locked; -1: let go */
	int64_t            from; /* where this request's bytes began */
	int64_t            size; /* so far */
	EVP_MD_CTX        *digest; /* NULL: no checksum was sent */
	unsigned char      wanted[EVP_MAX_MD_SIZE];
	size_t             nwanted;
	char              *mark;
};

/* Judges a request to add bytes and opens the upload; `*out` is set even on an error, and let go of
 * with the request at the latest. */
err_t upload_sink_new(struct stet *s, struct request *q, str_t id, int64_t length,
		      struct upload_sink **out) CHECKED;
/* All bytes are there: whether they are those that were meant. If not, they are gone. */
err_t upload_prove(struct upload_sink *k, arena_t *a, bool *right) CHECKED;
void  upload_close(struct upload_sink *k);

bool upload_is(const struct request *q, enum method method);
int  upload_status(const struct err *e);
