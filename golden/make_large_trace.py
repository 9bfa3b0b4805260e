"""Writes a made-up trace in the shape of a large tower, to measure fits of many images (docs/performance.md).

    python golden/make_large_trace.py FOLDER --images 10000 --split train

ViT-L/14 in CLIP's shape unless told otherwise. Each unit has components whose variances fall as 1/k and a share of class
structure; later layers weigh more, as in real towers. The output is the sum of the units, so the trace is a valid one. Needs NumPy
and safetensors.
"""

import argparse
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

SHARD = 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--images", type=int, default=10_000)
    p.add_argument("--split", default="train", choices=["train", "validation", "test"])
    p.add_argument("--classes", type=int, default=100)
    p.add_argument("--layers", type=int, default=24)
    p.add_argument("--heads", type=int, default=16)
    p.add_argument("--head-width", type=int, default=64)
    p.add_argument("--separation", type=float, default=0.22, help="deviation of class means, of a unit on average")
    p.add_argument("--width", type=int, default=768, help="of the shared space")
    a = p.parse_args()
    everywhere = np.random.default_rng(0)  # the tower and the classes: the same for every split
    h, d, units = a.head_width, a.width, a.layers * a.heads
    layer = 1.2 ** (np.arange(a.layers) - a.layers + 1.0)
    of_head = np.repeat(layer, a.heads).astype(np.float32)
    maps = everywhere.standard_normal((units, d, h + 3), dtype=np.float32) / np.sqrt(d * a.layers)
    maps *= of_head[:, None, None]
    fall = (np.arange(1, h + 1) ** -0.5).astype(np.float32)
    wide = (np.arange(1, d + 1) ** -0.5).astype(np.float32)
    of_other = np.concatenate([[1.0], layer]).astype(np.float32) / np.sqrt(a.layers).astype(np.float32)
    # Few units know much of the classes: the shares of their class means are lognormal.
    knows = np.exp(everywhere.standard_normal(units + a.layers + 1, dtype=np.float32))
    knows *= a.separation / np.sqrt((knows**2).mean())
    head_classes = knows[None, :units, None] * everywhere.standard_normal((a.classes, units, h), dtype=np.float32) * fall
    other_classes = knows[None, units:, None] * everywhere.standard_normal((a.classes, a.layers + 1, d), dtype=np.float32) * wide
    columns = maps.transpose(0, 2, 1).reshape(units * (h + 3), d)

    random = np.random.default_rng({"train": 1, "validation": 2, "test": 3}[a.split])
    a.folder.mkdir(parents=True)
    save_file({"maps": maps}, a.folder / "frame.safetensors")
    shards = []
    for start in range(0, a.images, SHARD):
        n = min(SHARD, a.images - start)
        labels = random.integers(0, a.classes, n)
        z = random.standard_normal((n, units, h), dtype=np.float32) * fall + head_classes[labels]
        norm = np.stack([1 + 0.1 * random.standard_normal(n), 0.1 * random.standard_normal(n)], 1).astype(np.float32)
        others = random.standard_normal((n, a.layers + 1, d), dtype=np.float32) * wide + other_classes[labels]
        others *= of_other[None, :, None] / 4
        constants = np.broadcast_to(
            np.concatenate([norm, np.ones((n, 1), np.float32)], 1)[:, None, :], (n, units, 3)
        )
        output = np.concatenate([z, constants], 2).reshape(n, -1) @ columns + others.sum(1)
        name = f"shard-{len(shards):05d}.safetensors"
        save_file(
            {"heads": z, "labels": labels.astype(np.int64), "norm": norm, "output": output, "projected": others},
            a.folder / name,
            metadata={"names": json.dumps([f"image {start + i}" for i in range(n)])},
        )
        shards.append(name)
    manifest = {
        "schema": "residual/trace",
        "version": 2,
        "split": a.split,
        "shape": {"layers": a.layers, "heads": a.heads, "head_width": h, "shared_width": d},
        "classes": [f"class {c}" for c in range(a.classes)],
        "shards": shards,
        "precision": "FULL",
        "skipped": [],
        "provenance": {
            "tool": "golden/make_large_trace.py",
            "created": "2026-11-29T00:00:00Z",
            "model": "0" * 64,
            "data": "0" * 64,
            "seed": 0,
            "decomposition_error": 0.0,
            "settings": {"images": str(a.images), "separation": str(a.separation), "source": "made up"},
            "self_check": None,
        },
    }
    (a.folder / "manifest.json").write_text(json.dumps(manifest, indent=2))


main()
