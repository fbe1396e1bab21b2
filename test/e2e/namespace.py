#!/usr/bin/env -S python3 -B
"""The lock on tools: one list for tools/call and for tools/list."""
import json

from lib import Shield, call, case, check, equal, id_text, main, refused, \
    request, result, test

TOOLS = ["read", "read_file", "list_a", "list_secret", "Read", "write",
         "r.x", ""]

# (label, policy's tools, names that pass, names that do not)
LOCKS = [
    ("names", {"allow": ["read", "write"]}, ["read", "write"],
     ["Read", "READ", "read_file", "rea", " read", "read ", "", "*"]),
    ("globs", {"allow": ["list_*", "r?ad"]},
     ["list_a", "list_", "list_secret", "read", "road"],
     ["read_file", "Read", "List_a", "xlist_a"]),
    ("deny wins over allow", {"allow": ["list_*"], "deny": ["*secret*"]},
     ["list_a"], ["list_secret", "secret"]),
    ("deny alone", {"deny": ["*secret*", "write"]}, ["read", "list_a", "x"],
     ["list_secret", "write"]),
    ("an empty allow allows nothing", {"allow": []}, [],
     ["read", "", "*", "anything"]),
    ("no lock", {}, ["read", "anything", "", "é"], []),
    ("globs match whole names", {"allow": ["r.x"]}, ["r.x"],
     ["rax", "r.x2", "xr.x"]),
    ("text beyond ASCII", {"allow": ["öl*"]}, ["öl", "ölung"],
     ["ol", "o\u0308l", "ÖL"]),
]

# Another spelling of the same name must meet the same lock: (params, passes)
SPELT = [
    ('{"name":"r\\u0065ad"}', True),
    ('{"name":"r\\u0065ad_file"}', False),
    ('{"n\\u0061me":"write"}', False),
    ('{"name":"wr\\u0069te"}', False),
    ('{"name":"\\u0077\\u0072\\u0069\\u0074\\u0065"}', False),
    ('{"name":"read\\u0000"}', False),
    ('{"name":"read\\u0000write"}', False),
    ('{"name":"read\\n"}', False),
    ('{"arguments":{"name":"read"},"name":"write"}', False),
    ('{"name":"re\\u00adad"}', False),
    ('{"name":"re\\u0430d"}', False),
    ('{"_meta":{"name":"read"},"name":"write"}', False),
]


def listed(policy):
    with Shield({"tools": TOOLS}, policy) as s:
        s.initialize()
        answer = result(s.ask(request("1", "tools/list")), "1")
        return [t["name"] for t in answer["tools"]]


def lock(rules, passes, stops):
    with Shield({"tools": TOOLS}, {"tools": rules}) as s:
        s.initialize()
        for name in passes:
            result(s.ask(call("1", name, {"text": "t"})), "1")
        for name in stops:
            refused(s.ask(call('"n"', name, {"text": "never"})), '"n"',
                    "namespace", -32601)
        s.sync()
        check(not any(b"never" in g for g in s.got()), "it reached the "
              "server")
    want = [n for n in TOOLS if n in passes]
    sure = set(passes) | set(stops)
    equal([n for n in listed({"tools": rules}) if n in sure], want, "listed")


def spelt(params, passes):
    with Shield(policy={"tools": {"allow": ["read"]}}) as s:
        s.initialize()
        line = s.ask(request("1", "tools/call", params))
        if passes:
            result(line, "1")
        else:
            refused(line, "1", "namespace", -32601)
            s.sync()
            equal(len(s.got()), 2, "what the server read")


@test("tools/list over several pages: each page is filtered")
def _():
    with Shield({"tools": TOOLS, "page": 2},
                {"tools": {"allow": ["read*", "write"]}}) as s:
        s.initialize()
        names, cursor, pages = [], {}, 0
        while cursor is not None:
            page = result(s.ask(request("1", "tools/list", cursor)), "1")
            names.append([t["name"] for t in page["tools"]])
            pages += 1
            cursor = {"cursor": page["nextCursor"]} \
                if "nextCursor" in page else None
        equal(pages, 4)
        equal(names, [["read", "read_file"], [], ["write"], []])


