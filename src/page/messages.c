/* messages.c: see messages.h. Each language is a sorted list of keys, in which those it lacks are
 * English's, and the same as nested JSON for templates. */
#include "page/messages.h"

#include <stdlib.h>

struct message {
	str_t key;
	str_t text;
	bool  borrowed; /* from English */
};

struct tongue {
	str_t           name; /* "en", "fr-CA" */
	struct message *v;    /* sorted by key */
	size_t          n;
	json_t         *view;
};

struct messages {
	arena_t       *a;
	struct tongue *v;
	size_t         n;
	struct tongue *english;
};

/* --- reading --- */

static bool is_key(str_t key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
		      (c == '.' && i > 0 && i + 1 < key.n && key.p[i - 1] != '.')))
			return false;
	}
	return key.n > 0;
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct message *)a)->key, ((const struct message *)b)->key);
}

static const struct message *find(const struct tongue *t, str_t key)
{
	struct message wanted = { .key = key };
	return t->n ? bsearch(&wanted, t->v, t->n, sizeof *t->v, by_key) : NULL;
}

static err_t read_line(arena_t *a, struct tongue *t, str_t line)
{
	str_t text = line;
	str_t key = str_trim(str_cut(&text, '='));
	if (!text.p || !is_key(key))
		return err_new(ERR_INPUT, "must be \"key = text\"");
	t->v = arena_room(a, t->v, t->n, sizeof *t->v);
	t->v[t->n++] = (struct message){ str_copy(a, key), str_copy(a, str_trim(text)), false };
	return OK;
}

static err_t read_file(arena_t *a, const struct asset_file *file, struct tongue *t)
{
	str_t rest = file->bytes;
	size_t bad;
	if (!str_is_utf8(rest, &bad))
		return err_new(ERR_INPUT, "%.*s: is not UTF-8 at byte %zu", STR(file->path), bad + 1);
	for (int number = 1; rest.p; number++) {
		str_t line = str_trim(str_cut(&rest, '\n'));
		if (!line.n || line.p[0] == '#')
			continue;
		TRY(err_wrap(read_line(a, t, line), "%.*s:%d", STR(file->path), number));
	}
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_key);
	for (size_t i = 1; i < t->n; i++)
		if (str_eq(t->v[i].key, t->v[i - 1].key))
			return err_new(ERR_INPUT, "%.*s: \"%.*s\" is there twice", STR(file->path),
				       STR(t->v[i].key));
	return OK;
}

/* What `t` lacks it borrows. */
static void borrow(arena_t *a, struct tongue *t, const struct tongue *english)
{
	size_t own = t->n;
	struct tongue had = { .v = t->v, .n = own };
	for (size_t i = 0; i < english->n; i++) {
		if (find(&had, english->v[i].key))
			continue;
		t->v = arena_room(a, t->v, t->n, sizeof *t->v);
		t->v[t->n] = english->v[i];
		t->v[t->n++].borrowed = true;
		had.v = t->v;
	}
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_key);
}

/* "a.b.c" becomes {"a": {"b": {"c": text}}}. A key under which others stand cannot be a text too. */
static err_t nest(json_t *at, const struct message *m)
{
	str_t rest = m->key;
	for (;;) {
		str_t part = str_cut(&rest, '.');
		char name[64];
		if (part.n >= sizeof name)
			return err_new(ERR_INPUT, "\"%.*s\" is too long a key", STR(m->key));
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		json_t *next = json_object_get(at, name);
		if (!rest.p) {
			if (next)
				return err_new(ERR_INPUT, "\"%.*s\" is a group of keys", STR(m->key));
			json_object_set_new(at, name, json_stringn(m->text.p, m->text.n));
			return OK;
		}
		if (!next) {
			next = json_object();
			json_object_set_new(at, name, next);
		}
		if (!json_is_object(next))
			return err_new(ERR_INPUT, "\"%.*s\": a part of it is a text", STR(m->key));
		at = next;
	}
}

static err_t make_view(struct tongue *t)
{
	t->view = json_object();
	if (!t->view)
		return err_new(ERR_MEMORY, "out of memory while reading messages");
	for (size_t i = 0; i < t->n; i++)
		TRY(err_wrap(nest(t->view, &t->v[i]), "messages/%.*s.txt", STR(t->name)));
	return OK;
}

