/*
 * The host of a URL, for the matcher "host" of rules.
 * Source: RFC 3986, section 3.2; WHATWG URL (a backslash ends the authority of
 * special schemes, the last "@" ends the userinfo).
 */
#include "policy/host.h"

#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/policy.h"
#include "proxy/base/array.h"

#define HOST_MAX 256 /* bytes; DNS names have at most 253 */
#define URL_MAX 4096 /* bytes of a URL in which odd spellings are undone */

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

/* Letters of a scheme and its colon at the beginning of text, or 0. */
static size_t
scheme_len(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = fold_ascii((unsigned char)text.at[i]);

		if (c == ':')
			return i > 0 ? i + 1 : 0;
		if (!((c >= 'a' && c <= 'z') ||
			(i > 0 &&
			    ((c >= '0' && c <= '9') || c == '+' || c == '-'))))
			return 0;
	}
	return 0;
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

	for (size_t s = 0; s < 2 * nitems(stops); s++) {
		struct slice a = authority(text, stops[s / 2]);

		/* A scheme may go without its slashes: "http:host". */
		if (s % 2 == 1) {
			size_t skip = scheme_len(text);

			a = (struct slice){ text.at + skip, text.len - skip };
			while (
			    a.len > 0 && (a.at[0] == '/' || a.at[0] == '\\')) {
				a.at++;
				a.len--;
			}
			a = authority(a, stops[s / 2]);
		}
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

/* What parsers of URLs drop or decode before they look. */
static size_t
strip(struct slice text, char out[URL_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < text.len && len < URL_MAX; i++) {
		if (strchr("\t\r\n", text.at[i]) != NULL && text.at[i] != '\0')
			continue;
		if (len == 0 && (unsigned char)text.at[i] <= ' ')
			continue;
		if (text.at[i] == '%' && i + 2 < text.len &&
		    fold_hex(text.at[i + 1]) >= 0 &&
		    fold_hex(text.at[i + 2]) >= 0) {
			out[len++] = (char)(fold_hex(text.at[i + 1]) * 16 +
					    fold_hex(text.at[i + 2]));
			i += 2;
		} else {
			out[len++] = text.at[i];
		}
	}
	return len;
}

long
host_find(const struct policy_list *list, struct slice text, bool doubt)
{
	char stripped[URL_MAX];
	long found;

	if (doubt) {
		found = find_any(list, text);
		return found >= 0 ? found
				  : find_any(list, (struct slice){ stripped,
						       strip(text, stripped) });
	}
	if (!is_plain(text))
		return -1;
	return find_host(list, authority(text, "/?#"));
}
