"""Plants wrong labels into folders with ready traces and compares what the audit finds with cleanlab; compares twins with ImageHash.

    python audit_measure.py labels OUT.csv AUDIT DATA TRACES [DATA TRACES ...]
    python audit_measure.py twins OUT.csv TABLE.json PLANTED_FOLDER

`labels` writes tables of wrong labels (2, 5 and 10 %, uniform and between similar classes), runs the command line AUDIT (one word, such as
./residual) on DATA with --labels and --trace, and cleanlab with its usual five-fold logistic regression on the same embeddings. `twins`
reads the document that `residual audit --json` printed for a folder that audit_plant.py made. A comparison whose package is
absent is left out with a note.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

try:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError as missing:
    find_label_issues = None
    print(f"note: cleanlab is not compared: {missing}", file=sys.stderr)
try:
    import imagehash
    from PIL import Image
except ImportError as missing:
    imagehash = None
    print(f"note: ImageHash is not compared: {missing}", file=sys.stderr)


def wilson(right, of):
    if of == 0:
        return float("nan"), float("nan"), float("nan")
    z, p = 1.959963984540054, right / of
    centre = (p + z * z / 2 / of) / (1 + z * z / of)
    half = z * np.sqrt(p * (1 - p) / of + z * z / 4 / of / of) / (1 + z * z / of)
    return p, max(0, centre - half), min(1, centre + half)


def traces(folder):
    from safetensors import safe_open

    values, labels, names, classes = [], [], [], []
    for split in ("train", "validation", "test"):
        manifest = json.loads((Path(folder) / split / "manifest.json").read_text())
        classes = manifest["classes"]
        for shard in manifest["shards"]:
            with safe_open(Path(folder) / split / shard, "np") as file:
                values.append(file.get_tensor("output"))
                labels.append(file.get_tensor("labels").astype(int))
                names += json.loads(file.metadata()["names"])
    return np.concatenate(values), np.concatenate(labels), names, classes


def score(found, truth):
    hits = len(found & truth)
    return [*wilson(hits, len(found)), *wilson(hits, len(truth))]


def average_precision(ranked, truth):
    hits, total = 0, 0.0
    for place, item in enumerate(ranked, 1):
        if item in truth:
            hits += 1
            total += hits / place
    return total / max(1, len(truth))


def held_out(x, y, clean, train, test):
    """Accuracy on test images with clean labels of a probe that is fitted on given labels."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300)).fit(x[train], y[train])
    return float((probe.predict(x[test]) == clean[test]).mean())