static err_t read_all(struct messages *m, const struct asset_file *files, size_t n)
{
	str_t under = S("messages/"), ext = S(".txt");
	m->v = arena_array(m->a, n + 1, sizeof *m->v);
	for (size_t i = 0; i < n; i++) {
		str_t path = files[i].path;
		if (!str_starts(path, under) || !str_ends(path, ext))
			continue;
		struct tongue *t = &m->v[m->n++];
		t->name = str_copy(m->a, str_slice(path, under.n, path.n - ext.n));
		TRY(read_file(m->a, &files[i], t));
		if (str_eq(t->name, S("en")))
			m->english = t;
	}
	if (!m->english) { /* a theme of a test: every text is its key */
		m->english = &m->v[m->n++];
		m->english->name = S("en");
	}
	for (size_t i = 0; i < m->n; i++) {
		if (&m->v[i] != m->english)
			borrow(m->a, &m->v[i], m->english);
		TRY(make_view(&m->v[i]));
	}
	return OK;
}

err_t messages_new(const struct asset_file *files, size_t n, struct messages **out)
{
	struct messages *m = calloc(1, sizeof *m);
	if (!m || !(m->a = arena_create(0))) {
		free(m);
		return err_new(ERR_MEMORY, "out of memory while reading messages");
	}
	err_t e = read_all(m, files, n);
	if (e)
		messages_free(m);
	else
		*out = m;
	return e;
}

void messages_free(struct messages *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		json_decref(m->v[i].view);
	arena_free(m->a);
	free(m);
}

/* --- saying --- */

const struct tongue *messages_tongue(const struct messages *m, str_t language)
{
	for (;;) {
		for (size_t i = 0; i < m->n; i++)
			if (str_eq_nocase(m->v[i].name, language))
				return &m->v[i];
		size_t cut = language.n;
		while (cut > 0 && language.p[cut - 1] != '-')
			cut--;
		if (!cut)
			return m->english;
		language = str_slice(language, 0, cut - 1);
	}
}

str_t tongue_name(const struct tongue *t)
{
	return t->name;
}

json_t *tongue_view(const struct tongue *t)
{
	return t->view;
}

str_t messages_get(const struct tongue *t, const char *key)
{
	const struct message *m = find(t, str_of(key));
	return m ? m->text : str_of(key);
}

str_t messages_fill(arena_t *a, str_t text, const struct message_value *v, size_t n)
{
	struct buf b = buf_new(a, text.n + 64);
	size_t at = 0, open;
	while ((open = str_find_char(text, '{', at)) != STR_NONE) {
		size_t close = str_find_char(text, '}', open);
		if (close == STR_NONE)
			break;
		str_t name = str_slice(text, open + 1, close);
		size_t i = 0;
		while (i < n && !str_eq(name, str_of(v[i].name)))
			i++;
		buf_add(&b, str_slice(text, at, open));
		buf_add(&b, i < n ? v[i].value : str_slice(text, open, close + 1));
		at = close + 1;
	}
	buf_add(&b, str_slice(text, at, text.n));
	return buf_str(&b);
}

/* Unicode's plural rules (CLDR) for whole numbers, of the languages that have files or are likely
 * to get them; others know "one" and "other". */
static const char *plural(str_t language, int64_t n)
{
	str_t tag = str_slice(language, 0, 2);
	int64_t tens = n % 100, ones = n % 10;
	if (str_eq(tag, S("ja")) || str_eq(tag, S("zh")) || str_eq(tag, S("ko")) || str_eq(tag, S("id")))
		return "other";
	if (str_eq(tag, S("fr")) || str_eq(tag, S("pt")))
		return n == 0 || n == 1 ? "one" : "other";
	if (str_eq(tag, S("ar"))) {
		if (n <= 2)
			return n == 0 ? "zero" : n == 1 ? "one" : "two";
		return tens >= 3 && tens <= 10 ? "few" : tens >= 11 ? "many" : "other";
	}
	if (str_eq(tag, S("ru")) || str_eq(tag, S("uk"))) {
		if (ones == 1 && tens != 11)
			return "one";
		return ones >= 2 && ones <= 4 && (tens < 12 || tens > 14) ? "few" : "many";
	}
	if (str_eq(tag, S("pl"))) {
		if (n == 1)
			return "one";
		return ones >= 2 && ones <= 4 && (tens < 12 || tens > 14) ? "few" : "many";
	}
	return n == 1 ? "one" : "other";
}

