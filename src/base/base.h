/* base.h: what every file of Stet may use. One include, no more than this floor. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The number of elements of an array whose type is visible here. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
