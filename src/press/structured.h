/* structured.h: what a page says to programs: schema.org terms as JSON-LD.
 *
 * A view's "structured" is one object, {"@context", "@graph": [...]}. A story's part puts the story
 * there; the frame puts what every page is (its place in the publication, its list, its publisher),
 * made from the view that is filled by then, so that a page of a new kind has its share without
 * asking. In an HTML page the same stands as text in page.structured, safe inside <script>. */
#pragma once

#include "press/press.h"
#include "press/view.h"

/* story_part: the story as NewsArticle, LiveBlogPosting or what its genre is called. */
err_t part_structured(struct stet *s, struct view *v, const struct story *st) CHECKED;

/* Called by the frame, last: the rest of the graph, and the text for the template. */
err_t structured_frame(struct stet *s, struct view *v) CHECKED;

/* JSON as it may stand within <script>: no "</script>", no "<!--", whatever is in it. */
err_t structured_text(arena_t *a, const json_t *j, str_t *out) CHECKED;
