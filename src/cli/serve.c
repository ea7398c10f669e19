/* serve.c: `stet serve`: puts the parts together and runs them until told to stop. */
#include "cli/cli.h"

#include "base/file.h"
#include "http/control.h"
#include "http/handover.h"
#include "http/server.h"
#include "page/assets.h"
#include "page/cache.h"
#include "page/site.h"
#include "page/template.h"
#include "page/theme.h"
#include "press/media.h"
#include "press/press.h"
#include "press/view.h"
#include "record/bus.h"
#include "record/jobs.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
