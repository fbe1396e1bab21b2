/*
 * Hosts that a text gives under a name: a redirector's query, a database's
 * connection string.  Whether a host is a bad one is not judged here.
 */
#include "policy/host_named.h"

#include <string.h>
#include <strings.h>

#include "policy/text.h"
#include "policy/url.h"
#include "policy/url_part.h"
#include "proxy/base/array.h"

#define NAME_MAX_LEN 32U /* bytes of a name that is looked at */

/* Of queries, beside the names that text_role() knows. */
static const char *const query_names[] = { "u", "next", "dest", "destination",
	"go", "goto", "continue", "return", "return_to", "returnto", "forward",
	"out" };

/* Of connection strings: the last word of each. */
static const char *const host_names[] = { "host", "hostaddr", "hostname",
	"server", "source", "addr", "address" };
static const char *const other_names[] = { "dbname", "database", "catalog",
	"uid", "pwd", "password", "sslmode", "driver", "provider", "security",
	"trusted_connection" };

static bool
is_one_of(struct slice name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == name.len &&
		    strncasecmp(names[i], name.at, name.len) == 0)
			return true;
	return false;
}

/* The word that ends at text.at[end]. */
static struct slice
word_before(struct slice text, size_t end)
{
	size_t n = 0;

	while (n < end && n < NAME_MAX_LEN && url_is_word(text.at[end - n - 1]))
		n++;
	return (struct slice){ text.at + end - n, n };
}

/* A string that connects has a second name of a database, or a ";". */
static bool
is_connection(struct slice text)
{
	const char *p = memchr(text.at, '=', text.len);
	size_t at = p != NULL ? (size_t)(p - text.at) : text.len;

	if (at < text.len && at < NAME_MAX_LEN &&
	    memchr(p, ';', text.len - at) != NULL)
		return true;
	for (; p != NULL; p = memchr(text.at + at, '=', text.len - at)) {
		at = (size_t)(p - text.at);
		if (is_one_of(word_before(text, at), other_names,
			nitems(other_names)))
			return true;
		at++;
	}
	return false;
}

static struct slice
value_at(struct slice text, size_t at)
{
	struct slice value = url_behind(text, at);

	if (value.len > 0 && (value.at[0] == '"' || value.at[0] == '\''))
		value = url_behind(value, 1);
	if (value.len > 4 && strncasecmp(value.at, "tcp:", 4) == 0)
		value = url_behind(value, 4);
	if (value.len > URL_HOST_MAX)
		value.len = URL_HOST_MAX;
	return url_up_to(value, "&;?#, \t\r\n\"')");
}

/* Decides what the text is; what stands before its names is passed over. */
static bool
begin(struct host_named *n, struct slice *ret_value)
{
	static const char go[] = "@tcp(";
	const char *p = memmem(n->text.at, n->text.len, "//", 2);

	n->begun = true;
	n->url = p != NULL;
	if (n->url) {
		n->at = url_up_to(n->text, "?").len;
		return false;
	}
	p = memmem(n->text.at, n->text.len, go, sizeof(go) - 1);
	n->none = p == NULL && !is_connection(n->text);
	if (p == NULL)
		return false;
	n->at = (size_t)(p - n->text.at) + sizeof(go) - 1;
	*ret_value = value_at(n->text, n->at);
	return true;
}

bool
host_named_next(struct host_named *n, struct slice *ret_value)
{
	if (n->text.len == 0 || (!n->begun && begin(n, ret_value)))
		return n->text.len > 0;
	while (!n->none && n->at < n->text.len) {
		const char *p =
		    memchr(n->text.at + n->at, '=', n->text.len - n->at);
		const char *known;
		struct slice name;

		if (p == NULL)
			break;
		name = word_before(n->text, (size_t)(p - n->text.at));
		n->at = (size_t)(p - n->text.at) + 1;
		if (n->url
			? is_one_of(name, query_names, nitems(query_names)) ||
			      text_role(name, &known) == ROLE_HOST
			: is_one_of(name, host_names, nitems(host_names))) {
			*ret_value = value_at(n->text, n->at);
			return true;
		}
	}
	return false;
}
