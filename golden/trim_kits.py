"""Copies reference fixtures into the tests' resources, without what the tests can do without.

    python golden/trim_kits.py ../shared/conformance fixtures/src/main/resources/kits

Needs: safetensors, torch, Pillow. So that the resources stay small, the units of set a are left out (set b's stay: the
same code computes both), and the input pixels are kept once for all: as the bytes of the 32-pixel images that they were
made from (pixels.safetensors), of which a fixture has all or every second, resized as Pillow resizes. It is checked here
that they come back bit for bit. Nothing else is changed.
"""
import pathlib, shutil, sys
import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

source, target = map(pathlib.Path, sys.argv[1:3])
DROP = {"a.units"}
MEAN = torch.tensor([0.48, 0.46, 0.41]).view(3, 1, 1)
DEVIATION = torch.tensor([0.27, 0.26, 0.28]).view(3, 1, 1)
FAMILIES = ["clip-hf", "clip-openclip", "blip-itm", "dinov2", "vit", "siglip", "siglip2", "dinov2-registers", "dinov3"]

whole = load_file(source / "clip-hf" / "expected.safetensors")
pixels = {s: ((whole[f"{s}.pixel_values"] * DEVIATION + MEAN) * 255).round().to(torch.uint8) for s in "ab"}


def resized(images, size):
    same = [Image.fromarray(x.permute(1, 2, 0).numpy()).resize((size, size), Image.BICUBIC) for x in images]
    return torch.stack([torch.from_numpy(np.asarray(x).copy()).permute(2, 0, 1) for x in same])


for kit in FAMILIES:
    tensors = load_file(source / kit / "expected.safetensors")
    for s in "ab":
        values = tensors.pop(f"{s}.pixel_values")
        size, step = values.shape[-1], len(pixels[s]) // len(values)
        bytes_ = resized(pixels[s][::step], size)
        assert torch.equal((bytes_.float() / 255 - MEAN) / DEVIATION, values), (kit, s)
    out = target / kit
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for f in sorted((source / kit).iterdir()):
        if f.name == "expected.safetensors":
            kept = {name: value for name, value in tensors.items() if name not in DROP}
            save_file(kept, out / f.name, metadata={"size": str(size), "step": str(step)})
        else:
            shutil.copyfile(f, out / f.name)
        (out / f.name).chmod(0o644)
save_file({f"{s}.pixels": value for s, value in pixels.items()}, target / "pixels.safetensors")
(target / "pixels.safetensors").chmod(0o644)
shutil.copyfile(source / "texts.json", target / "texts.json")
shutil.copytree(source / "where", target / "where", dirs_exist_ok=True)  # about the kit that it names
