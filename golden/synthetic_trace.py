"""A trace of made-up numbers in the documented format (docs/formats.md), to measure spectra at full size without a model.

    python golden/synthetic_trace.py OUT [images] [layers] [heads] [head width] [shared width]

Default: 10,000 images of a ViT-B/16 (12 x 12 heads of 64, 512 shared). Needs: numpy, safetensors. The units' sum is the
output, as in a real trace; heads have spectra that fall off.
"""
import json, pathlib, sys
import numpy as np
from safetensors.numpy import save_file

out = pathlib.Path(sys.argv[1])
n, L, H, h, D = [*map(int, sys.argv[2:7]), *[10000, 12, 12, 64, 512][len(sys.argv) - 2:]]
SHARD = 1024
rng = np.random.default_rng(0)
out.mkdir(parents=True)
maps = (rng.standard_normal((L * H, D, h + 3)) / np.sqrt(D)).astype(np.float32)
fall = np.exp(-np.arange(h) / rng.uniform(3, 30, (L * H, 1))).astype(np.float32)
save_file({"maps": maps}, out / "frame.safetensors")
flat = maps.transpose(0, 2, 1).reshape(-1, D)
shards = []
for start in range(0, n, SHARD):
    m = min(SHARD, n - start)
    heads = rng.standard_normal((m, L * H, h), np.float32) * fall
    norm = np.stack([rng.uniform(.8, 1.2, m), rng.normal(0, .1, m)], 1).astype(np.float32)
    projected = rng.standard_normal((m, 1 + L, D), np.float32) * .1
    tail = np.broadcast_to(np.concatenate([norm, np.ones((m, 1), np.float32)], 1)[:, None], (m, L * H, 3))
    output = np.concatenate([heads, tail], 2).reshape(m, -1) @ flat + projected.sum(1)
    name = f"shard-{len(shards):05d}.safetensors"
    save_file({"heads": heads, "norm": norm, "projected": projected, "output": output.astype(np.float32),
               "labels": np.arange(start, start + m, dtype=np.int64) % 10},
              out / name, metadata={"names": json.dumps([f"made-up#{i}" for i in range(start, start + m)])})
    shards.append(name)
(out / "manifest.json").write_text(json.dumps({
    "schema": "residual/trace", "version": 2, "split": "train",
    "shape": {"layers": L, "heads": H, "head_width": h, "shared_width": D},
    "classes": [str(c) for c in range(10)], "shards": shards, "precision": "FULL", "skipped": [],
    "provenance": {"tool": "synthetic_trace.py", "created": "", "model": "0" * 64, "data": "0" * 64, "seed": 0,
                   "decomposition_error": 0.0, "settings": {"images": str(n)}, "self_check": None}}, indent=1))
