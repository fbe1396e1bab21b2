/*
 * run: an MCP server behind the shield.
 */
#include <stdlib.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/journal.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "proxy/cmd/cmd.h"
#include "proxy/identity.h"
#include "proxy/session.h"

struct run_args {
	const char *policy, *server, *audit;
	bool monitor;
};

const struct opt run_options[] = {
	{ "policy", 'p', OPT_TEXT, offsetof(struct run_args, policy), "POLICY",
	    "name or file of the policy (default: default)" },
	{ "server", 's', OPT_TEXT, offsetof(struct run_args, server), "SERVER",
	    "name of the server in the log" },
	{ "audit", 'a', OPT_TEXT, offsetof(struct run_args, audit), "AUDIT",
	    "file of the audit database" },
	{ "monitor", 0, OPT_FLAG, offsetof(struct run_args, monitor), NULL,
	    "refuse nothing; record what would be refused" },
	{ .name = NULL },
};

static int
run_server(const struct run_args *args, char *argv[], struct error *err)
{
	struct session_spec spec = { .argv = argv,
		.policy_name = args->policy,
		.monitor = args->monitor,
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO };
	char *path = NULL, *key = NULL, *server = NULL;
	int status = EXIT_OURS;

	spec.scan = scan_new(environ);
	if (policy_load(args->policy, &spec.policy, err) == -1 ||
	    policy_selftest(spec.policy, spec.scan, err) == -1)
		goto out;
	path = args->audit != NULL ? xstrdup(args->audit)
				   : audit_default_path(err);
	if (path == NULL)
		goto out;
	if (spec.policy->audit.key_file != NULL)
		key = xstrdup(spec.policy->audit.key_file);
	spec.audit = (struct audit_options){ .path = path,
		.key_file = key,
		.keep_days = spec.policy->audit.keep_days,
		.max_mb = spec.policy->audit.max_mb };
	server =
	    args->server != NULL ? xstrdup(args->server) : identity_of(argv);
	spec.server = server;
	if (journal_open(&spec.audit, server, &spec.journal, err) == -1)
		goto out;
	status = session_run(&spec, err);
	spec.policy = NULL; /* the session's, and gone with it */
	spec.scan = NULL;
out:
	scan_free(spec.scan);
	policy_free(spec.policy);
	free(server);
	free(key);
	free(path);
	return status;
}

int
cmd_run(int argc, char *argv[], struct error *err)
{
	struct run_args args = { NULL, NULL, NULL, false };
	bool help = false;
	int at = opt_read(run_options, "run", argc, argv, &args, &help, err);

	if (at == -1)
		return EXIT_OURS;
	if (help)
		return EXIT_YES;
	if (at >= argc) {
		error_set(err, "run: no command; a server goes behind '--': "
			       "mcpshield-stdio -- COMMAND [ARG...]");
		return EXIT_OURS;
	}
	return run_server(&args, argv + at, err);
}
