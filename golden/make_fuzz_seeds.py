"""Makes the seeds of trials/corpus: small whole files of every kind, for the fuzzer to damage.

    python golden/make_fuzz_seeds.py trials/corpus MODELS

MODELS is the folder into which the models that ship are unpacked (residual models --json says where). Numbers are arbitrary; only the
form counts. Needs nothing but Python.
"""
import gzip, io, json, pathlib, struct, sys, tarfile, zlib

out = pathlib.Path(sys.argv[1])
models = pathlib.Path(sys.argv[2])


def seed(target, name, data):
    folder = out / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ("seed-" + name)).write_bytes(data)


def tensors(metadata, **named):
    """The header, a zero byte, the data: what Scratch.safetensors makes a file of."""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (kind, shape, values) in named.items():
        code = {"F32": "f", "F64": "d", "I64": "q"}[kind]
        raw = struct.pack("<%d%s" % (len(values), code), *values)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    return json.dumps(header, separators=(",", ":")).encode() + b"\0" + data


def ones(n):
    return [0.5] * n


provenance = {"tool": "t", "created": "c", "model": "hash", "data": "d", "seed": 0, "decompositionError": 0.0,
              "settings": {"a": "b"}, "certificate": None}
shape = {"layers": 1, "heads": 2, "headWidth": 2, "sharedWidth": 4}
certificate = {"format": "residual-certificate", "version": 1, "tool": "t", "created": "c", "model": "m", "files": "f",
               "family": "CLIP", "checks": [{"quantity": "q", "error": 0.0, "tolerance": 1.0, "note": "n"}],
               "uncovered": [], "warnings": [], "ignoredTensors": []}


def info(method, others="KEPT", means="RESTORED"):
    return {"residual-adapter": json.dumps({
        "version": 2, "method": method, "others": others, "means": means,
        "prompts": {"classes": ["a", "b"], "templates": ["{}"]},
        "data": {"source": "s", "train": 0, "validation": 0, "test": 0, "validationShare": 0.2, "testShare": 0.2, "seed": 42},
        "validationAccuracy": 0.5, "testAccuracy": None,
        "calibration": {"temperature": 1.0, "threshold": 0.5, "wanted": 0.95, "accuracy": 0.9, "coverage": 0.5},
        "testHash": None, "provenance": provenance}), "residual-certificate": json.dumps(certificate)}


classifier = ("F32", [4, 2], ones(8))
parts = dict(units=("I64", [2], [1, 2]), kept=("I64", [2], [1, 2]), means=("F32", [2, 4], ones(8)),
             components=("F32", [3, 4], ones(12)))
seed("AdapterFuzz", "residual", tensors(info("residual"), classifier=classifier, **{"lambda": ("F32", [3], ones(3))}, **parts))
seed("AdapterFuzz", "star", tensors(info("residual-star", "DROPPED"), classifier=classifier, **{"lambda": ("F32", [3], ones(3))}, **parts))
seed("AdapterFuzz", "coarse", tensors(info("coarse"), classifier=classifier, **{"lambda": ("F32", [2], ones(2))}))
seed("AdapterFuzz", "linear", tensors(info("linear"), classifier=classifier, weight=("F32", [4, 4], ones(16)), bias=("F32", [4], ones(4))))
seed("AdapterFuzz", "tip", tensors(info("tip-adapter"), classifier=classifier, keys=("F32", [2, 4], ones(8)), labels=("I64", [2], [0, 1]), strengths=("F32", [2], ones(2))))
seed("AdapterFuzz", "base", tensors(info("base"), classifier=classifier))

manifest = {"format": "residual-trace", "version": 1, "split": "train", "shape": shape, "classes": ["a", "b"],
            "shards": ["shard-00000.safetensors"], "precision": "FULL", "skipped": [], "provenance": provenance}
seed("TraceFuzz", "manifest", b"\0" + json.dumps(manifest).encode())
seed("TraceFuzz", "shard", b"\1" + tensors({"names": json.dumps(["x", "y", "z"])},
     heads=("F32", [3, 2, 2], [float(i % 5) for i in range(12)]), norm=("F32", [3, 2], ones(6)), projected=("F32", [3, 2, 4], ones(24)),
     output=("F32", [3, 4], ones(12)), labels=("I64", [3], [0, 1, 1])))
