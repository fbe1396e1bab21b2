#!/bin/sh
# policy check: every shipped policy is sound, a mistake is told with its
# place, and a proxy does not start with one.
shield=${MCPSHIELD:-build/mcpshield-stdio}
top=${MCPSHIELD_TOP:-.}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
umask 022
n=0
failed=0

# is LABEL WANT GOT
is() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1"
		printf '# want: %s\n# got:  %s\n' "$2" "$3"
	fi
}

echo 1..14
cp "$top"/policies/*.yaml "$dir"
cd "$dir" || exit 1
out=$("$shield" policy check default.yaml monitor.yaml strict.yaml 2>&1)
is "the shipped policies are sound" 0 $?
is "one line each" "default.yaml: ok
monitor.yaml: ok
strict.yaml: ok" "$out"

printf 'version: 1\nalow_tools: []\n' >bad.yaml
out=$("$shield" policy check default.yaml bad.yaml strict.yaml 2>&1)
is "a mistake is status 1" 1 $?
is "the others are still judged" "default.yaml: ok
bad.yaml:2:1: unknown key 'alow_tools'; the nearest known one is 'allowed_tools'
strict.yaml: ok" "$out"

printf 'version: 1\nsandbox:\n  server:\n    confine: on\n' >later.yaml
out=$("$shield" policy check later.yaml 2>&1)
is "what is not enforced is refused" "later.yaml:4:5: 'sandbox.server.confine'\
 is not enforced by this version yet; remove it (nothing is silently\
 unprotected)" "$out"

out=$("$shield" policy check none.yaml 2>&1)
is "a file that is not there" "1 none.yaml: there is no such file" "$? $out"

chmod 666 strict.yaml
out=$("$shield" policy check strict.yaml 2>&1)
is "a file that all may write" \
	"1 strict.yaml: refused: every user may write to it" "$? $out"
chmod 644 strict.yaml

"$shield" policy check >out 2>&1
is "no file is a usage error" 2 $?
"$shield" policy chek default.yaml >out 2>&1
is "an unknown word too" 2 $?

touch ran
"$shield" run -p ./bad.yaml -a "$dir/audit.db" -- rm ran >out 2>err </dev/null
is "nothing runs with a policy that is broken" 125 $?
is "nothing ran" yes "$([ -f ran ] && echo yes)"
is "stdout stays empty" "" "$(cat out)"
is "stderr says where" 1 "$(grep -c '^mcpshield: .*bad.yaml:2:1: ' err)"

mkdir -p config/mcpshield/policies
cp bad.yaml config/mcpshield/policies/default.yaml
XDG_CONFIG_HOME=$dir/config "$shield" run -a "$dir/audit.db" -- rm ran \
	>out 2>err </dev/null
is "nor with the user's default, instead of ours" "125 yes" \
	"$? $([ -f ran ] && echo yes)"
exit $failed
