/*
 * A policy from its name to its end.  How a file becomes one is in load.c.
 */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/builtin.h"
#include "policy/load.h"
#include "policy/match.h"
#include "policy/unifold.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"

/* Bytes of a policy's name in answers and in the audit log. */
#define NAME_SHOWN_MAX 64

/* A policy that says nothing: each key of the table has its default. */
static struct policy *
policy_new(void)
{
	struct policy *p = xcalloc(1, sizeof(*p));

	p->key_origins = xcalloc(key_count(), sizeof(*p->key_origins));
	for (size_t i = 0; i < key_count(); i++) {
		const struct key *key = key_at(i);

		if (key->size > 0 && key->fallback != 0)
			int_store(
			    (char *)p + key->offset, key->size, key->fallback);
	}
	return p;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->nrules; i++)
		rule_release(&p->rules[i]);
	free(p->rules);
	list_release(&p->tools.allow);
	list_release(&p->tools.deny);
	list_release(&p->tools.deny_parts);
	list_release(&p->methods_deny);
	list_release(&p->arguments.patterns);
	list_release(&p->paths.roots);
	list_release(&p->paths.deny);
	list_release(&p->hosts.allow);
	list_release(&p->hosts.deny);
	regexes_release(&p->arguments.regexes);
	matcher_free(p->arguments.literals);
	free(p->arguments.folded);
	free(p->pins.file);
	free(p->audit.key_file);
	for (size_t i = 0; i < p->nfiles; i++)
		free(p->files[i]);
	free(p->files);
	free(p->key_origins);
	free(p->name);
	free(p->path);
	free(p);
}

/* "dev" of ".../dev.yaml" and of "builtin:dev". */
static char *
name_of(const char *where)
{
	const char *base = strrchr(where, '/');
	char shown[NAME_SHOWN_MAX + 1], *name;
	size_t len;

	if (base == NULL &&
	    strncmp(where, BUILTIN_PREFIX, strlen(BUILTIN_PREFIX)) == 0)
		base = where + strlen(BUILTIN_PREFIX) - 1;
	base = base != NULL ? base + 1 : where;
	len = strlen(base);
	if (len > 5 && strcmp(base + len - 5, ".yaml") == 0)
		len -= 5;
	quote_utf8(shown, sizeof(shown), (struct slice){ base, len });
	name = xstrdup(shown);
	return name;
}

static void
make_literals(struct policy *p)
{
	const struct policy_list *patterns = &p->arguments.patterns;
	size_t n = patterns->n, nfolded = 0;
	struct slice *literals = xcalloc(2 * n, sizeof(*literals));
	struct buf *forms = xcalloc(n, sizeof(*forms));

	p->arguments.folded = xcalloc(n, sizeof(*p->arguments.folded));
	for (size_t i = 0; i < n; i++) {
		struct slice text = slice_of(patterns->v[i].text);

		literals[i] = text;
		buf_init(&forms[nfolded], 4 * text.len);
		if (!unifold_needed(text))
			continue;
		unifold(text, &forms[nfolded], NULL);
		if (forms[nfolded].len == 0) {
			buf_release(&forms[nfolded]);
			continue; /* nobody sees it: it is looked for as is */
		}
		p->arguments.folded[nfolded] = i;
		literals[n + nfolded] = buf_slice(&forms[nfolded]);
		nfolded++;
	}
	if (n > 0)
		p->arguments.literals = matcher_new(literals, n + nfolded);
	for (size_t i = 0; i < nfolded; i++)
		buf_release(&forms[i]);
	free(forms);
	free(literals);
}

/* What is made from the values once they are all there. */
static void
finish(struct policy *p)
{
	make_literals(p);
	policy_digest(p);
}

static int
load(const char *where, struct policy **ret, struct error *err)
{
	struct load l = { .policy = policy_new(), .files = true };

	l.policy->name = name_of(where);
	l.policy->path = xstrdup(where);
	if (load_from(&l, NULL, 0, where, err) == -1) {
		policy_free(l.policy);
		return -1;
	}
	finish(l.policy);
	*ret = l.policy;
	return 0;
}

int
policy_load(const char *name, struct policy **ret, struct error *err)
{
	char *where = policy_find(name != NULL ? name : POLICY_DEFAULT, err);
	int rc = -1;

	if (where != NULL)
		rc = load(where, ret, err);
	free(where);
	return rc;
}

int
policy_load_file(const char *path, struct policy **ret, struct error *err)
{
	char *where;
	int rc;

	/* A file of that name is no policy that is compiled in. */
	where = xasprintf("%s%s",
	    strncmp(path, BUILTIN_PREFIX, strlen(BUILTIN_PREFIX)) == 0 ? "./"
								       : "",
	    path);
	rc = load(where, ret, err);
	free(where);
	return rc;
}

int
policy_load_text(const char *name, const char *file, const char *text,
    size_t len, struct policy **ret, struct error *err)
{
	struct load l = { .policy = policy_new() };
	struct source src = { .load = &l };
	int rc;

	l.policy->name = xstrdup(name);
	l.policy->path = xstrdup(file);
	src.path = xstrdup(file);
	rc = load_source(&src, (struct slice){ text, len }, err);
	free(src.path);
	if (rc == -1) {
		policy_free(l.policy);
		return -1;
	}
	finish(l.policy);
	*ret = l.policy;
	return 0;
}

const struct origin *
policy_origin(const struct policy *p, const char *name)
{
	static const struct origin nowhere;
	const struct key *key = key_find(name);

	return key != NULL ? &p->key_origins[key - key_at(0)] : &nowhere;
}

struct json_limits
policy_limits(const struct policy *p, bool from_server)
{
	return (struct json_limits){
		.max_bytes = p->frames.max_bytes,
		.max_depth = p->frames.max_depth,
		.max_tokens = p->frames.max_tokens,
		.lone_surrogates = from_server,
	};
}
