#!/usr/bin/env -S python3 -B
"""What the server is given, and what becomes of what we were given."""
import fcntl
import json
import os
import signal
import sys
import time

from lib import PYTHON, SERVER, SHIELD, Shield, call, case, check, \
    equal, main, request, result, run, test

TALK = request("0", "initialize", {
    "protocolVersion": "2025-11-25", "capabilities": {},
    "clientInfo": {"name": "n", "version": "1"}}) + b"\n" + \
    call("1", "echo", {"text": "t" * 100000}) + b"\n"


def report(**more):
    """What a server behind the shield says of itself."""
    script = {"tool": {"r": [{"report": 1}]}}
    with Shield(script, **more) as s:
        s.initialize()
        got = result(s.ask(call("1", "r")), "1")
        return json.loads(got["content"][0]["text"])


def nonblocking(fd):
    return bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK)


def ends(stdin, stdout):
    """A session over these; O_NONBLOCK is never set on what others share."""
    with Shield(stdin=stdin, stdout=stdout, keep=True) as s:
        s.initialize()
        for number in range(20):
            result(s.ask(call(str(number), "echo", {"text": "x" * 9999})))
            for name, fd in s.child_fds.items():
                check(not nonblocking(fd), "O_NONBLOCK on %d", name)
        s.sync()
        s.close_stdin()
        s.drop_child_ends()
        equal((s.rest(), s.wait()), ([], 0))


def already_nonblocking(kind):
    """Descriptors that come with O_NONBLOCK set work, and keep it."""
    def before():
        for fd in (0, 1):
            os.set_blocking(fd, False)
    with Shield(stdin=kind, stdout=kind, keep=True, before=before) as s:
        s.initialize()
        s.send_line(call("1", "do", {"steps": [{"text": 400000}]}))
        time.sleep(0.3)  # the answer fills what it is written to
        got = result(s.line(), "1")
        equal(len(got["content"][0]["text"]), 400000)
        for name, fd in s.child_fds.items():
            check(nonblocking(fd), "O_NONBLOCK was taken off %d", name)


def words(argv):
    """argv behind the first -- reaches the server word for word."""
    code = "import sys; print(repr(sys.argv[1:]), file=sys.stderr)"
    with Shield(command=[sys.executable, "-c", code, *argv]) as s:
        equal(s.finish()[1], 0)
        check(repr(argv) in s.stderr().splitlines(), "stderr: %r",
              s.stderr())


@test("standard input and output are files")
def _():
    with open("in", "wb") as file:
        file.write(TALK)
    with open("in", "rb") as given, open("out", "wb") as taken:
        with Shield(stdin=given.fileno(), stdout=taken.fileno()) as s:
            equal(s.wait(), 0)
    with open("out", "rb") as file:
        lines = file.read().split(b"\n")
    equal(len(lines), 3)
    result(lines[0], "0")
    equal(len(result(lines[1], "1")["content"][0]["text"]), 100000)


@test("an output file that is opened for appending is appended to")
def _():
    with open("in", "wb") as file:
        file.write(TALK)
    with open("out", "wb") as file:
        file.write(b"kept\n")
    with open("in", "rb") as given, open("out", "ab") as taken:
        with Shield(stdin=given.fileno(), stdout=taken.fileno()) as s:
            equal(s.wait(), 0)
    with open("out", "rb") as file:
        lines = file.read().split(b"\n")
    equal((lines[0], len(lines)), (b"kept", 4))


@test("a file is written from where its offset is")
def _():
    with open("in", "wb") as file:
        file.write(TALK)
    with open("in", "rb") as given, open("out", "wb") as taken:
        os.write(taken.fileno(), b"header\n")
        with Shield(stdin=given.fileno(), stdout=taken.fileno()) as s:
            equal(s.wait(), 0)
        os.write(taken.fileno(), b"footer\n")
    with open("out", "rb") as file:
        lines = file.read().split(b"\n")
    equal((lines[0], lines[-2], len(lines)), (b"header", b"footer", 5))


@test("standard input is /dev/null: the end at once")
def _():
    with open("/dev/null", "rb") as null:
        with Shield(stdin=null.fileno()) as s:
            equal((s.rest(), s.wait()), ([], 0))


@test("standard input is closed: an end, no crash, no foreign descriptor")
def _():
    with Shield(stdin="closed") as s:
        equal(s.rest(), [])
        check(s.wait() in (0, 125), "status")


@test("standard output is closed: an end, no crash")
def _():
    with Shield(stdout="closed") as s:
        s.send(TALK)
        s.close_stdin()
        check(s.wait(5.0) < 128, "crashed")


