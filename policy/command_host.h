#ifndef POLICY_COMMAND_HOST_H
#define POLICY_COMMAND_HOST_H

#include <stdbool.h>

#include "policy/host.h"

#define COMMAND_HOST_MAX 256U /* bytes of a word that may be a host */

/* A walk over the hosts in command lines; text and one are set, the rest 0. */
struct command_host {
	struct slice text; /* borrowed */
	bool one; /* the walk ends with the first command */
	size_t at; /* behind the last word that was looked at */
	bool begun; /* the command's own word has been read */
	bool connects; /* it is one that connects to what it is told */
	struct host host; /* of the last word; its name is in word */
	bool sure; /* it can't be a file's name: USER@HOST, an address */
	char word[COMMAND_HOST_MAX];
};

/*
 * The next word that may be a host, of a command that connects to one: curl,
 * ssh, nc ... ; also that of /dev/tcp/HOST/PORT.  True with c->host set, or
 * false at the end.  A loop over it is linear in text.len.
 */
bool command_host_next(struct command_host *c);

#endif
