/* limits.h: every bound of this room in one place, each with its reason.
 *
 * Sizes are bytes. Deadlines are absolute: they run from the first byte of what they bound, and a
 * trickle does not push them out. */
#pragma once

#include "base/clock.h"

/* -- paths, queries, forms ------------------------------------------------------------------- */

#define LIMIT_SEGMENTS     32   /* of a path: our deepest route has five */
#define LIMIT_QUERY_FIELDS 64   /* of a query: our largest (search) has ten */
#define LIMIT_FORM_FIELDS  512  /* of a form: the front page's planning desk sends some 300 */
#define LIMIT_FIELD_NAME   256  /* of a form's field name */
#define LIMIT_COOKIES      64   /* in one request: browsers keep about 180 a site, we set three */

/* -- multipart ------------------------------------------------------------------------------- */

#define LIMIT_PART_HEAD    4096        /* header lines of one part; browsers send about 200 bytes */
#define LIMIT_PART_LINES   16          /* header lines of one part */
#define LIMIT_FIELD_VALUE  (1 << 20)   /* a field that is no file: a very long story is 300 KB */
#define LIMIT_UPLOADS      64          /* files of one form: a gallery */
#define LIMIT_UPLOAD_SPILL (64 * 1024) /* a file larger than this goes to disk while it arrives */

/* -- conditional requests and ranges --------------------------------------------------------- */

#define LIMIT_ETAGS       64 /* in If-Match or If-None-Match; a cache has few versions of a page */
#define LIMIT_RANGE_SPECS 32 /* in Range before joining; a player asks for one, a reader of PDF 10 */
#define LIMIT_RANGES      8  /* after joining; more is answered with the whole */
#define RANGE_GAP         80 /* ranges nearer than this cost less as one (RFC 9110 section 15.3.7.2) */
