#ifndef POLICY_PATHSCAN_H
#define POLICY_PATHSCAN_H

#include "policy/pathdeny.h"
#include "policy/pathname.h"

struct policy;

/* What the stage path keeps from string to string. */
struct pathscan {
	struct pathname pn; /* work space: the reading that is judged */
	/* The working directory, "" until it is known: we never change it. */
	char here[PATH_MAX];
	struct pathdeny *denied; /* owned; NULL until it is asked for */
	size_t steps; /* that are left for this message: pathscan_step() */
	char digest[65]; /* of the policy that denied was made for */
};

struct pathscan *pathscan_new(void);
void pathscan_free(struct pathscan *ps); /* accepts NULL */

/* A new message has its own steps. */
void pathscan_begin(struct pathscan *ps);

/*
 * Before each of what an attacker can ask for by the product of two lengths: a
 * name of a directory compared, a path joined.  False: one message asks for too
 * many.
 */
bool pathscan_step(struct pathscan *ps);

/* The working directory, absolute; NULL if it has no name. */
const char *pathscan_here(struct pathscan *ps);

/* paths.deny of the policy, made ready; borrowed until the policy changes. */
struct pathdeny *pathscan_denied(struct pathscan *ps, const struct policy *p);

#endif
