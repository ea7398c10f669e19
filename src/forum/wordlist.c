/* wordlist.c: see wordlist.h. The automaton of Aho and Corasick ("Efficient string matching", 1975), over
 * letters without their runs: "moooron" walks the way of "moron". Where it arrives, the runs are compared,
 * and whether the word begins and ends there.
 *
 * The nodes stand breadth first, so the children of one are neighbours, by letter:
 *
 *	root | b m | a o | d r | o* ...
 *
 * A node is 16 bytes. The words are sorted, and a node is a range of them: those that share its letters. */
#include "forum/wordlist.h"

#include <stdlib.h>

static const char *const list_names[] = { [WORDS_BANNED] = "banned", [WORDS_SUSPECT] = "suspect" };

enum word_flags { OPEN_LEFT = 1, OPEN_RIGHT = 2, SUSPECT = 4 };

struct node {
	uint32_t first;  /* child */
	uint32_t fail;   /* where to go on when no child fits */
	uint32_t out;    /* 1 + the first word that ends here, or at a node it fails to; 0: none */
	uint16_t symbol; /* the letter that leads here */
	uint16_t n;      /* children */
};

struct word {
	uint32_t listed, line; /* where its text stands, and in which line it stood */
	uint32_t runs;         /* where those of its letters stand */
	uint32_t next;         /* 1 + another word that ends where this does; 0: none */
	uint16_t listed_n;
	uint8_t  n;            /* letters */
	uint8_t  flags;
};

struct words {
	arena_t     *a;
	struct node *nodes;
	struct word *words;
	char        *listed;
	uint8_t     *runs;
	uint32_t    *letters;    /* of all words, sorted; the symbol of letters[i] is i + 1 */
	uint32_t    *root;       /* the child of the root for each symbol, or 0 */
	size_t       nletters;
	uint16_t     ascii[128]; /* symbols */
	size_t       count[WORD_LISTS];
};

/* --- reading a list --- */

struct entry {
	struct fold_unit *v;
	size_t            n;
	str_t             listed;
	uint32_t          line;
	uint8_t           flags;
};

struct entries {
	struct entry *v;
	size_t        n, letters, bytes;
};

/* The word between the stars. */
static err_t stars(enum word_list list, uint32_t line, str_t *word, uint8_t *flags)
{
	if (str_starts(*word, S("*"))) {
		*flags |= OPEN_LEFT;
		*word = str_slice(*word, 1, word->n);
	}
	if (str_ends(*word, S("*"))) {
		*flags |= OPEN_RIGHT;
		*word = str_slice(*word, 0, word->n - 1);
	}
	if (str_find_char(*word, '*', 0) != STR_NONE)
		return err_user(ERR_INPUT, list_names[list], "line %u: a * stands at the beginning or the end of a "
				"word, not within", line);
	return OK;
}

static err_t entry_read(struct folder *f, arena_t *a, enum word_list list, uint32_t line, str_t said, struct entry *out)
{
	const char *field = list_names[list];
	struct fold_reading r;
	str_t word = said;
	*out = (struct entry){ .listed = said, .line = line, .flags = list == WORDS_SUSPECT ? SUSPECT : 0 };
	if (!str_is_utf8(said, NULL))
		return err_user(ERR_INPUT, field, "line %u is not UTF-8", line);
	if (str_runes(said) > WORD_LETTERS)
		return err_user(ERR_INPUT, field, "line %u: a word or phrase has at most %d characters", line,
				WORD_LETTERS);
	TRY(stars(list, line, &word, &out->flags));
	fold_listed(f, a, word, &r);
	if (!r.n)
		return err_user(ERR_INPUT, field, "line %u: \"%.*s\" has no letter to look for", line, STR(said));
	if (r.n > UINT8_MAX)
		return err_user(ERR_INPUT, field, "line %u: \"%.*s\" is too long", line, STR(said));
	if (r.n == 1 && (out->flags & (OPEN_LEFT | OPEN_RIGHT)) && r.v[0].kind != FOLD_FREE && r.v[0].run < 3)
		return err_user(ERR_INPUT, field, "line %u: \"%.*s\" would be found in nearly every text", line,
				STR(said));
	out->v = r.v;
	out->n = r.n;
	return OK;
}

static err_t list_read(struct folder *f, arena_t *a, enum word_list list, str_t text, struct entries *out)
{
	uint32_t line = 0, most = (uint32_t)out->n + WORDS_MOST;
	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_slice(text, 3, text.n);
	while (text.p) {
		str_t said = str_trim(str_cut(&text, '\n'));
		line++;
		if (!said.n || said.p[0] == '#')
			continue;
		if (out->n == most)
			return err_user(ERR_TOO_LARGE, list_names[list], "line %u: a list has at most %d words", line,
					WORDS_MOST);
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		struct entry *e = &out->v[out->n];
		TRY(entry_read(f, a, list, line, said, e));
		out->letters += e->n;
		out->bytes += e->listed.n;
		out->n++;
	}
	return OK;
}

