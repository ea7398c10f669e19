/* media.c: `stet media ...`: pictures, recordings and files from the command line. */
#include "cli/cli.h"

#include "base/file.h"
#include "press/media.h"
#include "press/media_keep.h"
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

static const str_t actor = { "cli", 3 };

/* --- results --- */

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* "1:02:03" */
static str_t length_of(arena_t *a, usec_t t)
{
	int64_t s = t / SECOND;
	if (s < 3600)
		return str_format(a, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60));
	return str_format(a, "%lld:%02lld:%02lld", (long long)(s / 3600), (long long)(s / 60 % 60),
			  (long long)(s % 60));
}

static str_t facts_of(arena_t *a, const struct media *m)
{
	struct buf b = buf_new(a, 128);
	buf_add_format(&b, "%.*s (%.*s)", STR(media_kind_name(m->kind)), STR(m->format));
	if (m->width)
		buf_add_format(&b, ", %d x %d", m->width, m->height);
	if (m->duration)
		buf_add_format(&b, ", %.*s", STR(length_of(a, m->duration)));
	buf_add_format(&b, ", %lld KB", (long long)((m->bytes + 1023) / 1024));
	return buf_str(&b);
}

static json_t *media_json(arena_t *a, const struct media *m)
{
	json_t *j = json_object();
	json_object_set_new(j, "hash", text(m->hash));
	json_object_set_new(j, "kind", text(media_kind_name(m->kind)));
	json_object_set_new(j, "format", text(m->format));
	json_object_set_new(j, "width", json_integer(m->width));
	json_object_set_new(j, "height", json_integer(m->height));
	json_object_set_new(j, "duration", json_real((double)m->duration / (double)SECOND));
	json_object_set_new(j, "bytes", json_integer(m->bytes));
	json_object_set_new(j, "name", text(m->name));
	json_object_set_new(j, "alt", text(m->alt));
	json_object_set_new(j, "caption", text(m->caption));
	json_object_set_new(j, "credit", text(m->credit));
	json_object_set_new(j, "creator", text(m->creator));
	json_object_set_new(j, "copyright", text(m->copyright));
	json_object_set_new(j, "licence", text(m->licence));
	json_object_set_new(j, "focus", json_pack("[i,i]", m->focus_x, m->focus_y));
	if (m->kind != PICTURE)
		json_object_set_new(j, "url", text(media_original_url(a, m)));
	return j;
}

/* --- finding --- */

struct finding {
	str_t              hash;
	struct media_whole whole;
};

static err_t find_whole(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	return media_whole(c, a, f->hash, &f->whole);
}

/* By its hash, or by an address of it. */
static err_t find(struct cli *cli, str_t name, struct media_whole *out)
{
	struct finding f = { .hash = name };
	size_t at = str_find(name, S("/media/"), 0);
	if (at != STR_NONE)
		f.hash = str_slice(name, at + 7, name.n);
	f.hash = str_slice(f.hash, 0, str_find_char(f.hash, '/', 0));
	err_t e = store_read(cli->stet.store, cli->a, find_whole, &f);
	*out = f.whole;
	return err_wrap(e, "\"%.*s\"", STR(name));
}

/* --- add, edit, focus --- */

static void take_words(const struct cli *cli, struct media *m)
{
	struct {
		const char *option;
		str_t      *at;
	} words[] = {
		{ "alt", &m->alt },         { "caption", &m->caption },
		{ "credit", &m->credit },   { "creator", &m->creator },
		{ "licence", &m->licence }, { "copyright", &m->copyright },
	};
	for (size_t i = 0; i < COUNT(words); i++)
		if (cli_has(cli, words[i].option))
			*words[i].at = cli_option(cli, words[i].option);
}

static err_t add_one(struct cli *cli, const char *path, json_t *all)
{
	const char *slash = strrchr(path, '/');
	struct media m = { 0 };
	take_words(cli, &m);
	struct media_draft d = { .name = str_of(slash ? slash + 1 : path), .path = path,
				 .alt = m.alt, .caption = m.caption, .credit = m.credit,
				 .creator = m.creator, .copyright = m.copyright,
				 .licence = m.licence };
	if (cli_has(cli, "name"))
		d.name = cli_option(cli, "name");
	TRY(media_add(&cli->stet, cli->a, &d, actor, &m));
	cli_say(cli, "/media/%.*s  %.*s  %s", STR(m.hash), STR(facts_of(cli->a, &m)), path);
	json_t *j = media_json(cli->a, &m);
	json_object_set_new(j, "file", json_string(path));
	json_array_append_new(all, j);
	return OK;
}

