/*
 * A text read as a path, in every way in which a server may read it.  The file
 * system is left to beneath.c, and what is allowed to the checks.  Always: the
 * result is clean, so that two spellings of one file have one reading in
 * common.
 */
#include "policy/pathname.h"

#include <strings.h>
#include <unistd.h>

#include "policy/pathname_parts.h"
#include "proxy/base/array.h"

int
pathname_push(struct pathname *pn, struct slice name)
{
	if (pn->len + name.len + 2 > sizeof(pn->text))
		return -1;
	pn->text[pn->len++] = '/';
	memcpy(pn->text + pn->len, name.at, name.len);
	pn->len += name.len;
	pn->text[pn->len] = '\0';
	pn->names++;
	return 0;
}

static void
pop(struct pathname *pn)
{
	size_t len;

	if (pn->names == 0) {
		pn->above++;
		return;
	}
	len = pn->len;
	while (pn->text[--pn->len] != '/')
		continue;
	/* Nothing has so long a name: somebody hopes that it is cut. */
	if (len - pn->len > NAME_MAX + 1)
		pn->masked = true;
	/* Its value may have more names than one, or none. */
	pn->above += pn->text[pn->len + 1] == '$';
	pn->text[pn->len] = '\0';
	pn->names--;
}

static void
restart(struct pathname *pn)
{
	pn->len = 0;
	pn->names = 0;
	pn->text[0] = '\0';
}

int
pathname_push_dir(struct pathname *pn, const char *dir)
{
	while (*dir != '\0') {
		size_t n;

		dir += strspn(dir, "/");
		n = strcspn(dir, "/");
		if (n > 0 && pathname_push(pn, (struct slice){ dir, n }) == -1)
			return -1;
		dir += n;
	}
	return 0;
}

int
pathname_push_here(struct pathname *pn)
{
	char here[PATH_MAX];

	if (getcwd(here, sizeof(here)) == NULL || here[0] != '/')
		return -1;
	return pathname_push_dir(pn, here);
}

/*
 * "/proc/self/root" is "/", "/proc/self/cwd" the working directory, and so for
 * every process and thread: others may stand elsewhere, but hardly lower.
 */
static int
follow_proc(struct pathname *pn)
{
	const char *last = strrchr(pn->text, '/') + 1;
	const char *p = pn->text + strlen("/proc/");
	bool root = strcmp(last, "root") == 0;

	if (!root && strcmp(last, "cwd") != 0)
		return 0;
	p += strcspn(p, "/");
	if (strncmp(p, "/task/", 6) == 0) {
		p += 6;
		p += strcspn(p, "/");
	}
	if (p + 1 != last)
		return 0;
	restart(pn);
	return root ? 0 : pathname_push_here(pn);
}

/* Windows drops streams, trailing dots and trailing spaces. */
static struct slice
trimmed(struct slice name, bool foreign)
{
	const char *colon;

	if (foreign && name.len > 2 &&
	    (colon = memchr(name.at, ':', name.len)) != NULL && colon > name.at)
		name.len = (size_t)(colon - name.at);
	while (name.len > 1 &&
	       (name.at[name.len - 1] == ' ' || name.at[name.len - 1] == '.'))
		name.len--;
	return name;
}

/* How many leading bytes are dots? */
static size_t
dots(struct slice name)
{
	size_t n = 0;

	while (n < name.len && name.at[n] == '.')
		n++;
	return n;
}

/*
 * Is it ".." with something that readers drop: "..;x" (path parameters),
 * "..%" (an encoding that went wrong), ".. " (Windows)?
 */
static bool
is_disguised(struct slice name)
{
	size_t n = 0;

	while (n < name.len && name.at[n] == ' ')
		n++;
	name = slice_after(name, n);
	if (dots(name) != 2)
		return false;
	for (n = 2; n < name.len && strchr(" %?", name.at[n]) != NULL; n++)
		continue;
	return n == name.len || name.at[2] == ';';
}

static int
take(struct pathname *pn, struct slice name, bool lenient, bool last)
{
	size_t n = dots(name);

	if (n == name.len && n < 3) {
		if (n == 2)
			pop(pn);
		return 0;
	}
	if (!lenient)
		return pathname_push(pn, name);
	if (is_disguised(name)) {
		pn->masked = true;
		pop(pn);
		return 0;
	}
	/* "....//" is "../" for who takes "../" out once; not "./..." of Go. */
	if (n == name.len) {
		pn->dotted += !last;
	} else {
		name = trimmed(name, pn->foreign);
		/* "..::$DATA", ". ." and the like. */
		if (dots(name) == name.len) {
			pn->masked = pn->masked || n > 1;
			if (n > 1)
				pop(pn);
			return 0;
		}
	}
	for (size_t i = 0; i < name.len && !pn->wild; i++)
		pn->wild =
		    name.at[i] == '*' || name.at[i] == '?' || name.at[i] == '[';
	pn->variable = pn->variable || (!pn->absolute && pn->names == 0 &&
					   name.len > 1 && name.at[0] == '$');
	if (pathname_push(pn, name) == -1)
		return -1;
	if (!pn->absolute)
		return 0;
	if (pn->names == 2 && strcmp(pn->text, "/dev/fd") == 0) {
		restart(pn);
		return pathname_push_dir(pn, "/proc/self/fd");
	}
	if (pn->names >= 3 && strncmp(pn->text, "/proc/", 6) == 0)
		return follow_proc(pn);
	return 0;
}

