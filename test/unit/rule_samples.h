#ifndef UNIT_RULE_SAMPLES_H
#define UNIT_RULE_SAMPLES_H

/*
 * What holds for every row of a table of rules.  The engine's findings are
 * compared with those of the expression over the whole text without a keyword
 * looked for: in every sample, in samples with a byte changed or left out, and
 * in the midst of other text.  So a keyword that is not in every match, and
 * a window that is too small for one, are found.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <check.h>
#include <ctype.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ruleset.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/rule_necessary.h"

#define SAMPLE_HITS 64
#define SAMPLE_AROUND 3000U /* bytes of other text on either side */

/* What is wrong is said of every row before the test fails. */
static unsigned sample_failures;

#define sample_check(cond, r, ...)                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			sample_failures++;                                     \
			printf("%s: ", (r)->id);                               \
			printf(__VA_ARGS__);                                   \
			printf("\n");                                          \
		}                                                              \
	} while (0)

struct sample_hits {
	struct {
		size_t first, end;
	} v[SAMPLE_HITS];
	size_t n;
	const struct rule *only; /* of this rule; NULL: of any */
	bool gave_up;
};

static inline bool
sample_take(void *ctx, const struct rule_hit *hit)
{
	struct sample_hits *hits = ctx;

	if (hits->only != NULL && hit->rule != hits->only)
		return true;
	hits->gave_up = hits->gave_up || hit->gave_up;
	hits->v[hits->n].first = hit->first;
	hits->v[hits->n++].end = hit->end;
	return hits->n < SAMPLE_HITS;
}

static inline pcre2_code *
sample_code(const struct rule *r)
{
	uint32_t options = (r->flags & RULE_CASE) != 0 ? 0 : PCRE2_CASELESS;
	int code;
	PCRE2_SIZE offset;
	pcre2_code *ret;

	if ((r->flags & RULE_LINES) != 0)
		options |= PCRE2_MULTILINE;
	ret = pcre2_compile((PCRE2_SPTR)r->pattern, PCRE2_ZERO_TERMINATED,
	    options, &code, &offset, NULL);
	ck_assert_msg(ret != NULL, "%s: PCRE2 error %d at %zu", r->id, code,
	    (size_t)offset);
	return ret; /* interpreted: another way than the engine's */
}

/* All hits in text, by the expression alone. */
static inline void
sample_oracle(const struct rule *r, const pcre2_code *code, struct slice text,
    struct sample_hits *ret)
{
	pcre2_match_data *data = pcre2_match_data_create(2, NULL);
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(data);
	size_t at = 0;

	ret->n = 0;
	while (at <= text.len && ret->n < SAMPLE_HITS) {
		int rc = pcre2_match(
		    code, (PCRE2_SPTR)text.at, text.len, at, 0, data, NULL);
		const PCRE2_SIZE *m;
		size_t start;

		if (rc < 0)
			break;
		start = pcre2_get_startchar(data);
		m = rc != 1 && v[2] != PCRE2_UNSET ? v + 2 : v;
		at = start + 1;
		if (r->verify != NULL &&
		    !r->verify((struct slice){ text.at + m[0], m[1] - m[0] }))
			continue;
		ret->v[ret->n].first = m[0];
		ret->v[ret->n++].end = m[1];
		at = v[1] > start ? v[1] : start + 1;
	}
	pcre2_match_data_free(data);
}

static inline bool
sample_same(const struct sample_hits *want, const struct sample_hits *got)
{
	if (got->gave_up || got->n != want->n)
		return false;
	for (size_t i = 0; i < want->n; i++)
		if (got->v[i].first != want->v[i].first ||
		    got->v[i].end != want->v[i].end)
			return false;
	return true;
}

/* Does the engine find in text what the expression finds?  Says so if not. */
static inline bool
sample_agrees(const struct rule *r, struct ruleset *rs, const pcre2_code *code,
    struct slice text, size_t *ret_n)
{
	struct sample_hits want = { .n = 0 }, got = { .n = 0 };
	bool same;

	sample_oracle(r, code, text, &want);
	ruleset_scan(rs, text, 0, 0, sample_take, &got);
	*ret_n = want.n;
	same = sample_same(&want, &got);
	sample_check(same, r,
	    "%zu hits, first %zu to %zu; the expression alone has %zu, first "
	    "%zu to %zu%s: \"%.*s\"",
	    got.n, got.n > 0 ? got.v[0].first : 0, got.n > 0 ? got.v[0].end : 0,
	    want.n, want.n > 0 ? want.v[0].first : 0,
	    want.n > 0 ? want.v[0].end : 0, got.gave_up ? "; gave up" : "",
	    (int)(text.len < 300 ? text.len : 300),
	    text.len < 300 ? text.at : text.at + SAMPLE_AROUND);
	return same;
}

