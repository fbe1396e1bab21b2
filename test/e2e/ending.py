#!/usr/bin/env -S python3 -B
"""How a session ends when the client wants it to end."""
import os
import signal
import time

from lib import Shield, call, case, check, equal, id_text, main, result, \
    run, test, SHIELD, HELPER

# A server that has no end: only signals help.
STUBBORN = {"eof": "ignore"}
DEAF = {"eof": "ignore", "ignore": ["SIGTERM", "SIGINT", "SIGHUP"]}


def began(script, policy=None):
    s = Shield(script, policy)
    s.initialize()
    s.sync()
    s.server_pid()
    return s


def between(got, low, high, what):
    check(low <= got <= high, "%s after %.3f s, not within %.2f to %.2f",
          what, got, low, high)


def status_at_eof(script, want):
    with began(script) as s:
        lines, status = s.finish()
        equal((lines, status), ([], want))


def status_of_death(step, want):
    """The server ends by itself while its client is still there."""
    with began({"tool": {"t": [step]}}) as s:
        s.send_line(call("1", "t"))
        lines = s.rest()
        equal([id_text(line) for line in lines], ["1"])
        equal(s.wait(), want)


def not_started(argv, want):
    with Shield(command=argv, env=dict(os.environ, PATH="/usr/bin:/bin")
                ) as s:
        lines = s.rest()
        equal(s.wait(), want, "status")
        equal(lines, [], "stdout")
        words = s.stderr().splitlines()
        equal(len(words), 1, "stderr %r" % words)
        check(words[0].startswith("mcpshield: "), "stderr %r", words)


def our_failure(*args):
    status, out, err = run(*args)
    equal(status, 125, "status; stderr: %s" % err)
    equal(out, "", "stdout")
    check(err.startswith("mcpshield: ") and err.count("\n") == 1, "%r", err)


def soon(once, limit=0.5):
    """Ended in time: a busy machine may need more than one try for that."""
    took = []
    while len(took) < 3 and (not took or took[-1] >= limit):
        took.append(once())
    check(took[-1] < limit, "ended after %r s", took)


def by_signal(number, script, want):
    """The most used host: SIGINT, SIGTERM after 100 ms, SIGKILL 400 ms
    later, standard input open all the time."""
    def once():
        with began(script) as s:
            start = time.monotonic()
            s.signal(number)
            status = s.wait(2.0)
            took = time.monotonic() - start
            check(status in want, "status %d, not one of %r", status, want)
            return took
    soon(once)


def passed_on(number):
    """A signal reaches the server at once."""
    name = signal.Signals(number).name
    with began({"eof": "ignore", "ignore": [name]}) as s:
        start = time.monotonic()
        s.signal(number)
        when = s.await_event(name, 1.0)[1]
        between(when - start, 0, 0.3, name)
        s.wait(2.0)


@test("the client's end of file closes the server's standard input at once")
def _():
    with began({}) as s:
        start = time.monotonic()
        s.close_stdin()
        between(s.await_event("eof", 1.0)[1] - start, 0, 0.3, "eof")
        equal(s.wait(), 0)


@test("the server's standard input is not closed earlier")
def _():
    with began({}) as s:
        time.sleep(0.5)
        equal(s.events("eof"), [])
        result(s.ask(call("1")), "1")


@test("a server that ignores the end of file: SIGTERM after 1.5 s")
def _():
    with began(STUBBORN) as s:
        start = time.monotonic()
        s.close_stdin()
        status = s.wait(5.0)
        between(time.monotonic() - start, 1.4, 1.9, "the end")
        between(s.await_event("SIGTERM")[1] - start, 1.4, 1.8, "SIGTERM")
        equal(status, 128 + signal.SIGTERM)


@test("one that ignores SIGTERM too: SIGKILL 1 s later")
def _():
    with began(DEAF) as s:
        start = time.monotonic()
        s.close_stdin()
        status = s.wait(5.0)
        between(time.monotonic() - start, 2.4, 3.0, "the end")
        between(s.await_event("SIGTERM")[1] - start, 1.4, 1.8, "SIGTERM")
        equal(status, 128 + signal.SIGKILL)


@test("what the server says after the end of file is delivered")
def _():
    line = '{"jsonrpc":"2.0","method":"notifications/n","params":{"n":$N}}'
    with began({"eof": [{"repeat": [5, [{"sleep": 0.1}, {"line": line}]]}],
                "status": 7}) as s:
        lines, status = s.finish()
        equal((len(lines), status), (5, 7))


