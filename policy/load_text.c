/*
 * One text of a policy: ${NAME} and ~ expanded, then checked for what it is
 * for.
 *
 * The environment belongs to whoever starts the proxy, but a value that the
 * policy's author did not foresee must not widen what he wrote.  So a value is
 * text and nothing else: it is never read as YAML, nor expanded again, it may
 * not be empty ("${DIR}/" would become the root) nor hold control characters,
 * it is quoted in expressions and holds no wildcard in globs.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/address.h"
#include "policy/load.h"
#include "policy/method.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"

/* Bytes of the name of a variable. */
#define ENV_NAME_MAX 64

static const struct text_rule {
	size_t max; /* bytes, once expanded */
	bool glob; /* '*' and '?' are wildcards */
	bool fixed; /* nothing is expanded */
	bool control; /* control characters are legal */
	bool any_type; /* numbers, booleans and the empty text too */
} rules[] = {
	[TEXT_GLOB] = { .max = 256, .glob = true },
	[TEXT_METHOD] = { .max = 256, .glob = true },
	[TEXT_PART] = { .max = 256 },
	[TEXT_LITERAL] = { .max = POLICY_TEXT_MAX, .control = true },
	[TEXT_VALUE] = { .max = POLICY_TEXT_MAX,
	    .control = true,
	    .any_type = true },
	[TEXT_REGEX] = { .max = POLICY_TEXT_MAX, .control = true },
	[TEXT_PATH] = { .max = PATH_MAX - 1 },
	[TEXT_PATH_GLOB] = { .max = PATH_MAX - 1, .glob = true },
	[TEXT_HOST] = { .max = 255, .glob = true },
	[TEXT_NET] = { .max = 255, .glob = true },
	[TEXT_LINE] = { .max = 255 },
	[TEXT_NAME] = { .max = 95, .fixed = true },
};

/* One text on its way. */
struct taking {
	const struct source *src;
	size_t at;
	enum text_class class;
	const char *what; /* the key, for messages */
	struct buf out;
	struct error *err;
};

static int
fail(const struct taking *t, const char *problem)
{
	return cursor_error(
	    &t->src->cur, t->at, t->err, "'%s': %s", t->what, problem);
}

/* libyaml sees to it in files; nobody does in the environment. */
static bool
is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p != '\0') {
		size_t len = *p < 0x80   ? 1
			     : *p < 0xc2 ? 0
			     : *p < 0xe0 ? 2
			     : *p < 0xf0 ? 3
			     : *p < 0xf5 ? 4
					 : 0;
		/* Overlong forms, surrogates, beyond U+10FFFF. */
		bool wrong = len == 0 || (p[0] == 0xe0 && p[1] < 0xa0) ||
			     (p[0] == 0xed && p[1] >= 0xa0) ||
			     (p[0] == 0xf0 && p[1] < 0x90) ||
			     (p[0] == 0xf4 && p[1] >= 0x90);

		for (size_t i = 1; !wrong && i < len; i++)
			wrong = (p[i] & 0xc0) != 0x80;
		if (wrong)
			return false;
		p += len;
	}
	return true;
}

/* A value from the environment, made harmless for the class. */
static int
add_value(struct taking *t, const char *name, const char *value)
{
	const char *problem = NULL;

	if (value == NULL)
		problem = "is not set";
	else if (*value == '\0')
		problem = "is empty";
	else if (strlen(value) > rules[t->class].max)
		problem = "is too long";
	else if (rules[t->class].glob && strpbrk(value, "*?") != NULL)
		problem = "holds a wildcard";
	else if (!is_utf8(value))
		problem = "is not UTF-8";
	for (const char *p = value; problem == NULL && *p != '\0'; p++)
		if (iscntrl((unsigned char)*p) != 0)
			problem = "holds a control character";
	if (problem != NULL)
		return cursor_error(&t->src->cur, t->at, t->err,
		    "'%s': environment variable '%s' %s (write '$${' for the "
		    "characters '${')",
		    t->what, name, problem);
	for (; *value != '\0'; value++)
		if ((t->class == TEXT_REGEX &&
			isalnum((unsigned char)*value) == 0 &&
			(unsigned char)*value < 0x80 &&
			buf_add_byte(&t->out, '\\') == -1) ||
		    buf_add_byte(&t->out, *value) == -1)
			return fail(t, "too long");
	return 0;
}

