/*
 * Between the checks, which know nothing of databases, and the pins in one.
 */
#include "proxy/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit/pin.h"
#include "policy/policy.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/diag.h"

static void
put(struct pin_say *say, const struct canon_tool *tool,
    const struct pin_finding *f)
{
	static const char *const words[] = {
		[PIN_SAME] = NULL,
		[PIN_FIRST] = NULL,
		[PIN_NEW] = "is new",
		[PIN_CHANGED] = "has changed",
		[PIN_DUPLICATE] = "is listed twice",
		[PIN_TOO_MANY] = "cannot be pinned",
	};
	char name[64];

	say->waits = f->waits || f->status == PIN_CHANGED ||
		     f->status == PIN_DUPLICATE || f->status == PIN_TOO_MANY;
	/* What was so in sessions before is no news. */
	if (f->status == PIN_SAME ||
	    (words[f->status] == NULL && f->elsewhere == NULL))
		return;
	quote_utf8(
	    name, sizeof(name), (struct slice){ tool->name, tool->name_len });
	(void)snprintf(say->why, sizeof(say->why), "'%s' %s%s%.80s%s%.40s",
	    name, words[f->status] != NULL ? words[f->status] : "is known",
	    f->changes != NULL ? ": "
	    : f->was != NULL   ? ", and was "
			       : "",
	    f->changes != NULL ? f->changes
	    : f->was != NULL   ? f->was
			       : "",
	    f->elsewhere != NULL ? ", and a tool of " : "",
	    f->elsewhere != NULL ? f->elsewhere : "");
}

static int
listing(struct pinner *self, const struct canon *tools, bool first, bool last,
    struct pin_say *say, char gone[160], struct error *err)
{
	struct desk *d = (struct desk *)self;
	struct pin_report report = { .n = 0 };
	int rc = pins_listing(d->pins, tools,
	    (first ? PIN_PAGE_FIRST : 0U) | (last ? PIN_PAGE_LAST : 0U),
	    &report, err);

	if (rc == 1)
		diag("the pins could not be written: %s", err->msg);
	for (size_t i = 0; rc != -1 && i < report.n && i < tools->n; i++)
		put(&say[i], &tools->v[i], &report.v[i]);
	if (rc != -1 && report.nvanished > 0)
		(void)snprintf(gone, 160, "%zu gone: %.80s%s", report.nvanished,
		    report.vanished[0], report.nvanished > 1 ? " ..." : "");
	pin_report_release(&report);
	return rc == -1 ? -1 : 0;
}

static int
known(struct pinner *self, struct slice tool, struct error *err)
{
	return pins_known(((struct desk *)self)->pins, tool, err);
}

struct desk *
desk_new(const struct policy *policy, const char *audit, const char *server,
    const char *session)
{
	const char *file = policy->pins.file;
	struct desk *d = xcalloc(1, sizeof(*d));
	struct pins_options opt = { .path = file != NULL ? file : audit,
		.server = server,
		.session = session,
		.deny = policy->pins.mode == PINS_DENY };

	d->pinner.listing = listing;
	d->pinner.known = known;
	d->pins = pins_new(&opt);
	return d;
}

void
desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	pins_free(d->pins);
	free(d);
}
