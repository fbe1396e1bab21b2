/*
 * The rule by which a server gets its name; mcpshield-stdio(1) documents it.
 */
#include "proxy/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

enum launcher_kind { LAUNCHES_PACKAGE, LAUNCHES_SCRIPT };

static const struct launcher {
	const char *name;
	enum launcher_kind kind;
	const char *verbs; /* words between it and the package, by spaces */
	const char *valued; /* options that take the next word, by spaces */
} launchers[] = {
	{ "npx", LAUNCHES_PACKAGE, "", "-p --package -c --call" },
	{ "bunx", LAUNCHES_PACKAGE, "", "-p --package" },
	{ "pnpx", LAUNCHES_PACKAGE, "", "" },
	{ "pnpm", LAUNCHES_PACKAGE, "dlx exec", "" },
	{ "npm", LAUNCHES_PACKAGE, "exec x", "-p --package" },
	{ "yarn", LAUNCHES_PACKAGE, "dlx", "" },
	{ "uvx", LAUNCHES_PACKAGE, "", "--from --with --python -p" },
	{ "pipx", LAUNCHES_PACKAGE, "run", "--spec --python" },
	{ "node", LAUNCHES_SCRIPT, "", "-r --require --import" },
	{ "bun", LAUNCHES_SCRIPT, "run", "" },
	{ "deno", LAUNCHES_SCRIPT, "run", "" },
	{ "python", LAUNCHES_SCRIPT, "", "-W -X" },
	{ "python3", LAUNCHES_SCRIPT, "", "-W -X" },
	{ "sh", LAUNCHES_SCRIPT, "", "" },
	{ "bash", LAUNCHES_SCRIPT, "", "" },
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static bool
is_word_of(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += strspn(list, " ")) {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(word, list, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* Does the option make the next word, or its own rest, a program's text? */
static bool
is_code(const char *option)
{
	return is_word_of(option, "--eval --print eval") ||
	       (option[1] != '-' && strpbrk(option, "cep") != NULL);
}

/* "@scope/name@1.2", "name@latest", "name==1.0" without what follows. */
static char *
without_version(const char *package)
{
	size_t from = package[0] == '@' ? 1 : 0;
	size_t len = from + strcspn(package + from, "@=<>[");

	return xmemdup0(package, len > from ? len : strlen(package));
}

char *
identity_of(char *const argv[])
{
	const char *name = base_name(argv[0]);
	const struct launcher *l = NULL;
	size_t i = 1;

	for (size_t k = 0; k < nitems(launchers); k++)
		if (strcmp(launchers[k].name, name) == 0)
			l = &launchers[k];
	if (l == NULL)
		return xstrdup(name);
	while (argv[i] != NULL &&
	       (argv[i][0] == '-' || is_word_of(argv[i], l->verbs))) {
		bool named = l->kind == LAUNCHES_PACKAGE &&
			     (strcmp(argv[i], "-p") == 0 ||
				 strcmp(argv[i], "--package") == 0 ||
				 strcmp(argv[i], "--from") == 0);

		if (named && argv[i + 1] != NULL)
			return without_version(argv[i + 1]);
		if (l->kind == LAUNCHES_SCRIPT &&
		    is_word_of(argv[i], "-m --module") && argv[i + 1] != NULL)
			return xstrdup(argv[i + 1]);
		if (l->kind == LAUNCHES_SCRIPT && is_code(argv[i]))
			return xstrdup(name); /* code may hold secrets */
		i += is_word_of(argv[i], l->valued) && argv[i + 1] != NULL ? 2
									   : 1;
	}
	if (argv[i] == NULL || argv[i][0] == '\0')
		return xstrdup(name);
	return l->kind == LAUNCHES_PACKAGE && argv[i][0] != '/' &&
		       argv[i][0] != '.'
		   ? without_version(argv[i])
		   : xstrdup(base_name(argv[i]));
}
