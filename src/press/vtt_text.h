/* vtt_text.h: what the two halves of WebVTT share. */
#pragma once

#include "press/vtt.h"

void vtt_fault(arena_t *a, struct vtt *out, int line, const char *what);
/* A time at `*at`, which moves behind it. */
bool vtt_time(str_t s, size_t *at, usec_t *out);
/* Tags, references and times within a cue. */
void vtt_check_text(arena_t *a, const struct vtt_cue *cue, struct vtt *out);
