/*
 * The hosts in command lines: words of a command that is known to connect.
 * The shell's grammar is not needed for that: whatever ends a simple command
 * begins another, and quotes are not part of a word.
 */
#include "policy/command_host.h"

#include "policy/fold.h"
#include "proxy/base/array.h"

#define TOOL_MAX 24U /* bytes of a command's name */

/* Between spaces, for a search of the whole word. */
static const char tools[] =
    " curl wget wget2 aria2c axel httpie http https xh xhs lynx w3m elinks"
    " nc ncat netcat socat telnet ftp lftp sftp tftp scp ssh mosh rsync sshpass"
    " ping ping6 fping hping3 traceroute traceroute6 tracepath mtr nmap masscan"
    " rustscan nikto sqlmap ffuf gobuster wfuzz dirb hydra whatweb"
    " redis-cli mysql psql mongo mongosh memcached-tool etcdctl"
    " ldapsearch smbclient rpcclient rdesktop xfreerdp openssl snmpwalk"
    " dig nslookup invoke-webrequest invoke-restmethod iwr irm"
    " test-netconnection tnc certutil bitsadmin ";

/* Words that stand before a command. */
static const char prefixes[] =
    " sudo doas env exec command nohup time timeout xargs then do else if while"
    " until ! { ( && eval builtin stdbuf nice setsid proxychains torsocks ";

static bool
is_among(const char *list, struct slice word)
{
	char key[TOOL_MAX + 3] = " ";

	if (word.len == 0 || word.len > TOOL_MAX ||
	    memchr(word.at, '\0', word.len) != NULL)
		return false;
	for (size_t i = 0; i < word.len; i++)
		key[1 + i] = (char)fold_ascii((unsigned char)word.at[i]);
	key[1 + word.len] = ' ';
	key[2 + word.len] = '\0';
	return strstr(list, key) != NULL;
}

static bool
is_one_of(char c, const char *set)
{
	while (*set != '\0' && *set != c)
		set++;
	return *set != '\0';
}

/* What a byte is between words, for all of a text goes through it. */
enum {
	BYTE_END = 1, /* ends a word */
	BYTE_NEW = 2, /* so that a command may begin */
	BYTE_PASSED = 4, /* begins none */
};

static const unsigned char bytes[256] = {
	[';'] = BYTE_END | BYTE_NEW,
	['|'] = BYTE_END | BYTE_NEW,
	['&'] = BYTE_END | BYTE_NEW,
	['\n'] = BYTE_END | BYTE_NEW,
	['`'] = BYTE_END | BYTE_NEW,
	['('] = BYTE_END | BYTE_NEW,
	[')'] = BYTE_END | BYTE_NEW,
	['{'] = BYTE_END | BYTE_NEW,
	['}'] = BYTE_END | BYTE_NEW,
	[' '] = BYTE_END | BYTE_PASSED,
	['\t'] = BYTE_END | BYTE_PASSED,
	['\r'] = BYTE_END | BYTE_PASSED,
	['\''] = BYTE_END | BYTE_PASSED,
	['"'] = BYTE_END | BYTE_PASSED,
	['<'] = BYTE_END | BYTE_PASSED,
	['>'] = BYTE_END | BYTE_PASSED,
	[','] = BYTE_END | BYTE_PASSED,
	['$'] = BYTE_PASSED,
};

/* The name of a command, without the directory it is in. */
static struct slice
base_name(struct slice word)
{
	const char *slash =
	    word.len > 0 ? memrchr(word.at, '/', word.len) : NULL;

	if (slash == NULL)
		return word;
	return (struct slice){ slash + 1,
		word.len - (size_t)(slash - word.at) - 1 };
}

/* The next word; *ret_first if a command begins with it. */
static bool
next_word(struct command_host *c, struct slice *ret)
{
	size_t first;

	while (c->at < c->text.len) {
		unsigned char b = (unsigned char)c->text.at[c->at];

		if ((bytes[b] & BYTE_NEW) != 0)
			c->begun = c->connects = false;
		else if ((bytes[b] & BYTE_PASSED) == 0)
			break;
		c->at++;
	}
	first = c->at;
	while (c->at < c->text.len &&
	       (bytes[(unsigned char)c->text.at[c->at]] & BYTE_END) == 0)
		c->at++;
	*ret = (struct slice){ c->text.at + first, c->at - first };
	return ret->len > 0;
}

/* [USER@]HOST[:REST], and /dev/tcp/HOST/PORT. */
static bool
take_host(struct command_host *c, struct slice word, const char *stops)
{
	const char *at = memrchr(word.at, '@', word.len);
	size_t n = 0;

	c->sure = at != NULL;
	if (at != NULL)
		word = (struct slice){ at + 1,
			word.len - (size_t)(at - word.at) - 1 };
	if (word.len > 0 && word.at[0] == '[') {
		word = (struct slice){ word.at + 1, word.len - 1 };
		stops = "]";
	}
	while (n < word.len && !is_one_of(word.at[n], stops))
		n++;
	if (n > 1 && word.at[n - 1] == '.')
		n--;
	if (n == 0 || n > sizeof(c->word))
		return false;
	for (size_t i = 0; i < n; i++)
		c->word[i] = (char)fold_ascii((unsigned char)word.at[i]);
	host_init(&c->host, (struct slice){ c->word, n });
	return true;
}

static bool
is_device(struct slice word)
{
	return word.len > 9 && (memcmp(word.at, "/dev/tcp/", 9) == 0 ||
				   memcmp(word.at, "/dev/udp/", 9) == 0);
}

bool
command_host_next(struct command_host *c)
{
	struct slice word;

	while (next_word(c, &word)) {
		if (is_device(word)) {
			if (take_host(c,
				(struct slice){ word.at + 9, word.len - 9 },
				"/"))
				return true;
			continue;
		}
		if (!c->begun) {
			if (is_among(prefixes, word) || word.at[0] == '-' ||
			    memchr(word.at, '=', word.len) != NULL)
				continue;
			c->begun = true;
			c->connects = is_among(tools, base_name(word));
			if (c->one && !c->connects)
				break;
			continue;
		}
		/* URLs are found wherever they stand. */
		if (!c->connects || word.at[0] == '-' || word.at[0] == '/' ||
		    memmem(word.at, word.len, "://", 3) != NULL)
			continue;
		if (take_host(c, word, ":/?#"))
			return true;
	}
	return false;
}
