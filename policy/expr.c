/*
 * PCRE2 on a part of a text as if it were on all of it, in bounded time.
 *
 * The engine is given the text from its first byte, so what stands before the
 * place where it starts is seen by \b, ^ and lookbehinds as it is.  The starts
 * are taken some thousand at a time, and behind the last of them the text ends
 * for the engine when an attempt has had e->reach bytes.  PCRE2's hard partial
 * matching tells when an attempt came to that end, if only to see whether it is
 * one; every other answer is that for the whole text.  An attempt that came to
 * the end is made once more with e->reach bytes from its own start, and that
 * answer stands: it depends on the text around the start, never on where a
 * part was cut.
 *
 * Whatever the engine answers that is not a clear yes or no is told apart,
 * because a limit that reads as "no match" is a way round.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/expr.h"

#include <pcre2.h>

#include "policy/regex.h"
#include "policy/ruleset.h"

/* Bytes of starts for one call of the engine. */
#define STARTS 4096U
/* Bytes: at first, and at most. */
#define JIT_STACK_MIN (32U << 10)
#define JIT_STACK_MAX (1U << 20)
/* KiB, where the engine interprets. */
#define HEAP_LIMIT (16U << 10)

void
expr_room_release(struct expr_room *room)
{
	pcre2_match_data_free(room->data);
	pcre2_match_context_free(room->ctx);
	pcre2_jit_stack_free(room->stack);
	*room = (struct expr_room){ 0 };
}

void
expr_release(struct expr *e)
{
	pcre2_code_free(e->code);
	e->code = NULL;
	e->compiled = false;
}

/* False when memory is short. */
static bool
prepare(struct expr_room *room)
{
	if (room->data == NULL)
		room->data = pcre2_match_data_create(2, NULL);
	if (room->ctx == NULL) {
		room->ctx = pcre2_match_context_create(NULL);
		if (room->ctx != NULL) {
			pcre2_set_match_limit(room->ctx, REGEX_MATCH_LIMIT);
			pcre2_set_heap_limit(room->ctx, HEAP_LIMIT);
		}
	}
	return room->data != NULL && room->ctx != NULL;
}

/*
 * Without JIT, for want of memory that may be executed, the engine interprets:
 * slower, with the same answers.
 */
static void
compile(struct expr_room *room, struct expr *e)
{
	uint32_t options =
	    PCRE2_USE_OFFSET_LIMIT | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE offset;
	int code;

	if ((e->flags & RULE_CASE) == 0)
		options |= PCRE2_CASELESS;
	if ((e->flags & RULE_LINES) != 0)
		options |= PCRE2_MULTILINE;
	e->compiled = true;
	e->code = pcre2_compile((PCRE2_SPTR)e->pattern, PCRE2_ZERO_TERMINATED,
	    options, &code, &offset, NULL);
	e->jit = e->code != NULL &&
		 pcre2_jit_compile(e->code, PCRE2_JIT_COMPLETE) == 0;
	if (!e->jit || room->stack != NULL)
		return;
	room->stack =
	    pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	/* Without a stack of ours the engine has 32 KiB of its own. */
	if (room->stack != NULL)
		pcre2_jit_stack_assign(room->ctx, NULL, room->stack);
}

/* A place to look at: starts from at on, before last; the text up to see. */
struct part {
	size_t at, last, see;
	uint32_t options;
};

static int
engine(struct expr_room *room, const struct expr *e, struct slice text,
    const struct part *p)
{
	pcre2_set_offset_limit(room->ctx, p->last - 1);
	if (e->jit) /* the same without its checks of our arguments */
		return pcre2_jit_match(e->code, (PCRE2_SPTR)text.at, p->see,
		    p->at, p->options, room->data, room->ctx);
	return pcre2_match(e->code, (PCRE2_SPTR)text.at, p->see, p->at,
	    p->options, room->data, room->ctx);
}

/* Matches in one part; *at moves to the start, or behind what had none. */
static int
next_in(struct expr_room *room, struct expr *e, struct slice text,
    struct part *p, size_t *at)
{
	bool cut = text.len - p->last > e->reach;
	int rc;

	p->see = cut ? p->last + e->reach : text.len;
	p->options = cut ? PCRE2_PARTIAL_HARD : 0;
	if (cut && e->jit && !e->partial) {
		e->jit =
		    pcre2_jit_compile(e->code, PCRE2_JIT_PARTIAL_HARD) == 0;
		e->partial = true;
	}
	rc = engine(room, e, text, p);
	if (rc == PCRE2_ERROR_PARTIAL) {
		p->at = pcre2_get_startchar(room->data);
		p->last = p->at + 1;
		p->see = p->at + e->reach;
		p->options = PCRE2_NOTEOL;
		rc = engine(room, e, text, p);
	}
	if (rc >= 0)
		*at = pcre2_get_startchar(room->data);
	else
		*at = rc == PCRE2_ERROR_NOMATCH ? p->last : p->at;
	return rc;
}

/* rc: what the engine answered. */
static void
take(const struct expr_room *room, int rc, struct slice text, size_t start,
    struct expr_match *ret)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(room->data);
	/* 1: no group took part; 0: more groups than there is room for. */
	bool group = rc != 1 && v[2] != PCRE2_UNSET && v[3] >= v[2];

	ret->start = start;
	ret->end = v[1] > start ? v[1] : start;
	if (group)
		ret->text = (struct slice){ text.at + v[2], v[3] - v[2] };
	else
		ret->text = (struct slice){ text.at + v[0],
			v[1] > v[0] ? v[1] - v[0] : 0 };
}

int
expr_next(struct expr_room *room, struct expr *e, struct slice text, size_t *at,
    size_t end, struct expr_match *ret)
{
	int rc = PCRE2_ERROR_NOMATCH;

	if (!e->compiled && prepare(room))
		compile(room, e);
	if (e->code == NULL)
		return -1;
	while (*at < end && rc == PCRE2_ERROR_NOMATCH) {
		struct part p = {
			.at = *at,
			.last = end - *at > STARTS ? *at + STARTS : end,
		};

		rc = next_in(room, e, text, &p, at);
	}
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return -1;
	take(room, rc, text, *at, ret);
	return 1;
}
