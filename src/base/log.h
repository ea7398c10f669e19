/* log.h: one line an event, for the person who runs Stet.
 *
 *	2026-11-23T09:00:01.123456Z info  serve: listening at http://127.0.0.1:8080
 *
 * Lines carry no personal data: no client address, no mail address, no name of a reader, no query
 * string. Control characters in a message are shown as \xNN, so one event stays one line. */
#pragma once

#include "base/str.h"

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log {
	int            fd;    /* where lines go; -1: nowhere */
	enum log_level least; /* quieter ones are dropped */
};

/* `room` says who speaks: "serve", "jobs", "import". One write(2) a line, so threads may share. */
void log_line(const struct log *log, enum log_level level, const char *room, const char *format,
	      ...) __attribute__((format(printf, 4, 5)));

bool log_level_parse(str_t s, enum log_level *out);
