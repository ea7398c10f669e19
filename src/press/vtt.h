/* vtt.h: WebVTT: what is said in a recording, timed (W3C, https://www.w3.org/TR/webvtt1/).
 *
 * Browsers pass over what they cannot read, so a mistake is a line that readers never see. Here a
 * file is held to the grammar that authors are given, and every mistake is told with its line. */
#pragma once

#include "base/base.h"

struct vtt_cue {
	usec_t from, to;
	str_t  id;
	str_t  settings;
	str_t  text;     /* as written: tags and character references */
	int    line;     /* of its timing */
};

struct vtt {
	struct vtt_cue *v;
	size_t          n;
	struct strs     faults; /* "line 12: ..." */
};

/* `text` is UTF-8 with '\n' at the ends of its lines. Cues that have faults are among the cues if their
 * times could be read. */
void vtt_parse(arena_t *a, str_t text, struct vtt *out);

/* What comes from people: WebVTT or SRT, any line ends, with or without a byte order mark. On success
 * it is WebVTT without a fault; else the error tells the first few. */
err_t vtt_take_in(arena_t *a, str_t text, str_t *out) CHECKED;

/* SRT as WebVTT; it may still have faults. */
str_t vtt_from_srt(arena_t *a, str_t text);

/* What is said, as paragraphs of plain text: a new one where the speaker changes or falls silent. */
err_t vtt_transcript(arena_t *a, str_t vtt, str_t *out) CHECKED;

/* The words of a cue without tags, references resolved; `speaker` is the last <v> in it, if any. */
str_t vtt_plain(arena_t *a, str_t cue, str_t *speaker);
