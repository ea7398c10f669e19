/* corrections_page.c: everything that was wrong, newest first: corrections, clarifications, withdrawals;
 * as a page grouped by day, and as feeds. Each kind is one range of an index, merged. */
#include "press/corrections.h"
#include "press/feeds.h"
#include "press/pages.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

enum { PAGE = 30 };

/* One line of the page. */
struct note {
	struct correction k;          /* of a withdrawal: .id, .made, and the reason as .text */
	bool              withdrawal;
	usec_t            restored;   /* 0: not */
	struct card       story;      /* a line */
};

struct notes {
	struct note *v;
	size_t       n;
	bool         more;
};

static const struct sql select_notes = {
	"WITH noted AS (SELECT * FROM (SELECT id, made, kind, serious, text, was_wrong, is_right, story, "
	"0 AS restored FROM correction WHERE (made, id) < ($1, $2) "
	"ORDER BY made DESC, id DESC LIMIT $3) AS k UNION ALL "
	"SELECT * FROM (SELECT id, made, 'withdrawal', 0, why, '', '', story, coalesce(restored, 0) "
	"FROM withdrawal WHERE (made, id) < ($1, $2) ORDER BY made DESC, id DESC LIMIT $3) AS w) "
	"SELECT n.id, n.made, n.kind, n.serious, n.text, n.was_wrong, n.is_right, n.restored, "
	"s.id, s.kind, s.slug, c.slug, s.headline, s.language "
	"FROM noted n JOIN story s ON s.id = n.story LEFT JOIN section c ON c.id = s.section "
	"ORDER BY n.made DESC, n.id DESC LIMIT $3"
};

static void row_note(const struct rows *r, arena_t *a, struct note *out)
{
	str_t kind = row_str(r, a, 2);
	*out = (struct note){
		.k = { .id = row_int(r, 0), .made = row_int(r, 1), .serious = row_int(r, 3) != 0,
		       .text = row_str(r, a, 4), .wrong = row_str(r, a, 5),
		       .right = row_str(r, a, 6) },
		.withdrawal = !correction_kind_parse(kind, &out->k.kind),
		.restored = row_int(r, 7),
		.story = { .id = row_int(r, 8), .slug = row_str(r, a, 10),
			   .section.slug = row_str(r, a, 11), .headline = row_str(r, a, 12),
			   .language = row_str(r, a, 13) },
	};
	correction_kind_parse(kind, &out->k.kind);
	if (str_eq(row_str(r, a, 9), S("page")))
		out->story.kind = STATIC_PAGE;
}

static err_t load_notes(struct conn *c, arena_t *a, struct list_key after, size_t limit,
			struct notes *out)
{
	bool newest = !after.published && !after.id;
	*out = (struct notes){ 0 };
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_notes,
		     ARGS(v_int(newest ? INT64_MAX : after.published),
			  v_int(newest ? INT64_MAX : after.id), v_int((int64_t)limit + 1)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		if (out->n == limit) {
			out->more = true;
			break;
		}
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		row_note(&r, a, &out->v[out->n++]);
	}
	return e;
}

/* The key of what follows these; empty if nothing does. */
static str_t older_key(arena_t *a, const struct notes *notes)
{
	if (!notes->more)
		return S("");
	const struct correction *last = &notes->v[notes->n - 1].k;
	return list_key_text(a, &(struct card){ .published = last->made, .id = last->id });
}

/* --- the page --- */

static json_t *note_view(struct view *v, const struct note *n)
{
	json_t *j = json_object();
	json_object_set_new(j, "date", view_date(v, n->k.made));
	json_object_set_new(j, "story", view_line(v, &n->story));
	json_object_set_new(j, "withdrawal", json_boolean(n->withdrawal));
	json_object_set_new(j, "serious", json_boolean(n->k.serious));
	json_object_set_new(j, "clarification",
			    json_boolean(!n->withdrawal && n->k.kind == CLARIFICATION));
	json_object_set_new(j, "correction", json_boolean(!n->withdrawal && n->k.kind == CORRECTION));
	view_set_text(j, "text", n->withdrawal ? S("") : correction_html(v, &n->k));
	view_set_text(j, "reason", n->withdrawal ? n->k.text : S(""));
	view_set_text(j, "wrong", n->k.wrong);
	view_set_text(j, "right", n->k.right);
	str_t restored = S("");
	if (n->restored) {
		const struct message_value day = {
			"day", messages_date(v->a, v->tongue, "date.day", n->restored) };
		restored = say_with(v, "withdrawal.restored", &day, 1);
	}
	view_set_text(j, "restored", restored);
	return j;
}