static int by_letters(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (a->v[i].letter != b->v[i].letter)
			return a->v[i].letter < b->v[i].letter ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	if ((a->flags & SUSPECT) != (b->flags & SUSPECT))
		return a->flags & SUSPECT ? 1 : -1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* --- letters to symbols --- */

static int by_value(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return (a > b) - (a < b);
}

static uint16_t symbol_of(const struct words *w, uint32_t letter)
{
	if (letter < COUNT(w->ascii))
		return w->ascii[letter];
	size_t low = 0, high = w->nletters;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (w->letters[middle] < letter)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->nletters && w->letters[low] == letter ? (uint16_t)(low + 1) : 0;
}

static err_t alphabet(struct words *w, arena_t *a, const struct entries *e)
{
	uint32_t *all = arena_array(a, e->letters + 1, sizeof *all);
	size_t n = 0, distinct = 0;
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k < e->v[i].n; k++)
			all[n++] = e->v[i].v[k].letter;
	qsort(all, n, sizeof *all, by_value);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || all[i] != all[i - 1])
			all[distinct++] = all[i];
	if (distinct >= UINT16_MAX)
		return err_user(ERR_TOO_LARGE, "banned", "the lists have more than %d different letters", UINT16_MAX - 1);
	w->letters = arena_array(w->a, distinct + 1, sizeof *all);
	memcpy(w->letters, all, distinct * sizeof *all);
	w->nletters = distinct;
	for (size_t i = 0; i < distinct && all[i] < COUNT(w->ascii); i++)
		w->ascii[all[i]] = (uint16_t)(i + 1);
	return OK;
}

/* --- building --- */

static uint32_t child(const struct words *w, uint32_t at, uint16_t symbol)
{
	if (at == 0)
		return w->root[symbol];
	const struct node *n = &w->nodes[at];
	uint32_t low = n->first, high = low + n->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (w->nodes[middle].symbol < symbol)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n->first + n->n && w->nodes[low].symbol == symbol ? low : 0;
}

static uint32_t step(const struct words *w, uint32_t at, uint16_t symbol)
{
	for (;;) {
		uint32_t to = child(w, at, symbol);
		if (to || at == 0)
			return to;
		at = w->nodes[at].fail;
	}
}

static size_t shared(const struct entry *x, const struct entry *y)
{
	size_t n = 0;
	while (n < x->n && n < y->n && x->v[n].letter == y->v[n].letter)
		n++;
	return n;
}

static size_t count_nodes(const struct entries *e)
{
	size_t n = 1;
	for (size_t i = 0; i < e->n; i++)
		n += e->v[i].n - (i ? shared(&e->v[i - 1], &e->v[i]) : 0);
	return n;
}

/* The words below each node, and how many letters lead to it. */
struct range {
	uint32_t low, high, depth;
};

/* Chains the words that end at `at`; `low` is the first that goes on. */
static uint32_t endings(struct words *w, const struct entries *e, uint32_t at, const struct range *r)
{
	struct node *n = &w->nodes[at];
	uint32_t low = r->low, after = at ? w->nodes[n->fail].out : 0;
	while (low < r->high && e->v[low].n == r->depth)
		low++;
	n->out = low > r->low ? r->low + 1 : after;
	for (uint32_t i = r->low; i < low; i++)
		w->words[i].next = i + 1 < low ? i + 2 : after;
	return low;
}

static void grow(struct words *w, arena_t *a, const struct entries *e, size_t nodes)
{
	struct range *ranges = arena_array(a, nodes, sizeof *ranges);
	uint32_t made = 1;
	ranges[0] = (struct range){ 0, (uint32_t)e->n, 0 };
	for (uint32_t at = 0; at < made; at++) {
		struct range r = ranges[at];
		uint32_t low = endings(w, e, at, &r);
		w->nodes[at].first = made;
		while (low < r.high) {
			uint32_t letter = e->v[low].v[r.depth].letter, from = low;
			uint16_t symbol = symbol_of(w, letter);
			while (low < r.high && e->v[low].v[r.depth].letter == letter)
				low++;
			w->nodes[made].symbol = symbol;
			w->nodes[made].fail = at ? step(w, w->nodes[at].fail, symbol) : 0;
			w->nodes[at].n++;
			ranges[made] = (struct range){ from, low, r.depth + 1 };
			if (at == 0)
				w->root[symbol] = made;
			made++;
		}
	}
}

static void keep_words(struct words *w, const struct entries *e)
{
	uint32_t listed = 0, runs = 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct entry *x = &e->v[i];
		w->words[i] = (struct word){ .listed = listed, .line = x->line, .runs = runs,
					     .listed_n = (uint16_t)x->listed.n, .n = (uint8_t)x->n, .flags = x->flags };
		memcpy(w->listed + listed, x->listed.p, x->listed.n);
		listed += (uint32_t)x->listed.n;
		for (size_t k = 0; k < x->n; k++)
			w->runs[runs++] = (uint8_t)(x->v[k].run < UINT8_MAX ? x->v[k].run : UINT8_MAX);
		w->count[x->flags & SUSPECT ? WORDS_SUSPECT : WORDS_BANNED]++;
	}
}