@test("a call that is answered after the end of file is delivered")
def _():
    with began({"tool": {"t": [{"hold": 1}]},
                "eof": [{"sleep": 0.2}, {"release": "fifo"}]}) as s:
        s.send_line(call("1", "t"))
        lines, status = s.finish()
        equal(([id_text(line) for line in lines], status), (["1"], 0))


@test("signals go to the whole process group of the server")
def _():
    with began({"start": [{"fork": {"seconds": 30}}]}) as s:
        s.await_event("grandchild")
        s.signal(signal.SIGTERM)
        s.wait(1.0)


@test("a grandchild in a session of its own does not stay behind")
def _():
    with began({"start": [{"fork": {"seconds": 30, "setsid": True,
                                    "ignore": True}}]}) as s:
        s.await_event("grandchild")
        start = time.monotonic()
        s.close_stdin()
        s.wait(5.0)
        check(time.monotonic() - start < 4.0, "took too long")


@test("a grandchild that closed everything does not stay behind")
def _():
    with began({"start": [{"fork": {"seconds": 30, "setsid": True,
                                    "ignore": True, "close": True}}]}) as s:
        s.await_event("grandchild")
        equal(s.finish()[1], 0)


@test("SIGINT, SIGTERM and nothing more: ended within 500 ms")
def _():
    def once():
        with began(DEAF) as s:
            start = time.monotonic()
            s.signal(signal.SIGINT)
            time.sleep(0.1)
            try:
                s.signal(signal.SIGTERM)
            except ProcessLookupError:
                pass
            s.wait(2.0)
            return time.monotonic() - start
    soon(once)


@test("end of file and SIGTERM together, as a probing client does")
def _():
    def once():
        with began({}) as s:
            start = time.monotonic()
            s.close_stdin()
            s.signal(signal.SIGTERM)
            s.wait(2.0)
            return time.monotonic() - start
    soon(once)


@test("a launcher that ignores SIGINT does not keep its server alive")
def _():
    def once():
        with Shield(command=["/bin/sh", "-c", 'trap "" INT TERM; sleep 30 & '
                             'wait; wait']) as s:
            time.sleep(0.2)
            start = time.monotonic()
            s.signal(signal.SIGTERM)
            s.wait(2.0)
            return time.monotonic() - start
    soon(once, 0.6)


@test("the shield is not called by a name of its own in the server's tree")
def _():
    # The server is a child or grandchild; never the client's own child.
    with began({}) as s:
        check(s.server_pid() != s.pid, "the server replaced the shield")


for code in (0, 3, 255):
    case("exit status at the end of file: %d" % code, status_at_eof,
         {"status": code}, code)
for code in (0, 3, 77):
    case("exit status of a server that leaves: %d" % code, status_of_death,
         {"exit": code}, code)
for word in ("SIGKILL", "SIGTERM", "SIGSEGV", "SIGHUP", "SIGUSR1"):
    case("exit status of a server that dies of " + word, status_of_death,
         {"kill": word}, 128 + getattr(signal, word))
case("127: no such command", not_started, ["/no/such/command"], 127)
case("127: no such command in PATH", not_started, ["no-such-command-x"], 127)
case("126: not executable", not_started, [HELPER + "/client.py"], 126)
case("126: a directory", not_started, ["/tmp"], 126)
case("125: no such policy", our_failure, "-p", "/no/such.yaml", "--", "true")
case("125: unknown policy name", our_failure, "-p", "nosuchpolicy", "--",
     "true")
case("125: unknown option", our_failure, "--no-such-option", "--", "true")
case("125: no command", our_failure, "--")
case("125: the audit database's directory cannot be made", our_failure,
     "-a", "/dev/null/x/audit.db", "--", SHIELD)
for num in (signal.SIGINT, signal.SIGTERM):
    name = num.name
    # The signal and the end of its input come together: it may heed either.
    case(name + " ends a good server within 500 ms", by_signal, num, {},
         (0, 128 + num))
    case(name + " ends a server that ignores EOF within 500 ms", by_signal,
         num, STUBBORN, (128 + num,))
    case(name + " ends a server that ignores all within 500 ms", by_signal,
         num, DEAF, (128 + signal.SIGKILL,))
    case(name + " is passed on at once", passed_on, num)
main()
