/* serve.c: `stet serve`: puts the parts together, in the order of the floors, and runs them until told
 * to stop. Whatever was begun is ended in the opposite order. */
#include "cli/cli.h"

#include "base/file.h"
#include "forum/elsewhere.h"
#include "forum/follow.h"
#include "forum/moderation.h"
#include "forum/moderation_log.h"
#include "forum/judge.h"
#include "forum/pages.h"
#include "forum/question.h"
#include "forum/rules_page.h"
#include "forum/stream.h"
#include "http/control.h"
#include "http/handover.h"
#include "http/server.h"
#include "page/cache.h"
#include "page/site.h"
#include "page/theme.h"
#include "press/archive.h"
#include "press/corrections.h"
#include "press/feeds.h"
#include "press/history.h"
#include "press/announce.h"
#include "press/icons.h"
#include "press/known.h"
#include "press/live_stream.h"
#include "press/live_view.h"
#include "press/media.h"
#include "press/oembed.h"
#include "press/pages.h"
#include "press/plan.h"
#include "press/press.h"
#include "press/reading.h"
#include "press/reads.h"
#include "press/search.h"
#include "press/schedule.h"
#include "press/series.h"
#include "press/share.h"
#include "press/upload.h"
#include "press/view.h"
#include "readers/copy.h"
#include "readers/leaving.h"
#include "readers/letters.h"
#include "readers/pages.h"
#include "readers/tidy.h"
#include "record/act.h"
#include "record/bus.h"
#include "record/jobs.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Jobs are background work: one of each sort at a time leaves the machine to readers. */
enum { JOB_THREADS = 1, JOB_ATTEMPTS = 5 };

/* Other people's servers may be away for a quarter of an hour. */
enum { CALL_ATTEMPTS = 10 };

/* Work that takes its time has a runner of its own, so that what is due at a moment is done then. */
static const struct job_kind slow_kinds[] = {
	{ MEDIA_RENDER, media_render_job, JOB_ATTEMPTS, 10 * MINUTE },
	{ SEARCH_FILL, search_fill_job, JOB_ATTEMPTS, 10 * MINUTE },
	{ SEARCH_LIVE, search_live_job, JOB_ATTEMPTS, 10 * MINUTE },
	{ UPLOAD_EXPIRE, upload_expire_job, JOB_ATTEMPTS, MINUTE },
	{ COPY_MAKE, copy_make_job, JOB_ATTEMPTS, 10 * MINUTE },
	{ READER_GO, reader_go_job, CALL_ATTEMPTS, MINUTE },
	{ READERS_TIDY, readers_tidy_job, CALL_ATTEMPTS, 10 * MINUTE },
	{ NULL, NULL, 0, 0 },
};

/* Calls to other people's servers wait for those, and nothing of ours waits for them. */
static const struct job_kind call_kinds[] = {
	{ WEBSUB_PING, websub_ping_job, CALL_ATTEMPTS, MINUTE },
	{ INDEXNOW_TELL, indexnow_tell_job, CALL_ATTEMPTS, MINUTE },
	{ NULL, NULL, 0, 0 },
};

/* Somebody sits before an empty inbox. */
static const struct job_kind letter_kinds[] = {
	{ LETTER_SEND, letter_send_job, CALL_ATTEMPTS, 2 * MINUTE },
	{ NULL, NULL, 0, 0 },
};

static const struct job_kind job_kinds[] = {
	{ PLAN_TURN, plan_turn_job, JOB_ATTEMPTS, MINUTE },
	{ STORY_COME_OUT, story_come_out, JOB_ATTEMPTS, 20 * SECOND },
	{ FORUM_TURN, forum_turn_job, JOB_ATTEMPTS, 20 * SECOND },
	{ NULL, NULL, 0, 0 },
};

