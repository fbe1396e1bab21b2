#ifndef AUDIT_PIN_H
#define AUDIT_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/pin_table.h"

struct canon;
struct error;

/*
 * What servers have said of their tools, from one session to the next.  The
 * first definition that is seen of a tool is its pin; another one waits until
 * somebody accepts it.
 */
struct pins;

/* Milliseconds that a proxy waits for a database that others hold. */
#define PINS_BUSY_MS 200

struct pins_options {
	const char *path; /* of the audit database, or of a file of their own */
	const char *server; /* its name */
	const char *session; /* whose listings these are; may be NULL */
	bool deny; /* a new tool of a server that is known must be accepted */
};

/* Copies what opt has; opens nothing. */
struct pins *pins_new(const struct pins_options *opt);
void pins_free(struct pins *p); /* accepts NULL */

enum pin_status {
	PIN_SAME, /* as accepted */
	PIN_FIRST, /* first seen, and accepted by that */
	PIN_NEW, /* the server is known, the tool is not */
	PIN_CHANGED, /* the definition is not the accepted one */
	PIN_DUPLICATE, /* an entry before has this name */
	PIN_TOO_MANY, /* cannot be pinned: too many tools, or too long a name */
};

/* Bytes of the texts of a finding; what a peer chose in them is quoted. */
#define PIN_TEXT 512

struct pin_finding {
	enum pin_status status;
	bool waits; /* NEW: not accepted until somebody does */
	bool told; /* NEW, CHANGED: this very definition was seen before */
	char *changes; /* owned; CHANGED: which fields, else NULL */
	char *was; /* owned; NEW: another tool that had this definition */
	char *elsewhere; /* owned: another server with a tool of this name */
};

struct pin_report {
	struct pin_finding *v; /* owned: one for each tool, in their order */
	size_t n;
	char **vanished; /* owned: quoted names of tools that are gone now */
	size_t nvanished;
	bool first; /* the server was not known */
	bool recorded; /* all that is new is in the database */
};

void pin_report_release(struct pin_report *r); /* accepts a zeroed one */

/* Which part of a listing; both: all of it. */
#define PIN_PAGE_FIRST 1U /* no cursor was asked for */
#define PIN_PAGE_LAST 2U /* no cursor was given for a further one */

/*
 * Compares a page of a server's tools with their pins, and writes what is new
 * in one transaction; where nothing is, nothing is written.  Tools are missed
 * at the last page of a listing that was seen from its first page on.  The
 * database is made where there is none, and open only for the call.  Returns
 * 0 with *ret; 1 with *ret, of which nothing could be written, and *err saying
 * why; or -1 with *err set when the pins could not be read.  Waits up to
 * PINS_BUSY_MS to read, and as long to write.
 */
int pins_listing(struct pins *p, const struct canon *tools, unsigned page,
    struct pin_report *ret, struct error *err);

/* Has the server ever listed that tool?  1 or 0; -1 with *err set. */
int pins_known(struct pins *p, struct slice tool, struct error *err);

/*
 * For a person.  Makes the waiting definition the accepted one.  tool NULL:
 * of all tools of the server.  Calls each (may be NULL) for every one before
 * anything is changed; it returns 0, or -1 with *err set to change nothing.
 * Returns the number of tools, or -1 with *err set.
 */
typedef int pin_each(void *arg, const struct pin_row *row, struct error *err);
int pins_accept(struct pin_table *t, const char *server, const char *tool,
    pin_each *each, void *arg, struct error *err);

/* The same, and forgets: whatever is listed next is first sight. */
int pins_reset(struct pin_table *t, const char *server, const char *tool,
    pin_each *each, void *arg, struct error *err);

#endif
