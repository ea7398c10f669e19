/* log.c: see log.h. Written without an arena, so that it works when memory has run out. */
#include "base/log.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = { "debug", "info", "warn", "error" };

enum { LINE = 1024 };

static size_t stamp(char *line, enum log_level level, const char *room)
{
	usec_t now = clock_now(NULL);
	time_t s = (time_t)(now / SECOND);
	struct tm tm;
	gmtime_r(&s, &tm);
	int n = snprintf(line, LINE, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ %-5s %s: ",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			 tm.tm_sec, (int)(now % SECOND), names[level], room);
	return n > 0 && n < LINE / 2 ? (size_t)n : 0;
}

void log_line(const struct log *log, enum log_level level, const char *room, const char *format,
	      ...)
{
	if (!log || log->fd < 0 || level < log->least)
		return;
	char message[LINE / 2], line[LINE + 8];
	va_list ap;
	va_start(ap, format);
	vsnprintf(message, sizeof message, format, ap);
	va_end(ap);
	size_t n = stamp(line, level, room);
	for (const char *c = message; *c && n < LINE - 5; c++) {
		if ((unsigned char)*c >= 0x20 && *c != 0x7f)
			line[n++] = *c;
		else
			n += (size_t)snprintf(line + n, 5, "\\x%02x", (unsigned char)*c);
	}
	line[n++] = '\n';
	ssize_t written = write(log->fd, line, n);
	(void)written; /* a full disk must not stop the paper; there is nobody left to tell */
}

bool log_level_parse(str_t s, enum log_level *out)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(s, str_of(names[i]))) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}
