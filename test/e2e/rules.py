#!/usr/bin/env -S python3 -B
"""The policy's own rules: every matcher, every action, the first decides."""
import json
import os

from lib import Shield, call, case, check, equal, main, refused, request, \
    result, test

# (label, where, arguments as JSON text that match, others that do not)
MATCHERS = [
    ("equals", {"a": {"equals": "x"}}, ['{"a":"x"}', '{"a":"\\u0078"}'],
     ['{"a":"X"}', '{"a":"xx"}', '{"b":"x"}', "{}"]),
    ("equals a number", {"a": {"equals": 5}}, ['{"a":5}'],
     ['{"a":6}', '{"a":[6]}', '{"b":5}']),
    ("in", {"a": {"in": ["x", "y"]}}, ['{"a":"x"}', '{"a":"y"}'],
     ['{"a":"z"}']),
    ("glob", {"a": {"glob": "*.t?t"}}, ['{"a":"f.txt"}', '{"a":".tat"}'],
     ['{"a":"f.txt2"}', '{"a":"f.TXT"}', '{"a":"txt"}']),
    ("regex", {"a": {"regex": "^[0-9]+$"}}, ['{"a":"123"}'],
     ['{"a":"12a"}', '{"a":""}']),
    ("min", {"a": {"min": 10}}, ['{"a":10}', '{"a":1e2}', '{"a":10.5}'],
     ['{"a":9}', '{"a":9.999}', '{"a":-1e9}']),
    ("max", {"a": {"max": 10}}, ['{"a":10}', '{"a":-5}'],
     ['{"a":11}', '{"a":10.5}', '{"a":1e400}']),
    ("min and max", {"a": {"min": 1, "max": 3}}, ['{"a":1}', '{"a":3}'],
     ['{"a":0}', '{"a":4}']),
    ("max_length", {"a": {"max_length": 3}}, ['{"a":"abc"}', '{"a":""}',
     '{"a":[1,2,3]}'], ['{"a":"abcd"}', '{"a":[1,2,3,4]}']),
    ("host", {"a": {"host": ["example.org", "*.example.com"]}},
     ['{"a":"https://example.org/x"}', '{"a":"http://a.example.com:80/"}'],
     ['{"a":"https://example.net/"}', '{"a":"https://xexample.org/"}']),
    ("dots reach into objects", {"a.b.c": {"equals": "x"}},
     ['{"a":{"b":{"c":"x"}}}'], ['{"a":{"b":"x"}}', '{"c":"x"}']),
    ("all must hold", {"a": {"equals": "x"}, "b": {"min": 2}},
     ['{"a":"x","b":2}'], ['{"a":"x"}', '{"a":"x","b":1}', '{"b":2}']),
]


# Read in one way it matches, in another it does not: refused by a rule that
# refuses, and not let through by one that allows.
DOUBTS = [
    ("userinfo in a URL", {"a": {"host": ["example.org"]}},
     '{"a":"https://example.org@evil.test/"}'),
    ("a backslash in a URL", {"a": {"host": ["example.org"]}},
     '{"a":"https://evil.test\\\\@example.org/"}'),
    ("some elements of an array", {"a": {"equals": 5}}, '{"a":[6,5]}'),
    ("a member's name in another case", {"a": {"equals": "x"}},
     '{"a":"y","A":"x"}'),
]


def ask(s, args, ident="1"):
    return s.ask(request(ident, "tools/call",
                         '{"name":"echo","arguments":%s}' % args))


def denies(where, hits, misses):
    with Shield(policy={"rules": [{"id": "my-rule", "tool": "echo",
                                   "where": where, "action": "deny",
                                   "reason": "not today"}]}) as s:
        s.initialize()
        for args in hits:
            error = refused(ask(s, args), "1", "rules", -32602)
            equal(error["data"]["rule"], "my-rule")
            check("not today" in error["message"], "reason: %r", error)
        for args in misses:
            result(ask(s, args), "1")


def allows(where, hits, misses):
    """The same matchers as exceptions before a refusal of everything."""
    with Shield(policy={"rules": [
            {"id": "ok", "tool": "echo", "where": where, "action": "allow"},
            {"id": "no", "tool": "*", "action": "deny"}]}) as s:
        s.initialize()
        for args in hits:
            result(ask(s, args), "1")
        for args in misses:
            error = refused(ask(s, args), "1", "rules", -32602)
            equal(error["data"]["rule"], "no")


