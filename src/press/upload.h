/* upload.h: large files over the network, that go on where they broke off: tus 1.0
 * (https://tus.io/protocols/resumable-upload), with creation, termination, expiration and checksum.
 *
 * What arrives is written to its file as it arrives, so a lost connection or a killed server costs the
 * bytes on the wire and no more: how far an upload has come is how long its file is. While bytes come,
 * the file is locked; bytes under a checksum count once they are found right. A whole upload becomes a
 * medium (media.h), or is refused like one. Only holders of a newsroom token (token.h) may send. */
#pragma once

#include "base/stet.h"
#include "http/http.h"

/* Asked by a loop before a body is read: where it goes, or NULL if it is none of an upload. With a
 * status set, the request is refused. Waits for nothing but the disk. */
struct sink *upload_sink(struct stet *s, struct request *q, int64_t length, int *status,
			 const char **why);

extern const struct route upload_routes[];

/* The job that ends an upload which was not finished in a day. */
struct job;
err_t upload_expire_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
#define UPLOAD_EXPIRE "upload.expire"
