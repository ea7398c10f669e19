/* copy_pack.c: writes what was collected about a reader as a zip: account.json, the same as a page for
 * people, and their picture. */
#include "readers/copy.h"
#include "readers/pages.h"

#include "page/theme.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* --- the page --- */

/* A message of the copy's, or the key in words. */
static str_t word(arena_t *a, const struct tongue *t, const char *group, str_t key)
{
	char *full = str_z(a, str_format(a, "copy.%s.%.*s", group, STR(key)));
	str_t text = messages_get(t, full);
	return str_eq(text, str_of(full)) ? str_replace(a, key, S("_"), S(" ")) : text;
}

static void drop(void *json)
{
	json_decref(json);
}

static str_t value_text(arena_t *a, const struct tongue *t, const json_t *v)
{
	if (json_is_string(v))
		return str_from(json_string_value(v), json_string_length(v));
	if (json_is_boolean(v))
		return messages_get(t, json_is_true(v) ? "copy.yes" : "copy.no");
	if (json_is_integer(v))
		return messages_number(a, t, json_integer_value(v));
	if (json_is_null(v))
		return S("");
	size_t n = json_dumpb(v, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
	char *p = arena_alloc(a, n + 1);
	json_dumpb(v, p, n, JSON_COMPACT | JSON_ENCODE_ANY);
	return str_from(p, n);
}

/* {rows: [{key, value}]} of what says something. */
static json_t *item_view(arena_t *a, const struct tongue *t, json_t *object)
{
	json_t *rows = json_array(), *v;
	const char *key;
	json_object_foreach(object, key, v) {
		str_t text = value_text(a, t, v);
		if (text.n)
			json_array_append_new(rows, json_pack("{s:o, s:o}", "key",
							      json_text(word(a, t, "key", str_of(key))),
							      "value", json_text(text)));
	}
	return json_pack("{s:o}", "rows", rows);
}

static json_t *part_view(arena_t *a, const struct tongue *t, const char *name, json_t *part)
{
	json_t *items = json_array(), *one;
	size_t i;
	if (json_is_object(part))
		json_array_append_new(items, item_view(a, t, part));
	json_array_foreach(part, i, one)
		json_array_append_new(items, item_view(a, t, one));
	bool none = json_array_size(items) == 0;
	return json_pack("{s:o, s:o, s:b}", "title", json_text(word(a, t, "part", str_of(name))), "items",
			 items, "none", none);
}

static err_t write_html(struct stet *s, arena_t *a, const struct theme_set *theme, const struct reader *r,
			json_t *all, str_t *out)
{
	const struct tongue *t = messages_tongue(theme->messages, r->language.n ? r->language
									       : s->config.language);
	json_t *parts = json_array(), *part;
	const char *name;
	json_object_foreach(all, name, part)
		json_array_append_new(parts, part_view(a, t, name, part));
	json_t *v = json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "parts", parts, "name", json_text(r->name), "site",
			      json_text(s->config.name), "made",
			      json_text(messages_date(a, t, "date.long", clock_now(&s->clock))), "language",
			      json_text(tongue_name(t)), "picture", r->picture.n > 0);
	if (!v)
		return err_new(ERR_MEMORY, "out of memory while writing a copy");
	arena_defer(a, drop, v);
	json_object_set(v, "t", tongue_view(t));
	struct buf b = buf_new(a, 16384);
	TRY(template_render(theme->templates, S("copy"), v, &b));
	*out = buf_str(&b);
	return OK;
}

/* --- the zip --- */

static err_t add_file(struct archive *zip, const char *name, str_t bytes, usec_t now)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (int64_t)bytes.n);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_mtime(entry, (time_t)(now / SECOND), 0);
	bool good = archive_write_header(zip, entry) == ARCHIVE_OK &&
		    archive_write_data(zip, bytes.p, bytes.n) == (la_ssize_t)bytes.n;
	archive_entry_free(entry);
	return good ? OK : err_new(ERR_SYSTEM, "write a copy: %s", archive_error_string(zip));
}

struct packing {
	str_t json, html, picture;
};

static err_t write_zip(const struct packing *p, int fd, usec_t now)
{
	struct archive *zip = archive_write_new();
	if (!zip)
		return err_new(ERR_MEMORY, "out of memory while writing a copy");
	archive_write_set_format_zip(zip);
	err_t e = archive_write_open_fd(zip, fd) == ARCHIVE_OK
			  ? OK : err_new(ERR_SYSTEM, "write a copy: %s", archive_error_string(zip));
	if (!e)
		e = add_file(zip, "account.html", p->html, now);
	if (!e)
		e = add_file(zip, "account.json", p->json, now);
	if (!e && p->picture.n)
		e = add_file(zip, "picture.jpg", p->picture, now);
	if (!e && archive_write_close(zip) != ARCHIVE_OK)
		e = err_new(ERR_FULL, "write a copy: %s", archive_error_string(zip));
	archive_write_free(zip);
	return e;
}

static err_t write_file(arena_t *a, const struct packing *p, const char *path, usec_t now)
{
	char *part = str_z(a, str_format(a, "%s.part", path));
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(errno, "write %s", part);
	err_t e = write_zip(p, fd, now);
	if (!e && fsync(fd) != 0)
		e = err_errno(errno, "write %s", part);
	close(fd);
	if (!e && rename(part, path) != 0)
		e = err_errno(errno, "rename %s", part);
	if (e)
		unlink(part);
	return e;
}

static const struct sql select_picture = { "SELECT bytes FROM reader_picture WHERE reader = $1" };

struct seeking {
	id64  reader;
	str_t bytes;
};

static err_t read_picture(struct conn *c, arena_t *a, void *ctx)
{
	struct seeking *x = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_picture, ARGS(v_int(x->reader)), &r));
	if (rows_next(&r, &e))
		x->bytes = row_str(&r, a, 0);
	return e;
}

err_t copy_pack(struct stet *s, arena_t *a, const struct reader *r, json_t *all, const char *path)
{
	const struct theme_set *theme;
	struct packing p;
	struct seeking x = { .reader = r->id };
	TRY(store_read(s->store, a, read_picture, &x));
	p.picture = x.bytes;
	size_t n = json_dumpb(all, NULL, 0, JSON_INDENT(2));
	char *json = arena_alloc(a, n + 1);
	json_dumpb(all, json, n, JSON_INDENT(2));
	p.json = str_from(json, n);
	TRY(theme_hold(s->theme, &theme));
	err_t e = write_html(s, a, theme, r, all, &p.html);
	theme_release(s->theme, theme);
	return e ? e : write_file(a, &p, path, clock_now(&s->clock));
}
