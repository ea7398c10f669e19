/* http_client.c: see http_client.h. libcurl does the speaking. */
#include "net/http_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_SECONDS = 10, SLOW_BYTES = 16, CONNECT_MS = 8000 };

static void begin_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* What a call has come to. The arena frees it, whichever way the call ends; the body is not the
 * arena's, which must not jump out of memory from within libcurl. */
struct reading {
	const struct http_call *call;
	CURL                   *c;
	struct curl_slist      *fields;
	size_t                  most;
	char                   *bytes;
	size_t                  n, cap;
	bool                    too_much, refused, no_memory;
};

static void drop_reading(void *reading)
{
	struct reading *r = reading;
	curl_easy_cleanup(r->c);
	curl_slist_free_all(r->fields);
	free(r->bytes);
}

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
	struct reading *r = ctx;
	size_t n = size * count;
	if (n > r->most - r->n) {
		r->too_much = true;
		return 0;
	}
	if (r->n + n > r->cap) {
		size_t cap = 2 * r->cap + n;
		char *p = realloc(r->bytes, cap);
		if (!p) {
			r->no_memory = true;
			return 0;
		}
		r->bytes = p;
		r->cap = cap;
	}
	memcpy(r->bytes + r->n, data, n);
	r->n += n;
	return n;
}

/* The socket for an address that a name led to, or none. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct reading *r = ctx;
	(void)purpose;
	if (!r->call->private_allowed && !address_is_public(&to->addr)) {
		r->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* A line of a header must stay one. */
static bool is_one_line(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static err_t add_field(arena_t *a, struct curl_slist **list, const char *name, str_t value)
{
	if (!is_one_line(value) || !is_one_line(str_of(name)))
		return err_new(ERR_INPUT, "a header field holds a control character");
	char *line = str_z(a, str_format(a, "%s: %.*s", name, STR(value)));
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (!longer)
		return err_new(ERR_MEMORY, "out of memory");
	*list = longer;
	return OK;
}

static err_t add_fields(arena_t *a, const struct http_call *call, struct curl_slist **list)
{
	if (call->body.p)
		TRY(add_field(a, list, "Content-Type", call->type));
	TRY(add_field(a, list, "Expect", S(""))); /* a body of ours is small: no asking first */
	for (const struct http_field *f = call->fields; f && f->name; f++)
		TRY(add_field(a, list, f->name, f->value));
	return OK;
}

static void set_bounds(CURL *c, const struct http_call *call, struct reading *r)
{
	usec_t within = call->within ? call->within : HTTP_WITHIN;
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(within / 1000));
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(within / 1000 < CONNECT_MS ? within / 1000 : CONNECT_MS));
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* the environment does not tell us where to go */
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, r);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)call->redirects);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, call->redirects > 0 && !call->body.p ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "Stet/" STET_VERSION);
	if (call->authorities)
		curl_easy_setopt(c, CURLOPT_CAINFO, call->authorities);
}

static void set_body(CURL *c, const struct http_call *call)
{
	if (call->body.p) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body.p);
	}
	if (call->method)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method);
}

/* Errors that will be the same tomorrow; all others may be gone by then. */
static enum err_code lasting(CURLcode code)
{
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_PEER_FAILED_VERIFICATION:
		return ERR_REFUSED;
	case CURLE_OUT_OF_MEMORY:
		return ERR_MEMORY;
	default:
		return ERR_BUSY;
	}
}

static err_t explain(const struct reading *r, CURLcode code, const char *detail)
{
	str_t url = str_clip(r->call->url, 200);
	if (r->refused)
		return err_new(ERR_REFUSED, "%.*s leads to an address of a private network, where "
			       "nothing is called (private_calls in stet.conf)", STR(url));
	if (r->too_much)
		return err_new(ERR_TOO_LARGE, "%.*s answered with more than %zu bytes", STR(url),
			       r->most);
	if (r->no_memory)
		return err_new(ERR_MEMORY, "out of memory while reading from %.*s", STR(url));
	return err_new(lasting(code), "%.*s could not be called: %s", STR(url),
		       *detail ? detail : curl_easy_strerror(code));
}

static void fill(arena_t *a, CURL *c, const struct reading *r, struct http_result *out)
{
	long status = 0;
	const char *type = NULL, *url = NULL;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(c, CURLINFO_EFFECTIVE_URL, &url);
	*out = (struct http_result){
		.status = (int)status, .type = str_copy(a, str_of(type)),
		.url = str_copy(a, str_of(url)), .body = str_copy(a, str_from(r->bytes, r->n)),
	};
}

static err_t perform(arena_t *a, struct reading *r, struct http_result *out)
{
	char detail[CURL_ERROR_SIZE] = "";
	curl_easy_setopt(r->c, CURLOPT_URL, str_z(a, r->call->url));
	curl_easy_setopt(r->c, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(r->c, CURLOPT_HTTPHEADER, r->fields);
	set_bounds(r->c, r->call, r);
	set_body(r->c, r->call);
	CURLcode code = curl_easy_perform(r->c);
	curl_easy_setopt(r->c, CURLOPT_ERRORBUFFER, NULL);
	if (code != CURLE_OK)
		return explain(r, code, detail);
	fill(a, r->c, r, out);
	return OK;
}

err_t http_call(arena_t *a, const struct http_call *call, struct http_result *out)
{
	static pthread_once_t begun = PTHREAD_ONCE_INIT; /* the library asks for it */
	pthread_once(&begun, begin_curl);
	if (!is_one_line(call->url))
		return err_new(ERR_REFUSED, "the address to call holds a control character");
	struct reading *r = arena_new(a, struct reading);
	*r = (struct reading){ .call = call, .most = call->most ? call->most : HTTP_MOST };
	arena_defer(a, drop_reading, r);
	r->c = curl_easy_init();
	if (!r->c)
		return err_new(ERR_MEMORY, "out of memory");
	TRY(add_fields(a, call, &r->fields));
	return perform(a, r, out);
}
