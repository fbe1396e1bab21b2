#ifndef POLICY_RULESET_PART_H
#define POLICY_RULESET_PART_H

/* What ruleset.c, which runs expressions, and ruleset_window.c share. */
#include <stdint.h>

#include "policy/expr.h"
#include "policy/keywords.h"
#include "policy/prefilter.h"
#include "policy/ruleset.h"

/* Regions kept; where these are not enough a block ends earlier. */
#define REGIONS 1024U

struct region {
	size_t first, end;
	uint32_t next; /* of the same rule: index + 1, or 0 */
};

/* A rule, and what a scan keeps about it. */
struct work {
	const struct rule *row; /* borrowed */
	struct expr expr;
	size_t before, behind;
	bool paired; /* it has RULE_ALSO */
	/* Of the scan whose number is scan. */
	uint64_t scan;
	size_t at; /* all before is done with */
	uint64_t refused; /* bytes of matches that were none */
	bool over; /* the engine gave up: nothing is said any more */
	uint32_t head, tail; /* regions: index + 1, or 0 */
	/* Where the rule has two lists: one behind the last place of the
	   second's, or 0; and a region that waits for one up to `wanted`. */
	size_t also;
	struct region waits;
	size_t wanted;
};

struct ruleset {
	const struct rule *rows; /* borrowed */
	struct work *work; /* owned: of each row */
	size_t n;
	/* Made when first asked for; those who scan ask for a few. */
	struct keywords **keywords; /* owned */
	size_t nkeywords;
	uint64_t *queued; /* owned: a bit for each rule that has regions */
	struct region *region; /* owned: REGIONS and one for each rule */
	uint32_t nregion;
	struct expr_room room;
	uint64_t scan; /* number of the scan that is being made */
};

/* One call of ruleset_scan(). */
struct scan_call {
	struct slice text;
	const struct keywords *keywords;
	rule_hit_fn *fn;
	void *ctx;
	uint64_t effort; /* bytes of regions so far */
};

/*
 * Opens the windows of all keywords whose anchor is before until, as far as
 * there is room for them; true if there may be more of them.
 */
bool ruleset_open(struct ruleset *rs, const struct scan_call *call,
    size_t until, struct prefilter_cursor *c);

#endif