static err_t add(struct cli *cli)
{
	json_t *all = json_array();
	err_t e = cli_open(cli);
	for (size_t i = 0; !e && i < cli->args.n; i++)
		e = add_one(cli, cli_arg(cli, i), all);
	if (e)
		json_decref(all);
	else
		cli_result(cli, all);
	return e;
}

static err_t find_poster(struct cli *cli, struct media *m)
{
	struct media_whole poster;
	str_t name = cli_option(cli, "poster");
	if (!name.p)
		return OK;
	m->poster = 0;
	if (!name.n)
		return OK;
	TRY(find(cli, name, &poster));
	m->poster = poster.media.id;
	return OK;
}

static err_t edit(struct cli *cli)
{
	struct media_whole w;
	TRY(cli_open(cli));
	TRY(find(cli, cli->args.v[0], &w));
	take_words(cli, &w.media);
	TRY(find_poster(cli, &w.media));
	TRY(media_edit(&cli->stet, cli->a, &w.media, actor));
	cli_say(cli, "Saved what is said of \"%.*s\".", STR(w.media.name));
	cli_result(cli, media_json(cli->a, &w.media));
	return OK;
}

static err_t percent(const char *arg, int *out)
{
	int64_t n;
	str_t s = str_of(arg);
	if (str_ends(s, S("%")))
		s.n--;
	if (!str_int(s, &n) || n < 0 || n > 100)
		return err_user(ERR_INPUT, "focus", "\"%s\" is no whole number from 0 to 100 (percent)",
				arg);
	*out = (int)n;
	return OK;
}

static err_t focus(struct cli *cli)
{
	struct media_whole w;
	TRY(cli_open(cli));
	TRY(find(cli, cli->args.v[0], &w));
	if (w.media.kind != PICTURE)
		return err_user(ERR_INPUT, "media", "only pictures have a focus; this is a %.*s",
				STR(media_kind_name(w.media.kind)));
	TRY(percent(cli_arg(cli, 1), &w.media.focus_x));
	TRY(percent(cli_arg(cli, 2), &w.media.focus_y));
	TRY(media_edit(&cli->stet, cli->a, &w.media, actor));
	cli_say(cli, "\"%.*s\" is cut about %d%%, %d%% from now on.", STR(w.media.name),
		w.media.focus_x, w.media.focus_y);
	cli_result(cli, media_json(cli->a, &w.media));
	return OK;
}

/* --- tracks --- */

static err_t track_kind(const struct cli *cli, enum track_kind *out)
{
	str_t kind = cli_option(cli, "kind");
	*out = CAPTIONS;
	if (kind.p && !track_kind_parse(kind, out))
		return err_user(ERR_INPUT, "kind", "--kind is captions, subtitles, descriptions or "
				"chapters");
	return OK;
}

static err_t drop_track(struct cli *cli, const struct media_whole *w, const struct media_track *t)
{
	for (size_t i = 0; i < w->tracks.n; i++) {
		const struct media_track *there = &w->tracks.v[i];
		if (there->kind != t->kind || !str_eq(there->language, t->language))
			continue;
		TRY(media_track_remove(&cli->stet, cli->a, &w->media, there, actor));
		cli_say(cli, "Removed the %.*s in %.*s.", STR(track_kind_name(t->kind)),
			STR(t->language));
		return OK;
	}
	return err_new(ERR_MISSING, "\"%.*s\" has no %.*s in \"%.*s\"", STR(w->media.name),
		       STR(track_kind_name(t->kind)), STR(t->language));
}

static err_t track(struct cli *cli)
{
	enum { MOST = 5 << 20 };
	struct media_whole w;
	struct media_track t = { .language = cli_option(cli, "language"),
				 .label = cli_option(cli, "label") };
	str_t content;
	TRY(track_kind(cli, &t.kind));
	TRY(cli_open(cli));
	if (!t.language.p)
		t.language = cli->stet.config.language;
	TRY(find(cli, cli->args.v[0], &w));
	if (cli_has(cli, "remove"))
		return drop_track(cli, &w, &t);
	if (cli->args.n < 2)
		return err_new(ERR_USAGE, "name a file of WebVTT or SRT, or \"-\"");
	const char *path = cli_arg(cli, 1);
	if (strcmp(path, "-") == 0)
		TRY(file_read_open(cli->a, STDIN_FILENO, "standard input", MOST, &content));
	else
		TRY(file_read(cli->a, path, MOST, &content));
	TRY(err_wrap(media_track_save(&cli->stet, cli->a, &w.media, &t, content, actor), "%s", path));
	cli_say(cli, "\"%.*s\" has %.*s in %.*s.", STR(w.media.name), STR(track_kind_name(t.kind)),
		STR(t.language));
	cli_result(cli, json_pack("{s:s%, s:s%}", "kind", track_kind_name(t.kind).p,
				  track_kind_name(t.kind).n, "language", t.language.p, t.language.n));
	return OK;
}