@test("tools/list: what is kept is kept byte for byte")
def _():
    text = '{"jsonrpc":"2.0","id":$ID,"result":{"x":1.0, "tools":[%s],' \
        '"nextCursor":"c","_meta":{"a" : null}}}'
    keep = ['{"name":"a","inputSchema":{"type":"object"},"x":1e5}',
            ' {"inputSchema" : {}, "n\\u0061me":"b" } ']
    drop = ['{"name":"no","inputSchema":{}}',
            '{"n\\u0061me":"n\\u006f", "z":{"name":"a"}}']
    for order in ([0, 2, 1, 3], [2, 0, 3, 1], [2, 3, 0, 1], [0, 1, 2, 3]):
        both = keep + drop
        line = text % ",".join(both[n] for n in order)
        with Shield({"on": {"tools/list": [{"line": line}]}},
                    {"tools": {"allow": ["a", "b"]}}) as s:
            s.initialize()
            got = s.ask(request("1", "tools/list")).decode()
            want = [both[n].strip() for n in order if n < 2]
            equal([t["name"] for t in json.loads(got)["result"]["tools"]],
                  ["a", "b"])
            for tool in want:
                check(tool in got, "changed: %s not in %s", tool, got)
            check(got.startswith('{"jsonrpc":"2.0","id":1,"result":'
                                 '{"x":1.0, "tools":[') and
                  got.endswith('],"nextCursor":"c","_meta":{"a" : null}}}'),
                  "changed around: %s", got)


@test("tools/list without a lock is not touched")
def _():
    line = '{ "jsonrpc":"2.0","id":$ID,"result":{"tools":[ {"name":"b"} ] }}'
    with Shield({"on": {"tools/list": [{"line": line}]}}) as s:
        s.initialize()
        equal(s.ask(request("1", "tools/list")),
              line.replace("$ID", "1").encode())


@test("the lock does not depend on tools/list having been asked for")
def _():
    with Shield(policy={"tools": {"allow": ["echo"]}}) as s:
        s.initialize()
        refused(s.ask(call("1", "do", {"steps": []})), "1", "namespace")
        result(s.ask(call("2", "echo")), "2")


@test("list_changed passes, and the next list is filtered again")
def _():
    more = [{"line": '{"jsonrpc":"2.0","method":'
             '"notifications/tools/list_changed"}'}, {"text": 2}]
    page = '{"jsonrpc":"2.0","id":$ID,"result":{"tools":[{"name":"ok"},' \
        '{"name":"new_secret"}]}}'
    with Shield({"tool": {"ok": more}, "on": {"tools/list": [
            {"line": page}]}}, {"tools": {"deny": ["*secret*"]}}) as s:
        s.initialize()
        for _ in range(2):
            got = result(s.ask(request("1", "tools/list")), "1")
            equal([t["name"] for t in got["tools"]], ["ok"])
            s.send_line(call("2", "ok"))
            lines = s.sync()
            equal(len(lines), 2)
            equal(json.loads(lines[0])["method"],
                  "notifications/tools/list_changed")
        refused(s.ask(call("3", "new_secret")), "3", "namespace")


@test("a malformed entry of tools/list does not open the lock")
def _():
    for entry in ('7', 'null', '"no"', '{}', '{"name":7}', '{"name":null}',
                  '{"Name":"no"}', '{"name":"a","NAME":"no"}',
                  '["no"]', '{"name":{"name":"a"}}'):
        line = '{"jsonrpc":"2.0","id":$ID,"result":{"tools":[%s,' \
            '{"name":"a"}]}}' % entry
        with Shield({"on": {"tools/list": [{"line": line}]}},
                    {"tools": {"allow": ["a"]}}) as s:
            s.initialize()
            s.send_line(request("1", "tools/list"))
            lines = s.sync()
            equal([id_text(x) for x in lines], ["1"])
            check(b'"no"' not in lines[0], "%s passed: %r", entry, lines)


@test("a list of tools that is no list does not pass where there is a lock")
def _():
    line = '{"jsonrpc":"2.0","id":$ID,"result":{"tools":{"name":"no"}}}'
    with Shield({"on": {"tools/list": [{"line": line}]}},
                {"tools": {"allow": ["a"]}}) as s:
        s.initialize()
        s.send_line(request("1", "tools/list"))
        for answer in s.sync():
            check(b'"no"' not in answer, "passed: %r", answer)


for name, rules, yes, no in LOCKS:
    case("lock: " + name, lock, rules, yes, no)
for text, good in SPELT:
    case("spelling %s: %s" % ("passes" if good else "refused", text), spelt,
         text, good)
main()
