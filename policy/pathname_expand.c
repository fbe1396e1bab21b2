/*
 * The start of a path: schemes, drives, and what a shell puts for ~ and for
 * variables.  Which values another process has is not known here: the usual
 * ones are taken.
 */
#include <stdlib.h>

#include "policy/pathname_parts.h"
#include "policy/url_part.h"
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

/* "${X%.c}" is not what X is. */
static bool
is_changed(struct slice whole, struct slice name)
{
	const char *end = name.at + name.len;

	return end < whole.at + whole.len && whole.at[1] == '{' &&
	       *end != '}' && *end != ':';
}

/* Puts what is known of a variable; 0 if it is nothing, -1 if too long. */
static int
push_variable(struct pathname *pn, struct slice whole, struct slice name)
{
	size_t i = 0;

	if (slice_is(name, "PWD") && !is_changed(whole, name)) {
		pn->absolute = true;
		return pathname_push_here(pn) == -1 ? -1 : 1;
	}
	while (
	    i < nitems(variables) && !(slice_begins(name, variables[i].name) &&
					 name.len == strlen(variables[i].name)))
		i++;
	if (i == nitems(variables))
		return 0;
	pn->variable = pn->variable || is_changed(whole, name);
	pn->absolute = true;
	pn->foreign = pn->foreign || !variables[i].home;
	if ((variables[i].home && push_home(pn) == -1) ||
	    pathname_push_dir(pn, variables[i].tail) == -1)
		return -1;
	return 1;
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
		int rc = push_variable(pn, (struct slice){ s->at, n }, name);

		if (rc != 1)
			return rc;
		*s = slice_after(*s, n);
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

size_t
pathname_scheme(struct slice s)
{
	size_t n = 0;

	if (slice_begins(s, "file:"))
		return 5;
	while (n < s.len && n < URL_SCHEME_MAX &&
	       (pathname_is_name(s.at[n]) || s.at[n] == '+' || s.at[n] == '.'))
		n++;
	/* One letter is a drive. */
	if (n < 2 || s.len - n < 4 || memcmp(s.at + n, "://", 3) != 0)
		return 0;
	switch (url_scheme_of((struct slice){ s.at, n })) {
	case URL_APP:
		return n + 1;
	case URL_NET:
	case URL_REFUSED:
		return s.at[n + 3] == '/' ? n + 1 : 0;
	case URL_FILE:
	case URL_WEB:
	case URL_INERT:
	case URL_SCRIPT:
	case URL_BARE:
		break;
	}
	return 0;
}

struct slice
pathname_unwrap(struct pathname *pn, struct slice s, bool host)
{
	size_t scheme;

	for (int i = 0; i < 3 && (scheme = pathname_scheme(s)) > 0; i++) {
		bool file = slice_begins(s, "file:");
		size_t n = 0;

		s = slice_after(s, scheme);
		while (n < s.len && pathname_is_sep(s.at[n], true))
			n++;
		pn->hosted = pn->hosted || (!file && n == 2);
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
