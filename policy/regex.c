/*
 * PCRE2 with bounds.  Whatever the engine answers that is not a clear yes or no
 * is told apart, because a limit that reads as "no match" is a way round.
 *
 * A limit of PCRE2 holds for one place where a match may begin, so a text of
 * many such places could still take the square of its length.  Each expression
 * is therefore compiled a second time as "anything, then a match", which begins
 * at the start of the text alone: all that is tried counts towards one limit.
 * JIT code does not count every step: it runs on short texts only.  A pattern
 * that calls itself as a whole, as by (?R), would call that "anything" as well,
 * so it has no second form and is tried as it is.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/regex.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/json_scan.h"
#include "proxy/base/xalloc.h"

/* Bytes of a text that JIT code is tried on: its cube is little. */
#define REGEX_JIT_LEN 256U

#define REGEX_OPTIONS (PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C)

/* All ways of PCRE2 to call the whole; one inside a set only costs time. */
static bool
calls_itself(const char *text)
{
	static const char *const calls[] = { "(?R", "(?0", "\\g<0", "\\g'0" };

	for (size_t i = 0; i < nitems(calls); i++)
		if (strstr(text, calls[i]) != NULL)
			return true;
	return false;
}

int
regex_compile(struct policy_regex *re, int *ret_code, size_t *ret_offset)
{
	bool again = !calls_itself(re->text);
	char *whole;
	int code;
	size_t offset;

	re->code = pcre2_compile((PCRE2_SPTR)re->text, PCRE2_ZERO_TERMINATED,
	    REGEX_OPTIONS, ret_code, ret_offset, NULL);
	if (re->code == NULL)
		return -1;
	/* Without JIT the interpreter gives the same answers. */
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
	/* Behind a comment of an extended pattern the line must end. */
	for (size_t i = 0; again && i < 2 && re->search == NULL; i++) {
		whole =
		    xasprintf("(?s:.*?)(?:%s%s)", re->text, i == 0 ? "" : "\n");
		re->search =
		    pcre2_compile((PCRE2_SPTR)whole, PCRE2_ZERO_TERMINATED,
			REGEX_OPTIONS | PCRE2_ANCHORED | PCRE2_NO_AUTO_POSSESS,
			&code, &offset, NULL);
		free(whole);
	}
	return 0; /* one that cannot be put so is tried as it is */
}

void
regex_release(struct policy_regex *re)
{
	free(re->text);
	pcre2_code_free(re->code);
	pcre2_code_free(re->search);
}

static int
match(const pcre2_code *code, struct slice text, uint32_t options)
{
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t limit = REGEX_MATCH_LIMIT + 16 * text.len;
	int rc = PCRE2_ERROR_NOMEMORY;

	if (ctx != NULL && data != NULL) {
		pcre2_set_match_limit(
		    ctx, limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX);
		pcre2_set_heap_limit(ctx, 16 * 1024); /* KiB */
		rc = pcre2_match(code,
		    (PCRE2_SPTR)(text.at != NULL ? text.at : ""), text.len, 0,
		    options, data, ctx);
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(ctx);
	return rc;
}

/* The text with U+FFFD in the place of what is no UTF-8; owned. */
static char *
repair(struct slice text, size_t *ret_len)
{
	char *out = xmalloc(3 * text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len;) {
		const unsigned char *p = (const unsigned char *)text.at + i;
		uint32_t cp;
		size_t n = *p < 0x80 ? 1 : json_utf8(p, text.len - i, &cp);

		memcpy(out + len, n > 0 ? (const char *)p : "\xef\xbf\xbd",
		    n > 0 ? n : 3);
		len += n > 0 ? n : 3;
		i += n > 0 ? n : 1;
	}
	*ret_len = len;
	return out;
}

int
regex_find(const struct policy_regex *re, struct slice text)
{
	bool is_short = text.len <= REGEX_JIT_LEN;
	const pcre2_code *code =
	    is_short || re->search == NULL ? re->code : re->search;
	uint32_t options = is_short ? 0 : PCRE2_NO_JIT;
	int rc = match(code, text, options);

	if (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21) {
		struct slice whole;
		char *copy = repair(text, &whole.len);

		whole.at = copy;
		rc = match(code, whole, options);
		free(copy);
	}
	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
