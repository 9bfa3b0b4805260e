"""Copies conformance kits into the tests' resources, without what the tests can do without.

    python golden/trim_kits.py ../shared/conformance fixtures/src/main/resources/kits

Needs: safetensors, torch. So that the resources stay small, the units of set a are left out (set b's stay: the same
code computes both), and the input pixels are kept as the bytes that they were made from; it is checked here that they
come back bit for bit. Nothing else is changed.
"""
import pathlib, shutil, sys
import torch
from safetensors.torch import load_file, save_file

source, target = map(pathlib.Path, sys.argv[1:3])
DROP = {"a.units"}
MEAN = torch.tensor([0.48, 0.46, 0.41]).view(3, 1, 1)
DEVIATION = torch.tensor([0.27, 0.26, 0.28]).view(3, 1, 1)


def shrink(tensors):
    out = {}
    for name, value in tensors.items():
        if name.endswith(".pixel_values"):
            pixels = ((value * DEVIATION + MEAN) * 255).round().to(torch.uint8)
            assert torch.equal((pixels.float() / 255 - MEAN) / DEVIATION, value), name
            out[name.replace("pixel_values", "pixels")] = pixels
        elif name not in DROP:
            out[name] = value
    return out


for kit in sorted(p for p in source.iterdir() if (p / "expected.json").exists() and (p / "expected.safetensors").exists()):
    out = target / kit.name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for f in sorted(kit.iterdir()):
        if f.name == "expected.safetensors":
            save_file(shrink(load_file(f)), out / f.name)
        else:
            shutil.copyfile(f, out / f.name)
shutil.copyfile(source / "texts.json", target / "texts.json")
