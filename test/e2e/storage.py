#!/usr/bin/env -S python3 -B
"""What cannot be recorded does not pass; several sessions share one log."""
import json
import os
import sqlite3
import subprocess
import time

from lib import Shield, Skip, audit_rows, call, case, check, equal, \
    id_text, main, refused, result, run, sha, test, verified


class Tmpfs:
    """A file system of one mebibyte in ./small with little space left."""

    def __enter__(self):
        os.mkdir("small")
        if os.geteuid() != 0:
            raise Skip("mounting a small file system takes root")
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "e2e",
             "small"], capture_output=True, check=False)
        if done.returncode != 0:
            raise Skip("cannot mount a tmpfs here")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", "small"], check=True)

    @staticmethod
    def fill():
        with open("small/ballast", "ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                return

    @staticmethod
    def free():
        os.unlink("small/ballast")


def session(policy=None, **more):
    s = Shield(policy=policy, audit=os.path.abspath("small/audit.db"),
               **more)
    s.initialize()
    s.sync()
    return s


@test("disk full: calls are refused by the stage audit, none is passed on")
def _():
    with Tmpfs() as disk, session() as s:
        disk.fill()
        stopped, heard = 0, []
        for number in range(2000):
            line = s.ask(call(str(number), "echo", {"text": "n%d." % number}))
            if b'"error"' in line:
                refused(line, str(number), "audit", -32603)
                stopped += 1
                if stopped == 20:
                    break
            else:
                heard.append(line)
        equal(stopped, 20, "refusals")
        said = s.got(pings=True)
        disk.free()
        s.finish()
        have = {r["payload_sha256"] for r in audit_rows(s.audit)}
        for line in said + heard:
            check(sha(line) in have, "passed without a row: %r", line)


@test("disk full: there is space again, and calls pass again")
def _():
    with Tmpfs() as disk, session() as s:
        disk.fill()
        for number in range(2000):
            if b'"error"' in s.ask(call(str(number))):
                break
        disk.free()
        result(s.ask(call('"again"'), 3.0), '"again"')
        s.finish()
        rows = audit_rows(s.audit)
        check(any(r["id"] == '"again"' for r in rows), "no row")
        verified(s.audit)


@test("disk full and on_failure: allow: everything passes")
def _():
    with Tmpfs() as disk, session({"audit": {"on_failure": "allow"}}) as s:
        disk.fill()
        for number in range(500):
            result(s.ask(call(str(number))), str(number))
        check(s.stderr(), "not a word on stderr")
        check(len(s.stderr().splitlines()) < 50, "a word for each message")


@test("disk full: an answer of the server that cannot be recorded")
def _():
    with Tmpfs() as disk, session({"audit": {"payload": "full"}}) as s:
        # The notifications use up what is left of the journal's last block.
        s.send_line(call("1", "do", {"steps": [
            {"sleep": 1}, {"flood": [100, '{"jsonrpc":"2.0","method":'
                                     '"notifications/n"}']},
            {"text": 4000}]}))
        for _ in range(3):  # rows that are being folded take and give space
            time.sleep(0.25)
            disk.fill()
        line = b"notifications"
        while b"notifications" in line:
            line = s.line()
        refused(line, "1", "audit", -32603)


@test("disk full at the start: refused, or refusing; never unrecorded")
def _():
    with Tmpfs() as disk:
        disk.fill()
        with Shield(audit=os.path.abspath("small/audit.db")) as s:
            try:
                s.send_line(call("1"))
            except AssertionError:
                pass  # it has already left
            lines = s.finish()[0]
            for line in lines:
                refused(line, "1", "audit", -32603)
            equal(s.got(), [], "what the server read")


def locked(through):
    """Somebody else holds the database; no message waits for it."""
    with Shield() as first:
        first.initialize()
        first.finish()
    before = len(audit_rows(first.audit))
    other = sqlite3.connect(first.audit, isolation_level=None, timeout=5)
    other.execute("BEGIN EXCLUSIVE")
    with Shield(where="two", audit=first.audit) as s:
        s.initialize()
        for number in range(300):
            start = time.monotonic()
            result(s.ask(call(str(number))), str(number))
            check(time.monotonic() - start < 1.0, "a call waited")
        if not through:
            other.execute("ROLLBACK")
        start = time.monotonic()
        equal(s.finish(), ([], 0))
        check(time.monotonic() - start < 4.0, "the end took %.1f s",
              time.monotonic() - start)
    if through:
        other.execute("ROLLBACK")
    other.close()
    rows = audit_rows(s.audit)
    equal(len([r for r in rows[before:] if r["tool"] == "echo" and
               r["direction"] == "client"]), 300, "rows")
    verified(s.audit)


@test("two sessions on one log at once: each has its rows, the chain holds")
def _():
    count = 400
    with Shield() as one, Shield(where="two", audit=one.audit) as two:
        for s in (one, two):
            s.initialize()
        for number in range(count):
            for s in (one, two):
                s.send_line(call(str(number)))
        for s in (one, two):
            equal([id_text(s.line()) for _ in range(count)],
                  [str(n) for n in range(count)])
        for s in (one, two):
            equal(s.finish(), ([], 0))
    verified(one.audit)
    per = {}
    for row in audit_rows(one.audit):
        if row["tool"] == "echo":
            key = row["session"], row["direction"]
            per[key] = per.get(key, 0) + 1
    equal(sorted(per.values()), [count] * 4)


@test("six sessions start at once where there is no log yet")
def _():
    sessions = [Shield(where="s%d" % n, audit=os.path.abspath("audit.db"))
                for n in range(6)]
    try:
        for s in sessions:
            s.send_line(call("1"))
        for s in sessions:
            result(s.line(), "1")
        for s in sessions:
            equal(s.finish(), ([], 0))
    finally:
        for s in sessions:
            s.release()
            if s.stderr():
                print("# stderr: " + s.stderr().splitlines()[-1])
    verified(sessions[0].audit)
    equal(len({r["session"] for r in audit_rows(sessions[0].audit)}), 6)


@test("the log is read while the session runs: its rows are there at once")
def _():
    with Shield() as s:
        s.initialize()
        for number in range(5):
            s.ask(call(str(number)))
            rows = [r for r in s.rows() if r["tool"] == "echo" and
                    r["direction"] == "client"]
            equal([r["id"] for r in rows], [str(n) for n in
                                            range(number + 1)])


def payload(mode, seen):
    line = call("1", "echo", {"text": "find-me-77"})
    with Shield(policy={"audit": {"payload": mode}}) as s:
        s.initialize()
        s.ask(line)
        s.finish()
        text = json.dumps(s.rows())
        equal("find-me-77" in text, seen, "the payload is in the log")
        status, out, err = run("audit", "-a", s.audit)
        equal(status, 0, err)
        check("echo" in out, "%r", out)


case("database locked for a while: no message waits", locked, False)
case("database locked beyond the end: the rows come later", locked, True)
for word, found in (("full", True), ("hash", False), ("none", False)):
    case("audit.payload: " + word, payload, word, found)
main()
