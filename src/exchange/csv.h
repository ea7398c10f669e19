/* csv.h: tables as RFC 4180 has them, record by record, from a file of any size: quoted fields may hold commas, quotes
 * (doubled) and line ends. A quote in the middle of a field that did not begin with one is a character like others. */
#pragma once

#include "exchange/infile.h"

enum { CSV_RECORD_MOST = 4 << 20, CSV_FIELDS_MOST = 256 };

struct csv {
	struct infile *file;
	arena_t       *a;      /* the record's: emptied by each */
	str_t          rest;   /* of the piece */
	int64_t        line;   /* where the record begins */
	int64_t        next;   /* where the one after it does */
	struct strs    fields;
};

void  csv_begin(struct csv *csv, struct infile *file, arena_t *a);
/* The next record that is no empty line, in `csv->fields`; `*there` is false at the end. */
err_t csv_next(struct csv *csv, bool *there) CHECKED;
/* A field by its place; empty if the record has fewer. */
str_t csv_field(const struct csv *csv, size_t at);
/* The place of a column that the record in hand, a header, names; an error names those that it has not. */
err_t csv_columns(const struct csv *header, const char *const *names, size_t *places, size_t n, size_t needed) CHECKED;
