#!/usr/bin/env -S python3 -B
"""SIGHUP reads the policy again; a broken file keeps the old one."""
import os
import signal
import time

from lib import Shield, call, check, equal, main, refused, request, result, \
    test


def reload(s, words, timeout=3.0):
    """Sends SIGHUP and waits until stderr has more lines than before."""
    before = len(s.stderr().splitlines())
    s.signal(signal.SIGHUP)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        lines = s.stderr().splitlines()[before:]
        if lines:
            check(any(w in "\n".join(lines) for w in words),
                  "stderr: %r", lines)
            return
        time.sleep(0.01)
    raise AssertionError("nothing on stderr after SIGHUP")


def judged(s, tool):
    return b'"result"' in s.ask(call("1", tool))


@test("a good file is taken: what was allowed is refused")
def _():
    with Shield(policy={"tools": {"deny": ["a"]}}) as s:
        s.initialize()
        equal((judged(s, "a"), judged(s, "b")), (False, True))
        s.write_policy({"tools": {"deny": ["b"]}})
        reload(s, ["reload", "policy"])
        equal((judged(s, "a"), judged(s, "b")), (True, False))
        s.finish()
        rows = [r for r in s.rows() if r["decision"] == "reload"]
        equal(len(rows), 1, "rows")
        digests = [r["policy"] for r in s.rows() if r["tool"] == "a"
                   and r["direction"] == "client"]
        check(digests[0] != digests[-1], "the same policy hash")


@test("a broken file keeps the old policy and says so, with its position")
def _():
    with Shield(policy={"tools": {"deny": ["a"]}}) as s:
        s.initialize()
        for broken in ("version: 1\ntools: {allow: [", "version: 1\n"
                       "no_such_key: 1", "", "version: 99",
                       "version: 1\narguments: {regexes: ['(']}"):
            with open(s.policy_path, "w", encoding="ascii") as file:
                file.write(broken + "\n")
            reload(s, ["policy.yaml:"] if broken else ["policy"])
            equal((judged(s, "a"), judged(s, "b")), (False, True))


@test("a file that is gone keeps the old policy")
def _():
    with Shield(policy={"tools": {"deny": ["a"]}}) as s:
        s.initialize()
        os.unlink(s.policy_path)
        reload(s, ["policy.yaml"])
        equal((judged(s, "a"), judged(s, "b")), (False, True))


@test("SIGHUP does not reach the server and ends nothing")
def _():
    with Shield() as s:
        s.initialize()
        reload(s, ["reload", "policy"])
        s.sync()
        equal(s.events("SIGHUP"), [])
        result(s.ask(call("1")), "1")
        equal(s.finish(), ([], 0))


@test("a request that is in flight during a reload is answered")
def _():
    with Shield({"tool": {"h": [{"hold": 1}]}}) as s:
        s.initialize()
        s.send_line(call("5", "h"))
        s.write_policy({"tools": {"deny": ["other"]}})
        reload(s, ["reload", "policy"])
        s.do({"release": "fifo"})
        result(s.line(), "5")
        refused(s.ask(call("6", "other")), "6", "namespace")


@test("a list of tools that comes after a reload meets the new lock")
def _():
    with Shield({"tools": ["a", "b"]}) as s:
        s.initialize()
        s.write_policy({"tools": {"allow": ["a"]}})
        reload(s, ["reload", "policy"])
        got = result(s.ask(request("1", "tools/list")), "1")
        equal([t["name"] for t in got["tools"]], ["a"])


@test("many reloads under traffic lose no answer")
def _():
    with Shield() as s:
        s.initialize()
        for number in range(200):
            s.send_line(call(str(number)))
            if number % 10 == 0:
                s.signal(signal.SIGHUP)
        equal(len(s.sync()), 200)


main()