/* Days of the publication's zone, each with what was noted on it. */
static json_t *days_view(struct view *v, const struct notes *notes)
{
	json_t *days = json_array(), *items = NULL;
	struct time_parts last = { 0 };
	for (size_t i = 0; i < notes->n; i++) {
		struct time_parts p = time_parts(notes->v[i].k.made);
		if (!items || p.day != last.day || p.month != last.month || p.year != last.year) {
			json_t *day = json_object();
			items = json_array();
			json_object_set_new(day, "date", view_date(v, notes->v[i].k.made));
			json_object_set_new(day, "items", items);
			json_array_append_new(days, day);
			last = p;
		}
		json_array_append_new(items, note_view(v, &notes->v[i]));
	}
	return days;
}

static err_t corrections_view(struct stet *s, struct view *v)
{
	struct list_key key;
	struct notes notes;
	str_t title = say(v, "corrections.title"), path = S("/corrections");
	TRY(list_key_asked(v->q, &key));
	TRY(load_notes(v->c, v->a, key, PAGE, &notes));
	if (key.id && !notes.n)
		return err_new(ERR_MISSING, "there is no such page of the corrections");
	view_head(s, v, &(struct page_head){
		.kind = "corrections", .title = title, .description = say(v, "corrections.about"),
		.path = path, .feed = path, .feed_name = title });
	json_object_set_new(v->json, "url", view_text(path));
	json_object_set_new(v->json, "days", days_view(v, &notes));
	str_t older = older_key(v->a, &notes);
	view_set_text(v->json, "older",
		      older.n ? str_format(v->a, "%.*s?before=%.*s", STR(path), STR(older)) : S(""));
	view_set_text(v->json, "newest", key.id ? path : S(""));
	for (size_t i = 0; i < notes.n; i++) /* a headline or address may change */
		strs_add(v->a, &v->topics, topic_story(v->a, notes.v[i].story.id));
	strs_add(v->a, &v->topics, topic_corrections());
	v->template = "corrections";
	return OK;
}

/* --- feeds --- */

static str_t escaped(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n + 16);
	buf_add_html(&b, text);
	return buf_str(&b);
}

static err_t add_entry(struct stet *s, struct view *v, struct feed *f, const struct note *n)
{
	const char *kind = n->withdrawal ? "withdrawal.label"
			   : n->k.kind == CLARIFICATION ? "story.clarification" : "story.correction";
	arena_t *a = v->a;
	str_t url = view_absolute(s, a, card_path(a, &n->story));
	str_t html = n->withdrawal ? escaped(a, n->k.text) : correction_html(v, &n->k);
	struct feed_entry *e = feed_add(a, f);
	e->id = str_format(a, "urn:stet:correction:%.*s", STR(id_text(a, n->k.id)));
	e->url = n->withdrawal ? url : str_format(a, "%.*s#corrections", STR(url));
	e->title = str_format(a, "%.*s: %.*s", STR(say(v, kind)), STR(n->story.headline));
	e->summary = clean_text(a, html);
	e->published = n->k.made;
	e->updated = n->restored ? n->restored : n->k.made;
	return feed_html(s, v, str_format(a, "<p>%.*s</p>", STR(html)), &e->html);
}

static err_t corrections_feed(struct stet *s, struct view *v)
{
	struct feed f;
	struct list_key key;
	struct notes notes;
	TRY(list_key_asked(v->q, &key));
	TRY(load_notes(v->c, v->a, key, FEED_ENTRIES, &notes));
	feed_begin(s, v, &f, str_format(v->a, "%.*s: %.*s", STR(s->config.name),
					STR(say(v, "corrections.title"))), S("/corrections"));
	f.about = say(v, "corrections.about");
	feed_pages(v, &f, older_key(v->a, &notes), !key.id);
	for (size_t i = 0; i < notes.n; i++) {
		TRY(add_entry(s, v, &f, &notes.v[i]));
		strs_add(v->a, &v->topics, topic_story(v->a, notes.v[i].story.id));
	}
	strs_add(v->a, &v->topics, topic_corrections());
	return feed_write(v, &f);
}

static err_t page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, corrections_view);
}

static err_t feed(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, corrections_feed);
}

const struct route corrections_routes[] = {
	{ GET, "/corrections", page },
	{ GET, "/corrections.json", page },
	{ GET, "/corrections/rss.xml", feed },
	{ GET, "/corrections/atom.xml", feed },
	{ GET, "/corrections/feed.json", feed },
	{ METHOD_OTHER, NULL, NULL },
};
