/*
 * The start of a path: schemes, drives, and what a shell puts for ~ and for
 * variables.  Which values another process has is not known here: the usual
 * ones are taken.
 */
#include <stdlib.h>

#include "policy/pathname_parts.h"
#include "proxy/base/array.h"

/* Variables that begin a path, and what stands behind their value. */
static const struct {
	const char *name;
	bool home; /* below the home directory */
	const char *tail;
} variables[] = {
	{ "HOME", true, "" },
	{ "USERPROFILE", true, "" },
	{ "HOMEPATH", true, "" },
	{ "APPDATA", true, "/AppData/Roaming" },
	{ "LOCALAPPDATA", true, "/AppData/Local" },
	{ "XDG_CONFIG_HOME", true, "/.config" },
	{ "XDG_DATA_HOME", true, "/.local/share" },
	{ "XDG_STATE_HOME", true, "/.local/state" },
	{ "PROGRAMDATA", false, "/ProgramData" },
	{ "ALLUSERSPROFILE", false, "/ProgramData" },
	{ "SYSTEMROOT", false, "/Windows" },
	{ "WINDIR", false, "/Windows" },
	{ "SYSTEMDRIVE", false, "" },
	{ "HOMEDRIVE", false, "" },
	{ "TMPDIR", false, "/tmp" },
};

/* $HOME, ${HOME}, ${HOME:-x}, $env:HOME, %HOME%: bytes of it, or 0. */
static size_t
variable(struct slice s, struct slice *ret_name)
{
	size_t at = 1, end, braces = 0;

	if (s.len < 4 || (s.at[0] != '$' && s.at[0] != '%'))
		return 0;
	if (s.at[0] == '$' && s.at[1] == '{')
		braces = at++;
	if (s.at[0] == '$' && slice_begins(slice_after(s, at), "env:"))
		at += 4;
	for (end = at; end < s.len && pathname_is_name(s.at[end]); end++)
		continue;
	*ret_name = (struct slice){ s.at + at, end - at };
	if (s.at[0] == '%')
		return end < s.len && s.at[end] == '%' ? end + 1 : 0;
	if (braces > 0) {
		while (end < s.len && s.at[end] != '}')
			end++;
		return end < s.len ? end + 1 : 0;
	}
	return end;
}

static int
push_home(struct pathname *pn)
{
	const char *home = getenv("HOME");

	pn->home = true;
	return pathname_push_dir(
	    pn, home != NULL && *home == '/' ? home : "/root");
}

int
pathname_expand(struct pathname *pn, struct slice *s)
{
	struct slice name;
	size_t n = 1;

	while (s->len > 0 && s->at[0] == '~' && n < s->len &&
	       pathname_is_name(s->at[n]))
		n++;
	if (s->len > 0 && s->at[0] == '~' &&
	    (n == s->len || pathname_is_sep(s->at[n], true))) {
		name = (struct slice){ s->at + 1, n - 1 };
		*s = slice_after(*s, n);
		pn->absolute = true;
		pn->home = true;
		if (name.len == 0)
			return push_home(pn);
		if (slice_is(name, "root"))
			return pathname_push(pn, name);
		return pathname_push_dir(pn, "/home") == -1
			   ? -1
			   : pathname_push(pn, name);
	}
	while ((n = variable(*s, &name)) > 0) {
		size_t i = 0;

		while (i < nitems(variables) &&
		       !(slice_begins(name, variables[i].name) &&
			   name.len == strlen(variables[i].name)))
			i++;
		if (i == nitems(variables))
			return 0;
		*s = slice_after(*s, n);
		pn->absolute = true;
		pn->foreign = pn->foreign || !variables[i].home;
		if (variables[i].home && push_home(pn) == -1)
			return -1;
		if (pathname_push_dir(pn, variables[i].tail) == -1)
			return -1;
	}
	return 0;
}

bool
pathname_has_drive(struct slice s)
{
	return s.len >= 3 && s.at[1] == ':' && pathname_is_sep(s.at[2], true) &&
	       fold_ascii((unsigned char)s.at[0]) >= 'a' &&
	       fold_ascii((unsigned char)s.at[0]) <= 'z';
}

struct slice
pathname_unwrap(struct slice s, bool host)
{
	for (int i = 0; i < 3 && slice_begins(s, "file:"); i++) {
		size_t n = 0;

		s = slice_after(s, 5);
		while (n < s.len && pathname_is_sep(s.at[n], true))
			n++;
		if (n == 2 && !host && !pathname_has_drive(slice_after(s, n))) {
			while (n < s.len && !pathname_is_sep(s.at[n], true))
				n++;
			s = slice_after(s, n);
		} else if (n > 1) {
			s = slice_after(s, n - 1);
		}
	}
	return s;
}

int
pathname_join(struct pathname *pn, const char *dir)
{
	size_t len = strlen(dir);
	unsigned names = 0;

	while (len > 0 && dir[len - 1] == '/')
		len--;
	for (; pn->above > 0 && len > 0; pn->above--)
		while (dir[--len] != '/')
			continue;
	for (size_t i = 0; i < len; i++)
		names += dir[i] == '/';
	pn->above = 0;
	pn->absolute = true;
	if (len + pn->len + 1 > sizeof(pn->text))
		return -1;
	memmove(pn->text + len, pn->text, pn->len + 1);
	memcpy(pn->text, dir, len);
	pn->len += len;
	pn->names += names;
	return 0;
}
