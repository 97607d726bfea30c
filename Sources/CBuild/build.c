#include "CBuild.h"

#ifndef PEERQUAKE_COMMIT
#define PEERQUAKE_COMMIT ""
#endif
#ifndef PEERQUAKE_DATE
#define PEERQUAKE_DATE ""
#endif

const char *peerquake_build_commit(void) { return PEERQUAKE_COMMIT; }
const char *peerquake_build_date(void) { return PEERQUAKE_DATE; }
