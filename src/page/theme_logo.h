/* theme_logo.h: a drawn name in the place of the written one. */
#pragma once

#include "page/assets.h"
#include "page/theme_folder.h"

/* {src, width, height} of the logo at `path`, an SVG or PNG of the theme. */
err_t theme_logo(const struct theme_files *f, str_t path, const struct assets *assets,
		 json_t **out) CHECKED;
