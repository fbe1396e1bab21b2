#!/bin/sh
# policy show: what is in force, from which file and line, as YAML that loads
# again; the hash can be checked with another program.
shield=${MCPSHIELD:-build/mcpshield-stdio}
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

# hash NAME: as policy show says it
hash() {
	"$shield" policy show "$1" | sed -n 's/^# SHA-256 //p'
}

echo 1..16
cd "$dir" || exit 1
for name in default strict monitor; do
	"$shield" policy show "builtin:$name" >"$name.yaml"
	is "$name is shown" 0 $?
	is "$name loads again to the same hash" "$(hash "builtin:$name")" \
		"$(hash "./$name.yaml")"
	is "$name: the hash is that of the plain text" \
		"$(hash "builtin:$name")" \
		"$("$shield" policy show --plain "builtin:$name" |
			sha256sum | cut -d ' ' -f 1)"
done

cat >base.yaml <<'END'
version: 1
tools: {deny: [a]}
END
cat >mine.yaml <<'END'
version: 1
extends: ./base.yaml
mode: monitor
tools:
  deny:
  - b
END
"$shield" policy show ./mine.yaml >out
is "a value says where it was set" "mode: monitor  # ./mine.yaml:3" \
	"$(grep '^mode:' out)"
is "an inherited one too" '  - "a"  # ./base.yaml:2' "$(grep '"a"' out)"
is "and one that is nowhere set" "deny_as: error  # default" \
	"$(grep '^deny_as:' out)"
is "what is not enforced is said" \
	"    confine: off  # not enforced by this version" \
	"$(grep ' confine:' out)"

before=$(hash ./mine.yaml)
echo '# a comment' >>base.yaml
is "a comment leaves the hash" "$before" "$(hash ./mine.yaml)"
echo 'deny_as: result' >>base.yaml
is "a change of what is inherited does not" no \
	"$([ "$before" = "$(hash ./mine.yaml)" ] && echo yes || echo no)"

"$shield" policy show none >out 2>err
is "an unknown name" "1 mcpshield: there is no policy 'none' (compiled in:\
 default, monitor, strict)" "$? $(cat err)"
exit $failed
