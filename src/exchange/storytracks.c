/* storytracks.c: see storytracks.h. */
#include "exchange/storytracks.h"

#include "base/file.h"
#include "page/markdown_lines.h"
#include "press/vtt.h"

enum { VTT_MOST = 5 << 20 };

static str_t word(str_t *rest)
{
	str_t s = str_trim(*rest);
	size_t end = 0;
	while (end < s.n && s.p[end] != ' ' && s.p[end] != '\t')
		end++;
	*rest = str_trim(str_slice(s, end, s.n));
	return str_slice(s, 0, end);
}

/* "ferry.webm" of ":::video ferry.webm"; empty for other blocks and for the end of one. */
static str_t recording_of(str_t line)
{
	str_t rest = str_slice(line, 3, line.n), kind = word(&rest);
	return str_eq(kind, S("video")) || str_eq(kind, S("audio")) ? word(&rest) : S("");
}

static bool is_track(str_t line, enum track_kind *kind, str_t *value)
{
	*value = line;
	return track_kind_parse(str_trim(str_cut(value, ':')), kind) && value->p;
}

static err_t read_track(const struct story_tracks *x, arena_t *a, str_t name, str_t *text)
{
	struct media m;
	if (str_starts(name, S("/media/"))) {
		TRY(x->recording(x->ctx, name, &m));
		str_t path = str_format(a, "%s/media/%.*s/original", x->s->folder, STR(m.hash));
		return file_read(a, str_z(a, path), VTT_MOST, text);
	}
	if (!x->folder || str_find(name, S(".."), 0) != STR_NONE || str_starts(name, S("/")))
		return err_user(ERR_INPUT, "captions", "\"%.*s\" must be a file below the story's folder, "
				"or an address under /media/", STR(name));
	return file_read(a, path_join(a, x->folder, str_z(a, name)), VTT_MOST, text);
}

/* A folder may be brought in again and again. */
static err_t is_there(const struct story_tracks *x, arena_t *a, const struct media *m,
		      const struct media_track *t, str_t text, bool *out)
{
	struct media_tracks all;
	struct conn *c;
	str_t was, now;
	*out = false;
	TRY(vtt_take_in(a, text, &now));
	TRY(store_reader(x->s->store, &c));
	err_t e = media_tracks(c, a, m, &all);
	for (size_t i = 0; !e && i < all.n; i++) {
		const struct media_track *one = &all.v[i];
		if (one->kind != t->kind || !str_eq(one->language, t->language) ||
		    !str_eq(one->label, t->label.n ? t->label : t->language))
			continue;
		e = media_track_text(c, a, one->id, &was);
		*out = !e && str_eq(was, now);
	}
	store_done(x->s->store, c);
	return e;
}

static err_t give(const struct story_tracks *x, arena_t *a, str_t recording, enum track_kind kind,
		  str_t value)
{
	struct media m;
	struct media_track t = { .kind = kind };
	str_t text, name = word(&value);
	bool there;
	t.language = word(&value);
	t.label = value;
	if (!t.language.n)
		t.language = x->language;
	TRY(x->recording(x->ctx, recording, &m));
	TRY(read_track(x, a, name, &text));
	TRY(err_wrap(is_there(x, a, &m, &t, text, &there), "%.*s", STR(name)));
	return there ? OK : err_wrap(media_track_save(x->s, a, &m, &t, text, x->actor), "%.*s", STR(name));
}

err_t story_tracks_give(const struct story_tracks *x, arena_t *a, str_t markdown, str_t *out)
{
	struct markdown_lines l = { .text = markdown };
	struct buf b = buf_new(a, markdown.n + 1);
	str_t recording = S(""), value;
	enum track_kind kind;
	for (size_t from = 0; markdown_line(&l); from = l.at) {
		str_t line = l.code ? S("") : markdown_flush_left(l.line);
		if (str_starts(line, S(":::")))
			recording = recording_of(line);
		if (recording.n && is_track(line, &kind, &value))
			TRY(err_wrap(give(x, a, recording, kind, value), "line %d", l.number));
		else
			buf_add(&b, str_slice(markdown, from, l.at));
	}
	*out = buf_str(&b);
	return OK;
}
