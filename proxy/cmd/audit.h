#ifndef CMD_AUDIT_H
#define CMD_AUDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "audit/audit.h"
#include "audit/query.h"

struct error;

/* How long a reader waits for a locked database. */
#define AUDIT_BUSY_MS 5000

/* Options of audit and of stats. */
struct audit_args {
	const char *path, *key, *head, *format;
	const char *since, *decision, *server, *tool, *event, *session, *stage;
	int64_t newest; /* -1: not said */
	bool follow, json;
	char *own_path; /* owned: when path is the default */
	struct query query; /* made of the above */
};

/*
 * Finds the database, folds the journals into it and reads the filters.
 * Returns 1, 0 when there is no database yet, or -1 with *err set.  A database
 * that cannot be written to is read as it is, with a warning.
 */
int audit_begin(struct audit_args *args, struct error *err);
/* Exit status when audit_begin() returned rc, 0 or -1; says that for 0. */
int audit_none(const struct audit_args *args, int rc);
void audit_args_release(struct audit_args *args);

/* What audit_fold() is to be told. */
struct audit_options audit_fold_options(const struct audit_args *args);

/* Returns 0, or -1 with *err set; a reader that left is no error. */
int audit_flush(FILE *out, struct error *err);

/* The name of an event: "5f3a9c2e-17", a note's number, in dst. */
#define EVENT_MAX 48
const char *audit_event_name(const struct store_row *row, char dst[EVENT_MAX]);

/* "2026-01-02T03:04:05.123456Z" in dst. */
#define TIME_MAX 40
const char *audit_time(int64_t when_us, char dst[TIME_MAX]);

/* 64 hex digits of a hash in dst. */
#define HEX_MAX (2 * AUDIT_HASH + 1)
const char *audit_hex(const uint8_t hash[AUDIT_HASH], char dst[HEX_MAX]);

/* A text as JSON; one that is not UTF-8 is quoted first. */
json_t *audit_json_text(struct slice text);

/* Prints one value and a newline, in ASCII. */
void audit_json_print(FILE *out, const json_t *value);

/* A row with all its columns, as mcpshield-audit(5) describes it. */
json_t *audit_json_row(const struct store_row *row);

int audit_list(struct audit_args *args, struct error *err);
int audit_verify(struct audit_args *args, struct error *err);
int audit_export(struct audit_args *args, struct error *err);
/* Writes SARIF 2.1.0; a part of audit_export(). */
int audit_sarif(
    struct reader *r, const struct audit_args *args, struct error *err);

#endif
