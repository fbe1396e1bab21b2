#ifndef AUDIT_JOURNAL_H
#define AUDIT_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/audit.h"

/*
 * A session's journal: an append-only file beside the database, to which each
 * record goes before its message does.  What write(2) took survives the death
 * of the process.  Its records carry a chain of their own.
 */
struct journal;

/*
 * Makes the state directory (0700) and a new journal in it, named by the
 * session, which is chosen at random and unique.  server is copied.  Returns
 * 0 with *ret (journal_close()), or -1 with *err set.
 */
int journal_open(const struct audit_options *opt, const char *server,
    struct journal **ret, struct error *err);

/* Eight hex digits; borrowed. */
const char *journal_session(const struct journal *j);

/* The number that the next record will have. */
uint64_t journal_next(const struct journal *j);

/* Records written by this process since journal_open(). */
uint64_t journal_rows(const struct journal *j);

/*
 * Adds one record to those that wait to be written; seq, session and server
 * are the journal's to fill.  Text columns are cut at LIMIT_AUDIT_TEXT, the
 * payload at LIMIT_PAYLOAD.  Returns 0, or -1 with *err set when the journal
 * is not in order; journal_full() must not be true.
 */
int journal_add(struct journal *j, struct audit_record *rec, struct error *err);

/* Is there no room for one more record to wait? */
bool journal_full(const struct journal *j);

/*
 * Writes what waits, by one write(2).  Returns 0 once the kernel has it, or -1
 * with *err set: then nothing of it remains in the file, all that waited is
 * forgotten, and the same numbers are used again.
 */
int journal_flush(struct journal *j, struct error *err);

/* Both at once, for a record that is to be written by itself. */
int journal_append(
    struct journal *j, struct audit_record *rec, struct error *err);

/* Closes; the file stays until audit_fold() has taken it in. */
void journal_close(struct journal *j);

/* SHA-256 of text, for audit_record.payload_hash. */
void journal_hash(struct slice text, uint8_t ret[AUDIT_HASH]);

#endif
