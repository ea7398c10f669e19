#!/bin/sh
# Make every picture again from its source here: POV-Ray scenes (*.pov), drawings (*.svg) and the authors' heads.
# Needs povray, librsvg2-bin, python3-numpy and python3-pil. Name pictures to make only those: ./render.sh whale skyline
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$python portraits.py
[ $# -gt 0 ] || set -- $(for f in *.pov *.svg; do [ -f "$f" ] && echo "${f%.*}"; done)
for name; do
	if [ -f "$name.pov" ]; then
		povray +I"$name.pov" +O"$work/$name.png" +W1600 +H1067 +A0.1 +AM2 +R2 +WT1 -D -GD -GR -GS -V >"$work/log" 2>&1 ||
			{ cat "$work/log" >&2; exit 1; }
		$python finish.py "$work/$name.png" "../$name.jpg" film
	else
		rsvg-convert "$name.svg" -o "$work/$name.png"
		$python finish.py "$work/$name.png" "../$name.jpg"
	fi
	echo "$name"
done
