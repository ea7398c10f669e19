#!/usr/bin/env python3
"""Put files into the program.

    embed.py OUT.c NAME ROOT FILE...
    embed.py OUT.c NAME ROOT --depfile OUT.d

writes OUT.c, which defines `const struct embedded NAME[]` (base/embed.h): one element for each
FILE, in the order given, ended by one without a name; the second form takes every file below ROOT
but hidden ones, and its depfile names the folders, too, so that a new file is noticed. An element's
name is the file's path below ROOT; a NUL stands behind its content. The bytes are taken by the
assembler (.incbin), so large files cost no compile time. In meson.build:

    steps = custom_target('steps', output: 'steps.c', input: files('../../sql/sqlite/0001-x.sql'),
      command: [embed, '@OUTPUT@', 'steps', meson.project_source_root() / 'sql/sqlite', '@INPUT@'])

and the room's header says `extern const struct embedded steps[];`.
"""
import os
import sys


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def walk(root):
    """All files below root, and its folders; both sorted, so that a build can be repeated."""
    files, folders = [], []
    for folder, below, names in os.walk(root):
        below[:] = sorted(d for d in below if not d.startswith("."))
        folders.append(folder)
        files += [os.path.join(folder, n) for n in sorted(names) if not n.startswith(".")]
    return files, folders


def write_depfile(path, out, seen):
    def escape(p):
        return p.replace("\\", "\\\\").replace(" ", "\\ ").replace("$", "$$")
    with open(path, "w", encoding="utf-8") as f:
        f.write(escape(out) + ": " + " ".join(escape(p) for p in seen) + "\n")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    out, name, root, files = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    if files[:1] == ["--depfile"] and len(files) == 2:
        depfile = files[1]
        files, folders = walk(root)
        write_depfile(depfile, out, files + folders)
    data, table = [], []
    for i, path in enumerate(files):
        symbol = f"embedded_{name}_{i}"
        whole = os.path.abspath(path)
        quoted = c_string(c_string(whole))[1:-1]
        data.append(
            f'\t"{symbol}:\\n"\n'
            f'\t".hidden {symbol}\\n"\n'
            f'\t".incbin {quoted}\\n"\n'
            f'\t".byte 0\\n"\n')
        below = os.path.relpath(whole, os.path.abspath(root)).replace(os.sep, "/")
        table.append(f"\t{{ {c_string(below)}, {{ {symbol}, {os.path.getsize(path)} }} }},\n")
    with open(out, "w", encoding="utf-8") as f:
        f.write('/* Made by tools/embed.py. */\n#include "base/embed.h"\n\n')
        if data:
            f.write('__asm__(\n\t".pushsection .rodata\\n"\n')
            f.write('\t".balign 16\\n"\n'.join([""] + data))
            f.write('\t".popsection\\n");\n\n')
        for i in range(len(files)):
            f.write(f"extern const char embedded_{name}_{i}[];\n")
        f.write(f"extern const struct embedded {name}[];\n")
        f.write(f"const struct embedded {name}[] = {{\n{''.join(table)}\t{{ NULL, {{ NULL, 0 }} }},\n}};\n")


main()
