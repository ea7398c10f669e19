/* clock.c: see clock.h. Month and day names are English here and independent of any locale. */
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const weekdays[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					"Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March",     "April",
				      "May",     "June",     "July",      "August",
				      "September", "October", "November", "December" };

usec_t clock_now(const struct clock *c)
{
	if (c && c->fixed)
		return c->fixed;
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (usec_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

usec_t clock_steady(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

/* Folders and lists stand beside the zones. */
static bool is_zone_file(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is = fd >= 0 && read(fd, magic, sizeof magic) == sizeof magic &&
		  memcmp(magic, "TZif", sizeof magic) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

err_t zone_set(str_t name)
{
	char path[256];
	bool fits = name.n > 0 && name.n < 128 && name.p[0] != '/' && name.p[0] != ':' &&
		    str_find(name, S(".."), 0) == STR_NONE &&
		    str_find_char(name, '\0', 0) == STR_NONE;
	if (fits)
		snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", STR(name));
	if (!fits || (!is_zone_file(path) && !str_eq(name, S("UTC"))))
		return err_new(ERR_INPUT,
			       "unknown time zone \"%.*s\"; use a name like \"Europe/Berlin\" "
			       "(the package tzdata holds the list)",
			       STR(name));
	snprintf(path, sizeof path, "%.*s", STR(name));
	if (setenv("TZ", path, 1) != 0)
		return err_new(ERR_MEMORY, "out of memory while setting the time zone");
	tzset();
	return OK;
}

static time_t seconds(usec_t t)
{
	return (time_t)(t >= 0 ? t / SECOND : (t - (SECOND - 1)) / SECOND);
}

static struct tm local(usec_t t)
{
	time_t s = seconds(t);
	struct tm tm;
	if (!localtime_r(&s, &tm))
		memset(&tm, 0, sizeof tm);
	return tm;
}

static struct tm utc(usec_t t)
{
	time_t s = seconds(t);
	struct tm tm;
	if (!gmtime_r(&s, &tm))
		memset(&tm, 0, sizeof tm);
	return tm;
}

struct time_parts time_parts(usec_t t)
{
	struct tm tm = local(t);
	return (struct time_parts){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_wday,
				    tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_zone ? tm.tm_zone : "" };
}

str_t time_long(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	return str_format(a, "%s %d %s %d %02d:%02d %s", weekdays[tm.tm_wday], tm.tm_mday,
			  months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_zone);
}

str_t time_day(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	return str_format(a, "%d %s %d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

str_t time_short_day(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	return str_format(a, "%d %.3s", tm.tm_mday, months[tm.tm_mon]);
}

str_t time_weekday(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	return str_format(a, "%s %d %s %d", weekdays[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
			  tm.tm_year + 1900);
}

str_t time_minute(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	return str_format(a, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

str_t time_iso(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	long minutes = tm.tm_gmtoff / 60;
	long away = minutes < 0 ? -minutes : minutes;
	return str_format(a, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", tm.tm_year + 1900,
			  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			  minutes < 0 ? '-' : '+', away / 60, away % 60);
}

str_t time_iso_utc(arena_t *a, usec_t t)
{
	struct tm tm = utc(t);
	return str_format(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900,
			  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			  (int)(t - (usec_t)seconds(t) * SECOND));
}

str_t time_http(arena_t *a, usec_t t)
{
	struct tm tm = utc(t);
	return str_format(a, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", weekdays[tm.tm_wday],
			  tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
			  tm.tm_sec);
}

str_t time_rfc822(arena_t *a, usec_t t)
{
	struct tm tm = local(t);
	long minutes = tm.tm_gmtoff / 60;
	long away = minutes < 0 ? -minutes : minutes;
	return str_format(a, "%.3s, %02d %.3s %04d %02d:%02d:%02d %c%02ld%02ld",
			  weekdays[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
			  tm.tm_hour, tm.tm_min, tm.tm_sec, minutes < 0 ? '-' : '+', away / 60,
			  away % 60);
}

int time_year(usec_t t)
{
	return local(t).tm_year + 1900;
}

/* A reader over the text of a date: each step takes what it wants or fails the whole. */
struct cursor {
	str_t  s;
	size_t at;
	bool   bad;
};

static bool peek(const struct cursor *c, char want)
{
	return c->at < c->s.n && c->s.p[c->at] == want;
}

static bool accept(struct cursor *c, char want)
{
	if (!peek(c, want))
		return false;
	c->at++;
	return true;
}

static int digits(struct cursor *c, int count)
{
	int v = 0;
	for (int i = 0; i < count; i++) {
		if (c->at >= c->s.n || c->s.p[c->at] < '0' || c->s.p[c->at] > '9') {
			c->bad = true;
			return 0;
		}
		v = v * 10 + (c->s.p[c->at++] - '0');
	}
	return v;
}

static usec_t fraction(struct cursor *c)
{
	usec_t v = 0, unit = SECOND / 10;
	for (; c->at < c->s.n && c->s.p[c->at] >= '0' && c->s.p[c->at] <= '9'; c->at++) {
		v += unit * (c->s.p[c->at] - '0');
		unit /= 10;
	}
	return v;
}

enum offset { OFFSET_NONE, OFFSET_GIVEN, OFFSET_BAD };

static enum offset offset(struct cursor *c, long *out)
{
	if (c->at == c->s.n)
		return OFFSET_NONE;
	if (accept(c, 'Z') || accept(c, 'z')) {
		*out = 0;
		return c->at == c->s.n ? OFFSET_GIVEN : OFFSET_BAD;
	}
	accept(c, ' ');
	long sign = accept(c, '-') ? -1 : 1;
	if (sign == 1 && !accept(c, '+'))
		return OFFSET_BAD;
	int hours = digits(c, 2);
	accept(c, ':');
	int minutes = digits(c, 2);
	*out = sign * (hours * 3600L + minutes * 60L);
	return c->bad || c->at != c->s.n || hours > 23 || minutes > 59 ? OFFSET_BAD : OFFSET_GIVEN;
}

static bool valid_day(const struct tm *tm)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return year >= 1 && tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days[tm->tm_mon] && (tm->tm_mon != 1 || leap || tm->tm_mday < 29);
}

/* A wall clock's reading, as if it were UTC: what a moment shows here, for comparing. */
static time_t shown_at(time_t t)
{
	struct tm tm;
	return localtime_r(&t, &tm) ? t + tm.tm_gmtoff : t;
}

/* The first moment at which the clocks here show `wall` (a reading as if it were UTC) or, where they
 * jump over it, the moment of the jump. The offset on either side of it is tried, so whatever a zone's
 * change is called and however large it is, it is found. False if `wall` is jumped over. */
static bool first_shown(time_t wall, time_t *out)
{
	const time_t day = 24 * 3600;
	time_t before = wall - 2 * day, after = wall + 2 * day; /* no offset reaches that far */
	time_t early = wall - (shown_at(before) - before), late = wall - (shown_at(after) - after);
	if (late < early) {
		time_t swap = early;
		early = late;
		late = swap;
	}
	*out = shown_at(early) == wall ? early : late;
	if (shown_at(*out) == wall)
		return true;
	/* Readings below it before the jump, above it after: the first moment that shows more. */
	while (early < late) {
		time_t middle = early + (late - early) / 2;
		if (shown_at(middle) > wall)
			late = middle;
		else
			early = middle + 1;
	}
	*out = late;
	return false;
}

static err_t from_local(str_t s, struct tm *wall, time_t *out)
{
	struct tm next;
	if (first_shown(timegm(wall), out))
		return OK;
	localtime_r(out, &next);
	return err_new(ERR_INPUT, "the time \"%.*s\" does not exist in this time zone: clocks go "
		       "forward over it, and the next is %04d-%02d-%02d %02d:%02d", STR(s),
		       next.tm_year + 1900, next.tm_mon + 1, next.tm_mday, next.tm_hour, next.tm_min);
}

bool time_day_start(int year, int month, int day, usec_t *out)
{
	time_t t;
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	if (!valid_day(&tm))
		return false;
	first_shown(timegm(&tm), &t);
	*out = (usec_t)t * SECOND;
	return true;
}

static err_t parse(str_t s, bool utc_default, usec_t *out)
{
	struct cursor c = { .s = str_trim(s) };
	struct tm tm = { .tm_isdst = -1 };
	tm.tm_year = digits(&c, 4) - 1900;
	c.bad |= !accept(&c, '-');
	tm.tm_mon = digits(&c, 2) - 1;
	c.bad |= !accept(&c, '-');
	tm.tm_mday = digits(&c, 2);
	usec_t part = 0;
	if (!c.bad && (accept(&c, 'T') || accept(&c, 't') || accept(&c, ' '))) {
		tm.tm_hour = digits(&c, 2);
		c.bad |= !accept(&c, ':');
		tm.tm_min = digits(&c, 2);
		if (accept(&c, ':')) {
			tm.tm_sec = digits(&c, 2);
			if (accept(&c, '.'))
				part = fraction(&c);
		}
	}
	long away = 0;
	enum offset kind = c.bad ? OFFSET_BAD : offset(&c, &away);
	if (kind == OFFSET_BAD || !valid_day(&tm) || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 60)
		return err_new(ERR_INPUT, "\"%.*s\" is not a date and time; write it like "
			       "\"2026-02-10 13:37\" or \"2026-02-10T13:37:00-05:00\"", STR(s));
	time_t t = 0;
	if (kind == OFFSET_GIVEN)
		t = timegm(&tm) - away;
	else if (utc_default)
		t = timegm(&tm);
	else
		TRY(from_local(s, &tm, &t));
	*out = (usec_t)t * SECOND + part;
	return OK;
}

err_t time_parse(str_t s, usec_t *out)
{
	return parse(s, false, out);
}

err_t time_parse_utc(str_t s, usec_t *out)
{
	return parse(s, true, out);
}

bool time_parse_http(str_t s, usec_t *out)
{
	static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S GMT",
					     "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y" };
	char z[48];
	if (s.n >= sizeof z)
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm tm = { 0 };
		const char *end = strptime(z, forms[i], &tm);
		if (!end || *end || !valid_day(&tm))
			continue;
		*out = (usec_t)timegm(&tm) * SECOND;
		return true;
	}
	return false;
}
