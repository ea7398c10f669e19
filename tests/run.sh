#!/bin/sh
# run.sh: every test: unit tests under ASan and UBSan, threads under TSan, fuzz targets over their
# seeds, the site in browsers. Ends with the sum: "N passed, N failed". Called by ./dev test.
#
#   tests/run.sh [unit|memory|threads|fuzz|site]...
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0 broken=""
logs=build-asan/logs
mkdir -p "$logs"

note() { printf '\n== %s\n' "$1"; }

# add NAME PASSED FAILED
add() {
	passed=$((passed + $2))
	failed=$((failed + $3))
	[ "$3" -eq 0 ] || broken="$broken $1"
}

# One cmocka program: it counts its own tests.
unit() {
	name=$(basename "$1") log=$logs/$2-$(basename "$1").log
	if timeout 1800 "$1" >"$log" 2>&1; then code=0; else code=$?; fi
	p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s).*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	f=$(sed -n 's/^\[  FAILED  \] [a-z_]*: \([0-9]*\) test(s).*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	# A crash or a sanitizer's finding is a failure that the program could not count.
	[ "$code" -eq 0 ] || [ "$f" -gt 0 ] || f=1
	printf '%s: %s passed, %s failed\n' "$name" "$p" "$f"
	[ "$f" -eq 0 ] || tail -n 60 "$log"
	add "$name" "$p" "$f"
}

units() {
	note "Unit tests, under ASan and UBSan"
	meson introspect build-asan --tests 2>/dev/null |
		python3 -c 'import json,sys; [print(t["cmd"][0]) for t in json.load(sys.stdin)]' >"$logs/units"
	# shellcheck disable=SC2046
	ninja -C build-asan $(sed "s|^$PWD/build-asan/||" "$logs/units") >"$logs/build.log" 2>&1 ||
		{ tail -n 40 "$logs/build.log"; add build-asan 0 1; return; }
	while read -r program; do unit "$program" asan; done <"$logs/units"
}

# What a sanitizer's own memory hides: the release build's.
memory() {
	note "Memory of streams and idle connections, in the release build"
	[ -f build/build.ninja ] || meson setup build --buildtype=release >"$logs/setup.log" 2>&1
	for t in test_streams test_patience; do
		ninja -C build "tests/$t" >"$logs/build-$t.log" 2>&1 ||
			{ tail -n 40 "$logs/build-$t.log"; add "$t" 0 1; continue; }
		unit "build/tests/$t" plain
	done
}

threads() {
	note "Tests with threads, under TSan"
	[ -f build-tsan/build.ninja ] || CC=clang meson setup build-tsan -Db_sanitize=thread -Db_lundef=false \
		>"$logs/tsan-setup.log" 2>&1
	programs="test_cache test_store test_group test_act test_bus test_jobs test_server test_live test_names"
	for t in $programs; do
		[ -e "build-asan/tests/$t" ] || continue
		ninja -C build-tsan "tests/$t" >"$logs/tsan-build.log" 2>&1 ||
			{ tail -n 40 "$logs/tsan-build.log"; add "$t" 0 1; continue; }
		TSAN_OPTIONS=halt_on_error=1 unit "build-tsan/tests/$t" tsan
	done
}

fuzz() {
	note "Fuzz targets over their seeds, then for a few seconds"
	for seeds in fuzz/seeds/*; do
		t=$(basename "$seeds")
		if ! ninja -C build-asan "fuzz/fuzz_$t" >"$logs/fuzz-build.log" 2>&1; then
			tail -n 40 "$logs/fuzz-build.log"
			add "fuzz_$t" 0 1
		elif timeout 120 "build-asan/fuzz/fuzz_$t" "$seeds" >"$logs/fuzz-$t.log" 2>&1; then
			add "fuzz_$t" 1 0
		else
			tail -n 40 "$logs/fuzz-$t.log"
			add "fuzz_$t" 0 1
		fi
	done
	if command -v clang >/dev/null; then
		for seeds in fuzz/seeds/*; do
			t=$(basename "$seeds")
			if ./dev fuzz "$t" 3 >"$logs/fuzz-run-$t.log" 2>&1; then
				add "fuzz_$t" 1 0
			else
				tail -n 40 "$logs/fuzz-run-$t.log"
				add "fuzz_$t" 0 1
			fi
		done
	fi
}

# What failed in a log of TAP, and how: each at most 40 lines, since a difference of pages has thousands.
failures() {
	awk '/^ *not ok / { telling = 1; lines = 0 }
		telling && ++lines <= 40 { print substr($0, 1, 400) }
		/^ *\.\.\.$/ { telling = 0 }' "$1" | head -n 600
}

site() {
	note "The site, over HTTP and in a browser"
	for folder in tests/page/mustache tests/site tests/lighthouse; do
		[ -f "$folder/package.json" ] || continue
		log=$logs/$(basename "$folder").log
		(cd "$folder" && timeout 5400 node --test --test-concurrency=1 .) >"$log" 2>&1
		p=$(sed -n 's/^# pass \([0-9]*\).*/\1/p; s/^ℹ pass \([0-9]*\).*/\1/p' "$log" | tail -n 1)
		f=$(sed -n 's/^# fail \([0-9]*\).*/\1/p; s/^ℹ fail \([0-9]*\).*/\1/p' "$log" | tail -n 1)
		c=$(sed -n 's/^# cancelled \([0-9]*\).*/\1/p; s/^ℹ cancelled \([0-9]*\).*/\1/p' "$log" | tail -n 1)
		[ -n "$p" ] && [ -n "$f" ] || { tail -n 60 "$log"; p=0 f=1 c=0; }
		f=$((f + ${c:-0}))
		printf '%s: %s passed, %s failed\n' "$folder" "$p" "$f"
		[ "$f" -eq 0 ] || failures "$log"
		add "$folder" "$p" "$f"
	done
}

[ $# -gt 0 ] || set -- units memory fuzz threads site
for part in "$@"; do
	case $part in
	unit) units ;;
	*) "$part" ;;
	esac
done
[ -z "$broken" ] || printf '\nFailed:%s\n' "$broken"
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
