"""Traces, spectra, adapters and arrays."""
import json
import os
from dataclasses import dataclass

import numpy as np

from .files import FormatError, load_safetensors


def unit_names(shape):
    """The units' names in their order."""
    layers, heads = shape["layers"], shape["heads"]
    names = ["embedding"] + [f"L{l}.H{h}" for l in range(layers) for h in range(heads)] + [f"L{l}.MLP" for l in range(layers)]
    return names + ["pooling.MLP"] if shape.get("pooled") else names


class Trace:
    """A folder that `residual trace` wrote. Shards are read when they are needed.

    classes: names; names: of the n images; labels [n]; output [n, D]: the model's own embeddings; unit_names: U names.
    """

    def __init__(self, folder):
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            self.manifest = json.load(file)
        if "shards" not in self.manifest or "shape" not in self.manifest:
            raise FormatError(f"{folder}: no trace")
        self.folder = folder
        self.shape = self.manifest["shape"]
        self.classes = self.manifest["classes"]
        self.provenance = self.manifest["provenance"]
        self.pooled = bool(self.shape.get("pooled"))
        self._shards = [load_safetensors(os.path.join(folder, os.path.basename(s))) for s in self.manifest["shards"]]
        self._maps = None
        if not self.pooled:
            self._maps = load_safetensors(os.path.join(folder, "frame.safetensors"))[0]["maps"]
        self.unit_names = unit_names(self.shape)
        self.names = [name for _, metadata in self._shards for name in json.loads(metadata["names"])]
        self.labels = self._joined("labels")
        self.output = self._joined("output")

    def __len__(self):
        return len(self.labels)

    def _joined(self, name):
        return np.concatenate([np.asarray(arrays[name]) for arrays, _ in self._shards])

    def unit(self, unit):
        """What a unit, by its name or its place, adds to the embedding of each image: [n, D], float32."""
        index = self.unit_names.index(unit) if isinstance(unit, str) else range(len(self.unit_names))[unit]
        return np.concatenate([self._unit(arrays, index) for arrays, _ in self._shards])

    def _unit(self, arrays, index):
        heads = self.shape["layers"] * self.shape["heads"]
        if not 1 <= index <= heads:
            return np.asarray(arrays["projected"][:, 0 if index == 0 else index - heads], np.float32)
        z = np.asarray(arrays["heads"][:, index - 1], np.float32)
        if self.pooled:
            return z
        one = np.ones((len(z), 1), np.float32)
        return np.concatenate([z, np.asarray(arrays["norm"], np.float32), one], 1) @ np.asarray(self._maps[index - 1]).T

    def units(self):
        """All units of all images: [n, U, D]. 4·n·U·D bytes."""
        return np.stack([self.unit(u) for u in range(len(self.unit_names))], 1)

    def decomposition_error(self):
        """The largest difference between the units' sum and the output, relative to the output's largest number."""
        total = sum(self.unit(u).astype(np.float64) for u in range(len(self.unit_names)))
        return float(np.abs(total - self.output).max() / np.abs(self.output).max())


@dataclass
class Spectrum:
    """A unit's mean [D], the variances of its components, falling, and the components [rank, D], orthonormal rows."""

    unit: str
    count: int
    mean: np.ndarray
    eigenvalues: np.ndarray
    components: np.ndarray

    @property
    def shares(self):
        """Shares of the variance."""
        return self.eigenvalues / self.eigenvalues.sum() if len(self.eigenvalues) else self.eigenvalues

    @property
    def participation_ratio(self):
        """(Σ v)² / Σ v²."""
        v = self.eigenvalues
        return float(v.sum() ** 2 / (v**2).sum()) if len(v) else 0.0

    def kept(self, share):
        """How many components hold a share of the variance."""
        return int(np.searchsorted(np.cumsum(self.eigenvalues), share * self.eigenvalues.sum() * (1 - 1e-12)) + 1)

    def coordinates(self, unit):
        """A unit's values [n, D] along the components: [n, rank]."""
        return (unit - self.mean) @ self.components.T


class _Spectra:
    def _read(self, names, counts, arrays):
        self.spectra, start = [], 0
        for u, (name, rank) in enumerate(zip(names, np.asarray(arrays["ranks"]).tolist())):
            part = slice(start, start + rank)
            self.spectra.append(Spectrum(name, int(counts[u]), np.array(arrays["means"][u]),
                                         np.array(arrays["eigenvalues"][part]), np.array(arrays["components"][part])))
            start += rank

    def __getitem__(self, unit):
        """A unit's spectrum, by its name or its place."""
        return next(s for s in self.spectra if s.unit == unit) if isinstance(unit, str) else self.spectra[unit]


