"""Applies what `residual export --out folded.safetensors` wrote to a CLIP of transformers.

    python apply_adapter.py path/to/model folded.safetensors image.jpg …
"""
import json
import sys

import torch
from PIL import Image
from safetensors import safe_open
from transformers import AutoImageProcessor, CLIPModel


def probabilities(model, pixels, path):
    with safe_open(path, "pt") as file:
        info = json.loads(file.metadata()["residual-folded"])
        if info["version"] not in (1, 2):  # what is read here has the same keys in both
            sys.exit(f"{path}: version {info['version']} of the format, expected 1 or 2: export it with this version")
        t = {name: file.get_tensor(name) for name in file.keys()}
    vision, z, m, seen = model.vision_model, [], [], {}
    hooks = [vision.pre_layrnorm.register_forward_hook(lambda _, x, y: seen.update(embedding=y[:, 0])),
             vision.post_layernorm.register_forward_pre_hook(lambda _, x: seen.update(stream=x[0]))]
    for layer in vision.encoder.layers:
        hooks.append(layer.self_attn.out_proj.register_forward_pre_hook(lambda _, x: z.append(x[0][:, 0])))
        hooks.append(layer.mlp.register_forward_hook(lambda _, x, y: m.append(y[:, 0])))
    y = model.visual_projection(vision(pixels).pooler_output)
    for hook in hooks:
        hook.remove()
    features = t["constant"] + (y @ t["output"].T if "output" in t else 0)
    if "columns" in t:
        mean, variance = seen["stream"].mean(-1, keepdim=True), seen["stream"].var(-1, unbiased=False, keepdim=True)
        inverse = (variance + info["eps"]).rsqrt()
        x = torch.cat(z + (m + [seen["embedding"]] if info["mlps"] else []), 1)
        features = features + (x * inverse) @ t["columns"].T + inverse * t["inverse"] + mean * inverse * t["mean"]
    logits = torch.nn.functional.normalize(features) @ t["classifier"]
    return (logits / info["temperature"]).softmax(-1), info


if __name__ == "__main__":
    folder, adapter, *images = sys.argv[1:]
    model = CLIPModel.from_pretrained(folder).eval()
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")  # resizes as the adapter's own images were
    for name in images:
        pixels = processor(Image.open(name).convert("RGB"), return_tensors="pt")["pixel_values"]
        with torch.inference_mode():
            p, info = probabilities(model, pixels, adapter)
        best = int(p[0].argmax())
        print(json.dumps({"image": name, "class": info["classes"][best], "probability": float(p[0, best]),
                          "accepted": float(p[0, best]) >= info["threshold"]}))
