/* doctor.h: what `stet doctor` can tell about stories and pictures. */
#pragma once

#include "press/press.h"

/* Adds a sentence to `findings` for each thing that is not as it should be. */
err_t press_doctor(struct stet *s, arena_t *a, struct strs *findings) CHECKED;
