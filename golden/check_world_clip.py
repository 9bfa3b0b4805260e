"""Loads an embedded model with transformers and compares it with what residual computes. Run by hand; see records/.

    ./residual trace --data world:signs --split test --test 64 --out signs.trace
    python golden/check_world_clip.py MODEL_FOLDER signs.trace PICTURES.npy

Needs: torch, transformers, safetensors, numpy. PICTURES.npy holds the same pictures, (n, 48, 48, 3) bytes. The features of
three texts are printed as well, to compare with ImageTextModel.encodeTexts.
"""
import pathlib, sys
import numpy as np, torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, CLIPImageProcessor, CLIPModel

folder, trace, pictures = map(pathlib.Path, sys.argv[1:4])
model, loading = CLIPModel.from_pretrained(folder, output_loading_info=True)
print("missing", loading["missing_keys"], "unexpected", loading["unexpected_keys"], "dtype", model.dtype)
features = lambda out: out if torch.is_tensor(out) else out.pooler_output
with torch.no_grad():
    pixels = CLIPImageProcessor.from_pretrained(folder)(list(np.load(pictures)), return_tensors="pt")["pixel_values"]
    mine, theirs = load_file(trace / "shard-00000.safetensors")["output"], features(model.get_image_features(pixel_values=pixels))
    print("image features: largest difference", float((mine - theirs).abs().max()), "of", float(theirs.abs().max()))
    texts = ["a red circle", "a photo of a green diamond", "something unheard of"]
    ids = AutoTokenizer.from_pretrained(folder)(texts, padding="max_length", max_length=48, truncation=True, return_tensors="pt")
    print("token ids", ids["input_ids"].tolist())
    print("text features", features(model.get_text_features(input_ids=ids["input_ids"], attention_mask=ids["attention_mask"])).tolist())
    print("logit scale", float(model.logit_scale.exp()))