static const struct route *const routes[] = {
	press_routes,
	upload_routes,
	feed_routes,
	reads_routes,
	history_routes,
	search_routes,
	reading_routes,
	series_routes,
	corrections_routes,
	archive_routes,
	share_routes,
	known_routes,
	icons_routes,
	oembed_routes,
	live_routes,
	live_feed_routes,
	register_routes,
	sign_in_routes,
	mail_routes,
	account_routes,
	profile_routes,
	portrait_routes,
	reader_routes,
	ties_routes,
	passkey_routes,
	address_routes,
	copy_routes,
	leaving_routes,
	factor_routes,
	oidc_routes,
	staff_routes,
	outbox_routes,
	forum_routes,
	follow_routes,
	following_routes,
	forum_write_routes,
	forum_draft_routes,
	forum_report_routes,
	decision_routes,
	moderation_routes,
	moderation_reader_routes,
	rules_routes,
	embed_routes,
	words_routes,
	moderation_log_routes,
	notice_routes,
	held_routes,
	question_routes,
	forum_stream_routes,
	NULL,
};

/* What the forum adds to a story. */
static const struct press_given story_talk = { .talk = forum_story_part, .author = follow_author_part };

struct serving {
	struct cli        *cli;
	struct stet       *s;
	struct router     *router;
	struct control    *control;
	struct handover    handover;
	struct control_command commands[4];
	int                taken_fds[HANDOVER_MOST];
	size_t             ntaken;
	int                old;      /* conversation with the process before; -1: none */
	pthread_t          signals;
	bool               watching; /* the signal thread runs */
};

/* --- what the parts say to each other --- */

/* bus_fn: pages that show what changed are dropped. */
static void on_topics(void *ctx, const str_t *topics, size_t n, int64_t entry)
{
	struct stet *s = ctx;
	(void)entry;
	for (size_t i = 0; i < n; i++) {
		if (str_eq(topics[i], topic_site()))
			cache_drop_all(s->cache);
		else
			cache_drop(s->cache, topics[i]);
		/* Open pages of this reader look again who they are. */
		if (str_starts(topics[i], S("reader:")))
			server_event(s->server, topics[i], S("account"), S("{}"), 0);
	}
}

/* A page was shown. */
static void on_seen(struct stet *s, const struct request *q)
{
	reads_seen(s->reads, q);
}

/* control_command: another process has committed something. */
static err_t on_sync(void *ctx, int socket)
{
	struct stet *s = ctx;
	(void)socket;
	jobs_wake_all(s);
	return bus_catch_up(s->bus);
}

/* control_command: how the page cache does, as one line of JSON. */
static err_t on_status(void *ctx, int socket)
{
	struct stet *s = ctx;
	struct cache_figures f = cache_figures(s->cache);
	char line[256];
	snprintf(line, sizeof line,
		 "{\"pages\":%lld,\"bytes\":%lld,\"hits\":%lld,\"misses\":%lld,"
		 "\"waits\":%lld,\"dropped\":%lld,\"evicted\":%lld}",
		 (long long)f.pages, (long long)f.bytes, (long long)f.hits, (long long)f.misses,
		 (long long)f.waits, (long long)f.dropped, (long long)f.evicted);
	return control_write(socket, line);
}

static void on_taken(void *ctx)
{
	struct serving *v = ctx;
	log_line(&v->s->log, LOG_INFO, "serve", "another process has taken over; ending");
	server_stop(v->s->server);
}

static void *watch_signals(void *ctx)
{
	struct serving *v = ctx;
	sigset_t set;
	int signal;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	while (sigwait(&set, &signal) == 0) {
		if (signal == SIGUSR1)
			return NULL; /* ours: the server has ended */
		if (signal == SIGHUP) {
			err_t e = server_reload(v->s->server);
			log_line(&v->s->log, e ? LOG_ERROR : LOG_INFO, "serve", "%s",
				 e ? err_text(e) : "certificates were read anew");
			err_free(e);
			continue;
		}
		log_line(&v->s->log, LOG_INFO, "serve", "stopping");
		server_stop(v->s->server);
	}
	return NULL;
}

/* Before any thread is made, so that all inherit it. */
static void block_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of write(2), not our end */
}

