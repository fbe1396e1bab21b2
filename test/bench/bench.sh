#!/bin/sh
# make bench: runs the benchmark from the top of the tree.  The filesystem
# server joins in where test/npm is installed.  BUILD: the build directory;
# arguments go to the program, see --help there.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
server=test/npm/node_modules/@modelcontextprotocol/server-filesystem
if [ -f "$server/dist/index.js" ] && command -v node >/dev/null; then
	set -- --filesystem "$server/dist/index.js" "$@"
else
	echo "bench: no $server or no node, leaving it out" >&2
fi
exec "$build/bench/bench" --build "$build" "$@"