static err_t build(struct words *w, struct folder *f, arena_t *a, const str_t lists[WORD_LISTS])
{
	struct entries e = { 0 };
	for (int i = 0; i < WORD_LISTS; i++)
		TRY(list_read(f, a, (enum word_list)i, lists[i], &e));
	if (e.n)
		qsort(e.v, e.n, sizeof *e.v, by_letters);
	TRY(alphabet(w, a, &e));
	size_t nodes = count_nodes(&e);
	w->nodes = arena_array(w->a, nodes, sizeof *w->nodes);
	w->words = arena_array(w->a, e.n + 1, sizeof *w->words);
	w->listed = arena_alloc(w->a, e.bytes + 1);
	w->runs = arena_alloc(w->a, e.letters + 1);
	w->root = arena_array(w->a, w->nletters + 1, sizeof *w->root);
	keep_words(w, &e);
	grow(w, a, &e, nodes);
	return OK;
}

err_t words_new(struct folder *f, const str_t lists[WORD_LISTS], struct words **out)
{
	struct oom_guard guard, kept;
	struct words *w = calloc(1, sizeof *w);
	arena_t *a = arena_create(0);
	err_t e = OK;
	if (!w || !a || !(w->a = arena_create(0)) || arena_guard(a, &guard) || arena_guard(w->a, &kept)) {
		e = err_new(ERR_MEMORY, "out of memory while reading the lists of words");
	} else {
		e = build(w, f, a, lists);
		arena_unguard(w->a, &kept);
		arena_unguard(a, &guard);
	}
	arena_free(a);
	if (e)
		words_free(w);
	else
		*out = w;
	return e;
}

void words_free(struct words *w)
{
	if (!w)
		return;
	arena_free(w->a);
	free(w);
}

/* --- finding --- */

/* May a word begin at v[at], as far as what stands before it goes? */
static bool begins(const struct fold_reading *r, size_t at)
{
	if (at == 0 || r->spelled || r->v[at].kind == FOLD_FREE)
		return true;
	uint8_t before = r->v[at - 1].kind;
	return before == FOLD_GAP || before == FOLD_FREE || (before == FOLD_DIGIT && r->v[at].kind == FOLD_LETTER);
}

static bool ends(const struct fold_reading *r, size_t at)
{
	if (at + 1 == r->n || r->spelled || r->v[at].kind == FOLD_FREE)
		return true;
	uint8_t after = r->v[at + 1].kind;
	return after == FOLD_GAP || after == FOLD_FREE || (after == FOLD_DIGIT && r->v[at].kind == FOLD_LETTER);
}

/* Letters are drawn out, not digits in a number. */
static bool run_fits(const struct fold_unit *u, uint8_t listed, bool open)
{
	bool number = u->letter >= '0' && u->letter <= '9';
	return u->run == listed || (u->run > listed && (open || (u->run >= 3 && !number)));
}

static bool fits(const struct words *w, const struct word *x, const struct fold_reading *r, size_t end)
{
	size_t from = end + 1 - x->n;
	bool left = x->flags & OPEN_LEFT, right = x->flags & OPEN_RIGHT;
	if ((!left && !begins(r, from)) || (!right && !ends(r, end)))
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!run_fits(&r->v[from + i], w->runs[x->runs + i], (left && i == 0) || (right && i + 1u == x->n)))
			return false;
	return true;
}

static void report(const struct words *w, const struct word *x, const struct fold_reading *r, size_t end,
		   struct word_hits *out)
{
	struct word_hit h = { x->flags & SUSPECT ? WORDS_SUSPECT : WORDS_BANNED,
			      str_from(w->listed + x->listed, x->listed_n), x->line,
			      r->v[end + 1 - x->n].from, r->v[end].till };
	size_t at = 0;
	while (at < out->n && out->v[at].from <= h.from) {
		const struct word_hit *o = &out->v[at++];
		if (o->from == h.from && o->line == h.line && o->list == h.list)
			return; /* seen in another reading */
	}
	if (out->n == WORD_HITS_MOST) {
		out->more = true;
		return;
	}
	memmove(out->v + at + 1, out->v + at, (out->n - at) * sizeof h);
	out->v[at] = h;
	out->n++;
}

static void find(const struct words *w, const struct fold_reading *r, struct word_hits *out)
{
	uint32_t at = 0;
	for (size_t i = 0; i < r->n && !out->more; i++) {
		uint16_t symbol = symbol_of(w, r->v[i].letter);
		at = symbol ? step(w, at, symbol) : 0;
		for (uint32_t x = w->nodes[at].out; x; x = w->words[x - 1].next)
			if (fits(w, &w->words[x - 1], r, i))
				report(w, &w->words[x - 1], r, i, out);
	}
}

void words_find(const struct words *w, arena_t *a, const struct folded *text, struct word_hits *out)
{
	*out = (struct word_hits){ .v = arena_array(a, WORD_HITS_MOST, sizeof *out->v) };
	for (size_t i = 0; i < text->readings && !out->more; i++)
		find(w, &text->reading[i], out);
}

size_t words_count(const struct words *w, enum word_list list)
{
	return w->count[list];
}

size_t words_bytes(const struct words *w)
{
	return sizeof *w + arena_size(w->a);
}