/* --- beginning, floor by floor --- */

/* Files of the theme's folder that are not used, partials that nobody has. */
static void report_theme(struct serving *v)
{
	struct strs report = { 0 };
	theme_report(v->s->theme, v->cli->a, &report);
	for (size_t i = 0; i < report.n; i++)
		log_line(&v->s->log, LOG_WARN, "theme", "%.*s", STR(report.v[i]));
}

static err_t begin_page(struct serving *v)
{
	struct stet *s = v->s;
	const char *dev = cli_option(v->cli, "dev").p;
	s->development = dev != NULL;
	TRY(theme_new(&(struct theme_options){
		.chosen = cli_theme(v->cli, &s->config),
		.folder = dev ? dev : path_join(v->cli->a, v->cli->folder, "theme"),
		.mode = dev ? THEME_DEVELOPMENT : THEME_FIXED }, &s->theme));
	report_theme(v);
	TRY(cache_new((size_t)s->config.cache_mb << 20, &s->cache));
	TRY(router_new(routes, &v->router));
	TRY(reads_new(s, &s->reads));
	TRY(readers_new(&(struct readers_options){ .s = s, .bylines = press_bylines,
						    .portrait = press_portrait, .page = forum_reader_page,
						    .copy_parts = forum_copy_parts,
						    .unread = news_unread, .gone = forum_reader_gone, .tidy = forum_tidy,
						    .stopped = reader_stopped }, &s->readers));
	s->press = &story_talk;
	TRY(judge_new(s, &s->judge));
	return site_new(&(struct site_options){ .s = s, .router = v->router, .frame = press_frame,
						.reader = readers_frame,
						.signed_in = readers_signed_in,
						.moved = press_moved, .sink = upload_sink,
						.elsewhere = press_elsewhere,
						.seen = on_seen },
			&s->site);
}

/* The sockets of a server that runs already, if this one shall follow it. */
static err_t take_sockets(struct serving *v)
{
	char *path = path_join(v->cli->a, v->cli->folder, "run/control");
	err_t e = handover_take(path, v->taken_fds, &v->ntaken, &v->old);
	if (!e || e->code != ERR_MISSING || !cli_has(v->cli, "replace"))
		return e;
	err_free(e); /* nobody to follow: begin by oneself */
	return OK;
}

static err_t refuse_second(struct serving *v)
{
	char *path = path_join(v->cli->a, v->cli->folder, "run/control");
	int socket;
	err_t e = control_connect(path, &socket);
	if (e) {
		err_free(e);
		return OK;
	}
	close(socket);
	return err_new(ERR_CONFLICT, "this publication is being served already; "
		       "`stet serve --replace` takes over without refusing a connection");
}

static err_t begin_server(struct serving *v)
{
	struct stet *s = v->s;
	if (cli_has(v->cli, "replace"))
		TRY(take_sockets(v));
	else
		TRY(refuse_second(v));
	return server_new(&(struct server_options){
		.config = &s->config, .log = &s->log, .site = site_calls(s->site),
		.folder = v->cli->folder, .listeners = v->ntaken ? v->taken_fds : NULL,
		.nlisteners = v->ntaken }, &s->server);
}

static err_t begin_control(struct serving *v)
{
	char *run = path_join(v->cli->a, v->cli->folder, "run");
	TRY(folder_make(run));
	v->handover = (struct handover){ v->s->server, on_taken, v };
	v->commands[0] = (struct control_command){ CONTROL_SYNC, on_sync, v->s };
	v->commands[1] = (struct control_command){ HANDOVER_LINE, handover_offer, &v->handover };
	v->commands[2] = (struct control_command){ CONTROL_STATUS, on_status, v->s };
	return control_open(path_join(v->cli->a, run, "control"), v->commands, &v->s->log,
			    &v->control);
}

