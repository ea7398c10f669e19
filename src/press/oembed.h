/* oembed.h: stories on other people's pages: the oEmbed answer (oembed.com, 1.0) that names a frame,
 * and the card within that frame, /embed/SECTION/SLUG: a page without script that tells nobody who
 * looks at it. It alone may stand in a frame of another site. */
#pragma once

#include "press/press.h"

extern const struct route oembed_routes[];