static int
walk(struct pathname *pn, struct slice s, bool lenient)
{
	size_t at = 0;

	while (at < s.len) {
		size_t n = 0;

		while (at < s.len && pathname_is_sep(s.at[at], lenient))
			at++;
		while (
		    at + n < s.len && !pathname_is_sep(s.at[at + n], lenient))
			n++;
		if (n > 0 && take(pn, (struct slice){ s.at + at, n }, lenient,
				 at + n == s.len) == -1)
			return -1;
		at += n;
	}
	return 0;
}

/* Reads what is decoded already. */
static int
read_lenient(struct pathname *pn, struct slice s, bool host)
{
	s = pathname_unwrap(pn, s, host);
	if (slice_begins(s, "\\\\?\\") || slice_begins(s, "\\\\.\\") ||
	    slice_begins(s, "//?/") || slice_begins(s, "//./")) {
		pn->absolute = true;
		s = slice_after(s, 4);
	}
	pn->foreign =
	    memchr(s.at, '\\', s.len) != NULL || slice_begins(s, "/Users/") ||
	    slice_begins(s, "/Volumes/") || slice_begins(s, "/private/") ||
	    slice_begins(s, "/Library/");
	if (pathname_has_drive(s) ||
	    (s.len > 0 && s.at[0] == '/' &&
		pathname_has_drive(slice_after(s, 1)))) {
		s = slice_after(s, s.at[0] == '/' ? 3 : 2);
		pn->foreign = true;
	}
	pn->absolute =
	    pn->absolute || (s.len > 0 && pathname_is_sep(s.at[0], true));
	if (pathname_expand(pn, &s) == -1)
		return -1;
	return walk(pn, s, true);
}

/* ".." as anybody sees them. */
static unsigned
count_climbs(struct slice s)
{
	unsigned n = 0;

	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.at[i] == '.' && s.at[i + 1] == '.' &&
		    (i == 0 || pathname_is_sep(s.at[i - 1], true)) &&
		    (i + 2 == s.len || pathname_is_sep(s.at[i + 2], true)))
			n++;
	return n;
}

/* Without white space and quotes around it. */
static struct slice
bare(struct slice s)
{
	while (s.len > 0 &&
	       ((unsigned char)s.at[0] <= ' ' || *s.at == '"' || *s.at == '\''))
		s = slice_after(s, 1);
	while (s.len > 0 && s.at[s.len - 1] != '\0' &&
	       ((unsigned char)s.at[s.len - 1] <= ' ' ||
		   strchr("\"'|^&", s.at[s.len - 1]) != NULL))
		s.len--;
	return s;
}

/* Where CUT ends a text, or its length. */
static size_t
cut_at(struct slice s)
{
	bool uri = pathname_scheme(s) > 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '\0' ||
		    (uri && (s.at[i] == '?' || s.at[i] == '#')))
			return i;
	return s.len;
}

/* Decoded, and without control characters: into room. */
static struct slice
cleaned(struct slice s, char room[PATHNAME_DECODE_MAX], bool cut, bool *ret_nul)
{
	size_t len = pathname_decode(s, room), n = 0;

	*ret_nul = memchr(room, '\0', len) != NULL;
	if (cut)
		len = cut_at((struct slice){ room, len });
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)room[i] >= ' ' && room[i] != 0x7f)
			room[n++] = room[i];
	return (struct slice){ room, n };
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
			return true;
	return false;
}

static int
read_decoded(struct pathname *pn, struct slice s, enum pathname_reading how)
{
	char room[PATHNAME_DECODE_MAX];
	struct slice plain;
	unsigned seen = count_climbs(s);

	if (s.len > sizeof(room))
		return -1;
	plain = cleaned(s, room, how == PATHNAME_CUT, &pn->nul);
	pn->masked = count_climbs(plain) > seen;
	return read_lenient(pn, plain, how == PATHNAME_HOST_KEPT);
}

/* Would the kindest reader read the same as the kernel? */
static bool
is_plain(struct slice s)
{
	static const char *const magic[] = { "/proc", "/dev", "//" };

	for (size_t i = 0; i < nitems(magic); i++)
		if (slice_begins(s, magic[i]))
			return false;
	for (size_t i = 0; i < s.len; i++) {
		bool ends = i + 1 == s.len || s.at[i + 1] == '/';

		if (s.at[i] != '/' && !pathname_is_name(s.at[i]) &&
		    (s.at[i] != '.' || (ends && i > 1 && s.at[i - 1] != '/')))
			return false;
	}
	return true;
}

bool
pathname_one_reading(struct slice text)
{
	return is_plain(text) && !pathname_coded(text);
}

int
pathname_read(struct pathname *pn, struct slice text, enum pathname_reading how)
{
	struct slice s = bare(text);
	bool coded = pathname_coded(s) || has_control(s);
	int rc;

	pn->text[0] = '\0';
	pn->len = 0;
	pn->absolute = pn->foreign = pn->home = pn->wild = false;
	pn->masked = pn->nul = pn->hosted = pn->variable = false;
	pn->above = pn->names = pn->dotted = 0;
	if (s.len == 0)
		return 0;
	switch (how) {
	case PATHNAME_LITERAL:
		if (is_plain(text) && !coded)
			return 0;
		text.len = strnlen(text.at, text.len);
		pn->absolute = text.at[0] == '/';
		rc = walk(pn, text, false);
		return rc == -1 ? -1 : 1;
	case PATHNAME_CUT:
		if (!coded && cut_at(s) == s.len)
			return 0;
		break;
	case PATHNAME_HOST_KEPT:
		if (pathname_scheme(s) == 0)
			return 0;
		break;
	case PATHNAME_LENIENT:
	case PATHNAME_READINGS:
		break;
	}
	if (coded || how == PATHNAME_CUT)
		rc = read_decoded(pn, s, how);
	else
		rc = read_lenient(pn, s, how == PATHNAME_HOST_KEPT);
	return rc == -1 ? -1 : 1;
}