seed("SpectrumFuzz", "spectra", tensors({"residual-spectrum": json.dumps({"version": 1, "shape": shape, "provenance": provenance})},
     ranks=("I64", [4], [1, 0, 2, 1]), counts=("I64", [4], [9, 9, 9, 9]), means=("F64", [4, 4], ones(16)),
     eigenvalues=("F64", [4], ones(4)), components=("F64", [4, 4], ones(16))))

whole = tensors(None, a=("F32", [2, 2], ones(4)), b=("I64", [1], [7]))
end = whole.index(b"\0")
seed("SafetensorsFuzz", "two", struct.pack("<q", end) + whole[:end] + whole[end + 1:])
seed("SafetensorsFuzz", "empty", struct.pack("<q", 2) + b"{}")

seed("JsonFuzz", "certificate", b"\0" + json.dumps(certificate).encode())
seed("JsonFuzz", "prompts", b"\1" + json.dumps({"classes": ["x", "y"], "templates": ["a {}"]}).encode())
seed("JsonFuzz", "sentences", b"\2# a list\na red shape\na blue one\n")

for file in pathlib.Path("research/src/main/resources/io/residual/sweep").glob("*.yaml"):
    seed("SweepFuzz", file.stem, file.read_bytes())

images = struct.pack(">iiii", 2051, 3, 2, 2) + bytes(range(12))
labels = struct.pack(">ii", 2049, 3) + bytes([0, 1, 0])
seed("IdxFuzz", "plain", bytes([0, len(images)]) + images + labels)
packed = gzip.compress(images, mtime=0)
seed("IdxFuzz", "gzip", bytes([1, len(packed)]) + packed + gzip.compress(labels, mtime=0))


def png(kind, depth, row, more=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 3, depth, kind, 0, 0, 0)) + more
            + chunk(b"IDAT", zlib.compress((b"\0" + row) * 3)) + chunk(b"IEND", b""))


rgb = png(2, 8, bytes(range(9)))
seed("PictureFuzz", "rgb.png", rgb)
seed("PictureFuzz", "grey16.png", png(0, 16, bytes(range(6))))
seed("PictureFuzz", "bits.png", png(0, 1, bytes([160])))
seed("PictureFuzz", "dot.gif", b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;")
seed("PictureFuzz", "two.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 2, 2, 1, 24, 0, 16, 2835, 2835, 0, 0) + bytes(16))
seed("PictureFuzz", "dot.webp", b"RIFF" + struct.pack("<I", 26) + b"WEBPVP8L" + struct.pack("<I", 13) + bytes.fromhex("2f00000010 0710 1111 8888 fe07 00".replace(" ", "")) + b"\0")
seed("PictureFuzz", "two.tiff", b"II*\0\x08\0\0\0" + struct.pack("<H", 8) + b"".join(
    struct.pack("<HHII", tag, 4, 1, value) for tag, value in
    [(256, 2), (257, 2), (258, 8), (259, 1), (262, 1), (273, 110), (278, 2), (279, 4)]) + struct.pack("<I", 0) + bytes([1, 2, 3, 4]))

buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
    for name, content in [("a/1.png", rgb), ("a/1.cls", b"3"), ("a/2.png", rgb), ("a/2.json", b'{"label": 2}'), ("ü/3.png", rgb), ("n" * 120 + ".png", b"no")]:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
seed("TarFuzz", "webdataset", buffer.getvalue()[:9728])

feature = {"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["a", "b"], "_type": "ClassLabel"}}}}
seed("ParquetFuzz", "hub", json.dumps(feature).encode())

number = 0
for name in ["world-clip", "world-open-clip", "world-blip"]:
    for file in sorted(next(models.glob(name + "-*/" + name)).iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".safetensors"):
            if file.stat().st_size < 20000:
                seed("ModelFuzz", "%s-%s" % (name, file.name), bytes([number]) + file.read_bytes())
            number += 1
