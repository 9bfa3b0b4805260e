"""What Pillow and transformers make of built-in inputs, for `residual self-check`.

    python golden/make_vectors.py ../shared/conformance/tokenizer-clip \
        verify/src/main/resources/io/residual/verify/vectors.json

Needs: numpy, Pillow. "pictures": for each way of preprocessing, the SHA-256 of the 8-bit pixels that Pillow's resize and
the crop of torchvision (rounded) or transformers (floored) give for a picture that a formula defines (see picture()).
"tokens": for known vocabularies, how to recognise them, and ids with begin and end but without padding.
CLIP's come from the conformance kit (transformers); those of uncased BERT are the published examples of its vocabulary.
"""
import hashlib, json, pathlib, sys
import numpy as np
from PIL import Image

kit, target = map(pathlib.Path, sys.argv[1:3])
FILTERS = {"BICUBIC": 3, "BILINEAR": 2}
SIDES = sorted({*range(16, 129, 2), 144, 160, 192, 196, 224, 240, 252, 256, 280, 288, 299, 320, 336, 364, 378, 384, 392, 448, 480, 512, 518})


def picture(w, h):
    y, x, c = np.mgrid[0:h, 0:w, 0:3].astype(np.int64)
    return Image.fromarray(((x * x * 3 + y * (x + 7) * 5 + c * 97 + ((x * 31 + y * 17 + c) * 2654435761 >> 11)) % 256).astype(np.uint8))


def resize(image, size, filter):
    """Across first, then down, as every Pillow before 13 does for every picture and Pillow 13 for most."""
    return image.resize((size[0], image.height), filter).resize(size, filter)


def crop(image, side, floored):
    offset = lambda n: (n - side) // 2 if floored else int(round((n - side) / 2))
    left, top = offset(image.width), offset(image.height)
    return image.crop((left, top, left + side, top + side))


def digest(images):
    sha = hashlib.sha256()
    for i in images:
        sha.update(np.asarray(i).tobytes())
    return sha.hexdigest()[:32]


sources = [picture(83, 62), picture(62, 83), picture(64, 64)]
pictures = {}
for side in SIDES:
    for name, filter in FILTERS.items():
        pictures[f"EXACT {side} {name}"] = digest(resize(i, (side, side), filter) for i in sources)
        for inner in sorted({side, side * 7 // 8}):
            for floored in (False, True):
                out = []
                for i in sources:
                    s = min(i.size)
                    out.append(crop(resize(i, (side * i.width // s, side * i.height // s), filter), inner, floored))
                pictures[f"SHORTEST_EDGE {side} {name} {inner} {'FLOORED' if floored else 'ROUNDED'}"] = digest(out)
expected = json.loads((kit / "expected.json").read_text())
clip = []
for text, ids in zip(expected["texts"], expected["transformers"]):
    end = ids.index(49407)
    clip.append({"text": text, "ids": ids[: end + 1]})
tokens = [
    {"name": "CLIP", "known": {"<|startoftext|>": 49406, "<|endoftext|>": 49407, "photo</w>": 1125}, "vectors": clip},
    {"name": "uncased BERT", "known": {"[CLS]": 101, "[SEP]": 102, "hello": 7592, "world": 2088},
     "vectors": [{"text": "Hello world", "ids": [101, 7592, 2088, 102]},
                 {"text": "the cat sat on the mat", "ids": [101, 1996, 4937, 2938, 2006, 1996, 13523, 102]}]},
]
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps({"pictures": pictures, "tokens": tokens}, indent=0, ensure_ascii=True) + "\n")
