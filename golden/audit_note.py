"""Tries the line on doubtful labels that `align` and `evaluate` print, on labels as they are and with planted errors.

    python audit_note.py TRACES [TRACES ...]

TRACES is a folder with traces of one data set, as `residual trace` writes them. Training images are one half, validation and test images
the other. The rule is that of GraveDoubts.java, written again: labels that probabilities without the image all but rule out; where the model is
right on most images but for wrong labels, by probabilities that are calibrated without the labels that confident learning contradicts. Prints a row for
each half and planting, and for each planting how many halves have a line.
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from audit_measure import traces
from audit_scores import ridge, softmax, traces_of


def ruled_out(p, y, label, other, share):
    own = p[np.arange(len(y)), y]
    found = (own <= label) & (p.max(1) >= other)
    return found if found.sum() >= max(3, share * len(y)) else np.zeros(len(y), bool)


def temperature(scores, y):
    scales = np.exp(np.linspace(np.log(0.5), np.log(60), 60))
    rows = np.arange(len(y))
    return scales[np.argmin([-np.log(np.maximum(1e-12, softmax(scores * s)[rows, y])).mean() for s in scales])]


def doubtful(x, y, classes):
    scores, p = ridge(x, y, classes)
    said = p.argmax(1)
    right = said == y
    sure = np.zeros(len(y), bool)
    for c in range(classes):
        agreed = np.sort(p[right & (said == c), c])
        if len(agreed):
            sure |= (said == c) & (p[:, c] >= agreed[len(agreed) - 1 - len(agreed) // 4])
    wrong = (~right)[sure].mean() if sure.any() else 0
    if right.mean() >= 0.8 and right.mean() >= 0.93 * (1 - wrong):
        thresholds = np.array([p[y == c, c].mean() if (y == c).any() else np.inf for c in range(classes)])
        kept = right | (p.max(1) < thresholds[said])
        found = ruled_out(softmax(scores * temperature(scores[kept], y[kept])), y, 0.01, 0.95, 0.015)
        if found.sum() and found.sum() >= 0.075 * (~right).sum():
            return found
    return ruled_out(p, y, 0.02, 0.9, 0.01)


def main(folders):
    lines = defaultdict(list)
    for folder in folders:
        values, labels, _, names = traces(folder)
        first = traces_of(folder, "train")
        for half, part in (("train", slice(0, first)), ("rest", slice(first, None))):
            x, clean, count = values[part], labels[part], len(names)
            x = x / np.linalg.norm(x, axis=1, keepdims=True)
            x = x - x.mean(0)
            x = x / np.linalg.norm(x, axis=1, keepdims=True)
            means = np.array([x[clean == c].mean(0) for c in range(count)])
            means /= np.linalg.norm(means, axis=1, keepdims=True)
            alike = means @ means.T
            np.fill_diagonal(alike, -2)
            for kind, rate in (("as they are", 0), *((k, r) for k in ("uniform", "similar") for r in (0.02, 0.05, 0.1))):
                rng = np.random.default_rng(7)
                y = clean.copy()
                for i in rng.choice(len(y), round(rate * len(y)), replace=False):
                    y[i] = rng.choice([c for c in range(count) if c != clean[i]]) if kind == "uniform" else alike[clean[i]].argmax()
                found = doubtful(x, y, count)
                lines[kind, rate].append(found.any())
                name = Path(folder).name.rsplit("-", 1)[0]
                print(f"{name} {half} ({len(y)} images), {kind} {rate}: {found.sum()} doubtful, {(y != clean)[found].sum()} of them planted", flush=True)
    for (kind, rate), said in lines.items():
        print(f"{kind} {rate}: a line for {sum(said)} of {len(said)}")


if __name__ == "__main__":
    main(sys.argv[1:])
