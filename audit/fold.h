#ifndef AUDIT_FOLD_H
#define AUDIT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/store.h"
#include "proxy/base/error.h"

/* One call of audit_fold(). */
struct fold {
	const struct audit_options *opt;
	struct store store;
	struct chain chain;
	int dir_fd;
	uint8_t *buf; /* owned: PART_BUFFER bytes */
	bool last_pass; /* what looks wrong now is wrong */
	int64_t until_ms; /* monotonic; what is left then waits; 0: never */
	bool again; /* something looked wrong and may be in motion */
	uint64_t rows;
	struct error skipped; /* why a journal was left alone, or empty */
};

/* Is the time for this call over? */
bool fold_late(const struct fold *f);

/* Reads the head of the database; it must have been made with our key. */
int fold_head(struct fold *f, struct store_head *ret, struct error *err);

/*
 * Folds one file and removes it where it is dead and done.  Returns 0 also
 * when the file had to be left alone (f->skipped), -1 with *err set when the
 * database failed.
 */
int fold_part(struct fold *f, const char *name, struct error *err);

/*
 * Removes the oldest rows as keep_days and max_mb say, in small steps and
 * for a short time only; what is left to do is done by later calls.
 */
int fold_retain(struct fold *f, struct error *err);

#endif
