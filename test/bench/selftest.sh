#!/bin/sh
# The benchmark must not give a number for what is wrong: runs the client
# behind proxies that lie, each in one way.  Usage: selftest.sh BENCH_DIR
set -u
dir=${1:?usage: selftest.sh BENCH_DIR}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' INT TERM HUP

# liar.py WAY COMMAND...: passes lines on, except for the 500th answer.
cat >"$tmp/liar.py" <<'LIAR'
import os, subprocess, sys, threading
way, server = sys.argv[1], subprocess.Popen(
    sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
out = sys.stdout.buffer


def up():
    for line in sys.stdin.buffer:
        if way == "request":
            line = line.replace(b"figures", b"figurez")
        server.stdin.write(line)
        server.stdin.flush()
    server.stdin.close()


def answer(n, line, held):
    if n == 500 and way == "lose":
        return b""
    if n == 500 and way == "change":
        return line.replace(b"taken", b"token")
    if n == 500 and way == "twice":
        return line + line
    if n == 500 and way == "swap":
        held.append(line)
        return b""
    if n == 500 and way == "error":
        cut = line.index(b"result")
        return line[:cut] + b'error":{"code":-32602,"message":"no"}}\n'
    if held:
        return line + held.pop()
    return line


threading.Thread(target=up, daemon=True).start()
held = []
for n, line in enumerate(server.stdout):
    out.write(answer(n, line, held))
    out.flush()
if way == "extra":
    out.write(b'{"jsonrpc":"2.0","method":"notifications/message"}\n')
    out.flush()
if way == "orphan" and os.fork() == 0:
    for fd in range(3):
        os.close(fd)
    os.setsid()
    os.execvp("sleep", ["sleep", "600"])
os._exit(3 if way == "status" else 0)
LIAR

n=0
failed=0
try() { # NAME STATUS WAY
	n=$((n + 1))
	got=$("$dir/client" -n 800 -t 10 -w 8 flight -- \
		python3 "$tmp/liar.py" "$3" "$dir/echo" 2>"$tmp/err")
	status=$?
	if [ $status -eq "$2" ] && { [ $status -eq 0 ] || [ -z "$got" ]; }; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1: status $status, wanted $2"
		sed 's/^/# /' "$tmp/err"
	fi
}

echo 1..10
try "an honest proxy is measured" 0 honest
try "a lost answer" 1 lose
try "an answer with another byte" 1 change
try "an answer that comes twice" 1 twice
try "two answers in the wrong order" 1 swap
try "an error for an answer" 1 error
try "a changed request" 1 request
try "a line too many at the end" 1 extra
try "a status that is not the server's" 1 status
try "a process left behind" 1 orphan
exit $failed
