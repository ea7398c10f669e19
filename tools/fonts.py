#!/usr/bin/env python3
"""Cut the themes' type from the families on npm, small enough for the first page a reader opens.

Each cut is one weight of one family at one optical size, in parts that a browser fetches only when a
page holds such a letter: English and French, the other accents of western Europe (-west), the rest of
Latin (-ext). The results are committed; run this to make them again:

    apt-get install fonttools python3-brotli npm
    tools/fonts.py

src/press/fonts gets what the server itself draws with (pictures for sharing): the headline's and
the label's cuts as TrueType, each under one family name of ours, so that no face that happens to be
installed takes their place.
"""
import pathlib
import subprocess
import sys
import tempfile

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

VERSION = "5.3.0"
SERIF, SANS, BOLD = "newsreader", "libre-franklin", "bricolage-grotesque"
COMMON = sorted({*range(0x20, 0x7F), *map(ord, "àâçèéêëîïôùûœÀÇÉÊ"),
                 0xA0, 0xA3, 0xA7, 0xA9, 0xAB, 0xB0, 0xB7, 0xBB, 0xD7, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A,
                 0x201C, 0x201D, 0x201E, 0x2020, 0x2021, 0x2022, 0x2026, 0x2032, 0x2033, 0x2039, 0x203A,
                 0x20AC, 0x2122, 0x2212})
WEST = sorted({*range(0xA0, 0x100), 0x131, 0x152, 0x153} - {*COMMON})
EXT = [*(c for c in range(0x100, 0x180) if c not in (0x131, 0x152, 0x153)), *range(0x218, 0x21C), 0x1E9E]
PARTS = [("", "latin", COMMON), ("-west", "latin", WEST), ("-ext", "latin-ext", EXT)]
READ, SEEN = 0.02, 0.012  # kerning fainter than this, in ems, goes: in text, and in large type
FOLDERS = {
    # folder: [file, family, axes and style in npm's file names, place on the axes, faintest kerning]
    "theme/fonts": [
        ("text-roman", SERIF, "opsz-normal", {"wght": 400, "opsz": 16}, READ),
        ("text-bold", SERIF, "opsz-normal", {"wght": 650, "opsz": 16}, READ),
        ("text-italic", SERIF, "opsz-italic", {"wght": 400, "opsz": 16}, READ),
        ("head", SERIF, "opsz-normal", {"wght": 540, "opsz": 60}, SEEN),
        ("label", SANS, "wght-normal", {"wght": 450}, READ),
        ("label-bold", SANS, "wght-normal", {"wght": 650}, READ),
    ],
    "themes/magazine/fonts": [
        ("display", BOLD, "standard-normal", {"wght": 800, "opsz": 96, "wdth": 75}, SEEN),
        ("plain", BOLD, "standard-normal", {"wght": 480, "opsz": 14, "wdth": 95}, READ),
        ("plain-bold", BOLD, "standard-normal", {"wght": 700, "opsz": 14, "wdth": 95}, READ),
    ],
}


def drop_faint_kerning(font, faint):
    """Kerning pairs that hardly move a letter against their class's value go, and those of rare
    letters sooner: nobody sees them, and they are half of a file."""
    em = font["head"].unitsPerEm
    common = {font.getBestCmap().get(c) for c in [*range(0x20, 0x7F), 0x2019, 0x201C, 0x201D]}
    lookups = font["GPOS"].table.LookupList.Lookup
    for lookup in lookups:
        tables = [getattr(t, "ExtSubTable", t) for t in lookup.SubTable]
        classes = [t for t in tables if t.LookupType == 2 and t.Format == 2]

        def by_class(left, right):
            for t in classes:
                if left in t.Coverage.glyphs:
                    row = t.Class1Record[t.ClassDef1.classDefs.get(left, 0)]
                    value = row.Class2Record[t.ClassDef2.classDefs.get(right, 0)].Value1
                    return value.XAdvance if value else 0
            return 0

        for t in tables:
            if t.LookupType != 2 or t.Format != 1:
                continue
            for left, pairs in zip(t.Coverage.glyphs, t.PairSet):
                pairs.PairValueRecord = [
                    p for p in pairs.PairValueRecord
                    if abs(p.Value1.XAdvance - by_class(left, p.SecondGlyph)) >=
                    em * faint * (1 if {left, p.SecondGlyph} <= common else 3)]
                pairs.PairValueCount = len(pairs.PairValueRecord)


def pairs_by_class(font):
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in (getattr(t, "ExtSubTable", t) for t in lookup.SubTable):
            if table.LookupType == 2 and table.Format == 2:
                yield from (pair.Value1 for row in table.Class1Record for pair in row.Class2Record if pair.Value1)


def round_kerning(font, faint):
    """What a weight between two masters interpolates is a different number for each pair of classes, which
    does not compress: in steps of a quarter of what is seen, nothing below a half, it is a third of the size."""
    em = font["head"].unitsPerEm
    step = max(1, round(em * faint / 4))
    for value in pairs_by_class(font):
        value.XAdvance = round(value.XAdvance / step) * step if abs(value.XAdvance) >= em * faint / 2 else 0


def cut(source, axes, letters, faint, path):
    font = instantiateVariableFont(TTFont(source), axes)
    options = Options(flavor="woff2", hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14],
                      layout_features=["kern", "liga", "tnum"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    if "GPOS" in font:
        round_kerning(font, faint)
        drop_faint_kerning(font, faint)
    font.flavor = "woff2"
    font.save(path)
    print(f"{path.stat().st_size:7d}  {path.name}")


DRAWN = [("head", "head", "Stet Head"), ("head-west", "head-west", "Stet Head"), ("head-ext", "head-ext", "Stet Head"),
         ("label-bold", "label", "Stet Label"), ("label-bold-west", "label-west", "Stet Label"),
         ("label-bold-ext", "label-ext", "Stet Label")]


def draw(source, family, path):
    font = TTFont(source)
    font.flavor = None
    names = font["name"]
    names.removeNames(platformID=1)
    for number, text in (1, family), (2, "Regular"), (4, family), (6, family.replace(" ", "")):
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass, font["OS/2"].fsSelection, font["head"].macStyle = 400, 0x40, 0
    font.save(path)
    print(f"{path.stat().st_size:7d}  {path.name}")


def main(top):
    families = sorted({cut[1] for cuts in FOLDERS.values() for cut in cuts})
    with tempfile.TemporaryDirectory() as folder:
        packages = [f"@fontsource-variable/{family}@{VERSION}" for family in families]
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--prefix", folder, *packages],
                       check=True, stdout=subprocess.DEVNULL)
        root = pathlib.Path(folder, "node_modules", "@fontsource-variable")
        for name, cuts in FOLDERS.items():
            out = top / name
            out.mkdir(parents=True, exist_ok=True)
            for family in {cut[1] for cut in cuts}:
                (out / f"OFL-{family}.txt").write_text((root / family / "LICENSE").read_text())
            for file, family, style, axes, faint in cuts:
                for suffix, part, letters in PARTS:
                    source = root / family / "files" / f"{family}-{part}-{style}.woff2"
                    cut(source, axes, letters, faint, out / f"{file}{suffix}.woff2")
    for source, name, family in DRAWN:
        draw(top / "theme/fonts" / f"{source}.woff2", family, top / "src/press/fonts" / f"{name}.ttf")


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent.parent)
