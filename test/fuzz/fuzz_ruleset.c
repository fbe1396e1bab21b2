/*
 * The prefilter against a search that cannot be wrong, and the engine's
 * windows against the expressions over the whole text.  The input: how many
 * literals, each with its length before it, then the text.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/fold.h"
#include "policy/prefilter.h"
#include "policy/ruleset.h"
#include "proxy/base/array.h"

#define LITERALS_MAX 16U
#define LITERAL_MAX 24U
#define TEXT_MAX 4096U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

static bool
stands_at(struct slice literal, struct slice text, size_t at)
{
	if (literal.len > text.len - at)
		return false;
	for (size_t i = 0; i < literal.len; i++)
		if (fold_ascii((unsigned char)text.at[at + i]) !=
		    (unsigned char)literal.at[i])
			return false;
	return true;
}

/* Every occurrence once; the search is interrupted half way. */
static void
check_prefilter(const struct slice *literals, size_t n, struct slice text)
{
	static uint8_t seen[LITERALS_MAX][TEXT_MAX];
	struct prefilter *pf = prefilter_new(literals, n);
	struct prefilter_cursor c = { 0 };
	struct prefilter_hit hit;

	memset(seen, 0, sizeof(seen));
	while (prefilter_next(pf, text, text.len / 2, &c, &hit))
		seen[hit.literal][hit.first]++;
	while (prefilter_next(pf, text, text.len, &c, &hit))
		seen[hit.literal][hit.first]++;
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < text.len; at++)
			must(seen[i][at] == stands_at(literals[i], text, at),
			    "prefilter");
	prefilter_free(pf);
}

static bool
odd(struct slice match)
{
	return match.len % 2 != 0;
}

/* No match is longer than the windows are, and each holds a keyword. */
static const struct rule rules[] = {
	{ .id = "a",
	    .pattern = "\\bkey=[a-z]{2,9}+(?![0-9])",
	    .keywords = "key=" },
	{ .id = "b",
	    .pattern = "(?:cat|dogs?)(?<=[ts])\\B.(x?)",
	    .keywords = "cat|dog",
	    .before = 4,
	    .behind = 6 },
	{ .id = "c",
	    .pattern = "^.{0,5}abc[abc]{0,4}$",
	    .keywords = "abc",
	    .before = 6,
	    .behind = 5,
	    .flags = RULE_LINES },
	{ .id = "d",
	    .pattern = "aba[ab]{1,6}",
	    .keywords = "aba",
	    .before = 1,
	    .behind = 7,
	    .flags = RULE_CASE,
	    .verify = odd },
	{ .id = "e",
	    .pattern = "\\A.{0,3}start|the end\\z",
	    .keywords = "start|the end",
	    .before = 4,
	    .behind = 4 },
};

struct finding {
	size_t first, end;
};

struct findings {
	struct finding v[TEXT_MAX + 1];
	size_t n;
	const struct rule *rule;
};

static bool
take(void *ctx, const struct rule_hit *hit)
{
	struct findings *f = ctx;

	must(!hit->gave_up, "gave up");
	if (hit->rule == f->rule) {
		must(f->n < nitems(f->v), "too many");
		f->v[f->n].first = hit->first;
		f->v[f->n++].end = hit->end;
	}
	return true;
}

static pcre2_code *
compile(const struct rule *r)
{
	uint32_t options = (r->flags & RULE_CASE) != 0 ? 0 : PCRE2_CASELESS;
	PCRE2_SIZE offset;
	pcre2_code *re;
	int code;

	if ((r->flags & RULE_LINES) != 0)
		options |= PCRE2_MULTILINE;
	re = pcre2_compile((PCRE2_SPTR)r->pattern, PCRE2_ZERO_TERMINATED,
	    options, &code, &offset, NULL);
	must(re != NULL, "pattern");
	return re;
}

/* got: what the engine found. */
static void
check_rule(const struct rule *r, struct slice text, const struct findings *got)
{
	pcre2_code *re = compile(r);
	pcre2_match_data *data = pcre2_match_data_create(2, NULL);
	const PCRE2_SIZE *v;
	size_t at = 0, n = 0;
	int rc;

	must(data != NULL, "memory");
	v = pcre2_get_ovector_pointer(data);
	while ((rc = pcre2_match(re, (PCRE2_SPTR)text.at, text.len, at, 0, data,
		    NULL)) != PCRE2_ERROR_NOMATCH) {
		size_t start = pcre2_get_startchar(data);
		const PCRE2_SIZE *m = rc == 2 ? v + 2 : v;
		struct slice match = { text.at + m[0], m[1] - m[0] };

		must(rc > 0, "an error");
		at = start + 1;
		if (r->verify != NULL && !r->verify(match))
			continue;
		must(n < got->n && got->v[n].first == m[0] &&
			 got->v[n].end == m[1],
		    r->id);
		n++;
		at = v[1];
	}
	must(n == got->n, r->id);
	pcre2_match_data_free(data);
	pcre2_code_free(re);
}

static void
check_rules(struct slice text)
{
	static struct findings got;
	static struct ruleset *rs;

	if (rs == NULL)
		rs = ruleset_new(rules, nitems(rules));
	for (size_t i = 0; i < nitems(rules); i++) {
		got.n = 0;
		got.rule = &rules[i];
		ruleset_scan(rs, text, 0, 0, take, &got);
		check_rule(&rules[i], text, &got);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char store[LITERALS_MAX][LITERAL_MAX];
	struct slice literals[LITERALS_MAX], text;
	size_t n = 0, want;

	if (size == 0)
		return 0;
	want = data[0] % (LITERALS_MAX + 1);
	for (data++, size--; n < want && size > 1; n++) {
		size_t len = PREFILTER_LITERAL_MIN +
			     *data % (LITERAL_MAX - PREFILTER_LITERAL_MIN);

		if (len >= size)
			break;
		for (size_t i = 0; i < len; i++)
			store[n][i] = (char)fold_ascii(data[1 + i]);
		literals[n] = (struct slice){ store[n], len };
		data += 1 + len;
		size -= 1 + len;
	}
	if (size == 0 || size > TEXT_MAX)
		return 0;
	text = (struct slice){ (const char *)data, size };
	check_prefilter(literals, n, text);
	check_rules(text);
	return 0;
}
