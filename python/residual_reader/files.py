"""Safetensors and JSON documents."""
import json
import os

import numpy as np

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U8": "u1", "BOOL": "?",
}
_LARGEST_HEADER = 100_000_000


class FormatError(ValueError):
    """A file that is not what it should be."""


def load_safetensors(path):
    """Gives the arrays by name, read when they are used (memory-mapped), and the metadata as texts by name.

    BF16 becomes float32. Raises FormatError for anything that the format does not allow.
    """
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(size - 8, _LARGEST_HEADER):
            raise FormatError(f"{path}: no safetensors file")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError) as e:
            raise FormatError(f"{path}: its header is no JSON") from e
    if not isinstance(header, dict):
        raise FormatError(f"{path}: its header is no JSON object")
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        try:
            kind, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
            whole = all(type(n) is int and n >= 0 for n in (*shape, begin, end))
        except (TypeError, KeyError, ValueError) as e:
            raise FormatError(f"{path}: tensor {name!r} has no type, shape or place") from e
        bf16 = kind == "BF16"
        if not whole or not (bf16 or kind in _TYPES):
            raise FormatError(f"{path}: tensor {name!r} has a shape or a type ({kind}) that cannot be read")
        dtype = np.dtype("<u2" if bf16 else _TYPES[kind])
        count = 1
        for n in shape:
            count *= n
        if end - begin != count * dtype.itemsize or 8 + length + end > size:
            raise FormatError(f"{path}: tensor {name!r} does not fit into the file")
        if count == 0:
            arrays[name] = np.zeros(shape, np.float32 if bf16 else dtype)
            continue
        array = np.memmap(path, dtype, "r", 8 + length + begin, shape)
        if bf16:
            array = (array.astype(np.uint32) << 16).view(np.float32)
        arrays[name] = array
    return arrays, metadata


def read_json(path, schema=None):
    """A document that Residual wrote with --json or --out, or the one in a report (.html).

    schema: such as "residual/evaluation"; a document of another schema raises FormatError.
    """
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if str(path).lower().endswith(".html"):
        mark = '<script type="application/json" id="data">'
        start = text.find(mark)
        if start < 0:
            raise FormatError(f"{path}: no report of Residual")
        text = text[start + len(mark):text.index("</script>", start)]
    document = json.loads(text)
    found = document.get("schema") if isinstance(document, dict) else None
    if schema is not None and found != schema:
        raise FormatError(f"{path}: found {found}, expected {schema}")
    return document


def rows(document):
    """The results of a document as flat records, one dictionary each, for a table (pandas.DataFrame takes the list).

    evaluation: a record for each method and data set; few-shots: each fit; heads: each point of each curve; geometry: each unit;
    similarity: each head of each pair; forgetting: each line and data set.
    """
    schema = document.get("schema", "").removeprefix("residual/") if hasattr(str, "removeprefix") else \
        document.get("schema", "").replace("residual/", "")
    if schema == "evaluation":
        return [_flat({"dataset": d["dataset"]}, m, ("curve",)) for d in document["datasets"] for m in d["methods"]]
    if schema == "few-shots":
        return [_flat({"dataset": d["dataset"]}, f) for d in document["datasets"] for f in d["fits"]]
    if schema == "geometry":
        return [_flat({}, u, ("eigenvalues", "cumulative")) for u in document["units"]]
    if schema == "similarity":
        return [{"a": p["a"], "b": p["b"], "head": h, "similarity": v} for p in document["pairs"] for h, v in p["heads"].items()]
    if schema == "heads":
        return [
            _flat({"dataset": name, "score": c["score"], "rest": c["rest"]}, p)
            for name, d in document["datasets"].items() for c in d["curves"] for p in c["points"]
        ]
    if schema == "forgetting":
        return [
            {"interpolation": line["interpolation"], "dataset": name, "accuracy": a, "own": name == document["own"]}
            for line in document["lines"] for name, a in line["accuracy"].items()
        ]
    raise FormatError(f"no records are known of {document.get('schema')!r}")


def _flat(start, node, without=()):
    flat = dict(start)
    for key, value in node.items():
        if key in without:
            continue
        if isinstance(value, dict):
            flat.update({f"{key}_{k}": v for k, v in value.items()})
        elif key.endswith("interval_95") and value:
            flat[key + "_low"], flat[key + "_high"] = value
        else:
            flat[key] = value
    return flat
