/*
 * Any bytes as a policy: they load or are refused with a position, and what
 * loads shows as YAML that loads again to the same digest.  Nothing is read but
 * the bytes and what is compiled in.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/policy.h"
#include "proxy/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_again(const struct policy *p, bool comments)
{
	struct error err = { "" };
	struct policy *again = NULL;
	struct buf text;

	buf_init(&text, POLICY_SHOWN_MAX);
	policy_show(p, comments, &text);
	if (text.len <= POLICY_FILE_MAX &&
	    (policy_load_text(
		 "again", "again", text.at, text.len, &again, &err) == -1 ||
		strcmp(again->digest, p->digest) != 0))
		abort();
	policy_free(again);
	buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { "" };
	struct policy *p = NULL;

	if (setenv("HOME", "/home/me", 1) == -1 ||
	    setenv("X", "$\\E{\"'\xc3\xa9", 1) == -1)
		abort();
	if (policy_load_text(
		"fuzz", "fuzz", (const char *)data, size, &p, &err) == 0) {
		check_again(p, true);
		check_again(p, false);
		policy_free(p);
	} else if (strncmp(err.msg, "fuzz:", 5) != 0 &&
		   strncmp(err.msg, "builtin:", 8) != 0) {
		abort();
	}
	return 0;
}