@test("under: a directory, with dots, links and siblings")
def _():
    os.makedirs("docs/sub")
    os.mkdir("docs2")
    os.symlink("../docs2", "docs/out")
    here = os.getcwd()
    inside = ["docs", "docs/", "docs/a", "docs/sub/../b", "docs/./new/file",
              "docs//a"]
    outside = ["docs2/a", "docs/../docs2/a", "docs/../../etc/passwd", "doc",
               "docs/sub/../../docs2", "docs/out/a", "docsx"]
    with Shield(policy={"rules": [
            {"id": "in", "tool": "echo", "action": "allow",
             "where": {"p": {"under": [here + "/docs"]}}},
            {"id": "out", "tool": "echo", "action": "deny"}]}) as s:
        s.initialize()
        for path in inside:
            result(s.ask(call("1", "echo", {"p": "%s/%s" % (here, path)})))
        for path in outside:
            line = s.ask(call("1", "echo", {"p": "%s/%s" % (here, path)}))
            check(b'"error"' in line, "passed: %s", path)
            refused(line, "1", "rules", -32602)


@test("tools of a rule: a name, a glob, a list")
def _():
    rules = [{"id": "a", "tool": "t1", "action": "deny"},
             {"id": "b", "tool": "x*", "action": "deny"},
             {"id": "c", "tool": ["l1", "l2*"], "action": "deny"}]
    with Shield(policy={"rules": rules}) as s:
        s.initialize()
        for tool, rule in (("t1", "a"), ("xyz", "b"), ("l1", "c"),
                           ("l2z", "c"), ("t2", None), ("l1x", None),
                           ("T1", None)):
            line = s.ask(call("1", tool))
            if rule is None:
                result(line, "1")
            else:
                equal(refused(line, "1", "rules")["data"]["rule"], rule)


@test("the first rule that matches decides")
def _():
    where = {"a": {"equals": "x"}}
    for first, second in (("allow", "deny"), ("deny", "allow")):
        with Shield(policy={"rules": [
                {"id": "1", "tool": "echo", "where": where,
                 "action": first},
                {"id": "2", "tool": "echo", "where": where,
                 "action": second}]}) as s:
            s.initialize()
            line = ask(s, '{"a":"x"}')
            if first == "allow":
                result(line, "1")
            else:
                equal(refused(line, "1", "rules")["data"]["rule"], "1")


@test("log: the call passes, and its row says which rule")
def _():
    with Shield(policy={"rules": [{"id": "watch", "tool": "echo",
                                   "action": "log"}]}) as s:
        s.initialize()
        result(ask(s, '{"a":1}'), "1")
        equal(s.got()[2], request("1", "tools/call", '{"name":"echo",'
                                  '"arguments":{"a":1}}'))
        s.finish()
        rows = [r for r in s.rows() if r["rule"] == "watch"]
        equal([(r["decision"], r["stage"]) for r in rows],
              [("flag", "rules")])


@test("log does not end the judgement: the checks below go on")
def _():
    with Shield(policy={"rules": [{"id": "watch", "tool": "echo",
                                   "action": "log"}],
                        "arguments": {"patterns": ["badword"]}}) as s:
        s.initialize()
        refused(ask(s, '{"a":"badword"}'), "1", "pattern", -32602)


@test("redact: the matched argument is replaced, every other byte stays")
def _():
    with Shield(policy={"rules": [
            {"id": "r", "tool": "echo", "action": "redact",
             "where": {"token": {"regex": "."}}}]}) as s:
        s.initialize()
        result(ask(s, '{"x":1.0, "token":"s3cr3t","y":[1e2]}'), "1")
        got = s.got()[2]
        check(b"s3cr3t" not in got, "%r", got)
        args = json.loads(got)["params"]["arguments"]
        check(isinstance(args["token"], str), "%r", got)
        check(b'{"x":1.0, "token":"' in got and b',"y":[1e2]}' in got,
              "%r", got)
        s.finish()
        rows = [r for r in s.rows() if r["rule"] == "r"]
        equal([r["decision"] for r in rows], ["redact"])
        check(not any("s3cr3t" in json.dumps(r) for r in s.rows()),
              "the log has what was removed")


@test("a rule cannot be evaded by another spelling of a member's name")
def _():
    with Shield(policy={"rules": [
            {"id": "no", "tool": "echo", "action": "deny",
             "where": {"path": {"glob": "*secret*"}}}]}) as s:
        s.initialize()
        refused(ask(s, '{"p\\u0061th":"a secret"}'), "1", "rules")
        refused(ask(s, '{"path":"a s\\u0065cret"}'), "1", "rules")


@test("a rule that needs an argument does not match where there is none")
def _():
    with Shield(policy={"rules": [
            {"id": "no", "tool": "echo", "action": "deny",
             "where": {"a": {"max_length": 100}}}]}) as s:
        s.initialize()
        result(s.ask(request("1", "tools/call", '{"name":"echo"}')), "1")


for label, *rest in DOUBTS:
    case("in doubt refused, deny: " + label, denies, rest[0], rest[1:], [])
    case("in doubt refused, allow: " + label, allows, rest[0], [], rest[1:])
for label, *rest in MATCHERS:
    case("deny where " + label, denies, *rest)
    case("allow where " + label, allows, *rest)
main()
