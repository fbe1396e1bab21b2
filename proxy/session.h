#ifndef PROXY_SESSION_H
#define PROXY_SESSION_H

#include <stdbool.h>

#include "audit/audit.h"

struct error;
struct journal;
struct policy;
struct scan;

/* What a session is made of; all borrowed, but for policy and journal. */
struct session_spec {
	char *const *argv; /* the server's, word for word */
	const char *policy_name; /* to load again on SIGHUP; NULL: default */
	struct policy *policy; /* the session's from here */
	struct journal *journal; /* the session's from here */
	struct scan *scan; /* the session's from here */
	struct audit_options audit;
	const char *server; /* its name in the log, and for its pins */
	bool monitor;
	int in, out; /* the client's ends */
};

/*
 * Runs one server from its start until nothing of it is left.  Returns the
 * exit status: the server's own, 128+n for a signal, 126 or 127 if it could
 * not be started, 125 if we failed; *err may be set with the last three.
 */
int session_run(const struct session_spec *spec, struct error *err);

#endif
