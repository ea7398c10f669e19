/* stet.h: the running publication, with the store that this floor and those above work on. */
#pragma once

#include "base/stet.h"
#include "store/store.h"
