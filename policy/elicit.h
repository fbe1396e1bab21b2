#ifndef POLICY_ELICIT_H
#define POLICY_ELICIT_H

#include <stdbool.h>

#include "policy/check.h"
#include "proxy/base/json.h"

struct asks;

/*
 * May a server put this question to the user?  params are those of
 * elicitation/create.  False, and v says why: it asks in a form for what is
 * secret, sends the user to a place that is none of the web's, or cannot be
 * read without doubt.  What asks by URL alone may ask for secrets: that is
 * what it is for.  scratch is work space.  Source: MCP 2025-06-18, 2025-11-25,
 * 2026-07-28, Elicitation.
 */
bool elicit_allowed(const struct policy *p, struct asks *a,
    const struct json *doc, json_at params, struct buf *scratch,
    struct verdict *v);

/* The same for an entry of an error's list, which asks by URL whatever it
   says. */
bool elicit_url_allowed(const struct policy *p, struct asks *a,
    const struct json *doc, json_at params, struct buf *scratch,
    struct verdict *v);

#endif
