/* stet.h: stands in base/; kept here while the rooms move over. */
#pragma once
#include "base/stet.h"
#include "store/store.h"
