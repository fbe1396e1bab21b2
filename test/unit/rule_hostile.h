#ifndef UNIT_RULE_HOSTILE_H
#define UNIT_RULE_HOSTILE_H

/*
 * Texts that make an expression work: its keywords again and again, each
 * followed by a run of what it may repeat; its samples without their end, with
 * another byte at the end, and with one byte again and again.  None of them may
 * make the engine give up, nor take much longer than its length allows.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/ruleset.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

#define HOSTILE_LEN 8192U
#define HOSTILE_PIECE 3000U
/* Of one text, in seconds: some hundred times what the slowest takes. */
#define HOSTILE_SECONDS 4

struct hostile {
	const struct rule *rule;
	struct ruleset *rs;
	char text[HOSTILE_LEN], piece[HOSTILE_PIECE + 1];
	unsigned failures;
};

static inline bool
hostile_take(void *ctx, const struct rule_hit *hit)
{
	*(bool *)ctx = *(bool *)ctx || hit->gave_up;
	return true;
}

/* A text of piece[0..len), again and again. */
static inline void
hostile_run(struct hostile *h, size_t len, const char *what)
{
	bool gave_up = false;
	clock_t from = clock();

	for (size_t i = 0; i < HOSTILE_LEN; i++)
		h->text[i] = h->piece[i % len];
	ruleset_scan(h->rs, (struct slice){ h->text, HOSTILE_LEN }, 0, 0,
	    hostile_take, &gave_up);
	if (gave_up || (clock() - from) / CLOCKS_PER_SEC >= HOSTILE_SECONDS) {
		printf("%s: %s: %s: \"%.60s\"\n", h->rule->id, what,
		    gave_up ? "gave up" : "too slow", h->piece);
		h->failures++;
	}
}

static inline void
hostile_keyword(struct hostile *h, const char *keyword, size_t len)
{
	static const char *const runs[] = { "a", "A", "0", "_", "'", " ", "\n",
		"(", "\"", "/", ".", "\\", "=", "%", "{", "<", "a ", "A1",
		"a'" };
	static const size_t upto[] = { 40, 220, HOSTILE_PIECE };

	memcpy(h->piece, keyword, len);
	hostile_run(h, len, "keyword");
	for (size_t i = 0; i < nitems(runs); i++)
		for (size_t k = 0; k < nitems(upto); k++) {
			size_t n = strlen(runs[i]);

			for (size_t at = len; at < upto[k]; at++)
				h->piece[at] = runs[i][(at - len) % n];
			h->piece[upto[k]] = '\0';
			hostile_run(
			    h, len > upto[k] ? len : upto[k], "keyword, run");
		}
}

static inline void
hostile_sample(struct hostile *h, const char *sample)
{
	size_t len = strlen(sample), most = HOSTILE_PIECE / 2;

	len = len < most ? len : most;
	memcpy(h->piece, sample, len);
	h->piece[len] = '\0';
	for (size_t part = 3; part <= 9 && len >= 9; part++)
		hostile_run(h, len * part / 9, "sample, cut");
	for (size_t at = len / 6; at < len; at += len / 4 + 1) {
		memcpy(h->piece, sample, at);
		memset(h->piece + at, sample[at], most);
		memcpy(h->piece + at + most, sample + at, len - at);
		hostile_run(h, len + most, "sample, stretched");
	}
	memcpy(h->piece, sample, len);
	h->piece[len - 1] = '\x01';
	hostile_run(h, len, "sample, but its end");
}

/* Every row of a table. */
static inline void
rule_hostile(const char *table, const struct rule *rows, size_t n)
{
	struct hostile *h = xcalloc(1, sizeof(*h));
	unsigned failures;

	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(rows[i].keywords, "|");

		h->rule = &rows[i];
		h->rs = ruleset_new(&rows[i], 1);
		hostile_keyword(h, rows[i].keywords, len);
		for (size_t k = 0; k < 2 && rows[i].hits[k] != NULL; k++)
			hostile_sample(h, rows[i].hits[k]);
		ruleset_free(h->rs);
	}
	failures = h->failures;
	free(h);
	fflush(stdout);
	ck_assert_msg(failures == 0, "%s: %u failures", table, failures);
}

#endif
