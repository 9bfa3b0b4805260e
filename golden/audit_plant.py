"""Copies a part of a folder of images (train/ and test/, one folder a class) and plants what an audit should find.

    python audit_plant.py SOURCE TARGET --train 40 --test 12 --twins 20 --seed 7

Twins are made in seven ways from training images and put among the test images of the same class: the same bytes ("copy"), the
same pixels in another file ("pixels"), JPEG of quality 50 ("jpeg"), 60 % of the size ("resized"), mirrored ("mirrored"), the
inner 85 % by 80 % ("cropped"), and brightened by a quarter ("brighter"). planted.csv in TARGET lists file, kind and the image that it
was made from. With --corner CLASS a yellow square is painted into a corner of nine in ten images of a class.
"""

import argparse
import csv
import random
import shutil
from pathlib import Path

from PIL import Image, ImageEnhance


def brighter(image):
    return ImageEnhance.Brightness(image).enhance(1.25)


def cropped(image):
    w, h = image.size
    left, top = round(0.1 * w), round(0.05 * h)
    return image.crop((left, top, left + round(0.8 * w), top + round(0.85 * h)))


WAYS = {
    "copy": None,
    "pixels": lambda image: image,
    "jpeg": lambda image: image,
    "resized": lambda image: image.resize((max(1, round(image.width * 0.6)), max(1, round(image.height * 0.6))), Image.LANCZOS),
    "mirrored": lambda image: image.transpose(Image.FLIP_LEFT_RIGHT),
    "cropped": cropped,
    "brighter": brighter,
}


def plant(way, source, folder, name):
    if way == "copy":
        target = folder / (name + source.suffix)
        shutil.copyfile(source, target)
        return target
    image = WAYS[way](Image.open(source).convert("RGB"))
    target = folder / (name + (".png" if way == "pixels" else ".jpg"))
    if way == "pixels":
        image.save(target)
    else:
        image.save(target, quality=50 if way == "jpeg" else 90)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--train", type=int, default=40, help="images a class")
    parser.add_argument("--test", type=int, default=12, help="images a class")
    parser.add_argument("--twins", type=int, default=20, help="of each kind")
    parser.add_argument("--corner", help="class whose images get a coloured corner")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    training = []
    for split, count in (("train", options.train), ("test", options.test)):
        for folder in sorted(p for p in (options.source / split).iterdir() if p.is_dir()):
            files = sorted(p for p in folder.iterdir() if p.is_file())
            for source in sorted(rng.sample(files, min(count, len(files)))):
                target = options.target / split / folder.name / source.name
                target.parent.mkdir(parents=True, exist_ok=True)
                if folder.name == options.corner and rng.random() < 0.9:
                    image = Image.open(source).convert("RGB")
                    side = max(2, round(0.12 * min(image.size)))
                    image.paste((255, 220, 0), (0, 0, side, side))
                    image.save(target, quality=92)
                else:
                    shutil.copyfile(source, target)
                if split == "train":
                    training.append(target)
    wanted = [way for way in WAYS for _ in range(options.twins)]
    chosen = rng.sample(training, len(wanted))
    with open(options.target / "planted.csv", "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["file", "kind", "of"])
        for i, (way, source) in enumerate(zip(wanted, chosen)):
            made = plant(way, source, options.target / "test" / source.parent.name, f"planted-{i:03d}")
            table.writerow([made.relative_to(options.target), way, source.relative_to(options.target)])


if __name__ == "__main__":
    main()
