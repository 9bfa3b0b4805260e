"""What 8-bit products cost and gain on a DINOv2: embeddings, units, accuracy and processor time against 32 bits.

    python golden/try_int8.py MODEL DATA [--each 10]

MODEL is a DINOv2 in Hugging Face's layout, DATA a folder with train/CLASS and test/CLASS. Weights of all linear layers are quantised to 8 bits
a channel, activations dynamically a tensor (torch.ao.quantization.quantize_dynamic). Classes are means of so many training images each.
Needs: torch, transformers, Pillow. One thread; prints one JSON object.
"""
import argparse, json, pathlib, time
import torch
from PIL import Image
from transformers import AutoImageProcessor, Dinov2Model

ap = argparse.ArgumentParser()
ap.add_argument("model")
ap.add_argument("data", type=pathlib.Path)
ap.add_argument("--each", type=int, default=10)
args = ap.parse_args()
torch.set_num_threads(1)
torch.manual_seed(0)
exact = Dinov2Model.from_pretrained(args.model, dtype=torch.float32).eval()
small = torch.ao.quantization.quantize_dynamic(Dinov2Model.from_pretrained(args.model, dtype=torch.float32).eval(), {torch.nn.Linear}, dtype=torch.qint8)
processor = AutoImageProcessor.from_pretrained(args.model)
classes = sorted(p.name for p in (args.data / "train").iterdir() if p.is_dir())


def pictures(split):
    for label, name in enumerate(classes):
        for file in sorted((args.data / split / name).iterdir())[: args.each]:
            yield label, processor(Image.open(file).convert("RGB"), return_tensors="pt")["pixel_values"]


def encode(model, batches):
    """Class-token embeddings, [n, d]; z of every layer's heads at the class token, [n, L, d]; seconds of the processor."""
    seen = []
    before = [m for name, m in model.named_modules() if name.endswith(("attention.output.dense", "attention.o_proj"))]  # by version of transformers
    hooks = [m.register_forward_pre_hook(lambda m, a: seen.append(a[0][:, 0])) for m in before]
    out, units, seconds = [], [], 0
    with torch.no_grad():
        model(batches[0])
        for batch in batches:
            seen.clear()
            started = time.process_time()
            out.append(model(batch).last_hidden_state[:, 0])
            seconds += time.process_time() - started
            units.append(torch.stack(seen, 1))
    for hook in hooks:
        hook.remove()
    return torch.cat(out), torch.cat(units), seconds


result = {"torch": torch.__version__, "engine": torch.backends.quantized.engine, "classes": len(classes), "each": args.each}
data = {split: list(pictures(split)) for split in ("train", "test")}
encoded = {}
for bits, model in ((32, exact), (8, small), (320, exact), (80, small)):  # twice, alternating: times may drift
    for split, items in data.items():
        batches = [torch.cat([p for _, p in items[i : i + 8]]) for i in range(0, len(items), 8)]
        encoded[bits, split] = encode(model, batches)
labels = {split: torch.tensor([l for l, _ in items]) for split, items in data.items()}


def right(bits):
    unit = lambda split: torch.nn.functional.normalize(encoded[bits, split][0], dim=1)
    means = torch.stack([unit("train")[labels["train"] == c].mean(0) for c in range(len(classes))])
    return (unit("test") @ torch.nn.functional.normalize(means, dim=1).T).argmax(1)


a, b = encoded[32, "test"], encoded[8, "test"]
result["accuracy"] = {str(k): (right(k) == labels["test"]).float().mean().item() for k in (32, 8)}
result["test_images"] = len(labels["test"])
result["decisions_changed"] = (right(32) != right(8)).sum().item()
result["cosine_of_embeddings"] = {"mean": torch.cosine_similarity(a[0], b[0]).mean().item(), "least": torch.cosine_similarity(a[0], b[0]).min().item()}
result["error_of_z"] = {f"L{l}": ((a[1][:, l] - b[1][:, l]).norm() / a[1][:, l].norm()).item() for l in range(a[1].shape[1])}
time_of = lambda *bits: sum(encoded[k, s][2] for k in bits for s in data)
result["seconds"] = {"32": [time_of(32), time_of(320)], "8": [time_of(8), time_of(80)]}
result["speed"] = time_of(32, 320) / time_of(8, 80)
print(json.dumps(result))
