"""Loads an embedded model with transformers and compares it with what residual computes. Run by hand; see records/.

    ./residual trace --data world:signs --split test --test 64 --out /tmp/signs.trace
    ./residual datasets world:signs --json ...
    python golden/check_world_clip.py MODEL_FOLDER TRACE_FOLDER PICTURES.npy

Needs: torch, transformers, safetensors, numpy. PICTURES.npy holds the same pictures, (n, 48, 48, 3) bytes.
"""
import json, pathlib, sys
import numpy as np, torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, CLIPImageProcessor, CLIPModel

model_folder, trace, pictures = map(pathlib.Path, sys.argv[1:4])
model, loading = CLIPModel.from_pretrained(model_folder, output_loading_info=True)
print("missing", loading["missing_keys"], "unexpected", loading["unexpected_keys"], "dtype", model.dtype)
tokenizer = AutoTokenizer.from_pretrained(model_folder)
processor = CLIPImageProcessor.from_pretrained(model_folder)
pixels = processor([p for p in np.load(pictures)], return_tensors="pt")["pixel_values"]
with torch.no_grad():
    out = model.get_image_features(pixel_values=pixels)
    out = out if torch.is_tensor(out) else out.pooler_output
shard = load_file(trace / "shard-00000.safetensors")
print("image features: largest difference", float((out - shard["output"]).abs().max()), "of", float(out.abs().max()))
texts = json.loads(sys.argv[4]) if len(sys.argv) > 4 else ["a red circle", "a photo of a green diamond", "something unheard of"]
ids = tokenizer(texts, padding="max_length", max_length=24, truncation=True, return_tensors="pt")
print("token ids", ids["input_ids"].tolist())
with torch.no_grad():
    t = model.get_text_features(**{k: v for k, v in ids.items() if k != "token_type_ids"})
    t = t if torch.is_tensor(t) else t.pooler_output
np.save("/tmp/text_features.npy", t.numpy())
print("logit scale", float(model.logit_scale.exp()))
