"""The tables by which open_clip cleans a text and cuts it into words, for io.residual.model.TextTables.

    python golden/make_text_cleaning.py vision/src/main/resources/io/residual/model/text-cleaning.txt

Needs: ftfy (6.3), open_clip_torch. Everything is asked of the installed packages and of Python itself, so that the tables
say what the reference does and not what a description of it says:

- set NAME RANGES: code points in hexadecimal. `letter`, `number` and `skipped` are what open_clip's pattern does with a
  code point; `space`, `digit`, `cased` and `ignorable` are Python's.
- lower, ligature: CODE:REPLACEMENT pairs; `lower` is str.lower() of one code point.
- encoding NAME FLAG CODES: what bytes 80 to FF are; FLAG is `lossy` if byte 1A stands for U+FFFD, else `exact`.
- badness, altered, lost: regular expressions of ftfy as their alternatives in order, each a row of sets (`^`: at the start).
- entity, capital: names of html.entities.html5 (with the semicolon where they have one), and the names in capitals that ftfy
  adds to them.
"""
import re
import sys
import unicodedata
from re import _constants as op
from re import _parser as parser

import ftfy
import html.entities
from ftfy import badness, chardata
from ftfy.bad_codecs import utf8_variants  # noqa: F401 (registers the codecs)
from ftfy.fixes import ANSI_RE
import open_clip.tokenizer

TOP = 0x10FFFF
LINE = 118


def ranges(points):
    out, points = [], sorted(set(points))
    for p in points:
        if out and out[-1][1] == p - 1:
            out[-1][1] = p
        else:
            out.append([p, p])
    return tuple("%X" % a if a == b else "%X-%X" % (a, b) for a, b in out)


def members(pattern, flags=0):
    """Code points that a pattern of one character matches."""
    compiled = re.compile(pattern, flags)
    return [i for i in range(TOP + 1) if compiled.fullmatch(chr(i))]


WORD, SPACE, DIGIT = members(r"\w"), members(r"\s"), members(r"\d")
CATEGORIES = {op.CATEGORY_WORD: WORD, op.CATEGORY_SPACE: SPACE, op.CATEGORY_DIGIT: DIGIT}


def chars(items):
    """Code points of a class as the parser gives it."""
    negated, out = False, set()
    for code, value in items:
        if code is op.NEGATE:
            negated = True
        elif code is op.LITERAL:
            out.add(value)
        elif code is op.RANGE:
            out.update(range(value[0], value[1] + 1))
        elif code is op.CATEGORY:
            out.update(CATEGORIES[value])
        else:
            raise ValueError(code)
    return set(range(TOP + 1)) - out if negated else out


def rows(parsed):
    """Every row of classes that a parsed expression stands for, in the order in which it tries them."""
    out = [[]]
    for code, value in parsed:
        if code is op.LITERAL:
            next = [[{value}]]
        elif code is op.NOT_LITERAL:
            next = [[set(range(TOP + 1)) - {value}]]
        elif code is op.ANY:
            next = [[set(range(TOP + 1)) - {10}]]
        elif code is op.IN:
            next = [[chars(value)]]
        elif code is op.BRANCH:
            next = [r for branch in value[1] for r in rows(branch)]
        elif code is op.SUBPATTERN:
            next = rows(value[3])
        elif code is op.MAX_REPEAT and value[:2] == (0, 1):
            next = rows(value[2]) + [[]]
        elif code is op.AT and value is op.AT_BEGINNING:
            next = [["^"]]
        else:
            raise ValueError((code, value))
        out = [a + b for a in out for b in next]
    return out


lines, names = [], {}


def write(key, values):
    """Rows of one key, none too long."""
    row = key
    for value in values:
        if len(row) + 1 + len(value) > LINE and row != key:
            lines.append(row)
            row = key
        row += " " + value
    lines.append(row)


def named(points):
    key = ranges(points)
    if key not in names:
        names[key] = "s%d" % len(names)
        write("set " + names[key], key)
    return names[key]


def pattern(key, compiled):
    for row in rows(parser.parse(compiled.pattern, compiled.flags & ~re.UNICODE if isinstance(compiled.pattern, bytes) else compiled.flags)):
        write(key, [part if part == "^" else named(part) for part in row])


find = open_clip.tokenizer.SimpleTokenizer().pat.findall
kinds = {"letter": [], "number": [], "skipped": []}
for i in range(TOP + 1):
    c = chr(i)
    letter, other = find("a" + c) == ["a" + c], find("!" + c) == ["!" + c]
    assert not (letter and other)
    if letter:
        kinds["letter"].append(i)
    elif not other:
        alone = find(c)
        assert alone in ([], [c]) and find("1" + c)[:1] == ["1"]
        kinds["number" if alone else "skipped"].append(i)
for kind, points in kinds.items():
    write("set " + kind, ranges(points))

split = [i for i in range(TOP + 1) if not ("a" + chr(i)).split() == ["a" + chr(i)]]
assert split == [i for i in range(TOP + 1) if not chr(i).strip()] == SPACE
write("set space", ranges(SPACE))
write("set digit", ranges(DIGIT))
final = lambda s: s.lower().endswith("\u03c2")
cased = [i for i in range(TOP + 1) if final(chr(i) + "\u03a3")]
write("set cased", ranges(cased))
write("set ignorable", ranges(i for i in range(TOP + 1) if final("A" + chr(i) + "\u03a3") and i not in set(cased)))
replaced = lambda s: "+".join("%X" % ord(c) for c in s)
write("lower", ["%X:%s" % (i, replaced(chr(i).lower())) for i in range(TOP + 1) if chr(i).lower() != chr(i)])
write("ligature", ["%X:%s" % (i, replaced(s)) for i, s in chardata.LIGATURES.items()])

for name in chardata.CHARMAP_ENCODINGS:
    table = bytes(range(256)).decode(name)
    lossy = table[0x1A] == "\ufffd"
    assert len(set(table)) == 256 and all(ord(table[i]) == i for i in range(128) if i != 0x1A or not lossy)
    assert lossy == name.startswith("sloppy")
    assert all(chardata.possible_encoding(c, name) for c in table)
    write("encoding %s %s" % (name, "lossy" if lossy else "exact"), ["%X" % ord(c) for c in table[128:]])

pattern("badness", badness.BADNESS_RE)
pattern("altered", chardata.ALTERED_UTF8_RE)
pattern("lost", chardata.LOSSY_UTF8_RE)
for name, clues in chardata.UTF8_CLUES.items():
    write("set " + name, ranges(chars(parser.parse("[%s]" % clues)[0][1])))

write("entity", ["%s:%s" % (n, replaced(s)) for n, s in sorted(html.entities.html5.items())])
plain = {"&" + n for n in html.entities.html5}
write("capital", ["%s:%s" % (n[1:], replaced(s)) for n, s in sorted(chardata.HTML_ENTITIES.items()) if n not in plain])

with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write("# Made by golden/make_text_cleaning.py with ftfy %s, Python %s (Unicode %s), open_clip %s; do not edit.\n" % (
        ftfy.__version__, sys.version.split()[0], unicodedata.unidata_version, open_clip.__version__))
    out.write("# Sets s0 and following, utf8_*, encodings, ligatures, badness, altered and lost: from ftfy, Copyright Robyn Speer,\n")
    out.write("# Apache License 2.0, changed in form. Entities: HTML's named character references, by way of Python's html.entities.\n")
    out.write("\n".join(lines) + "\n")