def measure_labels(out, audit, sets):
    rows = []
    for data, folder in sets:
        x, clean, names, classes = traces(folder)
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
        short = [str(Path(*Path(n).parts[-3:])) for n in names]
        means = np.array([x[clean == c].mean(0) for c in range(len(classes))])
        means -= means.mean(0)
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        alike = means @ means.T
        np.fill_diagonal(alike, -2)
        test = np.array([s.startswith("test/") for s in short])
        for kind in ("uniform", "similar"):
            for rate in (0.02, 0.05, 0.1):
                rng = np.random.default_rng(round(1000 * rate))
                given = clean.copy()
                for i in rng.choice(len(clean), round(rate * len(clean)), replace=False):
                    others = [c for c in range(len(classes)) if c != clean[i]]
                    given[i] = rng.choice(others) if kind == "uniform" else alike[clean[i]].argmax()
                truth = {short[i] for i in np.flatnonzero(given != clean)}
                with tempfile.TemporaryDirectory() as work:
                    table = Path(work) / "planted.csv"
                    with open(table, "w", newline="") as file:
                        writer = csv.writer(file, lineterminator="\n")
                        writer.writerow(["file", "action", "value"])
                        for i in np.flatnonzero(given != clean):
                            writer.writerow([short[i], "label", classes[given[i]]])
                    said = subprocess.run(
                        [audit, "audit", data, "--trace", str(folder), "--labels", str(table), "--json", "--quiet"],
                        check=True, capture_output=True, text=True).stdout
                found = json.loads(said)["label_errors"]
                flagged = [e["file"] for e in found]
                repaired = given.copy()
                place = {s: i for i, s in enumerate(short)}
                for e in found:
                    repaired[place[e["file"]]] = classes.index(e["proposed"])
                right_label = sum(classes[clean[place[e["file"]]]] == e["proposed"] for e in found if e["file"] in truth)
                rows.append([Path(data).name, kind, rate, "residual audit", len(flagged), *score(set(flagged), truth),
                             average_precision(flagged, truth), right_label / max(1, len(set(flagged) & truth)),
                             held_out(x, given, clean, ~test, test), held_out(x, repaired, clean, ~test, test)])
                if find_label_issues is not None:
                    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
                    p = cross_val_predict(model, x, given, cv=StratifiedKFold(5, shuffle=True, random_state=0), method="predict_proba")
                    ranking = get_label_quality_scores(given, p)
                    for way in ("prune_by_noise_rate", "confident_learning"):
                        mask = find_label_issues(given, p, filter_by=way)
                        order = [short[i] for i in np.argsort(ranking) if mask[i]]
                        cut = given.copy()
                        cut[mask] = p.argmax(1)[mask]
                        hit = [i for i in np.flatnonzero(mask) if short[i] in truth]
                        rows.append([Path(data).name, kind, rate, "cleanlab " + way, int(mask.sum()), *score(set(order), truth),
                                     average_precision(order, truth),
                                     float(np.mean([p[i].argmax() == clean[i] for i in hit])) if hit else float("nan"),
                                     held_out(x, given, clean, ~test, test), held_out(x, cut, clean, ~test, test)])
                print(rows[-3:] if find_label_issues else rows[-1:], flush=True)
    write(out, ["data", "errors", "rate", "method", "flagged", "precision", "precision_low", "precision_high", "recall",
                "recall_low", "recall_high", "average_precision", "right_label", "test_accuracy_as_planted",
                "test_accuracy_repaired"], rows)


def measure_twins(out, document, folder):
    folder = Path(folder)
    with open(folder / "planted.csv", newline="") as file:
        planted = {tuple(sorted((r["file"], r["of"]))): r["kind"] for r in csv.DictReader(file)}
    found = set()
    for group in json.loads(Path(document).read_text())["twins"]:
        files = sorted(m["file"] for m in group["images"])
        found |= {(a, b) for i, a in enumerate(files) for b in files[i + 1:]}
    methods = {"residual audit": found}
    if imagehash is not None:
        files = [p for p in sorted(folder.glob("*/*/*")) if p.is_file()]
        for name, function in (("pHash", imagehash.phash), ("dHash", imagehash.dhash)):
            bits = np.array([function(Image.open(p).convert("RGB")).hash.ravel() for p in files])
            distance = (bits[:, None] != bits[None]).sum(2)
            for most in (4, 10):
                a, b = np.where(np.triu(distance <= most, 1))
                methods[f"ImageHash {name}, {most} bits"] = {
                    tuple(sorted((str(files[i].relative_to(folder)), str(files[j].relative_to(folder))))) for i, j in zip(a, b)}
    rows = []
    for name, pairs in methods.items():
        for kind in [*dict.fromkeys(planted.values()), "all"]:
            wanted = {p for p, k in planted.items() if kind in (k, "all")}
            rows.append([folder.name, name, kind, len(wanted), *wilson(len(wanted & pairs), len(wanted)),
                         len(pairs - planted.keys()) if kind == "all" else ""])
    write(out, ["data", "method", "kind", "planted", "recall", "recall_low", "recall_high", "other_pairs"], rows)


def write(out, header, rows):
    with open(out, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        for row in rows:
            table.writerow([f"{v:.4f}" if isinstance(v, float) else v for v in row])


if __name__ == "__main__":
    if sys.argv[1] == "twins":
        measure_twins(*sys.argv[2:])
    else:
        measure_labels(sys.argv[2], sys.argv[3], list(zip(sys.argv[4::2], sys.argv[5::2])))
