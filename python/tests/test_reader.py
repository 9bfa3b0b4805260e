"""Tests of the reader on files of its own making; what Java wrote is compared in the build (PythonReaderTest)."""
import json
import os
import struct
import tempfile
import unittest

import numpy as np

from residual_reader import Adapter, FormatError, Spectra, Trace, load_safetensors, read_json, rows, spectra_of

CODES = {np.dtype("f4"): "F32", np.dtype("f8"): "F64", np.dtype("i8"): "I64", np.dtype("f2"): "F16"}


def save(path, arrays, metadata=None):
    header, body = {"__metadata__": metadata or {}}, b""
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": CODES[array.dtype], "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


class ReaderTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def trace(self, n=7, layers=2, heads=2, h=3, d=5):
        rng = np.random.default_rng(0)
        folder = self.path("t.trace")
        os.makedirs(folder)
        maps = rng.standard_normal((layers * heads, d, h + 3)).astype("f4")
        save(os.path.join(folder, "frame.safetensors"), {"maps": maps})
        shards, truth = [], []
        for s, rows_ in enumerate((4, n - 4)):
            z = rng.standard_normal((rows_, layers * heads, h)).astype("f4")
            norm = rng.standard_normal((rows_, 2)).astype("f4")
            projected = rng.standard_normal((rows_, 1 + layers, d)).astype("f4")
            units = [projected[:, 0]]
            for i in range(layers * heads):  # the definition, number by number
                units.append(np.array([
                    [sum(float(maps[i, k, j]) * v for j, v in enumerate([*z[r, i], *norm[r], 1.0])) for k in range(d)]
                    for r in range(rows_)]))
            units += [projected[:, 1 + l] for l in range(layers)]
            truth.append(np.stack(units, 1))
            name = f"shard-{s:05d}.safetensors"
            save(os.path.join(folder, name),
                 {"heads": z, "norm": norm, "projected": projected, "output": truth[-1].sum(1).astype("f4"),
                  "labels": np.arange(rows_, dtype="i8") % 2},
                 {"names": json.dumps([f"{s}-{i}" for i in range(rows_)])})
            shards.append(name)
        with open(os.path.join(folder, "manifest.json"), "w", encoding="utf-8") as file:
            json.dump({"schema": "residual/trace", "version": 2, "split": "train", "classes": ["a", "b"], "shards": shards,
                       "shape": {"layers": layers, "heads": heads, "head_width": h, "shared_width": d}, "provenance": {"model": "m" * 64}},
                      file)
        return Trace(folder), np.concatenate(truth)

    def test_units_are_their_definition_and_add_up(self):
        trace, truth = self.trace()
        np.testing.assert_allclose(trace.units(), truth, rtol=0, atol=1e-5)
        self.assertEqual(["embedding", "L0.H0", "L0.H1", "L1.H0", "L1.H1", "L0.MLP", "L1.MLP"], trace.unit_names)
        self.assertEqual("1-2", trace.names[6])
        self.assertLess(trace.decomposition_error(), 1e-5)

    def test_spectra_are_those_of_the_covariance(self):
        trace, truth = self.trace()
        for u, (name, spectrum) in enumerate(spectra_of(trace).items()):
            values = np.linalg.eigvalsh(np.cov(truth[:, u].T))[::-1]
            np.testing.assert_allclose(spectrum.eigenvalues, values[:len(spectrum.eigenvalues)], atol=1e-4, err_msg=name)
            np.testing.assert_allclose(spectrum.components @ spectrum.components.T, np.eye(len(spectrum.eigenvalues)), atol=1e-9)

    def test_spectrum_measures(self):
        from residual_reader import Spectrum
        s = Spectrum("u", 9, np.zeros(2), np.array([6.0, 3.0, 1.0]), np.eye(3))
        self.assertEqual(.6, s.shares[0])
        self.assertAlmostEqual(100 / 46, s.participation_ratio)
        self.assertEqual([1, 2, 2, 3], [s.kept(x) for x in (.6, .61, .9, .91)])

    def test_adapter_weighs_components(self):
        trace, truth = self.trace()
        phi = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0][:2].astype("f4")
        mean = truth[:, 1].mean(0).astype("f4")
        classifier = np.eye(5, 2).astype("f4")
        info = {"method": "residual-star", "others": "KEPT", "means": "RESTORED", "prompts": {"classes": ["a", "b"]},
                "provenance": {"model": "m" * 64},
                "calibration": {"temperature": 2.0, "threshold": .5}}
        save(self.path("a"), {"units": np.array([1], "i8"), "kept": np.array([2], "i8"), "means": mean[None], "components": phi,
                              "lambda": np.array([0, 3], "f4"), "classifier": classifier}, {"residual-adapter": json.dumps(info)})
        adapter = Adapter(self.path("a"))
        u = truth[:, 1] - mean  # λ = 0 takes a component away, λ = 3 adds it twice
        expected = truth.sum(1) - np.outer(u @ phi[0], phi[0]) + 2 * np.outer(u @ phi[1], phi[1])
        np.testing.assert_allclose(adapter.features(trace), expected, atol=1e-4)
        logits = expected[:, :2] / np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(adapter.probabilities(trace)[:, 0], 1 / (1 + np.exp((logits[:, 1] - logits[:, 0]) / 2)), atol=1e-5)
        trace.provenance = {"model": "n" * 64}
        for of in (adapter.features, adapter.logits, adapter.probabilities):
            with self.assertRaisesRegex(FormatError, "nnn.*mmm"):
                of(trace)

    def test_what_is_no_file_of_the_format_is_refused(self):
        for name, text in {"empty": b"", "long": struct.pack("<Q", 1 << 40), "json": struct.pack("<Q", 2) + b"[]",
                           "none": struct.pack("<Q", 3) + b"{x}"}.items():
            with open(self.path(name), "wb") as file:
                file.write(text)
            with self.assertRaises(FormatError, msg=name):
                load_safetensors(self.path(name))
        save(self.path("other"), {"x": np.zeros(3, "f4")})
        for reader in (Spectra, Adapter):
            with self.assertRaises(FormatError):
                reader(self.path("other"))
        with open(self.path("other"), "r+b") as file:
            file.truncate(os.path.getsize(self.path("other")) - 4)
        with self.assertRaises(FormatError):
            load_safetensors(self.path("other"))

    def test_documents_become_rows(self):
        with open(self.path("d.json"), "w", encoding="utf-8") as file:
            json.dump({"schema": "residual/evaluation", "version": 1, "datasets": [{"dataset": "d", "methods": [
                {"method": "base", "test_accuracy": .5, "test_interval_95": [.4, .6], "calibration": {"temperature": 1}, "curve": []}]}]}, file)
        self.assertEqual(
            [{"dataset": "d", "method": "base", "test_accuracy": .5, "test_interval_95_low": .4, "test_interval_95_high": .6,
              "calibration_temperature": 1}], rows(read_json(self.path("d.json"), "residual/evaluation")))
        with self.assertRaises(FormatError):
            read_json(self.path("d.json"), "residual/heads")


if __name__ == "__main__":
    unittest.main()