/* --- show, list --- */

static void say_word(const struct cli *cli, const char *name, str_t word)
{
	if (word.n)
		cli_say(cli, "  %-10s %.*s", name, STR(word));
}

static json_t *tracks_json(const struct media_tracks *tracks)
{
	json_t *list = json_array();
	for (size_t i = 0; i < tracks->n; i++) {
		const struct media_track *t = &tracks->v[i];
		json_t *j = json_object();
		json_object_set_new(j, "kind", text(track_kind_name(t->kind)));
		json_object_set_new(j, "language", text(t->language));
		json_object_set_new(j, "label", text(t->label));
		json_object_set_new(j, "url", text(t->url));
		json_array_append_new(list, j);
	}
	return list;
}

static err_t show(struct cli *cli)
{
	struct media_whole w;
	TRY(cli_open(cli));
	TRY(find(cli, cli->args.v[0], &w));
	const struct media *m = &w.media;
	cli_say(cli, "/media/%.*s\n  %.*s: %.*s", STR(m->hash), STR(m->name),
		STR(facts_of(cli->a, m)));
	say_word(cli, "address", w.url);
	say_word(cli, "alt", m->alt);
	say_word(cli, "caption", m->caption);
	say_word(cli, "credit", m->credit);
	say_word(cli, "creator", m->creator);
	say_word(cli, "copyright", m->copyright);
	say_word(cli, "licence", m->licence);
	if (m->kind == PICTURE)
		cli_say(cli, "  %-10s %d%% %d%%", "focus", m->focus_x, m->focus_y);
	if (w.poster.id)
		cli_say(cli, "  %-10s /media/%.*s", "poster", STR(w.poster.hash));
	for (size_t i = 0; i < w.tracks.n; i++)
		cli_say(cli, "  %-10.*s %.*s (%.*s)", STR(track_kind_name(w.tracks.v[i].kind)),
			STR(w.tracks.v[i].language), STR(w.tracks.v[i].label));
	json_t *j = media_json(cli->a, m);
	json_object_set_new(j, "poster", w.poster.id ? text(w.poster.hash) : json_null());
	json_object_set_new(j, "tracks", tracks_json(&w.tracks));
	cli_result(cli, j);
	return OK;
}

static void list_one(void *ctx, const struct media *m)
{
	struct cli *cli = ((void **)ctx)[0];
	json_t *all = ((void **)ctx)[1];
	cli_say(cli, "/media/%.*s  %.*s  %.*s", STR(m->hash), STR(facts_of(cli->a, m)),
		STR(m->name));
	json_array_append_new(all, media_json(cli->a, m));
}

static err_t list(struct cli *cli)
{
	enum media_kind kind = PICTURE;
	str_t wanted = cli_option(cli, "kind");
	if (wanted.p && !media_kind_parse(wanted, &kind))
		return err_user(ERR_INPUT, "kind", "--kind is picture, video, audio or file");
	TRY(cli_open(cli));
	json_t *all = json_array();
	void *ctx[] = { cli, all };
	err_t e = media_each(&cli->stet, cli->a, wanted, list_one, ctx);
	if (e)
		json_decref(all);
	else
		cli_result(cli, all);
	return e;
}

/* --- check, prune --- */

static err_t check(struct cli *cli)
{
	struct strs findings = { 0 };
	TRY(cli_open(cli));
	TRY(media_check(&cli->stet, cli->a, MEDIA_EVERY_BYTE, &findings));
	json_t *all = json_array();
	for (size_t i = 0; i < findings.n; i++) {
		cli_say(cli, "- %.*s", STR(findings.v[i]));
		json_array_append_new(all, text(findings.v[i]));
	}
	if (!findings.n)
		cli_say(cli, "All is well: every original is there, whole and what it was.");
	cli_result(cli, json_pack("{s:o}", "findings", all));
	return findings.n ? err_new(ERR_CORRUPT, "%zu finding%s", findings.n,
				    findings.n == 1 ? "" : "s") : OK;
}

