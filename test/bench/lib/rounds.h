#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

#include <jansson.h>
#include <stdbool.h>

struct error;

/* What is measured with what, and what came out. */
struct bench {
	const char *build, *proxy, *policy, *real, *only; /* options */
	unsigned rounds, seconds; /* options: 0 rounds: as in the table */
	bool long_run, strict;
	unsigned core;
	char *dir; /* owned: temporary; NULL until it is there */
	double begin;
	json_t *runs; /* as report() wants them */
};

/* Seconds on a clock that only goes forward. */
double rounds_clock(void);

/*
 * Runs every work in rounds of its legs and fills b->runs.  A signal ends it.
 * Returns 0, or -1 with *err set; in both cases nothing that was started is
 * left.
 */
int rounds_run(struct bench *b, struct error *err);

/* Makes SIGINT, SIGTERM and SIGHUP end rounds_run(). */
void rounds_signals(void);

/* Removes a directory and all below it; what is not there is no matter. */
void rounds_remove(const char *dir);

#endif
