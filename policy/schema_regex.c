/*
 * Patterns: from a tree to PCRE2's spelling, and its engine with bounds.  What
 * is written is made from the tree alone: no byte of a pattern goes through as
 * it was sent.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/schema_regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "policy/schema_regex_ast.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/*
 * Steps of the engine for any text, and those more for each of its bytes.  They
 * are PCRE2's own count of ways that it tries.
 */
#define MATCH_LIMIT 10000U
#define MATCH_LIMIT_BYTE 16U

/* Its memory, in KiB. */
#define HEAP_LIMIT (32U * 1024U)

/*
 * Bytes of a text for a pattern that may look through all of it in what counts
 * as one step: some milliseconds at most, though it does so at every place.
 */
#define SCAN_MAX 4096U

/* A part that is repeated as often at once is looked through without a count.
 */
#define SCAN_COUNT 100U

struct schema_regex {
	pcre2_code *code; /* owned */
	pcre2_match_context *context; /* owned */
	pcre2_match_data *data; /* owned */
	bool scans; /* may look through a text without counting */
	bool compiled; /* for the machine: at the first search */
};

static void write_node(const struct re_tree *t, uint32_t at, struct buf *dst);

static void
write_children(
    const struct re_tree *t, uint32_t at, const char *between, struct buf *dst)
{
	uint32_t child = t->nodes[at].child;

	for (; child != RE_NONE; child = t->nodes[child].next) {
		write_node(t, child, dst);
		if (t->nodes[child].next != RE_NONE)
			buf_must(buf_add_str(dst, between));
	}
}

static void
write_repeat(const struct re_tree *t, const struct re_node *n, struct buf *dst)
{
	bool set = t->nodes[n->child].kind == RE_SET;

	/* Without a group PCRE2 runs over a set in one step. */
	buf_must(buf_add_str(dst, set ? "" : "(?:"));
	write_node(t, n->child, dst);
	buf_must(buf_addf(dst, "%s{%u,", set ? "" : ")", (unsigned)n->min));
	if (n->max != RE_MANY)
		buf_must(buf_addf(dst, "%u", (unsigned)n->max));
	buf_must(buf_add_str(dst, n->lazy ? "}?" : "}"));
}

/* What goes before and behind a child. */
static void
write_around(const struct re_tree *t, const struct re_node *n,
    const char *before, struct buf *dst)
{
	buf_must(buf_add_str(dst, before));
	write_node(t, n->child, dst);
	buf_must(buf_add_byte(dst, ')'));
}

static void
write_node(const struct re_tree *t, uint32_t at, struct buf *dst)
{
	const struct re_node *n = &t->nodes[at];

	switch (n->kind) {
	case RE_EMPTY:
		break;
	case RE_SET:
		re_set_write(&t->sets[n->index], dst);
		break;
	case RE_CAT:
		write_children(t, at, "", dst);
		break;
	case RE_ALT:
		buf_must(buf_add_str(dst, "(?:"));
		write_children(t, at, "|", dst);
		buf_must(buf_add_byte(dst, ')'));
		break;
	case RE_REPEAT:
		write_repeat(t, n, dst);
		break;
	case RE_GROUP:
		write_around(t, n, "(", dst);
		break;
	case RE_LOOK:
		if (n->behind)
			write_around(t, n, n->negated ? "(?<!" : "(?<=", dst);
		else
			write_around(t, n, n->negated ? "(?!" : "(?=", dst);
		break;
	case RE_BACK:
		buf_must(buf_addf(dst, "\\g{%u}", (unsigned)n->index));
		break;
	case RE_START:
		buf_must(buf_add_str(dst, "\\A"));
		break;
	case RE_END:
		buf_must(buf_add_str(dst, "\\z"));
		break;
	case RE_EDGE: /* between letters of ASCII, as without PCRE2_UCP */
		buf_must(buf_add_str(dst, n->negated ? "\\B" : "\\b"));
		break;
	}
}

