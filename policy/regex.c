/*
 * PCRE2 with bounds.  Whatever the engine answers that is not a clear yes or no
 * is told apart, because a limit that reads as "no match" is a way round.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/regex.h"

#include <pcre2.h>

#include "policy/policy.h"

int
regex_find(const struct policy_regex *re, struct slice text)
{
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc = -1, found = -1;

	if (ctx != NULL && data != NULL) {
		pcre2_set_match_limit(ctx, REGEX_MATCH_LIMIT);
		pcre2_set_heap_limit(ctx, 16 * 1024); /* KiB */
		found = pcre2_match(re->code,
		    (PCRE2_SPTR)(text.at != NULL ? text.at : ""), text.len, 0,
		    0, data, ctx);
		rc = found >= 0 ? 1 : found == PCRE2_ERROR_NOMATCH ? 0 : -1;
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(ctx);
	return rc;
}
