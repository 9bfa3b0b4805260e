"""Golden values for the tests of pictures: what Pillow and torchvision make of a small made-up picture.

    python golden/pictures.py fixtures/src/main/resources/images

Needs: numpy, Pillow, torch, torchvision, open_clip, safetensors. Writes

- resize.safetensors: "picture" and, for every filter and size, what Pillow's resize makes of it or of a part of it;
- fit.safetensors: what torchvision and open_clip hand to the tower, before and after normalisation;
- decode.safetensors, and the pictures named in it: what Pillow reads from formats that Java cannot write.

Pillow 13 resizes tall pictures vertically first, earlier ones never do. Every value here is checked to be the same in
either order, so that the file does not depend on Pillow's version.
"""
import pathlib, sys
import numpy as np
import open_clip
import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F
from PIL import Image
from safetensors.numpy import save_file

target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
WIDTH, HEIGHT = 37, 23
FILTERS = {"NEAREST": 0, "LANCZOS": 1, "BILINEAR": 2, "BICUBIC": 3, "BOX": 4, "HAMMING": 5}
# Down, up, one direction only, hardly at all, and to single pixels, rows and columns.
SIZES = [(18, 11), (5, 3), (45, 29), (36, 22), (64, 23), (37, 41), (37, 9), (11, 23), (1, 23), (37, 1), (1, 1)]
# From single pixels, columns and rows, and from a picture smaller than a kernel: (part's width, height), (size).
PARTS = [((1, 1), (5, 4)), ((1, 9), (4, 20)), ((9, 1), (20, 4)), ((2, 2), (8, 6)), ((3, 2), (2, 2))]


def picture():
    """A smooth third, a noisy third, and a third of black and white, where kernels overshoot."""
    y, x, c = np.mgrid[0:HEIGHT, 0:WIDTH, 0:3].astype(np.int64)
    smooth = (6 * x + 5 * y + 40 * c) % 256
    noise = ((x + 1) * (y + 3) * (c + 5) * 2654435761 >> 13) & 255
    edges = 255 * ((x * x + 3 * y + c) % 7 < 3)
    return np.where(x < 12, smooth, np.where(x < 25, noise, edges)).astype(np.uint8)


def resize(image, size, filter):
    out = np.asarray(image.resize(size, filter))
    if filter:  # nearest has no passes
        across_first = image.resize((size[0], image.height), filter).resize(size, filter)
        assert np.array_equal(out, np.asarray(across_first)), (image.size, size, filter)
    return out.copy()


def resized(rgb):
    out = {"picture": rgb}
    for name, filter in FILTERS.items():
        for size in SIZES:
            out[f"{name}.{WIDTH}x{HEIGHT}.{size[0]}x{size[1]}"] = resize(Image.fromarray(rgb), size, filter)
        for (w, h), size in PARTS:
            out[f"{name}.{w}x{h}.{size[0]}x{size[1]}"] = resize(Image.fromarray(rgb[:h, -w:].copy()), size, filter)
    return out


def fitted(rgb):
    """The source of each is the top right corner of the picture, of the size in its name."""
    out = {}

    def corner(w, h):
        return Image.fromarray(rgb[:h, WIDTH - w:].copy())

    def pixels(tensor):
        return (tensor * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()

    plain = dict(is_train=False, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    # shorter side to 16, centre crop of 16 by 16: wide, tall, square, smaller than the crop, a pixel, no resize needed;
    # 16 x 19 and 16 x 23 leave 3 and 7 rows, whose halves round to an even number
    shortest = open_clip.image_transform(16, **plain)
    for w, h in [(37, 21), (13, 23), (22, 22), (9, 7), (7, 9), (1, 1), (16, 16), (16, 17), (16, 19), (16, 23), (19, 16)]:
        resize(corner(w, h), (16 * w // min(w, h), 16 * h // min(w, h)), FILTERS["BICUBIC"])
        out[f"shortest16.{w}x{h}"] = pixels(shortest(corner(w, h)))
    squash = open_clip.image_transform((12, 15), resize_mode="squash", **plain)
    for w, h in [(37, 23), (20, 6), (15, 12), (4, 4)]:
        resize(corner(w, h), (15, 12), FILTERS["BICUBIC"])
        out[f"squash15x12.{w}x{h}"] = pixels(squash(corner(w, h)))
    # centre crop alone, 10 wide and 8 high: larger, smaller and mixed, odd differences that round down and up
    for w, h in [(37, 23), (11, 9), (13, 11), (15, 13), (17, 15), (10, 8), (9, 7), (8, 8), (6, 4), (13, 3), (5, 15)]:
        out[f"crop10x8.{w}x{h}"] = np.asarray(F.center_crop(corner(w, h), [8, 10])).copy()
    normalised = open_clip.image_transform(8, is_train=False)
    assert isinstance(normalised, T.Compose)
    out["normalised8.37x23"] = normalised(corner(37, 23)).contiguous().numpy()
    return out


def decoded(rgb):
    image = Image.fromarray(rgb)
    grey = image.convert("L")
    files = {
        "420.jpg": (image, dict(quality=90)),
        "444-progressive.jpg": (image, dict(quality=85, progressive=True, subsampling=0)),
        "grey.jpg": (grey, dict(quality=90)),
        "cmyk.jpg": (image.convert("CMYK"), dict(quality=90)),
        "grey16.png": (Image.fromarray(np.asarray(grey).astype(np.uint16) * 3 // 2), {}),
        "grey-alpha.png": (Image.merge("LA", [grey, image.getchannel(1)]), {}),
        "bilevel.png": (image.convert("1"), {}),
        "lossless.webp": (image, dict(lossless=True)),
        "lossy.webp": (image, dict(quality=70)),
        "lossy-alpha.webp": (Image.merge("RGBA", [*image.split(), grey]), dict(quality=70)),
        "lossless-alpha.webp": (Image.merge("RGBA", [*image.split(), grey]), dict(lossless=True, exact=True)),
        "animated.webp": (image, dict(save_all=True, append_images=[image.transpose(Image.Transpose.ROTATE_180)])),
        "lzw.tiff": (image, dict(compression="tiff_lzw")),
        "palette.bmp": (image.quantize(16), {}),
    }
    out = {}
    for name, (source, options) in files.items():
        source.save(target / name, **options)
        out[name] = np.asarray(Image.open(target / name).convert("RGB")).copy()
    return out


rgb = picture()
save_file(resized(rgb), target / "resize.safetensors")
save_file(fitted(rgb), target / "fit.safetensors")
save_file(decoded(rgb), target / "decode.safetensors")
for file in target.iterdir():
    file.chmod(0o644)