class Spectra(_Spectra):
    """A file that `residual spectrum --out` wrote: spectra, a list of Spectrum in the units' order."""

    def __init__(self, path):
        arrays, metadata = load_safetensors(path)
        if "residual-spectrum" not in metadata:
            raise FormatError(f"{path}: no spectra of Residual")
        self.info = json.loads(metadata["residual-spectrum"])
        self._read(unit_names(self.info["shape"]), arrays["counts"], arrays)


def spectra_of(trace):
    """Principal components of every unit of a trace, by NumPy's singular values: variances with divisor n − 1, as in the files.

    Components with less than 1e-9 of a unit's variance are left out. The sign of a component is arbitrary. Gives them by unit's name.
    """
    all_units = {}
    for name in trace.unit_names:
        values = trace.unit(name).astype(np.float64)
        mean = values.mean(0)
        _, s, components = np.linalg.svd(values - mean, full_matrices=False)
        variances = s**2 / (len(values) - 1)
        kept = variances > 1e-9 * max(variances.sum(), 1e-300)
        all_units[name] = Spectrum(name, len(values), mean, variances[kept], components[kept])
    return all_units


class Arrays(_Spectra):
    """A file that `residual arrays` wrote. Arrays are attributes: units [n, U, D], output [n, D], labels [n], logits [n, C] …

    unit_names, names, classes: what the axes mean. spectra: a list of Spectrum; a unit's own is arrays["L5.H0"].
    """

    def __init__(self, path):
        arrays, metadata = load_safetensors(path)
        if "residual-arrays" not in metadata:
            raise FormatError(f"{path}: no arrays of Residual")
        self.info = json.loads(metadata["residual-arrays"])
        self.unit_names, self.classes = self.info["units"], self.info["classes"]
        self.names = json.loads(metadata["names"])
        self._read(self.unit_names, [len(self.names)] * len(self.unit_names), arrays)
        self.arrays = arrays
        for name, array in arrays.items():
            setattr(self, name, array)

    def lambdas(self, unit):
        """The adapter's weights of a unit's components, in the adapter's order; empty for a unit that is not adapted."""
        index = self.unit_names.index(unit) if isinstance(unit, str) else unit
        return np.asarray(self.arrays["lambda"])[np.asarray(self.arrays["lambda_unit"]) == index]


class Adapter:
    """A file that `residual align` wrote: info (its document), tensors, classes."""

    def __init__(self, path):
        self.tensors, metadata = load_safetensors(path)
        if "residual-adapter" not in metadata:
            raise FormatError(f"{path}: no adapter of Residual")
        self.info = json.loads(metadata["residual-adapter"])
        self.method = self.info["method"]
        self.classes = self.info["prompts"]["classes"]

    def parts(self):
        """The adapted units of ResiDual and its variants: (unit, mean [D], components [k, D], lambda [k]) each."""
        if "components" not in self.tensors:
            raise FormatError(f"{self.method}: an adapter without components")
        start = 0
        for unit, kept, mean in zip(self.tensors["units"].tolist(), self.tensors["kept"].tolist(), self.tensors["means"]):
            part = slice(start, start + kept)
            yield unit, np.asarray(mean), np.asarray(self.tensors["components"][part]), np.asarray(self.tensors["lambda"][part])
            start += kept

    def features(self, trace):
        """Adapted embeddings [n, D] of base, ResiDual and its variants that keep other units and restore means, and linear maps.

        FormatError if the trace is another model's.
        """
        own, other = self.info["provenance"]["model"], trace.provenance["model"]
        if own != other:
            raise FormatError(f"{trace.folder}: a trace of the model {other[:12]}, but the adapter is of {own[:12]}")
        y = trace.output.astype(np.float64)
        if self.method == "base":
            return y
        if self.method in ("linear", "rla"):
            return y @ np.asarray(self.tensors["weight"], np.float64).T + np.asarray(self.tensors["bias"], np.float64)
        if "components" not in self.tensors or self.info.get("others") != "KEPT" or self.info.get("means") != "RESTORED":
            raise NotImplementedError(f"{self.method}: docs/formats.md has its formula")
        adapted = y.copy()
        for unit, mean, components, weights in self.parts():
            values = y if unit < 0 else trace.unit(unit).astype(np.float64)
            adapted += ((values - mean) @ components.T * (weights - 1)) @ components
        return adapted

    def logits(self, trace):
        """[n, C]: the unit-length adapted embeddings times the class embeddings, which hold the logit scale.

        Columns are the adapter's classes (self.classes), whatever trace.classes are: compare names before labels.
        """
        features = self.features(trace)
        return features / np.linalg.norm(features, axis=1, keepdims=True) @ np.asarray(self.tensors["classifier"], np.float64)

    def probabilities(self, trace):
        """[n, C]: softmax of logits / temperature. Below info["calibration"]["threshold"] the answer is "unsure"."""
        scaled = self.logits(trace) / self.info["calibration"]["temperature"]
        exp = np.exp(scaled - scaled.max(1, keepdims=True))
        return exp / exp.sum(1, keepdims=True)