static int
compile(struct schema_regex *re, struct slice text, struct error *err)
{
	/* Without possessive repeats each step forth may be one back, which is
	   counted. */
	const uint32_t flags = PCRE2_UTF | PCRE2_NO_AUTO_POSSESS |
			       PCRE2_ALLOW_EMPTY_CLASS |
			       PCRE2_MATCH_UNSET_BACKREF;
	PCRE2_UCHAR message[128];
	size_t where;
	int fault;

	re->code = pcre2_compile(
	    (PCRE2_SPTR)text.at, text.len, flags, &fault, &where, NULL);
	if (re->code == NULL) {
		(void)pcre2_get_error_message(fault, message, sizeof(message));
		return error_set(err, "pattern: %s", (const char *)message);
	}
	re->context = pcre2_match_context_create(NULL);
	re->data = pcre2_match_data_create(1, NULL);
	if (re->context == NULL || re->data == NULL)
		return error_set(err, "pattern: no memory");
	pcre2_set_heap_limit(re->context, HEAP_LIMIT);
	return 0;
}

/* Is there a repeat below a node? */
static bool
repeats(const struct re_tree *t, uint32_t at)
{
	if (t->nodes[at].kind == RE_REPEAT)
		return true;
	for (uint32_t c = t->nodes[at].child; c != RE_NONE;
	     c = t->nodes[c].next)
		if (repeats(t, c))
			return true;
	return false;
}

/* What a look has seen is not gone back into; a group is compared at once. */
static bool
may_scan(const struct re_tree *t)
{
	for (uint32_t i = 0; i < t->nnodes; i++) {
		const struct re_node *n = &t->nodes[i];

		if (n->kind == RE_BACK ||
		    (n->kind == RE_REPEAT && n->min > SCAN_COUNT) ||
		    (n->kind == RE_LOOK && repeats(t, n->child)))
			return true;
	}
	return false;
}

/* Counts make much of few bytes, so what it has become is what counts. */
static int
spend_size(const struct schema_regex *re, uint64_t *work)
{
	size_t size = 0;

	(void)pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &size);
	*work = *work > size ? *work - size : 0;
	return *work > 0 ? 0 : -1;
}

int
schema_regex_new(struct slice pattern, uint64_t *work,
    struct schema_regex **ret, struct error *err)
{
	struct schema_regex *re = xcalloc(1, sizeof(*re));
	struct re_tree tree;
	struct buf text;
	int rc = -1;

	buf_init(&text, SIZE_MAX / 2);
	if (re_tree_read(&tree, pattern, err) == -1)
		goto out;
	if (re_tree_redos(&tree, work, err) == -1)
		goto out;
	/* The search is put into the pattern, for PCRE2 would begin to count
	   its steps anew wherever a match may begin. */
	buf_must(buf_add_str(&text, "\\A[\\x{0}-\\x{10ffff}]*?(?:"));
	write_node(&tree, tree.root, &text);
	buf_must(buf_add_byte(&text, ')'));
	re->scans = may_scan(&tree);
	if (compile(re, buf_slice(&text), err) == -1)
		goto out;
	if (spend_size(re, work) == -1) {
		error_set(err, "too many patterns");
		goto out;
	}
	*ret = re;
	re = NULL;
	rc = 0;
out:
	buf_release(&text);
	re_tree_release(&tree);
	schema_regex_free(re);
	return rc;
}

void
schema_regex_free(struct schema_regex *re)
{
	if (re == NULL)
		return;
	pcre2_match_data_free(re->data);
	pcre2_match_context_free(re->context);
	pcre2_code_free(re->code);
	free(re);
}

int
schema_regex_find(struct schema_regex *re, struct slice text)
{
	PCRE2_SPTR at = (PCRE2_SPTR)(text.at != NULL ? text.at : "");
	uint32_t flags = PCRE2_NO_UTF_CHECK;
	int rc;

	if (text.len > UINT32_MAX / (2 * MATCH_LIMIT_BYTE) ||
	    (re->scans && text.len > SCAN_MAX))
		return -1;
	if (text.len <= SCHEMA_REGEX_SHORT && !re->compiled) {
		/* Without it the search is slower, and as right. */
		(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
		re->compiled = true;
	}
	/* What is compiled for the machine does not count all of its steps. */
	if (text.len > SCHEMA_REGEX_SHORT)
		flags |= PCRE2_NO_JIT;
	pcre2_set_match_limit(
	    re->context, MATCH_LIMIT + MATCH_LIMIT_BYTE * (uint32_t)text.len);
	rc = pcre2_match(
	    re->code, at, text.len, 0, flags, re->data, re->context);
	/* Its stack is small; the other way has the heap. */
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(re->code, at, text.len, 0,
		    flags | PCRE2_NO_JIT, re->data, re->context);
	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