/* The sample with a byte changed or left out, while both agree. */
static inline void
sample_mutants(const struct rule *r, struct ruleset *rs, const pcre2_code *code,
    const char *sample)
{
	static const char bytes[] = "x0_ -.\n";
	size_t len = strlen(sample), step = len / 200 + 1, n;
	char *text = xmemdup0(sample, len);
	bool same = true;

	for (size_t i = 0; same && i < len; i += step) {
		char c = text[i];

		for (const char *b = bytes; same && *b != '\0'; b++) {
			text[i] = *b;
			same = sample_agrees(
			    r, rs, code, (struct slice){ text, len }, &n);
		}
		text[i] = c;
		memmove(text + i, text + i + 1, len - i - 1);
		same = same && sample_agrees(r, rs, code,
				   (struct slice){ text, len - 1 }, &n);
		memcpy(text, sample, len);
	}
	for (size_t i = 0; i < len; i++)
		text[i] = (char)toupper((unsigned char)text[i]);
	same =
	    same && sample_agrees(r, rs, code, (struct slice){ text, len }, &n);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
	(void)(same &&
	       sample_agrees(r, rs, code, (struct slice){ text, len }, &n));
	free(text);
}

/* The sample in the midst of other text, where windows are cut. */
static inline void
sample_embedded(const struct rule *r, struct ruleset *rs,
    const pcre2_code *code, const char *sample)
{
	static const char *const around[] = { "some words ", "a\n", "  ",
		"0123456789" };
	size_t len = strlen(sample), total = 2 * SAMPLE_AROUND + len, hits;
	char *text = xmalloc(total);
	bool same = true;

	for (size_t k = 0; same && k < nitems(around); k++) {
		size_t n = strlen(around[k]);

		for (size_t i = 0; i < SAMPLE_AROUND; i++) {
			text[i] = around[k][i % n];
			text[SAMPLE_AROUND + len + i] = around[k][i % n];
		}
		memcpy(text + SAMPLE_AROUND, sample, len);
		same = sample_agrees(
		    r, rs, code, (struct slice){ text, total }, &hits);
	}
	free(text);
}

static inline void
sample_form(const struct rule *r)
{
	ck_assert_msg(r->id != NULL && *r->id != '\0' && r->pattern != NULL &&
			  r->keywords != NULL,
	    "a row lacks its id, pattern or keywords");
	for (const char *c = r->id; *c != '\0'; c++)
		sample_check(isalnum((unsigned char)*c) || *c == '-', r,
		    "no id: '%c' in it", *c);
	for (const char *k = r->keywords;; k++) {
		size_t len = strcspn(k, "|" RULE_ALSO);

		sample_check(len >= 3, r, "keyword too short: %s", k);
		sample_check(
		    len <= 64, r, "longer than ruleset_window.c allows");
		for (size_t i = 0; i < len; i++)
			sample_check(!(k[i] >= 'A' && k[i] <= 'Z'), r,
			    "keyword not in lower case: %s", k);
		k += len;
		if (*k == '\0')
			break;
	}
	sample_check(r->hits != NULL && r->hits[0] != NULL, r, "no sample");
}

/* Samples that must be found, or must not be, by the row and among all. */
static inline void
sample_list(const struct rule *r, struct ruleset *all, const char *const *list,
    bool hits)
{
	struct ruleset *rs = ruleset_new(r, 1);
	pcre2_code *code = sample_code(r);

	for (; *list != NULL; list++) {
		struct sample_hits got = { .only = r };
		size_t n;

		if (!sample_agrees(r, rs, code, slice_of(*list), &n))
			continue;
		sample_check((n > 0) == hits, r, "%s: \"%s\"",
		    hits ? "a sample not found" : "a miss is found", *list);
		ruleset_scan(all, slice_of(*list), 0, 0, sample_take, &got);
		sample_check(got.n == n && !got.gave_up, r,
		    "not the same among all rules: \"%s\"", *list);
		sample_mutants(r, rs, code, *list);
		sample_embedded(r, rs, code, *list);
	}
	pcre2_code_free(code);
	ruleset_free(rs);
}

/* Is one of each list of keywords in every match? */
static inline bool
sample_proved(const struct rule *r)
{
	char *first = xstrdup(r->keywords);
	char *second = strchr(first, *RULE_ALSO);
	bool proved;

	if (second != NULL)
		*second++ = '\0';
	proved = rule_necessary(r->pattern, first) &&
		 (second == NULL || rule_necessary(r->pattern, second));
	free(first);
	return proved;
}

/* Every row of a table; says of which rows the keywords are proved. */
static inline void
rule_samples(const char *table, const struct rule *rows, size_t n)
{
	struct ruleset *all = ruleset_new(rows, n);
	size_t proved = 0;

	for (size_t i = 0; i < n; i++) {
		sample_form(&rows[i]);
		for (size_t j = 0; j < i; j++)
			sample_check(strcmp(rows[i].id, rows[j].id) != 0,
			    &rows[i], "two rows of that id");
		if (rows[i].hits != NULL)
			sample_list(&rows[i], all, rows[i].hits, true);
		if (rows[i].misses != NULL)
			sample_list(&rows[i], all, rows[i].misses, false);
		if (sample_proved(&rows[i]))
			proved++;
		else
			printf("%s: %s: keywords by samples alone\n", table,
			    rows[i].id);
	}
	printf("%s: keywords of %zu of %zu rows proved\n", table, proved, n);
	ruleset_free(all);
	fflush(stdout);
	ck_assert_msg(sample_failures == 0, "%s: %u failures, see above", table,
	    sample_failures);
}

#endif
