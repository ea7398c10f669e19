/* err.c: see err.h. When there is no memory for the message, a fixed error says so. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct err no_memory = {
	.code = ERR_MEMORY,
	.text = (char[]){ "out of memory; try again in a moment" },
};

static err_t make(enum err_code code, const char *field, const char *format, va_list ap)
{
	struct err *e = calloc(1, sizeof *e);
	if (!e)
		return &no_memory;
	e->code = code;
	if (vasprintf(&e->text, format, ap) < 0) {
		free(e);
		return &no_memory;
	}
	if (field && !(e->field = strdup(field))) {
		err_free(e);
		return &no_memory;
	}
	return e;
}

err_t err_new(enum err_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	err_t e = make(code, NULL, format, ap);
	va_end(ap);
	return e;
}

err_t err_user(enum err_code code, const char *field, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	err_t e = make(code, field, format, ap);
	va_end(ap);
	return e;
}

err_t err_say(enum err_code code, const char *field, const char *key)
{
	err_t e = err_user(code, field, "%s", key);
	if (e == &no_memory || (e->key = strdup(key)))
		return e;
	err_free(e);
	return &no_memory;
}

err_t err_say_with(enum err_code code, const char *field, const char *key, const char *values, ...)
{
	char *filled, *text;
	va_list ap;
	va_start(ap, values);
	int n = vasprintf(&filled, values, ap);
	va_end(ap);
	if (n < 0)
		return &no_memory;
	err_t e = err_say(code, field, key);
	if (e == &no_memory || asprintf(&text, "%s (%s)", key, filled) < 0) {
		free(filled);
		err_free(e);
		return &no_memory;
	}
	free(e->text);
	e->text = text;
	e->values = filled;
	return e;
}

static enum err_code code_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT: return ERR_FULL;
	case ENOENT: return ERR_MISSING;
	case ENOMEM: return ERR_MEMORY;
	default: return ERR_SYSTEM;
	}
}

err_t err_errno(int number, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	err_t e = make(code_of_errno(number), NULL, format, ap);
	va_end(ap);
	if (e == &no_memory)
		return e;
	char why[128], *whole;
	const char *said = strerror_r(number, why, sizeof why);
	if (asprintf(&whole, "%s: %s", e->text, said) < 0) {
		err_free(e);
		return &no_memory;
	}
	free(e->text);
	e->text = whole;
	return e;
}

err_t err_wrap(err_t e, const char *format, ...)
{
	if (!e || e == &no_memory)
		return e;
	va_list ap;
	va_start(ap, format);
	err_t outer = make(e->code, e->field, format, ap);
	va_end(ap);
	if (outer == &no_memory) {
		err_free(e);
		return outer;
	}
	char *whole;
	if (asprintf(&whole, "%s: %s", outer->text, e->text) < 0) {
		err_free(outer);
		err_free(e);
		return &no_memory;
	}
	free(outer->text);
	outer->text = whole;
	outer->cause = e;
	return outer;
}

void err_free(err_t e)
{
	while (e && e != &no_memory) {
		struct err *cause = e->cause;
		free(e->field);
		free(e->text);
		free(e->key);
		free(e->values);
		free(e);
		e = cause;
	}
}

const char *err_text(const struct err *e)
{
	return e ? e->text : "no error";
}

static const struct {
	int status, exit;
} answers[] = {
	[ERR_NONE] = { 200, 0 },      [ERR_INPUT] = { 422, 2 },  [ERR_REFUSED] = { 403, 3 },
	[ERR_MISSING] = { 404, 4 },   [ERR_GONE] = { 410, 4 },   [ERR_CONFLICT] = { 409, 5 },
	[ERR_TOO_LARGE] = { 413, 2 }, [ERR_BUSY] = { 503, 6 },   [ERR_FULL] = { 507, 7 },
	[ERR_CORRUPT] = { 500, 8 },   [ERR_MEMORY] = { 503, 6 }, [ERR_SYSTEM] = { 500, 1 },
	[ERR_USAGE] = { 400, 64 },
};

int err_status(const struct err *e)
{
	return answers[e ? e->code : ERR_NONE].status;
}

int err_exit(const struct err *e)
{
	return answers[e ? e->code : ERR_NONE].exit;
}
