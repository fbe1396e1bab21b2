#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stddef.h>
#include <sys/types.h>

struct error;

/* A program that we run, in a process group of its own. */
struct child {
	pid_t pid; /* -1: none */
	int in, out; /* its standard input and output; -1 once closed */
};

/* Makes orphans of our children ours, so that none is lost.  0 or -1. */
int child_adopt(struct error *err);

/*
 * Starts argv with pipes; stderr is inherited.  Returns 0, or -1 with *err
 * set.  A program that can't be run ends with 127.
 */
int child_start(struct child *c, char *argv[], struct error *err);

/*
 * Waits for it.  Returns 0 if it ended with status 0, else -1 with *err set.
 */
int child_wait(struct child *c, struct error *err);

/*
 * Waits up to grace_ms for all that is left of our descendants, then kills
 * what remains.  Returns 0, or -1 with *err set if something had to be killed.
 */
int child_rest(int grace_ms, struct error *err);

/* Kills it, its group and all of our descendants; closes the pipes. */
void child_kill(struct child *c);

/* A line of /proc/PID/status in kB, such as "VmRSS".  0 or -1. */
int child_memory(
    const struct child *c, const char *key, size_t *ret_kb, struct error *err);

#endif
