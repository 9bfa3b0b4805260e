"""Writes vision/src/test/resources/io/residual/model/open-clip-variants.json: features that open_clip gives for small towers
of the variants that are published (quick GELU, mean of the patches, no first LayerNorm, LayerScale, texts without a mask, timm's
vision transformers). Weights and pixels come from a formula that SeededOpenClip repeats in Java, so no weights are stored.

    pip install open_clip_torch timm && python golden/make_open_clip_variants.py
"""
import json
import math
import pathlib
import zlib

import numpy as np
import open_clip
import timm
import torch

TARGET = pathlib.Path(__file__).parent.parent / "vision/src/test/resources/io/residual/model/open-clip-variants.json"


def uniform(name, shape):
    """Numbers from -0.5 to 0.5 that depend on a tensor's name and the place in it."""
    i = np.arange(1, math.prod(shape) + 1, dtype=np.uint64)
    x = (i * np.uint64(2654435761) + np.uint64(zlib.crc32(name.encode()))) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(13)
    return (x.astype(np.float64) / 2**32 - 0.5).reshape(shape)


def value(name, shape):
    u = uniform(name, shape)
    if name == "logit_scale":
        return np.array(3.0)
    if len(shape) == 1:  # norms and LayerScale are about 1, biases about 0
        return 1 + 0.4 * u if name.endswith((".weight", ".gamma")) else 0.4 * u
    if name.endswith("pos_embed") or name.endswith("cls_token") or "embedding" in name:
        return u
    return 3.4 * u / math.sqrt(math.prod(shape[1:]))


TEXT = {"context_length": 8, "vocab_size": 32, "width": 16, "heads": 2, "layers": 2}
OWN = {"image_size": 16, "layers": 2, "width": 16, "head_width": 8, "patch_size": 8}
TINY = {"timm_model_name": "vit_tiny_patch16_224", "image_size": 224}
VARIANTS = {
    "quickgelu": ({"quick_gelu": True}, OWN, TEXT),
    "mean": ({}, OWN | {"pool_type": "avg"}, TEXT),
    "bare": ({}, OWN | {"no_ln_pre": True, "ls_init_value": 0.0001, "final_ln_after_pool": True}, TEXT),
    "timm-token": ({"custom_text": True}, TINY | {"timm_pool": "token", "timm_proj": None}, TEXT | {"no_causal_mask": True}),
    "timm-linear": ({}, TINY | {"timm_pool": "token", "timm_proj": "linear", "timm_proj_bias": True}, TEXT),
    "timm-mean": ({}, TINY | {"timm_pool": "avg", "timm_proj": "linear"}, TEXT),
}
IDS = [[30, 5, 9, 31, 0, 0, 0, 0], [30, 1, 2, 3, 4, 5, 6, 31]]


def filled(model):
    state = {n: torch.tensor(value(n.replace("text.", "", 1) if n.startswith("text.") else n, tuple(t.shape)), dtype=torch.float32)
             for n, t in model.state_dict().items() if t.is_floating_point() and "attn_mask" not in n}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all("attn_mask" in n for n in missing), (missing, unexpected)
    return model.eval()


def main():
    out = {}
    for name, (root, vision, text) in VARIANTS.items():
        config = {"embed_dim": 8, "vision_cfg": vision, "text_cfg": text} | root
        kind = open_clip.CustomTextCLIP if config.pop("custom_text", False) else open_clip.CLIP
        model = filled(kind(**config))
        size = vision["image_size"]
        pixels = torch.tensor(4 * uniform("pixels", (2, 3, size, size)), dtype=torch.float32)
        with torch.no_grad():
            out[name] = {
                "config": {"embed_dim": 8, "vision_cfg": vision, "text_cfg": text} | root,
                "image": model.encode_image(pixels).flatten().tolist(),
                "text": model.encode_text(torch.tensor(IDS)).flatten().tolist(),
            }
    # timm's CLIP towers are large; the same code with another width
    tower = filled(timm.create_model("vit_large_patch14_clip_quickgelu_224", img_size=28, embed_dim=16, depth=2, num_heads=2,
                                     num_classes=8, global_pool="token"))
    state = {"visual.trunk." + n: t for n, t in tower.state_dict().items()}
    tower.load_state_dict({n: torch.tensor(value("visual.trunk." + n, tuple(t.shape)), dtype=torch.float32)
                           for n, t in tower.state_dict().items()})
    pixels = torch.tensor(4 * uniform("pixels", (2, 3, 28, 28)), dtype=torch.float32)
    with torch.no_grad():
        out["timm-clip"] = {"tensors": len(state), "image": tower(pixels).flatten().tolist()}
    # the shapes that names stand for
    shapes = {}
    for name in ("vit_tiny_patch16_224", "vit_small_patch16_224", "vit_medium_patch16_clip_224", "vit_base_patch32_clip_256",
                 "vit_base_patch16_clip_quickgelu_224", "vit_large_patch14_clip_224", "vit_huge_patch14_clip_224",
                 "vit_gigantic_patch14_clip_224"):
        with torch.device("meta"):
            m = timm.create_model(name)
        b = m.blocks[0]
        shapes[name] = [m.embed_dim, len(m.blocks), b.attn.num_heads, b.mlp.fc1.out_features, m.patch_embed.patch_size[0]]
    out["shapes"] = shapes
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(json.loads(json.dumps(out), parse_float=lambda x: round(float(x), 7))) + "\n")


main()
