#ifndef PROXY_IDENTITY_H
#define PROXY_IDENTITY_H

/*
 * A name for the server that a command line starts, for the log alone: no
 * right hangs on it.  A package launcher (npx, uvx ...) gives the package
 * without its version, an interpreter (node, python3 ...) its script's base
 * name, anything else its own base name.  Returns an owned string.
 */
char *identity_of(char *const argv[]);

#endif
