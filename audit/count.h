#ifndef AUDIT_COUNT_H
#define AUDIT_COUNT_H

#include <stdint.h>

#include "audit/query.h"

/* By what messages are counted; COUNT_ALL is one group of all. */
enum count_by {
	COUNT_ALL,
	COUNT_DECISION,
	COUNT_SERVER,
	COUNT_TOOL,
	COUNT_STAGE,
	COUNT_RULE,
	COUNT_COUNT
};

/* Messages of one group; sessions' own rows are none. */
struct count {
	struct slice name; /* borrowed until the next call */
	uint64_t messages, blocked, redacted, flagged;
	uint64_t would; /* what monitor mode let pass */
};

/* Microseconds of judging, over all messages. */
struct latency {
	uint64_t p50, p90, p99, max;
};

/* "decision", "server" and the like. */
const char *count_name(enum count_by by);

/* Begins to count rows since since_us (0: all), most messages first. */
int count_begin(
    struct reader *r, enum count_by by, int64_t since_us, struct error *err);

/* 1 with the next group, 0 at the end. */
int count_next(struct reader *r, struct count *ret, struct error *err);

/* Of messages messages, which COUNT_ALL tells. */
int count_latency(struct reader *r, int64_t since_us, uint64_t messages,
    struct latency *ret, struct error *err);

#endif
