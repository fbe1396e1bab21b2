#ifndef POLICY_REDACT_H
#define POLICY_REDACT_H

#include <stddef.h>

#include "proxy/base/buf.h"
#include "proxy/base/json.h"

/*
 * Payloads for the audit log: the message as it came, without the values that
 * look secret.  What looks secret: a string under a key that names a secret
 * (password, token, api_key ...), and in any string a run of 20 or more
 * letters and digits, both among them.
 */
struct redactor;

struct redactor *redactor_new(void);
void redactor_free(struct redactor *r);

/*
 * Appends at most max bytes of the object at root to dst, which must have room
 * for them.  What is cut off is cut anywhere.
 */
void redactor_apply(const struct redactor *r, const struct json *doc,
    json_at root, size_t max, struct buf *dst);

#endif
