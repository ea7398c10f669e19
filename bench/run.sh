#!/bin/sh
# run.sh: every bench, or those named: http program streams live import press day accounts words forum talk forum-queue forum-import rivals lighthouse. Called by ./dev bench.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- http program streams live import press day accounts words forum talk forum-queue forum-import rivals lighthouse
for b in "$@"; do
	printf '\n## %s\n\n' "$b"
	if [ -f "bench/$b.mjs" ]; then node "bench/$b.mjs"
	elif [ -f "bench/$b.sh" ]; then "bench/$b.sh"
	else echo "there is no bench \"$b\"" >&2; exit 64
	fi
done
