/* planfile.c: see planfile.h. */
#include "exchange/planfile.h"
#include "exchange/json_parts.h"

#include "base/file.h"
#include "press/plan.h"

enum { FILE_MOST = 64 * 1024 * 1024 };

/* --- writing --- */

static err_t add_plan(struct conn *c, arena_t *a, id64 id, json_t *list)
{
	struct plan plan;
	TRY(plan_load(c, a, id, &plan));
	json_t *j = json_object(), *stories = json_array();
	json_array_append_new(list, j);
	json_set_text(j, "id", id_text(a, plan.id));
	json_set_text(j, "section", plan.section.slug);
	json_set_moment(j, a, "begins", plan.begins);
	json_set_moment(j, a, "made", plan.made);
	json_set_text(j, "actor", plan.actor);
	json_set_moment(j, a, "cancelled", plan.cancelled);
	json_object_set_new(j, "stories", stories);
	for (size_t i = 0; i < plan.n; i++)
		json_array_append_new(stories,
				      json_pack("{s:o, s:o}", "story",
						json_new_text(plan.v[i].card.slug), "size",
						json_new_text(plan_size_name(plan.v[i].size))));
	return OK;
}

err_t planfile_write(struct conn *c, arena_t *a, str_t *out)
{
	struct plan *plans;
	size_t n;
	*out = (str_t){ NULL, 0 };
	TRY(plan_list(c, a, INT64_MAX, &plans, &n));
	if (!n)
		return OK;
	json_t *list = json_array();
	err_t e = OK;
	for (size_t i = n; i > 0 && !e; i--)
		e = add_plan(c, a, plans[i - 1].id, list);
	if (e) {
		json_decref(list);
		return e;
	}
	return json_file(a, list, out);
}

/* --- reading --- */

static err_t read_stories(struct conn *c, arena_t *a, const json_t *list, struct plan *plan,
			  struct strs *notes)
{
	size_t i;
	json_t *one;
	if (json_array_size(list) > PLAN_MOST)
		return err_new(ERR_INPUT, "stories: a plan holds at most %d", PLAN_MOST);
	plan->v = arena_array(a, json_array_size(list), sizeof *plan->v);
	json_array_foreach(list, i, one) {
		struct story st;
		struct planned *p = &plan->v[plan->n];
		str_t slug = json_get_text(one, "story");
		*p = (struct planned){ 0 };
		if (!plan_size_parse(json_get_text(one, "size"), &p->size))
			return err_new(ERR_INPUT, "stories: size is lead, large, medium or small");
		err_t e = story_by_slug(c, a, STORY, slug, &st);
		if (e && e->code != ERR_MISSING)
			return e;
		if (e)
			import_note(a, notes, "it names the story \"%.*s\", which is not here",
				    STR(slug));
		else
			plan->v[plan->n++].card.id = st.id;
		err_free(e);
	}
	return OK;
}

static err_t read_plan(struct conn *c, arena_t *a, const json_t *j, struct plan *plan,
		       struct strs *notes)
{
	str_t section = json_get_text(j, "section");
	*plan = (struct plan){ .actor = json_get_text(j, "actor") };
	TRY(json_id(json_object_get(j, "id"), "id", &plan->id));
	TRY(json_get_moment(j, "begins", true, &plan->begins));
	TRY(json_get_moment(j, "made", false, &plan->made));
	TRY(json_get_moment(j, "cancelled", false, &plan->cancelled));
	if (!plan->made)
		plan->made = plan->begins;
	if (!plan->actor.n)
		plan->actor = S("import");
	if (section.n)
		TRY(section_by_slug(c, a, section, &plan->section));
	return read_stories(c, a, json_object_get(j, "stories"), plan, notes);
}

static err_t bring_one(struct importer *im, arena_t *a, const json_t *j)
{
	struct conn *c;
	struct plan plan;
	struct import_item item = { .kind = "plan" };
	bool fresh = true;
	TRY(store_reader(im->s->store, &c));
	err_t e = read_plan(c, a, j, &plan, &item.notes);
	store_done(im->s->store, c);
	if (!e && !im->dry_run)
		e = plan_bring(im->s, a, &plan, S("import"), &fresh);
	TRY(e);
	item.name = id_text(a, plan.id);
	item.title = time_long(a, plan.begins);
	item.outcome = fresh ? ADDED : UNCHANGED;
	import_tell(im, &item);
	return OK;
}

static err_t bring_all(struct importer *im, arena_t *a, str_t text)
{
	size_t i;
	json_t *all, *j;
	TRY(json_read(a, PLANFILE, text, &all));
	if (!json_is_array(all))
		return err_new(ERR_INPUT, "%s: is a list of plans", PLANFILE);
	json_array_foreach(all, i, j)
		TRY(err_wrap(bring_one(im, a, j), "%s: plan %zu", PLANFILE, i + 1));
	return OK;
}

err_t planfile_bring(struct importer *im, arena_t *a, const char *folder)
{
	char *path = path_join(a, folder, PLANFILE);
	str_t text;
	if (!file_exists(path))
		return OK;
	TRY(file_read(a, path, FILE_MOST, &text));
	return bring_all(im, a, text);
}
