/* smtp.c: see smtp.h. */
#include "net/smtp.h"

#include <curl/curl.h>

enum { CONNECT_WITHIN = 15 /* seconds */ };

static void end_handle(CURL **h)
{
	curl_easy_cleanup(*h);
}

static void end_list(struct curl_slist **l)
{
	curl_slist_free_all(*l);
}

/* What is still to be sent. */
static size_t give(char *to, size_t size, size_t count, void *rest)
{
	str_t *s = rest;
	size_t n = size * count < s->n ? size * count : s->n;
	memcpy(to, s->p, n);
	*s = str_slice(*s, n, s->n);
	return n;
}

static bool is_here(str_t url)
{
	size_t at = str_find(url, S("://"), 0);
	str_t host = str_slice(url, at == STR_NONE ? 0 : at + 3, url.n);
	return str_starts(host, S("127.")) || str_starts(host, S("localhost")) ||
	       str_starts(host, S("[::1]"));
}

/* A reply of 5xx to a letter stays as it is; what is wrong with the settings is for a person to mend. */
static enum err_code code_of(CURLcode rc, long reply)
{
	switch (rc) {
	case CURLE_LOGIN_DENIED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		return ERR_SYSTEM;
	case CURLE_WEIRD_SERVER_REPLY: /* a greeting of 5xx: it takes nobody's letters */
		return ERR_SYSTEM;
	default:
		if (reply == 530 || reply == 534 || reply == 535 || reply == 538)
			return ERR_SYSTEM; /* it wants us to sign in */
		return reply >= 500 ? ERR_REFUSED : ERR_BUSY;
	}
}

static void set_up(CURL *h, arena_t *a, const struct smtp *m)
{
	curl_easy_setopt(h, CURLOPT_URL,
			 str_z(a, str_format(a, "%.*s/%.*s", STR(m->url), STR(m->hello))));
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_WITHIN);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)((m->within ? m->within : SMTP_WITHIN) / 1000));
	curl_easy_setopt(h, CURLOPT_USE_SSL, (long)(is_here(m->url) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	if (m->authorities.n)
		curl_easy_setopt(h, CURLOPT_CAINFO, str_z(a, m->authorities));
	if (m->user.n) {
		curl_easy_setopt(h, CURLOPT_USERNAME, str_z(a, m->user));
		curl_easy_setopt(h, CURLOPT_PASSWORD, str_z(a, m->password));
	}
}

err_t smtp_send(arena_t *a, const struct smtp *m, str_t from, str_t to, str_t bytes)
{
	__attribute__((cleanup(end_handle))) CURL *h = curl_easy_init();
	__attribute__((cleanup(end_list))) struct curl_slist *list = curl_slist_append(
		NULL, str_z(a, str_format(a, "<%.*s>", STR(to))));
	char why[CURL_ERROR_SIZE] = "";
	long reply = 0;
	if (!h || !list)
		return err_new(ERR_MEMORY, "out of memory while sending mail");
	set_up(h, a, m);
	curl_easy_setopt(h, CURLOPT_MAIL_FROM, str_z(a, str_format(a, "<%.*s>", STR(from))));
	curl_easy_setopt(h, CURLOPT_MAIL_RCPT, list);
	curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(h, CURLOPT_READDATA, &bytes);
	curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes.n);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, why);
	CURLcode rc = curl_easy_perform(h);
	if (rc == CURLE_OK)
		return OK;
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &reply);
	/* Not the reply's words: they tell of addresses, and this goes into logs. */
	return err_new(code_of(rc, reply), "%.*s: %s", STR(m->url),
		       *why ? why : curl_easy_strerror(rc));
}
