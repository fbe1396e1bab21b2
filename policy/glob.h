#ifndef POLICY_GLOB_H
#define POLICY_GLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

struct policy_list;

/*
 * Does the whole of text match?  '*' stands for any bytes, none included, '?'
 * for one byte; everything else for itself, case and all.  At most the product
 * of both lengths in steps.
 */
bool glob_match(const char *glob, struct slice text);

/* Does text hold part, ASCII letters of any case being equal? */
bool glob_part(const char *part, struct slice text);

/* Index of the first glob of a list that matches, or -1. */
long glob_find(const struct policy_list *list, struct slice text);

#endif
