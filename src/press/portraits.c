/* portraits.c: pictures of readers, made by what makes those of stories: square, small, without a word. */
#include "press/picture.h"
#include "press/view.h"

err_t press_portrait(struct stet *s, arena_t *a, const char *from, const char *to, int side)
{
	struct picture_limits limits = { .megapixels = s->config.picture_megapixels };
	struct picture_facts facts;
	struct picture_words none = { S(""), S(""), S(""), S(""), S("") };
	TRY(picture_probe(a, from, &limits, &facts));
	int least = facts.width < facts.height ? facts.width : facts.height;
	if (least < side)
		side = least;
	struct picture_copy copy = { .width = side, .height = side, .focus_x = 50, .focus_y = 40,
				     .ext = "jpg", .path = str_of(to) };
	return picture_copies(a, from, &limits, &none, &copy, 1);
}
