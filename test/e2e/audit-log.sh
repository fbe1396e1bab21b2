#!/bin/sh
# The audit log from outside: a session behind the proxy, and what audit and
# stats say of it.  TAP.  MCPSHIELD names the binary.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
shield=${MCPSHIELD:-$top/build/mcpshield-stdio}
dir=$(mktemp -d "${TMPDIR:-/tmp}/auditXXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
db=$dir/a.db
n=0

# ok STATUS LABEL: one line of TAP.
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' out err
		failed=1
	fi
}
failed=0

# is STATUS LABEL COMMAND...: runs it; out and err keep what it says.
is() {
	want=$1 label=$2
	shift 2
	"$@" >out 2>err
	got=$?
	[ "$got" = "$want" ]
	ok $? "$label (status $got)"
}

has() {
	grep -q -- "$2" out
	ok $? "$1"
}

cat >server.sh <<'END'
while read -r line; do
	case $line in
	*'"initialize"'*)
		echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}'
		;;
	*'"tools/call"'*) echo '{"jsonrpc":"2.0","id":2,"result":{"content":[]}}' ;;
	esac
done
END
cat >client <<'END'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"=cmd\u001b[2J\u202e","arguments":{}}}
{"jsonrpc":"2.0","id":3,"method":"ping","extra":1}
END

is 0 "no database: nothing is listed" "$shield" audit -a "$db"
grep -q "no audit database at" err
ok $? "and that is said"
[ ! -s out ]
ok $? "on stderr alone"
is 0 "no database: stats" "$shield" stats -a "$db" --json
is 2 "no database: verify" "$shield" audit verify -a "$db"
is 2 "no HOME and no -a" env -u HOME -u XDG_STATE_HOME "$shield" audit
is 2 "a word too many" "$shield" audit verify now -a "$db"
is 2 "an unknown format" "$shield" audit export --format xml -a "$db"
is 2 "an unknown option" "$shield" audit --jsn -a "$db"
is 2 "a time that is none" "$shield" audit --since soon -a "$db"
is 2 "an event that is none" "$shield" audit --event x -a "$db"

"$shield" -a "$db" -s demo -- sh server.sh <client >answers 2>/dev/null
is 0 "list" "$shield" audit -a "$db"
[ "$(wc -l <out)" = 7 ]
ok $? "start, three of the client's, two of the server's, end"
! LC_ALL=C grep -q '[^ -~]' out
ok $? "nothing but printable ASCII"
event=$(sed -n 's/.*"event":"\([^"]*\)".*/\1/p' answers)
is 0 "the event that the answer named" "$shield" audit -a "$db" \
	--event "$event"
has "all of its columns" "^payload_sha256 "
has "and why" "^stage *frame"
is 1 "an event that is not there" "$shield" audit -a "$db" \
	--event 00000000-1
is 0 "by decision" "$shield" audit -a "$db" --decision block --json
[ "$(wc -l <out)" = 1 ]
ok $? "is one"
has "whose event it is" "\"event\":\"$event\""
is 0 "since tomorrow" "$shield" audit -a "$db" --since 2999-01-01
[ ! -s out ]
ok $? "there is nothing"
is 0 "the newest two" "$shield" audit -a "$db" -n 2
[ "$(wc -l <out)" = 2 ]
ok $? "are two"

if command -v script >/dev/null; then
	is 0 "on a terminal" script -qec "$shield audit -a $db" /dev/null
	has "there is a head" "^TIME"
	grep -q "$(printf '\033')\[31m" out
	ok $? "and colour"
	! grep -q "$(printf '\033')\[2J" out
	ok $? "but no byte of a peer's"
	is 0 "with NO_COLOR" env NO_COLOR=1 script -qec \
		"$shield audit -a $db" /dev/null
	! grep -q "$(printf '\033')" out
	ok $? "there is none"
else
	n=$((n + 1))
	echo "ok $n # SKIP no script(1) to make a terminal"
fi

is 0 "stats" "$shield" stats -a "$db"
has "count what was blocked" "^blocked   1 (20.00 %)"
is 0 "stats as JSON" "$shield" stats -a "$db" --json
python3 -c 'import json,sys
s = json.load(open("out"))
assert s["messages"] == 5 and s["blocked"] == 1, s
assert s["block_rate"] == 0.2 and s["server"][0]["name"] == "demo", s
assert {"p50", "p90", "p99", "max"} == set(s["judged_us"]), s' 2>err
ok $? "is what it should be"
is 0 "export as JSON Lines" "$shield" audit export -a "$db"
# The chain, computed by somebody else as mcpshield-audit(5) describes it.
cat >chain.py <<'END'
import datetime, hashlib, hmac, json, struct, sys
key = open(sys.argv[1], "rb").read() if len(sys.argv) > 1 else None
def H(data):
    if key:
        return hmac.new(key, data, hashlib.sha256).digest()
    return hashlib.sha256(data).digest()