/* text begins with "${"; *ret_len is what it took. */
static int
expand_one(struct taking *t, const char *text, size_t *ret_len)
{
	char name[ENV_NAME_MAX + 1];
	size_t len = 2;

	while (isalnum((unsigned char)text[len]) != 0 || text[len] == '_')
		len++;
	if (text[len] != '}' || len == 2 || len - 2 > ENV_NAME_MAX ||
	    isdigit((unsigned char)text[2]) != 0)
		return fail(t, "'${' wants the name of an environment variable "
			       "and '}'; write '$${' for the characters '${'");
	/* "\${X}" in an expression would make a class of X's first letter. */
	if (t->class == TEXT_REGEX && t->out.len > 0 &&
	    t->out.at[t->out.len - 1] == '\\')
		return fail(t, "'${' behind a backslash; write '$${' for the "
			       "characters '${'");
	memcpy(name, text + 2, len - 2);
	name[len - 2] = '\0';
	*ret_len = len + 1;
	return add_value(t, name, getenv(name));
}

static int
expand(struct taking *t, const char *text)
{
	while (*text != '\0') {
		size_t len = 1;

		if (strncmp(text, "$${", 3) == 0) {
			if (buf_add_str(&t->out, "${") == -1)
				return fail(t, "too long");
			len = 3;
		} else if (strncmp(text, "${", 2) == 0) {
			if (expand_one(t, text, &len) == -1)
				return -1;
		} else if (buf_add_byte(&t->out, *text) == -1) {
			return fail(t, "too long");
		}
		text += len;
	}
	return 0;
}

char *
text_home(const char *path, struct error *err)
{
	const char *home = getenv("HOME");

	if (path[0] != '~')
		return xstrdup(path);
	if (path[1] != '/' && path[1] != '\0') {
		error_set(err, "only '~' and '~/' are expanded, not '~user'");
		return NULL;
	}
	if (home == NULL || home[0] != '/') {
		error_set(err, "'~' cannot be expanded: HOME is not set to a "
			       "directory");
		return NULL;
	}
	return xasprintf("%s%s", home, path + 1);
}

/* Absolute, without "." and ".."; slashes in rows and at the end go. */
static int
check_path(struct taking *t, char *path)
{
	char *out = path;
	const char *p = path;

	if (path[0] != '/')
		return fail(t,
		    t->class == TEXT_PATH
			? "wants a path that begins with '/' or '~/'"
			: "wants a path that begins with '/', '~/' or '**/'");
	while (*p != '\0') {
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len == 1 && p[0] == '.' && p[1] == '\0' && out > path &&
		    t->class == TEXT_PATH_GLOB) {
			*out++ = '/';
			*out++ = *p++;
			break;
		}
		if ((len == 1 && p[0] == '.') ||
		    (len == 2 && p[0] == '.' && p[1] == '.'))
			return fail(t, "a path may not hold '.' or '..'");
		if (len > 0) {
			*out++ = '/';
			memmove(out, p, len);
			out += len;
		}
		p += len;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
	return 0;
}

/* As host_find() compares them: lower case, no dot at the end. */
static int
check_host(struct taking *t, char *host)
{
	size_t len = strlen(host);

	for (char *p = host; *p != '\0'; p++) {
		if (isalnum((unsigned char)*p) == 0 &&
		    strchr("-._*?[]:", *p) == NULL)
			return fail(t, "wants the name of a host, without "
				       "scheme, user and path");
		*p = (char)tolower((unsigned char)*p);
	}
	if (strchr(host, ':') != NULL && host[0] != '[')
		return fail(t, "wants a host without a port, an IPv6 address "
			       "in '[' and ']'");
	while (len > 1 && host[len - 1] == '.')
		host[--len] = '\0';
	return 0;
}

/* ADDRESS/BITS; an address of IPv6 with brackets or without. */
static int
check_net(struct taking *t, char *text)
{
	struct address_net net;

	if (address_net_parse(text, &net))
		return 0;
	if (strchr(text, '/') != NULL && strstr(text, "://") == NULL)
		return fail(t, "wants an address and the number of its bits, "
			       "as 10.0.0.0/8");
	return check_host(t, text);
}

