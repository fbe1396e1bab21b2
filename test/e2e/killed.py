#!/usr/bin/env -S python3 -B
"""The proxy is killed at any instant: nothing is left, nothing is lost."""
import hashlib
import os
import random
import signal
import time

from lib import Shield, audit_rows, call, check, equal, family, main, \
    none_left, notification, test, verified

ROUNDS = int(os.environ.get("MCPSHIELD_E2E_ROUNDS", "50"))
CHAT = [{"line": '{"jsonrpc":"2.0","method":"notifications/n","params":'
         '{"n":$ID}}'}, {"answer": {"content": []}}]


def one_round(number, where, audit, delay):
    """Traffic, then SIGKILL; what both sides have read of it."""
    lost = []
    with Shield({"tool": {"t": CHAT}, "start": [
            {"fork": {"seconds": 60, "setsid": True, "ignore": True,
                      "close": number % 2 == 0}}],
            "eof": "ignore", "ignore": ["SIGTERM", "SIGHUP", "SIGINT"]},
            where=where, audit=audit) as s:
        end = time.monotonic() + delay
        seen, ident = [], 0
        while time.monotonic() < end:
            s.send(call(str(number * 100000 + ident), "t") + b"\n" +
                   notification("notifications/m",
                                {"n": number, "i": ident}) + b"\n")
            ident += 1
            if ident > 3:
                for _ in range(2):
                    seen.append(s.line())
        s.signal(signal.SIGKILL)
        equal(s.wait(), 137)
        none_left(s.mark, 2.0)
        seen += s.rest()
        if s.buf and not s.buf.endswith(b"\n"):
            lost.append(bytes(s.buf))
        return s.got(), seen


@test("SIGKILL at %d random moments under traffic" % ROUNDS)
def _():
    audit = os.path.abspath("audit.db")
    random.seed(os.getpid())
    said, heard, talked = [], [], 0
    for number in range(ROUNDS):
        delay = random.choice((0.0, 0.02, 0.1)) + random.random() * 0.08
        got, seen = one_round(number, "r%d" % number, audit, delay)
        said += got
        heard += seen
        talked += bool(got or seen)
    check(len(said) > ROUNDS and len(heard) > ROUNDS,
          "too little traffic to tell: %d, %d", len(said), len(heard))
    verified(audit)
    rows = audit_rows(audit)
    for direction, lines in (("client", said), ("server", heard)):
        have = {r["payload_sha256"] for r in rows
                if r["direction"] == direction}
        missing = [line for line in lines
                   if hashlib.sha256(line).hexdigest() not in have]
        equal(missing[:3], [], "%d of %d messages without a row" % (
            len(missing), len(lines)))
    sessions = {r["session"] for r in rows}
    # One that was killed before it had a journal has passed nothing on.
    check(talked <= len(sessions) <= ROUNDS, "sessions: %d of %d that talked",
          len(sessions), talked)


@test("a killed proxy leaves nothing even if its server holds every end")
def _():
    with Shield({"start": [
            {"fork": {"seconds": 60, "setsid": True, "ignore": True}},
            {"fork": {"seconds": 60, "ignore": True, "close": True}}],
            "ignore": ["SIGTERM", "SIGHUP"], "eof": "ignore"}) as s:
        s.initialize()
        s.signal(signal.SIGKILL)
        s.wait()
        none_left(s.mark, 2.0)
        check(s.rest() == [], "lines after the death")


def is_shield(pid):
    """By its name: who is no root may not look at its executable."""
    with open("/proc/%d/comm" % pid, encoding="ascii") as file:
        return file.read().startswith("mcpshield")


@test("any process of the shield dies first: nothing stays behind")
def _():
    tried = 0
    for nth in range(4):
        with Shield({"start": [{"fork": {"seconds": 60, "setsid": True,
                                         "ignore": True}}],
                     "eof": "ignore", "ignore": ["SIGTERM"]},
                    where="d%d" % nth) as s:
            s.initialize()
            s.await_event("grandchild")
            ours = [pid for pid in family(s.pid) if is_shield(pid)]
            if nth >= len(ours):
                continue
            tried += 1
            os.kill(ours[nth], signal.SIGKILL)
            time.sleep(0.05)
            s.close_stdin()
            s.wait(6.0)
            none_left(s.mark, 3.0)
    check(tried >= 1, "no process found")


@test("the client dies by SIGKILL: all of it is gone within the ladder")
def _():
    with Shield({"eof": "ignore", "ignore": ["SIGTERM"], "start": [
            {"fork": {"seconds": 60, "setsid": True, "ignore": True}}]}
            ) as s:
        s.initialize()
        s.close_stdin()
        s.close_stdout()
        s.wait(5.0)
        none_left(s.mark, 1.0)


main()