static json_t *removals_json(struct cli *cli, const struct media_removals *r)
{
	json_t *all = json_array();
	for (size_t i = 0; i < r->n; i++) {
		const struct media_removal *one = &r->v[i];
		cli_say(cli, "- %.*s (%lld KB)", STR(one->what), (long long)((one->bytes + 1023) / 1024));
		json_array_append_new(all, json_pack("{s:s%, s:I}", "what", one->what.p, one->what.n,
						     "bytes", (json_int_t)one->bytes));
	}
	return all;
}

static err_t prune(struct cli *cli)
{
	bool yes = cli_has(cli, "yes");
	struct media_removals r = { 0 };
	TRY(cli_open(cli));
	TRY(media_prune(&cli->stet, cli->a, cli_has(cli, "copies"),
			yes ? MEDIA_REMOVE : MEDIA_ONLY_SAY, actor, &r));
	json_t *all = removals_json(cli, &r);
	if (!r.n)
		cli_say(cli, "There is nothing to remove.");
	else
		cli_say(cli, yes ? "Freed %lld KB." : "This would free %lld KB; "
			"`stet media prune --yes` removes it.", (long long)((r.bytes + 1023) / 1024));
	cli_result(cli, json_pack("{s:o, s:I, s:b}", "removed", all, "bytes", (json_int_t)r.bytes,
				  "done", yes));
	return OK;
}

#define WORD_OPTIONS                                                                               \
	{ "alt", "TEXT", "what it shows, for those who do not see it" },                           \
	{ "caption", "HTML", "the line under it" },                                                \
	{ "credit", "TEXT", "who is to be named" },                                                \
	{ "creator", "TEXT", "who made it" },                                                      \
	{ "copyright", "TEXT", "who holds the rights" },                                           \
	{ "licence", "TEXT", "an address, or a name as \"CC BY 4.0\"" }

static const struct option add_options[] = {
	{ "name", "NAME", "the file's name, if not its own" },
	WORD_OPTIONS,
	{ NULL, NULL, NULL },
};
static const struct option edit_options[] = {
	WORD_OPTIONS,
	{ "poster", "MEDIA", "the picture that stands for a video; \"\": none" },
	{ NULL, NULL, NULL },
};
static const struct option track_options[] = {
	{ "language", "TAG", "as \"en\"; else the publication's" },
	{ "label", "TEXT", "its name in the player's menu" },
	{ "kind", "KIND", "captions (else), subtitles, descriptions or chapters" },
	{ "remove", NULL, "take the track away" },
	{ NULL, NULL, NULL },
};
static const struct option list_options[] = {
	{ "kind", "KIND", "picture, video, audio or file" },
	{ NULL, NULL, NULL },
};
static const struct option prune_options[] = {
	{ "copies", NULL, "also the copies of pictures, which are made again when asked for" },
	{ "yes", NULL, "remove; without it, only say what would be" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define HARBOUR "0123456789abcdef0123456789abcdef"

const struct verb verbs_media[] = {
	{ "media add", "FILE...", "take in pictures, recordings and files",
	  "Prints the address that a story's front matter or Markdown may name. What is not said\n"
	  "here is read from a picture's own metadata.",
	  EXAMPLES("stet media add harbour.jpg --credit \"A. Writer\"", "stet media add council.mp4"),
	  add_options, 1, -1, add },
	{ "media list", "", "list all that was taken in, newest first", NULL,
	  EXAMPLES("stet media list --kind video"), list_options, 0, 0, list },
	{ "media show", "MEDIA", "show all that is known of one", NULL,
	  EXAMPLES("stet media show /media/" HARBOUR), NULL, 1, 1, show },
	{ "media edit", "MEDIA", "change what is said of one", NULL,
	  EXAMPLES("stet media edit /media/" HARBOUR " --licence \"CC BY 4.0\""), edit_options, 1, 1,
	  edit },
	{ "media focus", "MEDIA X Y", "say where a picture's subject is, in percent",
	  "Cards and search engines are shown pictures cut to a shape; they are cut about this point.",
	  EXAMPLES("stet media focus /media/" HARBOUR " 30 20"), NULL, 3, 3, focus },
	{ "media track", "MEDIA [FILE]", "give a recording captions, from WebVTT or SRT", NULL,
	  EXAMPLES("stet media track /media/" HARBOUR " council.srt --language en --label English"),
	  track_options, 1, 2, track },
	{ "media check", "", "compare every original with what was taken in",
	  "Exit code 8 if there are findings.", EXAMPLES("stet media check"), NULL, 0, 0, check },
	{ "media prune", "", "find what nothing refers to, and remove it",
	  "Looks through every story and every revision. What came within the last day is kept.",
	  EXAMPLES("stet media prune", "stet media prune --copies --yes"), prune_options, 0, 0,
	  prune },
	{ 0 },
};
