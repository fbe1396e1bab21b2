#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

#include <stddef.h>

#include "proxy/base/json.h"

struct error;

/*
 * A JSON Schema, compiled once.  Dialects: 2020-12 where there is no $schema;
 * 2019-09, draft-07, draft-06 and draft-04 by it.  References stay within the
 * document: nothing is ever fetched.
 * Source: JSON Schema Core and Validation of each of them.
 */
struct schema;

/*
 * Compiles the value at `at` (an object or a boolean), of which it keeps what
 * it needs.  Returns 0 with *ret (schema_free()), or -1 with *err set, the
 * place as a JSON pointer first ("/properties/a/$ref: ..."): a reference that
 * leads nowhere in the document, an unknown dialect, a pattern that is no
 * ECMA-262, a keyword of the wrong type, or more than the limits allow.
 */
int schema_new(
    const struct json *doc, json_at at, struct schema **ret, struct error *err);
void schema_free(struct schema *s); /* accepts NULL */

/*
 * Is the value at `at` valid?  1 yes; 0 no, with *why set to its place and the
 * keyword that refused it ("/edits/0/oldText: required"; "/: type"), where
 * member names that the schema does not define are not repeated but shown as
 * "*"; -1 with *why set if it can't be told within the bounds on steps, depth,
 * references and the engine of patterns.
 */
int schema_check(
    struct schema *s, const struct json *doc, json_at at, struct error *why);

#endif