prev, links, n = bytes(32), {}, 0
for line in open("out"):
    r = json.loads(line)
    t = datetime.datetime.strptime(r["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    us = (t - datetime.datetime(1970, 1, 1)) // datetime.timedelta(
        microseconds=1)
    body = struct.pack("<QqQIB", r["seq"], us, r["payload_bytes"],
                       r["judged_us"], r["payload"] is not None)
    body += bytes.fromhex(r["payload_sha256"])
    for name in ("session server policy direction kind method tool id "
                 "decision stage rule reason payload").split():
        text = (r[name] or "").encode()
        body += struct.pack("<I", len(text)) + text
    link = H(b"L" + links.get(r["session"], bytes(32)) + body)
    assert r["link"] == link.hex(), r
    links[r["session"]] = link
    assert r["prev"] == prev.hex(), r
    prev = H(b"R" + prev + struct.pack("<Q", r["row"]) + link + body)
    assert r["hash"] == prev.hex(), r
    n += 1
assert n >= 7, n
END
python3 chain.py 2>err
ok $? "the chain holds, computed from the man page"
is 0 "export as CSV" "$shield" audit export -a "$db" --format csv
python3 -c 'import csv
rows = list(csv.DictReader(open("out", newline="")))
assert len(rows) == 7 and len({len(r) for r in rows}) == 1, rows
assert any(r["tool"].startswith(chr(39) + "=cmd\\x1b[2J") for r in rows), rows
' 2>err
ok $? "which cannot be a formula"
is 0 "export as SARIF" "$shield" audit export -a "$db" --format sarif
python3 -c 'import json
s = json.load(open("out"))
run, = s["runs"]
assert s["version"] == "2.1.0" and len(run["results"]) == 1, s
rules = run["tool"]["driver"]["rules"]
for r in run["results"]:
    assert rules[r["ruleIndex"]]["id"] == r["ruleId"], r
    assert r["level"] in ("none", "note", "warning", "error"), r
    assert r["message"]["text"], r' 2>err
ok $? "with rules that its results name"

is 0 "verify" "$shield" audit verify -a "$db"
has "says whole" "^whole: 7 rows, 1 to 7$"
head=$(sed -n 's/^head: //p' out)
is 0 "with its head" "$shield" audit verify -a "$db" --head "$head"
is 1 "with another" "$shield" audit verify -a "$db" \
	--head "$(printf '%064d' 0)"
is 2 "with half a head" "$shield" audit verify -a "$db" --head 00ff
cp "$db" copy.db
if command -v sqlite3 >/dev/null; then
	sqlite3 copy.db "UPDATE event SET decision = 'allow' WHERE
	    decision = 'block'"
	is 1 "verify of an edited copy" "$shield" audit verify -a copy.db
	has "names the row" "^BROKEN: row .*: row changed"
else
	n=$((n + 1))
	echo "ok $n # SKIP no sqlite3(1) to edit a copy with"
fi
echo "a letter, and no database at all" >letter.db
is 2 "verify of a letter" "$shield" audit verify -a letter.db
grep -q "letter.db" err
ok $? "names the file"

# A running session is seen at once; --follow goes on; a killed one is told of.
mkfifo pipe
"$shield" -a "$db" -s live -- sh server.sh <pipe >answers 2>/dev/null &
pid=$!
exec 3>pipe
sed -n 1,2p client >&3
i=0
until [ "$(wc -l <answers)" = 2 ] || [ $i = 100 ]; do
	sleep 0.05
	i=$((i + 1))
done
is 0 "a running session" "$shield" audit -a "$db" --server live
[ "$(wc -l <out)" = 5 ]
ok $? "is seen at once"
"$shield" audit -a "$db" --follow -n 0 --server live >followed 2>err &
follower=$!
sleep 0.5
echo '{"jsonrpc":"2.0","id":9,"method":"ping","extra":1}' >&3
i=0
until [ -s followed ] || [ $i = 100 ]; do
	sleep 0.05
	i=$((i + 1))
done
cp followed out
[ "$(wc -l <out)" = 1 ]
ok $? "--follow shows what is new"
kill -INT $follower
wait $follower
ok $? "and ends well"
is 0 "verify while it runs" "$shield" audit verify -a "$db"
has "counts it" "running: 1,"
kill -KILL $pid
wait $pid 2>/dev/null
exec 3>&-
i=0
until "$shield" audit verify -a "$db" | grep -q "running: 0" || [ $i = 100 ]
do
	sleep 0.05
	i=$((i + 1))
done
is 0 "verify after it was killed" "$shield" audit verify -a "$db"
has "says so" "without an end record: 1 ("
[ -z "$(ls "$db.journals")" ]
ok $? "no journal is left"

echo "1..$n"
exit $failed
