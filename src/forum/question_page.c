/* question_page.c: "questions for you": what waits for an answer where a reader is the newsroom's guest, best first, each
 * with a form below it. */
#include "forum/pages.h"
#include "forum/question.h"

#include "press/view.h"

enum { STORIES = 10, QUESTIONS = 20 };

static const struct sql select_stories = {
	"SELECT g.story FROM question_guest g JOIN story s ON s.id = g.story WHERE g.reader = $1 AND s.state = 'published' "
	"ORDER BY g.since DESC, g.story DESC LIMIT $2"
};

static err_t stories_of(struct view *v, id64 reader, id64 *out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*n = 0;
	TRY(db_query(v->c, &select_stories, ARGS(v_int(reader), v_int(STORIES)), &r));
	while (rows_next(&r, &e))
		out[(*n)++] = row_int(&r, 0);
	return e;
}

/* {headline, url, all, when?, open, waiting, any_questions, questions [comment], action}; nothing where nobody asks. */
static err_t one_story(struct stet *s, struct view *v, id64 story, json_t *list)
{
	struct story st;
	struct forum_settings set;
	struct talk t;
	struct branches found = { 0 };
	int64_t waiting;
	TRY(story_load(v->c, v->a, story, &st));
	TRY(forum_settings_of(s, v->c, v->a, &st, &set));
	if (!set.answers || set.open == FORUM_OFF)
		return OK;
	struct thread_asked ask = { story, 0, SORT_BEST, comment_key_first(SORT_BEST), QUESTIONS, QUESTIONS * 3, 2,
				    QUESTION_WAITS };
	TRY(thread_load(v->c, v->a, &ask, &found));
	TRY(question_count(v->c, story, false, &waiting));
	TRY(talk_begin(s, v, &st, &set, SORT_BEST, &t));
	TRY(talk_frame(&t, 0));
	str_t url = conversation_path(v->a, &st);
	json_t *frame = json_object_get(v->json, "talk"), *qa = json_object_get(frame, "qa");
	json_t *j = json_object();
	json_object_set_new(j, "headline", json_text(st.headline));
	json_object_set_new(j, "url", json_text(url));
	json_object_set_new(j, "answered", json_text(str_format(v->a, "%.*s?show=answered", STR(url))));
	json_object_set(j, "when", json_object_get(qa, "when"));
	json_object_set_new(j, "can_answer", json_boolean(set.open == FORUM_OPEN));
	json_object_set_new(j, "waiting", json_text(waiting ? say_count(v, "questions.waiting", waiting)
							    : say(v, "questions.none")));
	json_object_set_new(j, "questions", talk_comments(&t, &found));
	json_object_set_new(j, "action", json_text(url));
	json_array_append_new(list, j);
	json_object_del(v->json, "talk");
	return OK;
}

static err_t questions_view(struct stet *s, struct view *v)
{
	const struct who *who = v->given;
	id64 ids[STORIES];
	size_t n;
	json_t *list = json_array(), *page = json_object();
	json_object_set_new(v->json, "stories", list);
	json_object_set_new(v->json, "page", page);
	json_object_set_new(page, "kind", json_string("comments"));
	json_object_set_new(page, "title", json_text(say(v, "questions.yours")));
	json_object_set_new(page, "robots", json_string("noindex"));
	TRY(stories_of(v, who->reader.id, ids, &n));
	for (size_t i = 0; i < n; i++)
		TRY(one_story(s, v, ids[i], list));
	v->template = "questions";
	return OK;
}

static err_t questions_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	return site_page_with(s, q, r, questions_view, &who);
}

const struct route question_routes[] = {
	{ GET, "/questions", questions_page },
	{ 0 },
};
