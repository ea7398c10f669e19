/* csv.c: see csv.h. */
#include "exchange/csv.h"

void csv_begin(struct csv *csv, struct infile *file, arena_t *a)
{
	*csv = (struct csv){ .file = file, .a = a, .line = 1, .next = 1 };
}

/* The next byte; -1 at the end. */
static err_t get(struct csv *csv, int *c)
{
	if (!csv->rest.n)
		TRY(infile_next(csv->file, &csv->rest));
	*c = -1;
	if (!csv->rest.n)
		return OK;
	*c = (unsigned char)csv->rest.p[0];
	csv->rest = str_slice(csv->rest, 1, csv->rest.n);
	csv->next += *c == '\n';
	return OK;
}

static err_t fault(const struct csv *csv, const char *what)
{
	return err_new(ERR_INPUT, "%.*s:%lld: %s", STR(infile_name(csv->file)), (long long)csv->line, what);
}

/* A field in quotes, its first one read; `*c` is what follows the last. */
static err_t quoted(struct csv *csv, struct buf *b, int *c)
{
	for (;;) {
		TRY(get(csv, c));
		if (*c == '"') {
			TRY(get(csv, c));
			if (*c != '"')
				return *c == ',' || *c == '\n' || *c == '\r' || *c < 0
					       ? OK : fault(csv, "something follows a field's closing quote");
		}
		if (*c < 0)
			return fault(csv, "a quoted field does not end: the file is cut short");
		if (b->n > CSV_RECORD_MOST)
			return fault(csv, "a field is longer than 4 MB");
		buf_add_char(b, (char)*c);
	}
}

static err_t field(struct csv *csv, int *c)
{
	struct buf b = buf_new(csv->a, 32);
	if (*c == '"') {
		TRY(quoted(csv, &b, c));
	} else {
		while (*c >= 0 && *c != ',' && *c != '\n') {
			if (b.n > CSV_RECORD_MOST)
				return fault(csv, "a field is longer than 4 MB");
			buf_add_char(&b, (char)*c);
			TRY(get(csv, c));
		}
		if (*c != ',' && b.n && b.p[b.n - 1] == '\r')
			b.n--;
	}
	if (*c == '\r') {
		TRY(get(csv, c));
		if (*c >= 0 && *c != '\n')
			return fault(csv, "something follows a field's closing quote");
	}
	if (csv->fields.n >= CSV_FIELDS_MOST)
		return fault(csv, "a record has more than 256 fields");
	strs_add(csv->a, &csv->fields, buf_str(&b));
	return OK;
}

err_t csv_next(struct csv *csv, bool *there)
{
	int c;
	do {
		csv->line = csv->next;
		TRY(get(csv, &c));
		if (c == '\r')
			TRY(get(csv, &c));
	} while (c == '\n');
	arena_reset(csv->a);
	csv->fields = (struct strs){ 0 };
	*there = c >= 0;
	while (c >= 0) {
		TRY(field(csv, &c));
		if (c != ',')
			break;
		TRY(get(csv, &c));
		if (c < 0 || c == '\n') { /* an empty field at the end */
			strs_add(csv->a, &csv->fields, S(""));
			break;
		}
	}
	return OK;
}

str_t csv_field(const struct csv *csv, size_t at)
{
	return at < csv->fields.n ? csv->fields.v[at] : S("");
}

err_t csv_columns(const struct csv *header, const char *const *names, size_t *places, size_t n, size_t needed)
{
	for (size_t i = 0; i < n; i++) {
		places[i] = STR_NONE;
		for (size_t k = 0; k < header->fields.n; k++)
			if (str_eq_nocase(str_trim(header->fields.v[k]), str_of(names[i])))
				places[i] = k;
		if (i < needed && places[i] == STR_NONE)
			return err_new(ERR_INPUT, "%.*s:1: has no column \"%s\"", STR(infile_name(header->file)),
				       names[i]);
	}
	return OK;
}
