/*
 * The host of a URL, for the matcher "host" of rules.
 * Source: RFC 3986, section 3.2; WHATWG URL (a backslash ends the authority of
 * special schemes, the last "@" ends the userinfo).
 */
#include "policy/host.h"

#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/policy.h"

#define HOST_MAX 256 /* bytes; DNS names have at most 253 */

/* Compares one candidate, in lower case, without port and trailing dots. */
static long
find_host(const struct policy_list *list, struct slice host)
{
	char name[HOST_MAX];
	size_t len = 0, end = host.len;

	if (end > 0 && host.at[0] == '[') {
		const char *close = memchr(host.at, ']', end);

		end = close != NULL ? (size_t)(close - host.at) + 1 : end;
	} else {
		const char *colon = memchr(host.at, ':', end);

		end = colon != NULL ? (size_t)(colon - host.at) : end;
	}
	while (end > 0 && host.at[end - 1] == '.')
		end--;
	if (end == 0 || end >= sizeof(name))
		return -1;
	for (; len < end; len++)
		name[len] = (char)fold_ascii((unsigned char)host.at[len]);
	return glob_find(list, (struct slice){ name, len });
}

/* The authority: behind "//" if there is one, up to one of stops. */
static struct slice
authority(struct slice text, const char *stops)
{
	struct slice a = text;

	for (size_t i = 0; i + 1 < text.len; i++)
		if (strchr("/\\", text.at[i]) != NULL && text.at[i] != '\0' &&
		    strchr("/\\", text.at[i + 1]) != NULL &&
		    text.at[i + 1] != '\0') {
			while (i < text.len &&
			    (text.at[i] == '/' || text.at[i] == '\\'))
				i++;
			a = (struct slice){ text.at + i, text.len - i };
			break;
		}
	for (size_t i = 0; i < a.len; i++)
		if (a.at[i] != '\0' && strchr(stops, a.at[i]) != NULL) {
			a.len = i;
			break;
		}
	return a;
}

static bool
is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == '\\' ||
		    text.at[i] == '@' || text.at[i] == '%' ||
		    (unsigned char)text.at[i] >= 0x7f)
			return false;
	return true;
}

/* Every piece of the authority between "@" signs, for each set of stops. */
static long
find_any(const struct policy_list *list, struct slice text)
{
	static const char *const stops[] = { "/?#", "/?#\\", "/" };

	for (size_t s = 0; s < sizeof(stops) / sizeof(stops[0]); s++) {
		struct slice a = authority(text, stops[s]);

		while (a.len > 0) {
			const char *at = memchr(a.at, '@', a.len);
			struct slice piece = a;
			long found;

			if (at != NULL)
				piece.len = (size_t)(at - a.at);
			found = find_host(list, piece);
			if (found >= 0)
				return found;
			a.at += piece.len;
			a.len -= piece.len;
			if (a.len > 0) { /* the sign itself */
				a.at++;
				a.len--;
			}
		}
	}
	return -1;
}

long
host_find(const struct policy_list *list, struct slice text, bool doubt)
{
	if (doubt)
		return find_any(list, text);
	if (!is_plain(text))
		return -1;
	return find_host(list, authority(text, "/?#"));
}
