/* picture_card.h: between picture.c, which answers in the picture process, and what draws there. */
#pragma once

/* Draws the card of a JSON description (see picture_ask.c) into the PNG file at `path`; the exit
 * code. */
int card_draw(const char *path, const char *json);
