#ifndef POLICY_FAULT_H
#define POLICY_FAULT_H

#include "policy/check.h"
#include "policy/policy.h"
#include "proxy/base/json.h"

#define RPC_PARSE_ERROR (-32700)

/*
 * The verdict on a frame that json_read() refused (err is its message), and
 * the code of the answer: -32700 where it is no JSON at all, -32600 where
 * it is JSON that others might read in another way, or too large.
 */
struct verdict fault_verdict(enum json_fault fault, int *ret_code);

/* The verdict on a frame that msg_parse() refused. */
struct verdict fault_envelope(const struct error *err);

#endif
