#ifndef POLICY_METHOD_H
#define POLICY_METHOD_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/injection.h"
#include "proxy/base/buf.h"

/* Bits: the revisions of MCP that define a method. */
enum mcp_revision {
	REV_2024_11_05 = 1,
	REV_2025_03_26 = 2,
	REV_2025_06_18 = 4,
	REV_2025_11_25 = 8,
	REV_2026_07_28 = 16,
};
#define REV_LEGACY                                                             \
	(REV_2024_11_05 | REV_2025_03_26 | REV_2025_06_18 | REV_2025_11_25)
#define REV_ALL (REV_LEGACY | REV_2026_07_28)

/* Who may send it. */
enum method_dir {
	SENT_BY_CLIENT = 1,
	SENT_BY_SERVER = 2,
	SENT_BY_BOTH = 3,
};

enum method_code {
	METHOD_UNKNOWN,
	METHOD_INITIALIZE,
	METHOD_DISCOVER,
	METHOD_INITIALIZED,
	METHOD_PING,
	METHOD_TOOLS_LIST,
	METHOD_TOOLS_CALL,
	METHOD_CANCELLED,
	METHOD_PROGRESS,
	METHOD_TOOLS_CHANGED,
	METHOD_SAMPLING,
	METHOD_ELICITATION,
	METHOD_ROOTS,
	METHOD_LISTEN,
	METHOD_OTHER, /* known, and nothing special to us */
};

/* One method of MCP: a row of the table. */
struct method {
	const char *name;
	size_t len; /* of name */
	enum method_code code;
	unsigned dirs; /* enum method_dir */
	unsigned revisions; /* enum mcp_revision */
	bool notification;
	bool always; /* never blocked: capabilities are stripped instead */
	const char *params; /* names that MCP defines in params, by spaces */
	const char *capability; /* the client's, for a request of the server */
	enum injection_field
	    says; /* how strictly its result's texts are judged */
};

/* The row of a method's name; never NULL, unknown names have a row too. */
const struct method *method_find(struct slice name);

/* The n-th row of the table, or NULL behind the last. */
const struct method *method_at(size_t n);

/* The bit of "2025-06-18" and the like; 0 if it is none that we know. */
unsigned revision_find(struct slice version);

#endif
