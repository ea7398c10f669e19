/* limits.h: the store's numbers, each with its reason. */
#pragma once

#include "base/clock.h"

/* How long anybody waits for the writer, a reader or another process before ERR_BUSY: longer than
 * any honest write, shorter than a browser's patience. */
#define STORE_WAIT (10 * SECOND)

/* Acts in one commit, and how long it may stay open: bounds how long the first of a group waits for
 * its flush. */
#define GROUP_MOST 256
#define GROUP_OPEN (SECOND / 50)

/* Readers lent beyond those kept open; they are for a borrower who borrows again. */
#define READERS_EXTRA 16

/* Pages in the write-ahead log: from LOG_SOON on a thread writes them back while others go on; from
 * LOG_BOUND on (32 MiB) the writer waits up to LOG_PAUSE for readers to let it begin anew. */
#define LOG_SOON  1000
#define LOG_BOUND 8192
#define LOG_PAUSE (SECOND / 4)
/* Bytes of the log's file that stay on disk once it begins anew. */
#define LOG_KEEP "16777216"

/* The longest value of a column: far above the longest story. */
#define VALUE_MOST (64 * 1024 * 1024)

/* Pages copied between two reports of a backup. */
#define BACKUP_STEP 256

/* Findings of a check that are listed; a damaged file may have millions. */
#define FINDINGS_MOST 100
