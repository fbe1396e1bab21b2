#ifndef PROXY_EVENT_H
#define PROXY_EVENT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "policy/check.h"
#include "policy/msg.h"

struct error;
struct pipeline;

#define EVENT_MAX 40 /* bytes of "session-number", NUL included */

/* Microseconds of a clock of clock_gettime(2). */
int64_t clock_us(clockid_t clock);

/* Says that the log could not be written; -1 if then nothing may pass. */
int event_failed(struct pipeline *p, const struct error *err);

/*
 * Writes a row of the audit log, or lets it wait for hold_flush().  Returns 0,
 * or -1 if it could not be written and the policy says that then nothing
 * passes.  event has EVENT_MAX bytes for its name, or is NULL.
 */
int event_record(struct pipeline *p, const struct msg *msg, struct slice id,
    struct slice raw, size_t len, const struct verdict *v, const char *decision,
    uint32_t judged_us, char *event);

#endif
