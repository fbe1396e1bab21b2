#ifndef POLICY_RESPONSE_H
#define POLICY_RESPONSE_H

#include <stdbool.h>

#include "policy/check.h"
#include "proxy/base/json.h"

/*
 * Must a listed tool be left out?  It must where what cannot be rewritten (its
 * name, the names of its arguments, values that a schema allows) holds what a
 * model must not read, or where the policy denies what stands in it anywhere.
 * v then says why.
 */
bool response_spoils(const struct check_env *env, const struct msg *msg,
    json_at tool, struct verdict *v);

#endif
