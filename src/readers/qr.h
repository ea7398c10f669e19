/* qr.h: a QR code, drawn. */
#pragma once

#include "base/base.h"

/* The path of SVG in a field of `size` times `size`. */
err_t qr_path(arena_t *a, str_t text, int *size, str_t *out) CHECKED;
