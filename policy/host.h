#ifndef POLICY_HOST_H
#define POLICY_HOST_H

#include <stdbool.h>

#include "policy/address.h"
#include "proxy/base/buf.h"

struct policy_list;

/* A host as it was named: lower case, without port, brackets and last dot. */
struct host {
	struct slice name; /* borrowed */
	struct addresses as; /* what the name is read as, if an address */
};

void host_init(struct host *h, struct slice name);

/*
 * What is behind a host: by its address, or by a name that is known, that no
 * public name server answers for, or that holds an address as those of nip.io
 * do.  web: a browser's rules hold, and a name of one label is a private one.
 * Nothing is looked up.
 */
enum address_class host_class(const struct host *h, bool web);

/* By the name alone, which is no address.  ADDRESS_PUBLIC: it says nothing. */
enum address_class host_name_class(struct slice name);

size_t host_dots(struct slice name);

/* Is a number, or are two, more than a count or a version, where it stands
   bare? */
bool host_is_bare_address(const struct host *h);

/*
 * Index of the first entry of a list that the host is: a glob of names, an
 * address in any spelling, or ADDRESS/BITS.  -1: none.
 */
long host_listed(const struct policy_list *list, const struct host *h);

/* Does a list name it without a wildcard?  Every address of it, then. */
bool host_listed_exactly(const struct policy_list *list, const struct host *h);

/*
 * Index of the name, glob or address of a list that the host in text is, or -1.
 * text is a URL or a bare host, with or without a port.  With doubt true (rules
 * that refuse) every reading of an ambiguous URL counts, userinfo and
 * backslash tricks included; else only a URL without userinfo, backslash,
 * white space and control characters has a host at all.
 */
long host_find(const struct policy_list *list, struct slice text, bool doubt);

#endif
