#ifndef POLICY_BUILTIN_H
#define POLICY_BUILTIN_H

#include <stddef.h>

/* A shipped policy as it was when the program was built (policies/embed.sh). */
struct builtin {
	const char *name; /* without ".yaml"; NULL ends the table */
	const unsigned char *at;
	size_t len;
};

extern const struct builtin builtins[];

/* What stands before such a name where a file could have it too. */
#define BUILTIN_PREFIX "builtin:"

/* The row of a name, or NULL. */
const struct builtin *builtin_find(const char *name);

#endif
