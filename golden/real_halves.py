"""Folders of real pictures for records/2026-11-24-real-pictures.md: halves of CIFAR-10 and MNIST, and their negatives.

    python golden/real_halves.py ../shared/data OUT

Needs: numpy, pyarrow, Pillow. OUT/{cifar10,mnist}-a: odd rows of the training split, to pre-train with. OUT/{cifar10,mnist}-b:
even rows, and the test split, to align with and to test on. OUT/{cifar10,mnist}-negative: those as photographic negatives.
One folder a class.
"""
import gzip, io, pathlib, sys
import numpy as np
import pyarrow.parquet as pq
from PIL import Image, ImageOps

data, out = map(pathlib.Path, sys.argv[1:3])
CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()


def save(name, part, label, row, image):
    half = "a" if part == "train" and row % 2 else "b"
    kinds = {f"{name}-{half}": image} | ({f"{name}-negative": ImageOps.invert(image.convert("RGB"))} if half == "b" else {})
    for folder, picture in kinds.items():
        target = out / folder / part / label / f"{row:05d}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target)


for part in ("train", "test"):
    table = pq.read_table(data / f"cifar10/{part}-00000-of-00001.parquet")
    images, labels = (table.column(i).to_pylist() for i in (0, 1))
    for row, (image, label) in enumerate(zip(images, labels)):
        save("cifar10", part, CLASSES[label], row, Image.open(io.BytesIO(image["bytes"])))
    prefix = "train" if part == "train" else "t10k"
    bytes_of = lambda kind: gzip.open(data / f"mnist/{prefix}-{kind}-ubyte.gz").read()
    pixels = np.frombuffer(bytes_of("images-idx3")[16:], np.uint8).reshape(-1, 28, 28)
    for row, (image, label) in enumerate(zip(pixels, bytes_of("labels-idx1")[8:])):
        save("mnist", part, str(label), row, Image.fromarray(image))
