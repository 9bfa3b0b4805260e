"""Checkpoints of full size with random weights, in Hugging Face's layout, to see that real sizes load and run.

    python golden/full_size.py ../shared/conformance OUT [NAME ...]

Needs: torch, transformers. Writes OUT/NAME for every name of MODELS, or for those that are named: 0.3 to 3.5 GB each. The
small tokenizers of the kits stand beside them, so texts get tokens, though not those of the published models.
"""
import json, math, pathlib, shutil, struct, sys
import numpy as np
import torch
from transformers import (
    BitImageProcessor, CLIPConfig, CLIPImageProcessor, CLIPModel, DINOv3ViTConfig, DINOv3ViTModel, SiglipConfig,
    SiglipImageProcessor, SiglipModel)

kits, out = map(pathlib.Path, sys.argv[1:3])
LARGE = dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16)
SO400M = dict(hidden_size=1152, intermediate_size=4304, num_hidden_layers=27, num_attention_heads=16)


def clip(vision, text, width, size=224):
    config = CLIPConfig(vision_config=vision | dict(image_size=size), text_config=text, projection_dim=width)
    processor = CLIPImageProcessor(size=dict(shortest_edge=size), crop_size=dict(height=size, width=size))
    return CLIPModel(config), processor, "tokenizer-clip"


def siglip(vision, size, kit, vocabulary):
    text = {k: v for k, v in vision.items() if k != "patch_size"} | dict(vocab_size=vocabulary)
    config = SiglipConfig(vision_config=vision | dict(image_size=size), text_config=text)
    return SiglipModel(config), SiglipImageProcessor(size=dict(height=size, width=size), image_mean=[0.5] * 3, image_std=[0.5] * 3), kit


def dinov3(vision, size=224):
    processor = BitImageProcessor(
        size=dict(height=size, width=size), do_center_crop=False, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
    return DINOv3ViTModel(DINOv3ViTConfig(image_size=size, patch_size=16, num_register_tokens=4, **vision)), processor, None


MODELS = {
    "vit-b-32": lambda: clip(dict(patch_size=32), {}, 512),
    "vit-b-16": lambda: clip(dict(patch_size=16), {}, 512),
    "vit-l-14": lambda: clip(dict(patch_size=14, **LARGE), dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12), 768),
    "vit-l-16": lambda: clip(dict(patch_size=16, **LARGE), {}, 768),  # nobody's: plain towers of the shapes of those below
    "vit-l-16-256": lambda: clip(dict(patch_size=16, **LARGE), {}, 768, 256),
    "vit-so400m-14": lambda: clip(dict(patch_size=14, **SO400M), {}, 768, 378),
    "siglip-b-16": lambda: siglip(dict(patch_size=16), 224, "siglip", 32000),
    "siglip-so400m-14": lambda: siglip(dict(patch_size=14, **SO400M), 384, "siglip", 32000),
    "siglip2-l-16": lambda: siglip(dict(patch_size=16, **LARGE), 256, "siglip2", 256000),
    "dinov3-b-16": lambda: dinov3(dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)),
    "dinov3-l-16": lambda: dinov3(LARGE),
}


def numbers(rng, name, dimensions, count):
    """As in trained towers: scales of norms about 1, biases about 0, since zeros and ones would hide mistakes."""
    if name.endswith(("logit_scale", "logit_bias")):  # near log 117 and -16 when training has ended
        return np.full(count, 4.7 if name.endswith("scale") else -16.0, np.float32)
    x = rng.standard_normal(count, dtype=np.float32)
    if dimensions > 1:
        return x * np.float32(0.02)
    return x * np.float32(0.05) + np.float32(name.endswith(("weight", "lambda1")))


def write(model, folder):
    """A tensor after the other, since models of 3.5 GB would not fit into memory twice."""
    rng = np.random.default_rng(0)
    tensors = {n: tuple(t.shape) for n, t in model.state_dict().items() if t.is_floating_point()}
    header, at = {}, 0
    for name, shape in tensors.items():
        size = 4 * math.prod(shape)
        header[name] = dict(dtype="F32", shape=shape, data_offsets=[at, at + size])
        at += size
    text = json.dumps(header | {"__metadata__": {"format": "pt"}}).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in tensors.items():
            left = math.prod(shape)
            while left > 0:
                count = min(left, 1 << 22)
                numbers(rng, name, len(shape), count).tofile(file)
                left -= count


for name in sys.argv[3:] or MODELS:
    with torch.device("meta"):
        model, processor, tokenizer = MODELS[name]()
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    write(model, folder)
    processor.save_pretrained(folder)
    if tokenizer is not None:
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(kits / tokenizer / file, folder / file)