@test("standard error is closed: nothing lands in a foreign descriptor")
def _():
    def before():
        os.close(2)
    with Shield({"tool": {"t": [{"line": "banner"}, {"text": 1}]}},
                before=before) as s:
        s.initialize()
        result(s.ask(call("1", "t")), "1")
        equal(s.finish(), ([], 0))
    with open("audit.db", "rb") as file:
        check(file.read(15) == b"SQLite format 3", "the database is spoilt")


@test("the server gets three descriptors and no more")
def _():
    extra = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]
    try:
        def before():
            for fd in extra:
                os.set_inheritable(fd, True)
        got = report(before=before)
    finally:
        for fd in extra:
            os.close(fd)
    equal(sorted(int(n) for n in got["fds"] if int(n) < 3), [0, 1, 2])
    equal([n for n in got["fds"] if int(n) > 2], [], "descriptors")


@test("the server's standard error is the one that we were given")
def _():
    got = report()
    equal(os.path.basename(got["fds"]["2"]), "stderr")


@test("what the server says on standard error passes as it is")
def _():
    text = "no prefix \x1b[1m\r\u00e9 here\n" * 3
    with Shield({"start": [{"stderr": text}]}) as s:
        s.initialize()
        s.sync()
        with open("stderr", "rb") as file:
            check(text.encode() in file.read(), "not there")


@test("working directory and environment are unchanged")
def _():
    os.mkdir("deep dir")
    env = {"PATH": os.environ["PATH"], "ODD": "a=b\nc", "EMPTY": "",
           "MCPSHIELD_X": "1", "LC_ALL": "C"}
    got = report(env=env, cwd="deep dir")
    equal(got["cwd"], os.path.realpath("deep dir"))
    del got["env"]["MCPSHIELD_TEST_MARK"]
    equal(got["env"], env)


@test("signals are not blocked in the server, none is ignored for it")
def _():
    got = report(before=lambda: signal.pthread_sigmask(
        signal.SIG_SETMASK, []))
    equal(got["mask"], [], "blocked signals")
    code = "import signal,sys; print([n for n in range(1, 32) if " \
        "signal.getsignal(n) == signal.SIG_IGN], file=sys.stderr)"
    with Shield(command=[*PYTHON, "-c", code]) as s:
        s.finish()
        # Python itself ignores SIGPIPE (13) and SIGXFSZ (25).
        equal(s.stderr().splitlines()[-1], "[13, 25]", "ignored signals")


@test("no HOME and no -a: a clear error, and the server is not started")
def _():
    env = {"PATH": os.environ["PATH"]}
    status, out, err = run("--", "/bin/sh", "-c", "echo started", env=env)
    equal((status, out), (125, ""))
    check("HOME" in err and err.count("\n") == 1, "stderr: %r", err)


@test("no HOME but -a: all is well")
def _():
    with Shield(policy="default", env={"PATH": os.environ["PATH"]}) as s:
        s.initialize()
        result(s.ask(call("1")), "1")
        equal(s.finish()[1], 0)


@test("HOME: the database is where XDG says, and only ours to read")
def _():
    env = {"PATH": os.environ["PATH"], "HOME": os.getcwd()}
    status, _, err = run("--", "true", env=env)
    equal(status, 0, err)
    path = ".local/state/mcpshield/audit.db"
    equal(oct(os.stat(path).st_mode & 0o7777), "0o600")
    equal(oct(os.stat(os.path.dirname(path)).st_mode & 0o7777), "0o700")


@test("the working directory may be one that is not ours")
def _():
    got = report(cwd="/")
    equal(got["cwd"], "/")


@test("the server can be found through PATH")
def _():
    os.mkdir("bin")
    with open("bin/my server", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexit 42\n")
    os.chmod("bin/my server", 0o700)
    env = dict(os.environ, PATH=os.path.abspath("bin") + ":" +
               os.environ["PATH"])
    with Shield(command=["my server"], env=env) as s:
        equal(s.finish()[1], 42)


@test("a shield behind a shield")
def _():
    inner = [SHIELD, "-p", "monitor", "-s", "inner", "-a",
             os.path.abspath("inner.db"), "--", *PYTHON, SERVER,
             os.path.abspath("script.json")]
    with open("script.json", "w", encoding="ascii") as file:
        file.write("{}")
    with Shield(command=inner) as s:
        s.initialize()
        result(s.ask(call("1")), "1")
        equal(s.finish()[1], 0)


for one in ("pipe", "socket"):
    for two in ("pipe", "socket"):
        case("ends: %s and %s" % (one, two), ends, one, two)
    case("O_NONBLOCK set by others: " + one, already_nonblocking, one)
case("ends: one socket pair for both", ends, "socket", "both")
case("argv: empty words and a second --", words,
     ["", "a b", "--", "", "-h", "--help", "-p", "x", "*", "$HOME", "\n",
      "é", "--monitor"])
case("argv: nothing but options", words, ["--version"])
main()
