#!/bin/sh
# Writes a C file that holds each of the named YAML files as bytes, and the
# table of them that policy/builtin.h declares.
set -eu

echo '#include "policy/builtin.h"'
echo
n=0
for file in "$@"; do
	[ -r "$file" ] || {
		echo "$0: cannot read '$file'" >&2
		exit 1
	}
	echo "static const unsigned char bytes_${n}[] = {"
	od -An -v -tu1 "$file" | awk '
		{ for (i = 1; i <= NF; i++) printf "%s,", $i; print "" }
		END { print "0 };" }'
	n=$((n + 1))
done
echo
echo 'const struct builtin builtins[] = {'
n=0
for file in "$@"; do
	name=${file##*/}
	printf '\t{ "%s", bytes_%d, sizeof(bytes_%d) - 1 },\n' \
		"${name%.yaml}" "$n" "$n"
	n=$((n + 1))
done
printf '\t{ NULL, NULL, 0 },\n};\n'
