"""Engines that run a fixed image tower: eager PyTorch, torch.compile (inductor, freezing, max-autotune), ONNX Runtime, OpenVINO.

Each runs the same graph on random weights, plain (embeddings alone) or with all units kept: z of every layer and head, the MLPs,
the input embedding, and mean and deviation of the last LayerNorm, all at the class token, which is what a trace keeps.
An engine that is not installed is not offered.
"""
import importlib.metadata, importlib.util, pathlib, tempfile
import torch, torch.nn.functional as F
from torch import nn

PACKAGES = {"eager": "torch", "compile": "torch", "onnxruntime": "onnxruntime", "openvino": "openvino"}
NEEDS = {"eager": [], "compile": [], "onnxruntime": ["onnx", "onnxruntime"], "openvino": ["onnx", "openvino"]}


def offered():
    """Name of each engine that is there, with the version of its package."""
    return {name: importlib.metadata.version(PACKAGES[name]) for name, needs in NEEDS.items() if all(importlib.util.find_spec(n) for n in needs)}


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        z = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d)
        x = x + self.out(z)
        m = self.fc2(F.gelu(self.fc1(self.ln2(x))))
        return x + m, z[:, 0], m[:, 0]


class Tower(nn.Module):
    """A pre-LayerNorm vision transformer that is read at its class token."""

    def __init__(self, layers, width, heads, patch, size, shared, units):
        super().__init__()
        self.units = units
        self.patch = nn.Conv2d(3, width, patch, patch, bias=False)
        self.cls = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.pos = nn.Parameter(torch.randn(1, 1 + (size // patch) ** 2, width) * 0.02)
        self.pre, self.post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.projection = nn.Linear(width, shared, bias=False)

    def forward(self, pixels):
        x = self.patch(pixels).flatten(2).transpose(1, 2)
        x = self.pre(torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.pos)
        first, zs, ms = x[:, 0], [], []
        for block in self.blocks:
            x, z, m = block(x)
            zs.append(z)
            ms.append(m)
        last = x[:, 0]
        y = self.projection(self.post(last))
        if not self.units:
            return y
        return y, torch.stack(zs, 1), torch.stack(ms, 1), first, last.mean(-1), last.var(-1, unbiased=False)


def runner(engine, job, threads):
    """A function of no arguments that runs the job's tower on one batch, and does its setup before it returns."""
    torch.manual_seed(0)
    shape = {k: job[k] for k in ("layers", "width", "heads", "patch", "size", "shared")}
    tower = Tower(**shape, units=job["units"]).eval()
    pixels = torch.randn(job["batch"], 3, job["size"], job["size"])
    bf16 = job["bf16"]  # products in 16 bits, as each engine offers them
    if engine == "eager":
        run = lambda: tower(pixels)
    elif engine == "compile":
        import torch._inductor.config as inductor
        inductor.freezing = True
        compiled = torch.compile(tower, mode="max-autotune", dynamic=False)
        run = lambda: compiled(pixels)
    else:
        folder = tempfile.TemporaryDirectory()
        path = str(pathlib.Path(folder.name) / "tower.onnx")
        torch.onnx.export(tower, (pixels,), path, dynamo=False, opset_version=17, input_names=["pixels"])
        array = pixels.numpy()
        if engine == "onnxruntime":
            import onnxruntime
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            run = lambda: session.run(None, {"pixels": array})
        else:
            import openvino
            model = openvino.Core().compile_model(
                path, "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32", "PERFORMANCE_HINT": "LATENCY"})
            run = lambda: model(array)
        run.folder = folder  # lives as long as what reads it
    if bf16 and engine in ("eager", "compile"):
        run32 = run

        def run():
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                return run32()

    with torch.no_grad():
        run()
        run()
    return run
