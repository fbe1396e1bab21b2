/*
 * policy: validates policy files, and prints what a policy comes to.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/cmd/cmd.h"

struct policy_args {
	bool plain;
};

const struct opt policy_options[] = {
	{ "plain", 0, OPT_FLAG, offsetof(struct policy_args, plain), NULL,
	    "show: without comments; its SHA-256 is the policy's hash" },
	{ NULL, 0, OPT_FLAG, 0, NULL, NULL },
};

/* A policy that loads is of no use if it does not refuse what it names. */
static int
check_one(const char *path, struct error *err)
{
	struct policy *p = NULL;
	int rc = policy_load_file(path, &p, err);

	if (rc == 0)
		rc = policy_selftest(p, NULL, err);
	policy_free(p);
	return rc;
}

static int
check(const struct policy_args *args, int argc, char *argv[], struct error *err)
{
	int status = EXIT_YES;

	(void)args;
	if (argc == 0) {
		error_set(err, "policy check: a file is missing");
		return EXIT_TROUBLE;
	}
	for (int i = 0; i < argc; i++) {
		struct error why = { "" };
		char shown[512];

		if (check_one(argv[i], &why) == -1) {
			status = EXIT_NO;
			(void)printf("%s\n", why.msg);
			continue;
		}
		(void)printf("%s: ok\n",
		    quote_utf8(shown, sizeof(shown), slice_of(argv[i])));
	}
	return status;
}

static int
show(const struct policy_args *args, int argc, char *argv[], struct error *err)
{
	struct policy *p;
	struct buf text;

	if (argc != 1) {
		error_set(err, "policy show: wants one name or path");
		return EXIT_TROUBLE;
	}
	if (policy_load(argv[0], &p, err) == -1)
		return EXIT_NO;
	buf_init(&text, POLICY_SHOWN_MAX);
	if (!args->plain)
		(void)printf("# policy %s, from %s\n# SHA-256 %s\n", p->name,
		    p->files[0], p->digest);
	policy_show(p, !args->plain, &text);
	(void)fwrite(text.at, 1, text.len, stdout);
	buf_release(&text);
	policy_free(p);
	return EXIT_YES;
}

static const struct {
	const char *name;
	int (*fn)(const struct policy_args *, int argc, char *argv[],
	    struct error *err);
} actions[] = {
	{ "check", check },
	{ "show", show },
};

int
cmd_policy(int argc, char *argv[], struct error *err)
{
	struct policy_args args = { .plain = false };
	bool help = false;
	int at = opt_read_any(
	    policy_options, "policy", argc, argv, &args, &help, err);

	if (at == -1)
		return EXIT_TROUBLE;
	if (help)
		return EXIT_YES;
	for (size_t i = 0; at < argc && i < nitems(actions); i++)
		if (strcmp(argv[at], actions[i].name) == 0)
			return actions[i].fn(
			    &args, argc - at - 1, argv + at + 1, err);
	error_set(err, "policy: wants 'check FILE...' or 'show NAME'");
	return EXIT_TROUBLE;
}
