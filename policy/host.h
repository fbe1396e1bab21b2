#ifndef POLICY_HOST_H
#define POLICY_HOST_H

#include <stdbool.h>

#include "proxy/base/buf.h"

struct policy_list;

/*
 * Index of the name or glob of a list that the host in text is, or -1.  text
 * is a URL or a bare host, with or without a port.  With doubt true (rules
 * that refuse) every reading of an ambiguous URL counts, userinfo and
 * backslash tricks included; else only a URL without userinfo, backslash,
 * white space and control characters has a host at all.
 */
long host_find(const struct policy_list *list, struct slice text, bool doubt);

#endif
