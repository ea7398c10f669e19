/* outbox.c: mail that was kept instead of sent, for trying things out: a list, and a letter as its bytes.
 * Only where the publication's own address is this machine (letters_are_kept); elsewhere there is no such
 * page. */
#include "readers/letters.h"
#include "readers/pages.h"

#include "base/file.h"

#include <dirent.h>
#include <stdlib.h>

enum { LETTERS_SHOWN = 50, LETTER_BYTES = 1 << 20 };

static int newest_first(const void *a, const void *b)
{
	return str_cmp(*(const str_t *)b, *(const str_t *)a);
}

static void list_names(arena_t *a, const char *folder, struct strs *out)
{
	DIR *d = opendir(folder);
	struct dirent *one;
	while (d && (one = readdir(d)))
		if (str_ends(str_of(one->d_name), S(".eml")))
			strs_add(a, out, str_copy(a, str_of(one->d_name)));
	if (d)
		closedir(d);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, newest_first);
}

/* The value of a header; encoded words and all. */
static str_t header_of(str_t letter, str_t name)
{
	for (str_t rest = letter; rest.n;) {
		str_t line = str_cut(&rest, '\n');
		if (str_starts(line, name))
			return str_trim(str_slice(line, name.n, line.n));
		if (!str_trim(line).n)
			break;
	}
	return S("");
}

/* The text part, as it reads: quoted-printable undone. */
static str_t text_of(arena_t *a, str_t letter)
{
	size_t at = str_find(letter, S("quoted-printable\r\n\r\n"), 0);
	str_t s = str_slice(letter, at == STR_NONE ? 0 : at + 20, letter.n);
	size_t end = str_find(s, S("\r\n--=_parts"), 0);
	s = str_slice(s, 0, end == STR_NONE ? s.n : end);
	struct buf b = buf_new(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char byte;
		size_t n;
		if (s.p[i] == '=' && i + 2 < s.n && s.p[i + 1] == '\r') {
			i += 2;
		} else if (s.p[i] == '=' && i + 2 < s.n &&
			   sodium_hex2bin(&byte, 1, s.p + i + 1, 2, NULL, &n, NULL) == 0 && n == 1) {
			buf_add_char(&b, (char)byte);
			i += 2;
		} else if (s.p[i] != '\r') {
			buf_add_char(&b, s.p[i]);
		}
	}
	return buf_str(&b);
}

/* Addresses in it become links: one line each stands by itself. */
static json_t *lines_of(str_t text)
{
	json_t *all = json_array();
	while (text.p) {
		str_t line = str_cut(&text, '\n');
		bool link = str_starts(line, S("http://")) || str_starts(line, S("https://"));
		json_array_append_new(all, json_pack("{s:o, s:b}", "text", json_text(line), "link", link));
	}
	return all;
}

static err_t outbox_fill(struct stet *s, struct view *v, void *ctx)
{
	char *folder = path_join(v->a, s->folder, "outbox");
	struct strs names = { 0 };
	json_t *letters = json_array();
	(void)ctx;
	json_object_set_new(v->json, "letters", letters);
	list_names(v->a, folder, &names);
	for (size_t i = 0; i < names.n && i < LETTERS_SHOWN; i++) {
		str_t bytes;
		TRY(file_read(v->a, path_join(v->a, folder, str_z(v->a, names.v[i])), LETTER_BYTES, &bytes));
		str_t id = str_slice(names.v[i], 0, names.v[i].n - 4);
		json_array_append_new(letters, json_pack("{s:o, s:o, s:o, s:o}", "id", json_text(id), "to",
			json_text(header_of(bytes, S("To:"))), "date",
			json_text(header_of(bytes, S("Date:"))), "lines",
			lines_of(text_of(v->a, bytes))));
	}
	return OK;
}

static err_t outbox_page(struct stet *s, struct request *q, struct response *r)
{
	if (!letters_are_kept(s))
		return err_new(ERR_MISSING, "there is no such page");
	struct form f = { .template = "outbox", .title = "outbox.title", .fill = outbox_fill };
	return form_page(s, q, r, &f);
}

static err_t outbox_letter(struct stet *s, struct request *q, struct response *r)
{
	id64 id;
	if (!letters_are_kept(s) || !id_parse(params_get(&q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such letter");
	char *name = str_z(q->a, str_format(q->a, "%s/outbox/%.*s.eml", s->folder, STR(id_text(q->a, id))));
	TRY(file_read(q->a, name, LETTER_BYTES, &r->body));
	response_header(q, r, "Content-Type", S("text/plain; charset=utf-8"));
	response_header(q, r, "Cache-Control", S("no-store"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	return OK;
}

const struct route outbox_routes[] = {
	{ GET, "/dev/mail", outbox_page },
	{ GET, "/dev/mail/:id", outbox_letter },
	{ 0 },
};
