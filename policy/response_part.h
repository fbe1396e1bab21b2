#ifndef POLICY_RESPONSE_PART_H
#define POLICY_RESPONSE_PART_H

/* What check_response.c, text by text, and response_join.c share. */
#include <stdbool.h>
#include <stddef.h>

#include "policy/check.h"
#include "policy/injection.h"
#include "proxy/base/buf.h"
#include "proxy/base/json.h"

struct cut;
struct spots;

/* One message on its way through. */
struct reading {
	const struct check_env *env;
	const struct msg *msg;
	struct verdict *v;
	enum action action;
	enum injection_field field;
	size_t n; /* spans that are replaced */
	bool dry; /* nothing is replaced: a tool is being looked at */
	bool soft; /* cleaned where the policy denies: never refused */
	const struct spots *spots; /* where to look; NULL: everywhere */
	struct buf text; /* work space */
};

/* The first finding of the strictest kind names the verdict. */
void response_note(struct reading *r, const struct cut *cut, struct slice text);

/* What is split over several texts is found where they are joined. */
void response_joined(struct reading *r, json_at content);

#endif
