/* template_render.h: between the set of templates and the renderer. */
#pragma once

#include "page/template.h"
#include "page/template_tree.h"

/* The template called `name`; NULL if there is none. */
const struct template *templates_find(const struct templates *t, str_t name);

err_t template_write(const struct templates *all, const struct template *t, const json_t *view,
		     struct buf *out) CHECKED;
