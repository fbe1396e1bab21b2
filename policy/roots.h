#ifndef POLICY_ROOTS_H
#define POLICY_ROOTS_H

#include <stdbool.h>

#include "policy/check.h"
#include "proxy/base/json.h"

/*
 * Takes out of an answer to roots/list ({"roots": [{"uri": ...}]}) what lies
 * outside the policy's roots, if it has any: into env->edits.  Returns whether
 * there was such a one.  scratch is work space.
 */
bool roots_filter(const struct check_env *env, const struct json *doc,
    json_at answer, struct buf *scratch);

#endif
