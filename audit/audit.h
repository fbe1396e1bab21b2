#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

struct error;
struct journal;

#define AUDIT_HASH 32 /* bytes of SHA-256 and of HMAC-SHA-256 */

/* One decision, as the pipeline reports it and as a row of the database. */
struct audit_record {
	uint64_t seq; /* journal: number within the session, from 1 */
	int64_t when_us; /* since the epoch, UTC */
	struct slice session; /* journal: eight hex digits */
	struct slice server; /* journal: the server's name */
	struct slice policy; /* hex SHA-256 of the policy in force */
	struct slice direction; /* client server proxy */
	struct slice kind; /* request notification result error batch line
	    session */
	struct slice method, tool, id; /* id as it was sent; empty if none */
	struct slice decision; /* allow flag redact block drop would-block
	    would-redact would-drop start end reload */
	struct slice stage, rule, reason;
	struct slice payload; /* as the policy wants it kept; may be empty */
	bool payload_kept; /* false: the payload column is NULL */
	uint8_t payload_hash[AUDIT_HASH]; /* of the whole frame as it came */
	uint64_t payload_len; /* bytes of the whole frame */
	uint32_t judged_us; /* time that judging took */
};

/* What the chain is made with, and how much is kept. */
struct audit_options {
	const char *path; /* of the database */
	const char *key_file; /* NULL: no key */
	int64_t keep_days, max_mb; /* 0: no limit */
	int64_t fold_ms; /* time for one audit_fold(); 0: no limit */
};

/*
 * The default database: $XDG_STATE_HOME/mcpshield/audit.db, else below
 * $HOME/.local/state.  Returns an owned string, or NULL with *err set when
 * there is no HOME.
 */
char *audit_default_path(struct error *err);

/*
 * Folds what the journals beside the database hold into it, the caller's own
 * and those of sessions that are running or died; applies retention.  Makes
 * the database where there is none (0600, its directory 0700).  Journals of
 * dead sessions are removed once they are folded.  Safe to be done by several
 * processes at once, and to be killed at any instant: a row is folded exactly
 * once.  Waits up to busy_ms for a locked database; what is not folded when
 * fold_ms are over is left to the next call.  Returns 0 with
 * *ret_rows (may be NULL), or -1 with *err set and nothing lost.
 */
int audit_fold(const struct audit_options *opt, int busy_ms, uint64_t *ret_rows,
    struct error *err);

#endif
