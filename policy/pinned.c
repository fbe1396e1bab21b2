/*
 * The tools of a listing against their pins.  Who keeps the pins is behind
 * struct pinner; what follows from what it says is here.
 */
#include "policy/pinned.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/msg.h"
#include "policy/pinner.h"
#include "policy/policy.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/* Appends to the note what still fits. */
static void
add_note(struct pinned *p, const char *text)
{
	size_t len = strlen(p->note);

	if (text[0] == '\0' || len + 8 > sizeof(p->note))
		return;
	(void)snprintf(p->note + len, sizeof(p->note) - len, "%s%s",
	    len > 0 ? "; " : "", text);
}

static void
ask(const struct check_env *env, const struct msg *msg,
    const struct canon *tools, struct pinned *p)
{
	json_at next = json_get(msg->doc, msg->result, "nextCursor");
	struct error err = { "" };
	char gone[sizeof(p->say->why)] = "";

	p->say = xcalloc(tools->n + 1, sizeof(*p->say));
	if (env->pinner->listing(env->pinner, tools, msg->first_page,
		next == JSON_NONE, p->say, gone, &err) == -1) {
		p->unknown = true;
		(void)snprintf(p->note, sizeof(p->note),
		    "the pins cannot be read: %.200s", err.msg);
		return;
	}
	for (size_t i = 0; i < tools->n; i++)
		add_note(p, p->say[i].why);
	add_note(p, gone);
}

void
pinned_read(const struct check_env *env, const struct msg *msg, json_at tools,
    struct pinned *ret)
{
	const struct json *doc = msg->doc;
	struct canon canon;
	size_t cap = 0;

	*ret = (struct pinned){ .n = 0 };
	if (env->pinner == NULL || env->policy->pins.mode == PINS_OFF)
		return;
	canon_init(&canon);
	for (json_at at = json_first(doc, tools); at != JSON_NONE;
	     at = json_sibling(doc, tools, at)) {
		if (canon_add(&canon, doc, at, NULL) == -1)
			continue; /* without a name it is left out anyhow */
		if (ret->n == cap) {
			cap = cap == 0 ? 32 : 2 * cap;
			ret->at = xreallocarray(ret->at, cap, sizeof(*ret->at));
		}
		ret->at[ret->n++] = at;
	}
	ask(env, msg, &canon, ret);
	canon_release(&canon);
}

void
pinned_release(struct pinned *p)
{
	free(p->say);
	free(p->at);
	*p = (struct pinned){ .n = 0 };
}

bool
pinned_waits(const struct check_env *env, const struct pinned *p, json_at tool)
{
	if (env->policy->pins.mode != PINS_DENY || env->pinner == NULL)
		return false;
	if (p->unknown)
		return true;
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i] == tool)
			return p->say[i].waits;
	return true; /* it could not be pinned */
}