str_t messages_number(arena_t *a, const struct tongue *t, int64_t n)
{
	enum { ALONE = 10000 }; /* from here on thousands stand apart; "1 234" would look like two */
	char digits[24];
	const struct message *m = find(t, S("number.group"));
	int many = snprintf(digits, sizeof digits, "%lld", (long long)n);
	struct buf b = buf_new(a, 48);
	for (int i = 0; i < many; i++) {
		if (i > 0 && digits[i - 1] != '-' && (many - i) % 3 == 0 && m &&
		    (n >= ALONE || n <= -ALONE))
			buf_add(&b, m->text);
		buf_add_char(&b, digits[i]);
	}
	return buf_str(&b);
}

str_t messages_count(arena_t *a, const struct tongue *t, const char *key, int64_t n)
{
	str_t exact = str_format(a, "%s.%s", key, plural(t->name, n));
	const struct message *m = find(t, exact);
	if (!m || m->borrowed) {
		const struct message *other = find(t, str_format(a, "%s.other", key));
		m = other && (!m || !other->borrowed) ? other : m;
	}
	struct message_value value = { "n", messages_number(a, t, n) };
	return messages_fill(a, m ? m->text : exact, &value, 1);
}

str_t messages_error(arena_t *a, const struct tongue *t, const struct err *e)
{
	enum { VALUES = 4 };
	struct message_value v[VALUES];
	size_t n = 0;
	int64_t count = 0;
	bool counted = false;
	str_t rest = str_of(e->values ? e->values : "");
	if (!e->key)
		return str_copy(a, str_of(err_text(e)));
	while (rest.n && n < VALUES) {
		str_t value = str_cut(&rest, '\n'), name = str_cut(&value, '=');
		v[n++] = (struct message_value){ str_z(a, name), value };
		counted |= str_eq(name, S("n")) && str_int(value, &count);
	}
	str_t text = counted ? messages_count(a, t, e->key, count) : messages_get(t, e->key);
	return messages_fill(a, text, v, n);
}

str_t messages_date(arena_t *a, const struct tongue *t, const char *key, usec_t moment)
{
	struct time_parts p = time_parts(moment);
	char month[32], mon[32], weekday[32];
	snprintf(month, sizeof month, "date.month.%d", p.month);
	snprintf(mon, sizeof mon, "date.mon.%d", p.month);
	snprintf(weekday, sizeof weekday, "date.weekday.%d", p.weekday);
	const struct message *first = p.day == 1 ? find(t, S("date.first")) : NULL;
	const struct message_value v[] = {
		{ "weekday", messages_get(t, weekday) },
		{ "day", first ? first->text : str_format(a, "%d", p.day) },
		{ "month", messages_get(t, month) },
		{ "mon", messages_get(t, mon) },
		{ "year", str_format(a, "%d", p.year) },
		{ "hour", str_format(a, "%02d", p.hour) },
		{ "minute", str_format(a, "%02d", p.minute) },
		{ "zone", str_of(p.zone) },
	};
	return messages_fill(a, messages_get(t, key), v, COUNT(v));
}

/* --- checking --- */

/* A form that English has no use for ("few"), of a sentence that it says by number. */
static bool is_form(const struct tongue *english, arena_t *a, str_t key)
{
	static const char *const forms[] = { ".zero", ".two", ".few", ".many" };
	for (size_t i = 0; i < COUNT(forms); i++) {
		str_t form = str_of(forms[i]);
		if (str_ends(key, form) &&
		    find(english, str_format(a, "%.*s.other", STR(str_slice(key, 0, key.n - form.n)))))
			return true;
	}
	return false;
}

void messages_check(const struct messages *m, arena_t *a, struct strs *report)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct tongue *t = &m->v[i];
		if (t == m->english)
			continue;
		for (size_t k = 0; k < t->n; k++) {
			if (t->v[k].borrowed)
				strs_add(a, report, str_format(a, "messages/%.*s.txt: \"%.*s\" is not "
							       "there; English is shown",
							       STR(t->name), STR(t->v[k].key)));
			else if (!find(m->english, t->v[k].key) && !is_form(m->english, a, t->v[k].key))
				strs_add(a, report, str_format(a, "messages/%.*s.txt: nothing says "
							       "\"%.*s\"", STR(t->name),
							       STR(t->v[k].key)));
		}
	}
}