static int
check_class(struct taking *t, char *text)
{
	switch (t->class) {
	case TEXT_PATH:
		return check_path(t, text);
	case TEXT_PATH_GLOB:
		if (strncmp(text, "**/", 3) == 0 && text[3] != '\0')
			return check_path(t, text + 2);
		return check_path(t, text);
	case TEXT_HOST:
		return check_host(t, text);
	case TEXT_NET:
		return check_net(t, text);
	case TEXT_METHOD:
		if (method_find(slice_of(text))->always)
			return fail(t, "this method is never blocked");
		return 0;
	case TEXT_NAME:
		for (const char *p = text; *p != '\0'; p++)
			if (isalnum((unsigned char)*p) == 0 &&
			    strchr("._-/:@", *p) == NULL)
				return fail(t, "wants letters, digits and "
					       "'._-/:@' only");
		return 0;
	case TEXT_GLOB:
	case TEXT_PART:
	case TEXT_LITERAL:
	case TEXT_VALUE:
	case TEXT_REGEX:
	case TEXT_LINE:
		break;
	}
	return 0;
}

/* Is the node a text at all, and of the right kind? */
static int
check_node(struct taking *t)
{
	const struct node *node = &t->src->cur.v[t->at];
	const char *type;

	if (node->kind != NODE_SCALAR)
		return wrong_type(t->src, t->at, t->what, "a text", t->err);
	type = node->plain ? text_plain_type(node->text) : NULL;
	if (rules[t->class].any_type) {
		/* Compared as written: what JSON spells otherwise is no use. */
		if (type != NULL && !text_is_number(node->text) &&
		    strcmp(node->text, "true") != 0 &&
		    strcmp(node->text, "false") != 0 &&
		    strcmp(node->text, "null") != 0)
			return fail(t, "write true, false, null or a number "
				       "as JSON does, or put it in quotes");
		return 0;
	}
	if (type != NULL)
		return cursor_error(&t->src->cur, t->at, t->err,
		    "'%s' wants a text, and this is %s; put it in quotes",
		    t->what, type);
	if (node->text[0] == '\0')
		return fail(t, "an empty text");
	return 0;
}

static int
check_controls(struct taking *t, const char *text)
{
	if (!rules[t->class].control)
		for (; *text != '\0'; text++)
			if (iscntrl((unsigned char)*text) != 0)
				return fail(t, "holds a control character");
	return 0;
}

/* The text as the author meant it, in t->out and terminated. */
static int
spell_out(struct taking *t, const char *text)
{
	char *owned = NULL;
	struct error cause;
	int rc;

	if ((t->class == TEXT_PATH || t->class == TEXT_PATH_GLOB) &&
	    text[0] == '~') {
		/* Only what stands in the file; a value's "~" is a "~". */
		size_t len = strcspn(text, "/");
		char *head = xmemdup0(text, len);

		owned = text_home(head, &cause);
		free(head);
		if (owned == NULL)
			return fail(t, cause.msg);
		rc = buf_add_str(&t->out, owned);
		free(owned);
		if (rc == -1)
			return fail(t, "too long");
		text += len;
	}
	rc = rules[t->class].fixed ? buf_add_str(&t->out, text)
				   : expand(t, text);
	if (rc == -1 && rules[t->class].fixed)
		return fail(t, "too long");
	if (rc == -1)
		return -1;
	return buf_add_byte(&t->out, '\0') == -1 ? fail(t, "too long") : 0;
}

int
text_take(const struct source *src, size_t at, enum text_class class,
    const char *what, char **ret, struct error *err)
{
	struct taking t = {
		.src = src, .at = at, .class = class, .what = what, .err = err
	};

	if (check_node(&t) == -1)
		return -1;
	buf_init(&t.out, rules[class].max + 1);
	if (spell_out(&t, src->cur.v[at].text) == -1 ||
	    check_controls(&t, t.out.at) == -1 ||
	    check_class(&t, t.out.at) == -1) {
		buf_release(&t.out);
		return -1;
	}
	*ret = t.out.at; /* now the caller's */
	return 0;
}