static err_t begin(struct serving *v)
{
	struct stet *s = v->s;
	TRY(begin_page(v));
	bus_listen(s->bus, on_topics, s);
	TRY(live_stream_new(s, &s->live));
	bus_listen(s->bus, live_stream_wake, s->live);
	TRY(forum_stream_new(s, &s->forum_stream));
	bus_listen(s->bus, forum_stream_wake, s->forum_stream);
	TRY(bus_start(s->bus));
	TRY(begin_server(v));
	TRY(live_stream_start(s->live));
	TRY(forum_stream_start(s->forum_stream));
	TRY(begin_control(v));
	TRY(readers_tidy_begin(s, v->cli->a));
	TRY(jobs_start(s, job_kinds, JOB_THREADS, &s->jobs));
	TRY(jobs_start(s, slow_kinds, JOB_THREADS, &s->slow_jobs));
	TRY(jobs_start(s, call_kinds, JOB_THREADS, &s->calls));
	TRY(jobs_start(s, letter_kinds, JOB_THREADS, &s->letters));
	TRY(reads_start(s->reads));
	if (pthread_create(&v->signals, NULL, watch_signals, v) != 0)
		return err_new(ERR_SYSTEM, "no thread for signals could be started");
	v->watching = true;
	return OK;
}

/* A job of one runner that acts wakes all of them: none is freed before all have ended. */
static void end_jobs(struct stet *s)
{
	struct jobs **const all[] = { &s->jobs, &s->slow_jobs, &s->calls, &s->letters };
	for (size_t i = 0; i < COUNT(all); i++)
		jobs_end(*all[i]);
	for (size_t i = 0; i < COUNT(all); i++) {
		jobs_stop(*all[i]);
		*all[i] = NULL;
	}
}

static void end(struct serving *v)
{
	struct stet *s = v->s;
	if (v->watching) {
		pthread_kill(v->signals, SIGUSR1);
		pthread_join(v->signals, NULL);
	}
	control_close(v->control);
	if (s->reads)
		reads_stop(s->reads);
	if (s->bus)
		bus_stop(s->bus);
	end_jobs(s);
	live_stream_stop(s->live);
	forum_stream_stop(s->forum_stream);
	if (s->server)
		server_free(s->server);
	site_free(s->site);
	router_free(v->router);
	if (s->bus)
		bus_free(s->bus);
	s->bus = NULL;
	reads_free(s->reads);
	readers_free(s->readers);
	s->readers = NULL;
	live_stream_free(s->live);
	s->live = NULL;
	judge_free(s->judge);
	s->judge = NULL;
	forum_stream_free(s->forum_stream);
	s->forum_stream = NULL;
	cache_free(s->cache);
	theme_free(s->theme);
}

static err_t run(struct serving *v)
{
	TRY(begin(v));
	if (v->old >= 0)
		TRY(handover_done(v->old));
	v->old = -1;
	log_line(&v->s->log, LOG_INFO, "serve", "%.*s is served at %s", STR(v->s->config.name),
		 server_address(v->s->server));
	return server_run(v->s->server);
}

static err_t serve(struct cli *cli)
{
	struct serving v = { .cli = cli, .s = &cli->stet, .old = -1 };
	block_signals();
	TRY(cli_open(cli));
	log_level_parse(cli->stet.config.log_level, &cli->stet.log.least);
	if (cli_has(cli, "listen"))
		cli->stet.config.listen = cli_option(cli, "listen");
	err_t e = run(&v);
	end(&v);
	return e;
}

static const struct option serve_options[] = {
	{ "listen", "ADDRESS", "serve here instead of what stet.conf says" },
	{ "replace", NULL, "take over from the server that runs, without refusing a connection" },
	{ "dev", "FOLDER", "read the theme from this folder, anew for every page" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_serve[] = {
	{ "serve", "", "serve the publication until SIGTERM or Ctrl-C",
	  "SIGHUP reads the certificates anew.",
	  EXAMPLES("stet serve --dir courier", "stet serve --replace --dir courier",
		   "stet serve --dev theme --dir demo"),
	  serve_options, 0, 0, serve },
	{ 0 },
};
