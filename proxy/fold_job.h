#ifndef PROXY_FOLD_JOB_H
#define PROXY_FOLD_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "audit/audit.h"

/*
 * Takes journals into the database in a child, so that the loop never waits
 * for a disk: now and then while frames pass, and when nothing does.
 */
struct fold_job {
	const struct audit_options *audit; /* borrowed */
	pid_t pid; /* of the child; -1: none runs */
	uint64_t rows; /* records that had been made when it started */
	int64_t since_ms; /* when it started, or the last one did */
};

void fold_job_init(struct fold_job *j, const struct audit_options *audit);

/*
 * Milliseconds until the next job is due, or -1 if none is: rows were made in
 * all, and idle_ms have passed since the last frame.
 */
int fold_job_due(
    const struct fold_job *j, uint64_t rows, int64_t now_ms, int64_t idle_ms);

/* Starts one; a fork that fails is tried again later. */
void fold_job_start(struct fold_job *j, uint64_t rows, int64_t now_ms);

/* After SIGCHLD: takes in the end of the child. */
void fold_job_reap(struct fold_job *j);

/* Ends one that runs; what it had not yet committed is folded by the next. */
void fold_job_stop(struct fold_job *j);

/* At the end, when none runs: folds what is left, here and now. */
void fold_job_last(struct fold_job *j);

#endif
