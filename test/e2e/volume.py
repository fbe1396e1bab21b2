#!/usr/bin/env -S python3 -B
"""Big frames, small pieces, many calls."""
import os

from lib import Shield, bounded, call, case, check, equal, id_text, main, \
    memory_kb, refused, result, test

CALLS = int(os.environ.get("MCPSHIELD_E2E_CALLS", "100000"))
KIB, MIB = 1 << 10, 1 << 20


def both_ways(size):
    """A call of that size comes back in an answer of that size."""
    with Shield() as s:
        s.initialize()
        text = b"0123456789abcdef" * (size // 16)
        line = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' \
            b'{"name":"echo","arguments":{"text":"%s"}}}' % text
        s.send(line + b"\n", 60.0)
        answer = s.line(60.0)
        head = b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":' \
            b'"text","text":"'
        check(answer.startswith(head) and answer.endswith(b'"}]}}'),
              "ends: %r %r", answer[:99], answer[-20:])
        check(answer[len(head):-5] == text, "the text has changed")
        with open(s.record, "rb") as file:
            got = file.read().split(b"\n")[2]
        check(got == line, "the server read something else")
        result(s.ask(call("2")), "2")


def in_pieces(size):
    """Writes of that many bytes, multi-byte characters cut in two."""
    with Shield() as s:
        s.initialize()
        s.do({"chunk": size})
        text = "é€😀" * 40
        line = call("1", "echo", {"text": text}).decode().encode()
        line = line.replace(b"\\u00e9", "é".encode()).replace(
            b"\\u20ac", "€".encode()).replace(b"\\ud83d\\ude00",
                                              "😀".encode()) + b"\n"
        for at in range(0, len(line), size):
            s.send(line[at:at + size])
        got = result(s.line(), "1")
        equal(got["content"][0]["text"], text)
        equal(s.got()[-1], line[:-1])
        raw = '{"jsonrpc":"2.0","method":"notifications/n","params":' \
            '{"a":"%s"}}' % text
        s.do({"line": raw})
        equal(s.sync(), [raw.encode()])


@test("%d calls: no answer lost or reordered, memory flat" % CALLS)
def _():
    with Shield({"record": "/dev/null"}) as s:
        s.initialize()
        done, window, early = 0, 250, None
        while done < CALLS:
            s.send(b"".join(call(str(n), "echo", {"text": "hello"}) + b"\n"
                            for n in range(done, done + window)))
            for number in range(done, done + window):
                line = s.line(20.0)
                if b'"id":%d,' % number not in line:
                    equal(line, "the answer to %d" % number)
            done += window
            if early is None and done >= CALLS // 5:
                early = memory_kb(s.pid)
        bounded(s.pid, early + 512)
        equal(s.finish(30.0), ([], 0))
        rows = s.rows(tool="echo")
        equal(len(rows), 2 * CALLS, "rows")


@test("a line far beyond the limit: refused, memory bounded, life goes on")
def _():
    with Shield() as s:
        s.initialize()
        s.sync()
        block = b"x" * MIB
        s.send(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"')
        for _ in range(200):
            s.send(block)
        s.send(b'"}\n')
        refused(s.line(20.0), "1", "frame", -32600)
        bounded(s.pid, 100 * KIB, "VmHWM")
        result(s.ask(call("2")), "2")


@test("a server's line far beyond the limit: memory bounded")
def _():
    with Shield({"tool": {"t": [
            {"write": '{"jsonrpc":"2.0","id":$ID,"result":{"a":"'},
            {"repeat": [150, [{"write": "y" * MIB}]]}, {"line": '"}}'}]}}
            ) as s:
        s.initialize()
        s.send_line(call("1", "t"))
        line = s.line(20.0)
        equal(id_text(line), "1")
        refused(line, "1", None)
        bounded(s.pid, 100 * KIB, "VmHWM")
        result(s.ask(call("2")), "2")


@test("memory falls again after one huge frame")
def _():
    with Shield() as s:
        s.initialize()
        result(s.ask(call("1")), "1")
        before = memory_kb(s.pid)
        s.do({"sleep": 0})
        s.send_line(call("2", "echo", {"text": "z" * (20 * MIB)}))
        result(s.line(30.0), "2")
        for number in range(20):
            result(s.ask(call(str(number))), str(number))
        bounded(s.pid, before + 8 * KIB)


@test("a hundred calls in one write are a hundred calls")
def _():
    with Shield() as s:
        s.initialize()
        s.send(b"".join(call(str(n)) + b"\n" for n in range(100)))
        equal([id_text(s.line()) for _ in range(100)],
              [str(n) for n in range(100)])


@test("a frame of many small values passes unchanged")
def _():
    with Shield() as s:
        s.initialize()
        rows = ",".join('{"id":%d,"name":"row %d","ok":true,"x":%d.50}' % (
            n, n, n) for n in range(20000))
        line = ('{"jsonrpc":"2.0","id":1,"method":"own/rows","params":{"r":'
                '[%s]}}' % rows).encode()
        s.send_line(line)
        s.line(20.0)
        check(s.got()[-1] == line, "changed")


for label, number in (("70 KiB", 70 * KIB), ("1 MiB", MIB),
                      ("60 MiB", 60 * MIB)):
    case("each way: " + label, both_ways, number)
for number in (1, 2, 3, 7):
    case("%d bytes at a time, both ways" % number, in_pieces, number)
main()
