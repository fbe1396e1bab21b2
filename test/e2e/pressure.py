#!/usr/bin/env -S python3 -B
"""A slow reader slows its writer, never the other direction."""
import os
import signal
import time

from lib import Shield, bounded, call, check, equal, id_text, main, \
    memory_kb, notification, request, result, test

NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":' \
    '{"level":"info","data":"%s"}}' % ("x" * 900)


def hot(seconds, pid):
    """CPU time that a process takes in that many seconds."""
    def ticks():
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            rest = file.read().rsplit(")", 1)[1].split()
        return int(rest[11]) + int(rest[12])
    before = ticks()
    time.sleep(seconds)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK")


@test("a client that stops reading: its requests still reach the server")
def _():
    with Shield({"tool": {"t": [{"flood": [120, NOTE]}]}}) as s:
        s.initialize()
        s.reading = False
        # More than the client's pipe holds, less than that and the server's.
        s.send_line(call("1", "t"))
        time.sleep(0.2)
        mark = notification("notifications/mark")
        for _ in range(20):
            s.send_line(mark)
        end = time.monotonic() + 5
        while s.got().count(mark) < 20 and time.monotonic() < end:
            time.sleep(0.01)
        equal(s.got().count(mark), 20, "notifications that the server read")
        s.reading = True
        equal(len(s.sync()), 120)


@test("a client that stops reading: the server is slowed, memory is bounded")
def _():
    with Shield({"tool": {"t": [{"repeat": [60, [{"flood": [
            1000, NOTE]}]]}, {"answer": {"content": []}}]}}) as s:
        s.initialize()
        s.sync()
        before = memory_kb(s.pid)
        s.reading = False
        s.send_line(call("1", "t"))
        time.sleep(1.0)
        bounded(s.pid, before + 16 * 1024)
        check(hot(0.5, s.pid) < 0.15, "busy while it waits")
        s.reading = True
        count = 0
        while True:
            line = s.line()
            count += 1
            if b'"id":1' in line:
                break
        equal(count, 60001, "lines")


@test("a server that stops reading: its notifications still come")
def _():
    with Shield({"tool": {"deaf": [{"repeat": [10, [
            {"sleep": 0.1}, {"line": NOTE}]]}, {"answer": {}}]}}) as s:
        s.initialize()
        s.sync()
        before = memory_kb(s.pid)
        s.send_line(call("1", "deaf"))
        line = notification("notifications/x", {"a": "z" * 1000}) + b"\n"
        taken = s.send_some(line * 20000, 0.2)
        check(taken < 8 << 20, "took %d bytes for a server that does not "
              "read", taken)
        bounded(s.pid, before + 16 * 1024)
        for _ in range(10):
            equal(s.line(3.0), NOTE.encode())


@test("a slow reader gets every byte in order")
def _():
    with Shield({"tool": {"t": [{"flood": [20000, '{"jsonrpc":"2.0",'
                 '"method":"notifications/n","params":{"n":$N}}']},
                 {"answer": {"content": []}}]}}) as s:
        s.initialize()
        s.reading = False
        s.send_line(call("1", "t"))
        data = b""
        os.set_blocking(s.out, True)
        while b'"id":1' not in data[-400:]:
            piece = os.read(s.out, 10007)
            data += piece
            if len(data) % 7 == 0:
                time.sleep(0.001)
        lines = data.split(b"\n")[:-1]
        equal(len(lines), 20001)
        check(all(b'"n":%d}' % n in line for n, line in
                  enumerate(lines[:-1])), "order")


@test("an idle session takes no processor time")
def _():
    with Shield() as s:
        s.initialize()
        s.sync()
        time.sleep(0.5)
        used = hot(1.0, s.pid)
        check(used <= 0.02, "%.2f s of processor time in one second", used)


@test("the client closes only its reading end: the session ends")
def _():
    with Shield({"tool": {"t": [{"repeat": [20, [{"line": NOTE},
                                                 {"sleep": 0.02}]]}]}}) as s:
        s.initialize()
        s.sync()
        s.close_stdout()
        s.send_line(call("1", "t"))
        s.wait(5.0)


@test("the client dies with answers in flight: the session ends")
def _():
    with Shield({"eof": "ignore"}) as s:
        s.initialize()
        for number in range(50):
            s.send_line(call(str(number), "echo", {"text": "x" * 1000}))
        s.close_stdout()
        s.close_stdin()
        s.wait(5.0)


@test("a stopped and continued client loses nothing")
def _():
    with Shield() as s:
        s.initialize()
        s.signal(signal.SIGSTOP)
        s.send(b"".join(call(str(n)) + b"\n" for n in range(100)))
        time.sleep(0.1)
        s.signal(signal.SIGCONT)
        equal([id_text(s.line()) for _ in range(100)],
              [str(n) for n in range(100)])


@test("a stderr that nobody reads any more does no harm")
def _():
    r, w = os.pipe()
    with Shield({"tool": {"t": [{"line": "banner"}, {"text": 1}]}},
                stderr=w) as s:
        os.close(w)
        s.initialize()
        os.close(r)
        for number in range(5):
            result(s.ask(call(str(number), "t")), str(number))
        equal(s.finish()[1], 0)


@test("more requests in flight than are allowed are refused, not forgotten")
def _():
    count = 66000
    with Shield({"tool": {"h": [{"hold": 1}]},
                 "on": {"x/release": [{"release": "fifo"}]}}) as s:
        s.initialize()
        lines = [request(str(n), "tools/call", '{"name":"h"}') + b"\n"
                 for n in range(count)]
        for first in range(0, count, 1000):
            s.send(b"".join(lines[first:first + 1000]))
        s.send_line(notification("x/release"))
        seen = set()
        while len(seen) < count:
            seen.add(int(id_text(s.line(30.0))))


@test("a stderr that is full and not read does not stop a message")
def _():
    r, w = os.pipe()
    with Shield({"tool": {"t": [{"repeat": [40, [{"flood": [50, "banner " +
            "y" * 150]}]]}, {"text": 1}]}}, stderr=w) as s:
        os.close(w)
        s.initialize()
        result(s.ask(call("1", "t"), 20.0), "1")
        equal(s.finish()[1], 0)
        os.close(r)


@test("a server that ends while its client is slow: all of it is delivered")
def _():
    flood = "BEGIN { for (i = 0; i < 400; i++) printf \"%s\\n\", line }"
    with Shield(command=["awk", "-v", "line=" + NOTE, flood]) as s:
        s.reading = False
        time.sleep(1.0)
        s.reading = True
        equal(len(s.rest()), 400)
        equal(s.wait(), 0)


@test("a server that does not read is ended after its client, however much "
      "waits")
def _():
    for size in (200, 30000, 60000):
        with Shield(command=["sleep", "60"]) as s:
            line = notification("notifications/n", {"text": "z" * size}) + \
                b"\n"
            s.send(line * (3 if size > 1000 else 30))
            start = time.monotonic()
            s.close_stdin()
            equal(s.wait(10.0), 143)
            check(1.0 < time.monotonic() - start < 4.0, "at the wrong time")


@test("a server that reads slowly gets all that its client left behind")
def _():
    count = 40
    script = "import sys, time\n" \
        "for n, line in enumerate(sys.stdin.buffer):\n" \
        "    time.sleep(0.06)\n" \
        "sys.exit(n + 1)\n"
    with Shield(command=["python3", "-c", script]) as s:
        line = notification("notifications/n", {"text": "z" * 9000}) + b"\n"
        s.send(line * count)
        s.close_stdin()
        equal(s.wait(20.0), count)


main()
