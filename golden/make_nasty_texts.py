"""A few hundred nasty texts and what the references make of them, for NastyTextsTest.

    python golden/make_nasty_texts.py fixtures/src/main/resources/kits vision/src/test/resources/texts/nasty.json
    python golden/make_nasty_texts.py fixtures/src/main/resources/kits OUT.jsonl --random 100000 --seed 1

Needs: open_clip_torch (3.3), ftfy (6.3), transformers (5.24). The first folder has `tokenizer-clip` (CLIP's full vocabulary) and
`blip-itm` (a small vocabulary of BERT's kind). For each text: the three cleanings of open_clip; ids of open_clip's own tokenizer
and of transformers' CLIPTokenizerFast at context 77 without the padding; ids of BertTokenizerFast at context 24. `null` where
transformers refuses the text (halves of surrogate pairs). With --random, texts of random pieces of the same kinds, one a line.
"""
import argparse
import gzip
import json
import pathlib
import random
import tempfile

import ftfy.bad_codecs  # noqa: F401 (registers the codecs)
import open_clip.tokenizer as oc
from transformers import AutoTokenizer

CURLY = ["\u2018quoted\u2019", "\u201cquoted\u201d", "dog\u2019s", "it\u02bcs", "\u201blow\u201f", "\u201alow\u2019", "\u00abg\u00bb", "l\u2019\u0153uvre", "rock \u2019n\u2019 roll", "\u2032prime\u2033", "`a`", "don\u2019t we\u2019ll I\u2019d they\u2019re I\u2019ve I\u2019m", "'S 'T 'RE 'll"]
LIGATURES = ["\ufb01sh", "ca\ufb00e", "\ufb02y", "o\ufb03ce", "ba\ufb04e", "\ufb05op", "\ufb06op", "\u0132sselmeer", "\u0149 kat", "\u01c4", "\u01c5ep", "\u01f1", "\u01f3", "\u01c9", "\u00e6on", "\u0152uvre", "\ufb13", "\ufdfa"]
WIDTH = ["\uff26\uff35\uff2c\uff2c", "\uff43\uff41\uff54\uff01", "\uff11\uff12", "\uff76\uff9e", "\uff8a\uff9f\uff9d", "\uff65", "\uffe5\uffe6", "\uff5e", "\uffe8", "\uff08\uff09", "\uff02", "\uff07", "\uff06amp;", "\uff1csmall\uff1e", "\uffa1\uffc2", "a\u3000b", "\u3000\u3000", "\uff9e", "e\uff9e", "\uff3f"]
ENTITIES = [
    "&amp;", "&lt;b&gt;", "&amp;amp;", "&amp;amp;amp;amp;", "&amp;lt;", "&quot;cat&quot;", "&#39;", "&#x27;", "&#X2019;", "&#8217", "&#x2019", "&eacute;", "&eacute", "caf&eacute", "&EACUTE;", "&NTILDE;", "&SZLIG;", "&nTILDE;", "&AMP", "&AMP;", "&GT;",
    "&notit;", "&notin;", "&not", "&noti", "this&not that", "&copycat", "&reg", "&hellip;", "&mdash;", "&nbsp;", "&nbsp", "a&nbsp;b", "&zwj;", "&shy;", "&ensp;", "&#0;", "&#00065;", "&#x41", "&#x110000;", "&#99999999999999999999;", "&#xD800;", "&#xDFFF;",
    "&#128;", "&#150;", "&#x80;", "&#x81;", "&#x9f;", "&#1;", "&#11;", "&#12;", "&#13;", "&#127;", "&#xfdd0;", "&#xffff;", "&#x1fffe;", "&#x10ffff;", "&#;", "&#x;", "&;", "&", "& amp;", "&amp", "&ampersand;", "&lt", "&ltb", "&#59;", "&#x3b;", "&#38;amp;", "&amp;#39;", "&amp;#x26;lt;",
    "&fjlig;", "&ThickSpace;", "&bne;", "&NotEqualTilde;", "&acE;", "&hearts;", "&CounterClockwiseContourIntegral;", "&Jscr;ohn", "&zzz;", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "&\u00e9;", "&a b;", "&amp;\u00e9", "&#x1F438;", "&#128056;", "&#x1f438", "<p>&amp;</p>", "<&eacute;>", "a < b &amp;&amp; c", "&lt;\n&eacute;", "&eacute;\n<b>\n&Eacute;&EACUTE;",
    "&#x301;e", "e&#x301;", "&#x307;", "&#x130;", "&#931;", "\u0391&#931;", "&lt;start_of_text&gt;", "&#xFB01;", "&#x201c;", "&ldquo;x&rdquo;", "&Acirc;&copy;", "&Atilde;&copy;", "&#195;&#169;", "&#xe2;&#x20ac;&#x2122;", "&#x27s", "&apos;s", "&lsquo;s", "&Abreve;", "&ABREVE;", "&#1234567;", "&#x1b;[31m", "&#xfeff;", "&#x2028;", "&#x200b;", "&#xA0;", "&Tab;", "&NewLine;", "&#3232;_&#3232;", "&THORN;", "&thorn;", "&ETH", "&YUML;", "&yuml;", "&IMATH;", "&MICRO;", "&frac12;", "&FRAC12;", "&sup2", "&SUP2;",
]
PLAIN = ["caf\u00e9", "na\u00efve r\u00e9sum\u00e9", "\u2019", "\u201cno\u201d", "\u2014", "\u2026", "\u00a0", "\u00e0 la mode", "voil\u00e0 le travail", "\u00fcber", "stra\u00dfe", "\u20ac5", "\u00a35", "\u00bd", "90\u00b0", "\u2122", "\u65e5\u672c\u8a9e", "\u4e2d\u6587", "\ud55c\uad6d\uc5b4", "\u043f\u0440\u0438\u0432\u0435\u0442", "\u0395\u03bb\u03bb\u03ac\u03b4\u03b1", "\u0639\u0631\u0628\u064a", "\u05e2\u05d1\u05e8\u05d9\u05ea", "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0e44\u0e17\u0e22", "z\u0142oty", "\u010de\u0161tina", "\u0130stanbul", "\u011f\u0131", "l\u0101\u010dplēsis", "\U0001f438", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2714", "\u30c4", "S\u00e3o Paulo", "a\u0300", "\u00e1\u00e9\u00ed\u00f3\u00fa", "\u00c0\u00c1\u00c2", "\u0160\u0161", "\u00d7"]
CONTROLS = ["\x00", "a\x00b", "\x01\x02", "\x07bell", "\x08", "\x0bvt", "\x0cff", "\x0e\x1f", "\x1a", "\u00c3\x1a", "\x1b[31mred\x1b[0m", "\x1b[1;31;42mx", "\x1b[;", "\x1b[\u06617m", "\x1b]0;t\x07", "\x1b", "\x1b\x1b[0m[0m", "\x1c\x1d\x1e\x1f", "a\x1cb", "\x7f", "\x80", "\x85", "a\x85b", "\x91quoted\x92", "\x93\x94", "\x81\x8d\x8f\x90\x9d", "caf\xe9\x85", "\x9f", "\ufeffbom", "a\ufeffb", "\ufffe", "\uffff", "\ufffd", "\ufffc", "\ufff9", "\u206a", "\u200e\u200f", "\u202a\u202e", "\U000e0067", "\U0001d173", "\u00ad", "soft\u00adhyphen", "\x1b[0mA\x1b[0m"]
SURROGATES = ["\ud83d", "\ude00", "\ud83d\ude00", "\ude00\ud83d", "a\ud800b", "\udcff"]
BREAKS = ["a\r\nb", "a\rb", "a\n\nb", "\n", "a\u2028b", "a\u2029b", "\r\n \r\n", "a\n", "\n\n\nb"]
SPACES = ["", " ", "   ", "\t", "\u00a0", "a\u00a0b", "\u2003", "a\u2003b", "\u2009", "\u200b", "a\u200bb", "\u200c\u200d", "\u2060", "\u180e", "a\u1680b", "\u205f", "\u202f", "  two  spaces  ", "\ta\tb\t", " \u3000 "]
FORMS = ["e\u0301", "\u00e9", "\u0065\u0302\u0301", "\u1100\u1161\u11a8", "\u212b", "\u2126", "\u00c5", "A\u030a", "q\u0323\u0307", "q\u0307\u0323", "\u0958", "\u2adc", "\u0344", "\u0345", "a\u0345b", "!\u0345", "\u1e9b\u0323", "\ufb2c", "\u0340", "\u00b5", "\u2460", "\u00b2", "\u2160", "\u217b", "\u2155", "\u0660\u0661", "\u096b", "\u4e00\u4e8c", "\U0001d54f", "\u24b6", "1st 2nd", "3.14", "x\u00b2", "\U00016d70", "\U00010d69", "\ua7cb", "\u0149"]
CASE = ["\u0130", "\u0130STANBUL", "I\u0307", "\u0131", "ISPARTA", "\u03a3", "\u039f\u0394\u039f\u03a3", "\u039f\u0394\u039f\u03a3.", "\u03a3\u0391\u03a3 \u03a3", "A\u03a3\u0301", "A\u00ad\u03a3", "A\u03a3'B", "A\u03a3-B", "A.\u03a3", "1\u03a3", "\u1e9e", "STRASSE \u1e9e", "\u01c5", "\u212a", "\u017f", "'\u017f", "it'\u017f", "\u00d0\u00de", "\u1f88", "\u2c2f\u2c5f", "\ua7c0", "\u10a0", "\u1c90", "\u13a0\uab70", "\U00010400", "\U0001e900", "\U00010570", "\u03f4", "\u2126", "\ud7b0", "\u1d2c", "A\u02b0\u03a3"]
SPECIAL = ["<|startoftext|>", "<|endoftext|>", "a<|endoftext|>b", "<|ENDOFTEXT|>", "<|endoftext|", "<start_of_text>", "<end_of_text>", "a <end_of_text> b", "!<start_of_text>", "<START_OF_TEXT>", "<\u017ftart_of_text>", "<start_of_text><end_of_text>", "x</w>", "</w>", "[CLS]", "[SEP] [PAD]", "[MASK]", "[UNK]", "##s", "Ġ", "a Ġb", "\u0120\u0100"]
SCRIPTS = ["\U0001f438", "\u2764\ufe0f", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u65e5\u672c\u8a9e\u306e\u732b", "\u72d7 dog", "\uac1c", "\u0643\u0644\u0628", "\u0634\u0651\u0645\u0633", "\u0915\u0941\u0924\u094d\u0924\u093e", "\u05db\u05dc\u05d1", "\u0441\u043e\u0431\u0430\u043a\u0430", "\u03c3\u03ba\u03cd\u03bb\u03bf\u03c2", "\u0e2b\u0e21\u0e32", "\u0b95", "\u1780", "\U00020000", "\u3402", "\u3007", "(\u256f\u00b0\u25a1\u00b0)\u256f\ufe35 \u253b\u2501\u253b", "\u00af\\_(\u30c4)_/\u00af", "\u2500\u2502\u2554\u2557", "\u00d2_\u00f3", "\u221a\u221e\u2260", "\u20b9\u20bf", "A\u0300\u0301\u0302\u0303", "\u00c3 la mode", "\u00c2 b", "10\u00c2\u00a0km", "\u0e01\u0e33", "\u00c2\u00a9", "\u00d8\u00ab\u00d8\u00b1", "\u0432\u0402\u2122", "\u00e0\u00b9", "\u221a\u00a9", "\u201a\u00c4\u00f4", "\u0393\u0419\u0442", "\u03b2\u20ac\u2122", "\u0101\u20ac\u2122", "\u0413\u045e\u0412\u0402\u0412\u2122s", "fa\u00c3 cil", "\u00c3 s vezes \u00c3 quele", "\u00e2\u20ac\u0153 like this \u00e2\u20ac\ufffd", "\u00c3?", "\u00e2\u20ac?", "\u00c3\ufffd", "\u00f0\u0178\u02dc\ufffd", "\xed\xa0\xbd\xed\xb8\x8d", "\xc0\x80\xc3\xa9", "\u00c2\u00b4", "caf\u00c3\u00a9 \u2014 \u65e5\u672c", "\u65e5\u672c\u8a9e sch\u00c3\u00b6n \u00e2\u20ac\u2122", "Å\x93\u00c3\xa9", "\xed\xa0\xbd\xed\xb8\n", "\u00c3\u00a9\xc0\n", "#\u2568\u2510\u2564\u00c7\u2568\u2591", "\u00c2\u00a31", "a\u00c2 \u00ab", "\u2030\u2022\u00a1", "\u0458\u00a9", "\u00e3\x83\x84", "&macr;\\_(\u00e3\x83\x84)_/&macr;", "\u00e2\u0153\u201d No problems", "l\u00e2\x80\x99humanit\u00e9"]
LONG = ["a very long sentence " * 12, "caf\u00c3\u00a9 \u201cquoted\u201d &amp; " * 15, "x" * 300, "\U0001f438" * 40, "!?" * 90, "\u65e5\u672c\u8a9e" * 30, "1234567890" * 9, "a " * 74, "a " * 75, "a " * 76, "&amp;" * 80, "a" * 101, "a" * 100]
WORDS = ["a", "photo", "of", "a DOG", "The", "cat's", "x", "!", "?", "...", "12", "it's", "\"q\"", "-", "/", "'", ",", "?s", " "]
MIXES = ["latin-1", "sloppy-windows-1252", "windows-1252", "sloppy-windows-1251", "sloppy-windows-1250", "sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman", "cp437", "cp850", "shift-jis", "koi8-r"]


def mangle(text, encoding, replace="strict"):
    """UTF-8 read as something else."""
    return text.encode("utf-8", "surrogatepass").decode(encoding, replace)


def mojibake():
    for text in PLAIN:
        for encoding in MIXES[:11]:
            try:
                once = mangle(text, encoding)
            except UnicodeDecodeError:
                continue
            yield once
            if encoding in ("latin-1", "sloppy-windows-1252"):
                yield "a " + once.replace("\xa0", " ") + " b"
                yield mangle(once, encoding)
    for text in ["\u201cthis\u201d", "\u2019\u00e0\u00ed", "\U0001f60d\u00dd"]:
        yield mangle(text, "windows-1252", "replace")
        yield mangle(text, "windows-1252", "replace").replace("\ufffd", "?")
        yield mangle(mangle(text, "sloppy-windows-1252"), "windows-1252", "replace")


def listed():
    seen = {}
    for group in (CURLY, LIGATURES, WIDTH, ENTITIES, PLAIN, CONTROLS, SURROGATES, BREAKS, SPACES, FORMS, CASE, SPECIAL, SCRIPTS, LONG):
        seen.update(dict.fromkeys(group))
    draw = random.Random(0)
    many = sorted(set(mojibake()))
    seen.update(dict.fromkeys(draw.sample(many, 160)))
    return list(dict.fromkeys(paired(text) for text in seen))


def pieces(draw):
    """A text of random pieces."""
    groups = (CURLY, LIGATURES, WIDTH, ENTITIES, PLAIN, CONTROLS, BREAKS, SPACES, FORMS, CASE, SPECIAL, SCRIPTS, WORDS, WORDS, WORDS)
    odd = "\xa0\xa1\xa2\xa4\xa6\xa9\xaa\xab\xad\xae\xb0\xb2\xb4\xb5\xb7\xba\xbb\xbc\xbf\xc0\xc2\xc3\xc5\xce\xd0\xd7\xd8\xd9\xdf\xe0\xe2\xe3\xed\xf0\xf8\x80\x83\x84\x99\u0152\u0153\u0178\u20ac\u2122\u2018\u2019\u201a\u201c\u201d\u2020\u2021\u2022\u2026\u2030\u2039\u203a\u0160\u0161\u017d\u017e\u0192\u02c6\u02dc\u0412\u0413\u0402\u03b2\u0393\u0386\u0101\u221a\u2248\u2260\u00c4\u2568\u2564\u2500\ufffd ?;&#x1a\n<"
    out = []
    for _ in range(draw.randint(1, 6)):
        kind = draw.random()
        if kind < 0.15:
            piece = "".join(draw.choice(odd) for _ in range(draw.randint(1, 7)))
        elif kind < 0.2:
            piece = "".join(chr(draw.choice([draw.randint(0, 0x2FF), draw.randint(0x300, 0x2FFF), draw.randint(0x3000, 0xD7FF), draw.randint(0xE000, 0xFFFF), draw.randint(0x10000, 0x1FFFF)])) for _ in range(draw.randint(1, 4)))
        else:
            piece = draw.choice(draw.choice(groups))
        for _ in range(draw.choice([0, 0, 0, 0, 1, 1, 1, 2])):
            try:
                piece = mangle(piece, draw.choice(MIXES), draw.choice(["strict", "strict", "replace"]))
            except UnicodeDecodeError:
                pass
        if draw.random() < 0.1:
            piece = piece.replace("\xa0", " ")
        if draw.random() < 0.05:
            piece = "".join("&#%d;" % ord(c) if draw.random() < 0.5 else c for c in piece)
        if draw.random() < 0.03:
            piece = piece.upper()
        out.append(piece)
    text = draw.choice(["", " ", " "]).join(out)
    return paired(mangle(text, draw.choice(MIXES[:11]), "replace") if draw.random() < 0.1 else text)


def paired(text):
    """As in Java's strings, where two halves in a row are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def openly(kit):
    """A folder with the kit's tokenizer unpacked."""
    folder = pathlib.Path(tempfile.mkdtemp())
    for file in kit.iterdir():
        if file.name.startswith("tokenizer"):
            raw = file.read_bytes()
            name, raw = (file.stem, gzip.decompress(raw)) if file.suffix == ".gz" else (file.name, raw)
            (folder / name).write_bytes(raw)
    return folder


def main():
    options = argparse.ArgumentParser()
    options.add_argument("kits", type=pathlib.Path)
    options.add_argument("out", type=pathlib.Path)
    options.add_argument("--random", type=int)
    options.add_argument("--seed", type=int, default=0)
    options = options.parse_args()
    simple = oc.SimpleTokenizer()
    clip = AutoTokenizer.from_pretrained(openly(options.kits / "tokenizer-clip"))
    bert = AutoTokenizer.from_pretrained(openly(options.kits / "blip-itm"))

    def transformers(tokenizer, text, context):
        try:
            return tokenizer(text, truncation=True, max_length=context)["input_ids"]
        except (TypeError, UnicodeEncodeError):
            return None

    def row(text):
        ids = simple([text])[0].tolist()
        return {
            "text": text,
            "whitespace": oc.get_clean_fn("whitespace")(text),
            "lower": oc.get_clean_fn("lower")(text),
            "canonicalize": oc.get_clean_fn("canonicalize")(text),
            "open_clip": ids[: next(i for i in range(77, 0, -1) if ids[i - 1] != 0)],
            "clip": transformers(clip, text, 77),
            "bert": transformers(bert, text, 24),
        }

    draw = random.Random(options.seed)
    texts = [pieces(draw) for _ in range(options.random)] if options.random else listed()
    with open(options.out, "w", encoding="ascii") as out:
        lines = (json.dumps(row(t), separators=(",", ":")) for t in texts)
        out.write("\n".join(lines) + "\n" if options.random else "[\n" + ",\n".join(lines) + "\n]\n")
    print(len(texts), "texts")


main()
