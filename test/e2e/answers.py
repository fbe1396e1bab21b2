#!/usr/bin/env -S python3 -B
"""What a refused peer is told, in every form, and what the log says of it."""
import json

from lib import CODES, MODERN, Shield, call, case, check, equal, main, \
    refused, request, result, run, test

DENY = {"tools": {"deny": ["bad"]},
        "arguments": {"patterns": ["badword"]},
        "rules": [{"id": "r1", "tool": "ruled", "action": "deny"}],
        "methods": {"deny": ["logging/setLevel"]}}

# (label, line, stage)
BLOCKED = [
    ("a tool", call("1", "bad"), "namespace"),
    ("a method", request("1", "logging/setLevel", {}), "namespace"),
    ("a pattern", call("1", "echo", {"a": "badword"}), "pattern"),
    ("a rule", call("1", "ruled"), "rules"),
    ("an envelope", b'{"jsonrpc":"2.0","id":1,"method":"ping","x":1}',
     "frame"),
]


def error_object(line, stage):
    with Shield(policy=DENY) as s:
        s.initialize()
        error = refused(s.ask(line), "1", stage)
        check(error["message"].startswith("blocked by mcpshield: "),
              "message %r", error)
        check(error["code"] in CODES[stage] and
              not -32099 <= error["code"] <= -32000, "code %r", error)
        # The event is found at once, while the proxy runs, and afterwards.
        for running in (True, False):
            status, out, err = run("audit", "-a", s.audit, "--json",
                                   "--event", error["data"]["event"])
            equal(status, 0, err)
            rows = [json.loads(row) for row in out.splitlines()]
            equal(len(rows), 1, "rows: %s" % out)
            row = rows[0]
            equal((row["decision"], row["stage"], row["rule"],
                   row["direction"]), ("block", stage,
                                       error["data"]["rule"], "client"))
            if running:
                s.finish()


def as_result(modern):
    meta = MODERN if modern else None
    with Shield(policy=dict(DENY, deny_as="result")) as s:
        if not modern:
            s.initialize()
        for line in (call("5", "bad", {}, meta), call(
                '"x"', "echo", {"a": "badword"}, meta),
                call("0", "ruled", {}, meta)):
            got = result(s.ask(line))
            want = ["content", "isError"]
            equal(sorted(got), want + ["resultType"] if modern else want)
            equal(got["isError"], True)
            equal([c["type"] for c in got["content"]], ["text"])
            check(got["content"][0]["text"].startswith(
                "blocked by mcpshield: "), "%r", got)
            if modern:
                equal(got["resultType"], "complete")
        # Everything but tools/call is still answered with an error.
        refused(s.ask(request("6", "logging/setLevel", {})), "6",
                "namespace", -32601)


def monitored(line):
    """Everything that can be read passes, and the log says what would be."""
    with Shield({"on": {"logging/setLevel": [{"answer": {}}]}},
                dict(DENY, mode="monitor")) as s:
        s.initialize()
        result(s.ask(line), "1")
        equal(s.got()[2], line)
        s.finish()
        rows = [r for r in s.rows() if r["decision"] == "would-block"]
        equal(len(rows), 1, "rows")
        check(rows[0]["stage"] in CODES and rows[0]["rule"] and
              rows[0]["reason"], "row %r", rows[0])


@test("--monitor on the command line is mode: monitor")
def _():
    with Shield(policy=DENY, options=["--monitor"]) as s:
        s.initialize()
        result(s.ask(call("1", "bad")), "1")
        s.finish()
        equal([r["tool"] for r in s.rows(decision="would-block")], ["bad"])


@test("monitor: a listed tool is left in the list")
def _():
    with Shield({"tools": ["a", "bad"]}, dict(DENY, mode="monitor")) as s:
        s.initialize()
        got = result(s.ask(request("1", "tools/list")), "1")
        equal([t["name"] for t in got["tools"]], ["a", "bad"])


@test("the message repeats nothing that the peer wrote")
def _():
    with Shield(policy=DENY) as s:
        s.initialize()
        for line in (call("1", "bad", {"x": "Zebra-77"}),
                     call("1", "ruled", {"Zebra-77": "Zebra-77"}),
                     call("1", "echo", {"Zebra-77": "badword Zebra-77"}),
                     b'{"jsonrpc":"2.0","id":1,"method":"x",'
                     b'"Zebra-77":"Zebra-77"}',
                     b'{"jsonrpc":"2.0","id":1,"Zebra-77'):
            answer = s.ask(line)
            check(b"ebra" not in answer, "%r", answer)


@test("no refusal uses a code of the protocol's own range")
def _():
    with Shield(policy=DENY) as s:
        s.initialize()
        for _, line, _ in BLOCKED:
            code = json.loads(s.ask(line))["error"]["code"]
            check(not -32099 <= code <= -32000, "code %d", code)


@test("every event has its own name")
def _():
    with Shield(policy=DENY) as s:
        s.initialize()
        names = [refused(s.ask(call("1", "bad")), "1", "namespace")["data"]
                 ["event"] for _ in range(50)]
        equal(len(set(names)), 50)


@test("every message of a session has its row, the two ends included")
def _():
    with Shield(policy=DENY) as s:
        s.initialize()
        s.ask(call("1", "echo", {"text": "t"}))
        s.ask(call("2", "bad"))
        s.do({"line": '{"jsonrpc":"2.0","method":"notifications/n"}'})
        s.sync()
        s.finish()
        rows = s.rows()
        equal(rows[0]["decision"], "start")
        equal(rows[-1]["decision"], "end")
        seen = [(r["direction"], r["kind"], r["method"], r["decision"])
                for r in rows[1:-1]]
        for want in [("client", "request", "initialize", "allow"),
                     ("server", "result", "initialize", "allow"),
                     ("client", "notification", "notifications/initialized",
                      "allow"),
                     ("client", "request", "tools/call", "allow"),
                     ("server", "result", "tools/call", "allow"),
                     ("client", "request", "tools/call", "block"),
                     ("server", "notification", "notifications/n", "allow")]:
            check(want in seen, "%r is not in %r", want, seen)
        equal({r["server"] for r in rows}, {"hostile"})
        equal(len({r["session"] for r in rows}), 1)


@test("inspect judges the same call in the same way")
def _():
    with Shield(policy=DENY) as s:
        for tool, args, want in (("echo", "{}", 0), ("bad", "{}", 1),
                                 ("echo", '{"a":"BADword"}', 1),
                                 ("ruled", "{}", 1), ("echo", "{", 2)):
            status, out, err = run("inspect", "-p", s.policy_path, tool,
                                   args)
            equal(status, want, "inspect %s %s: %s%s" % (
                tool, args, out, err))
        s.finish()


for label, data, where in BLOCKED:
    case("the error object is exactly that of section 3: " + label,
         error_object, data, where)
case("deny_as result: legacy", as_result, False)
case("deny_as result: 2026-07-28", as_result, True)
for label, data, where in BLOCKED:
    if where != "frame":
        case("monitor: " + label, monitored, data)
main()
