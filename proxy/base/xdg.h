#ifndef BASE_XDG_H
#define BASE_XDG_H

struct error;

/*
 * A path below one of the user's base directories: $VARIABLE/TAIL where
 * VARIABLE is set to an absolute path, else $HOME/FALLBACK/TAIL.  Returns an
 * owned string, or NULL with *err set when HOME is not set either.
 * Source: XDG Base Directory Specification.
 */
char *xdg_path(const char *variable, const char *fallback, const char *tail,
    struct error *err);

#define XDG_CONFIG "XDG_CONFIG_HOME", ".config"
#define XDG_STATE "XDG_STATE_HOME", ".local/state"

#endif
