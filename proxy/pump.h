#ifndef PROXY_PUMP_H
#define PROXY_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/msg.h"

struct pipeline;

/* Bytes of our own answers that may wait for a side before its frames do. */
#define PUMP_OWN 65536U

/* Judges the frames that have come from a side, as long as there is room. */
void pump_frames(struct pipeline *p, enum msg_dir dir);

/* Are all whole frames of a side judged? */
bool pump_is_done(struct pipeline *p, enum msg_dir dir);

/* What follows the last LF of a side that has ended; does nothing twice. */
void pump_rest(struct pipeline *p, enum msg_dir dir);

/* The client's frames, where one has waited long enough: see lister.h. */
void pump_held(struct pipeline *p, int64_t now_ms);

#endif
