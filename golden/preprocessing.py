"""Golden values for preprocessor_config.json in every shape that transformers reads.

    python golden/preprocessing.py fixtures/src/main/resources/images

Needs: numpy, Pillow, torch, transformers, safetensors. Writes preprocessing.safetensors. For every case MODEL.NAME it holds

- MODEL.NAME/config: the file, as JSON; a case whose name begins with "nested" is a processor_config.json;
- MODEL.NAME/pixels: what the slow (Pillow) image processor makes of the picture in resize.safetensors, [3, h, w];
- or MODEL.NAME/refused: transformers refuses it.

The picture is wider than high, so that the order of the two passes is the same in every Pillow.
"""
import json, pathlib, sys, tempfile
import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file
from transformers import AutoImageProcessor

target = pathlib.Path(sys.argv[1])
picture = Image.fromarray(load_file(target / "resize.safetensors")["picture"])
S = {"size": 12, "crop_size": 12}
cases = {
    "clip": {
        "plain": S,
        "size-list": {"size": [12, 14], "crop_size": 10},
        "size-list-square": {"size": [12, 12], "crop_size": 12},
        "size-list-of-3": {"size": [12, 14, 3], "crop_size": 10},
        "size-list-of-1": {"size": [12], "crop_size": 12},
        "size-null-in-list": {"size": [12, None], "crop_size": 12},
        "size-dict": {"size": {"height": 11, "width": 15}, "crop_size": 9},
        "size-edge": {"size": {"shortest_edge": 12}, "crop_size": {"height": 10, "width": 11}},
        "size-longest-alone": {"size": {"longest_edge": 12}, "crop_size": 12},
        "size-edge-and-more": {"size": {"shortest_edge": 12, "height": 12}, "crop_size": 12},
        "size-height-alone": {"size": {"height": 12}, "crop_size": 12},
        "size-text": {"size": "12", "crop_size": 12},
        "size-max": {"size": {"max_height": 12, "max_width": 12}, "crop_size": 12},
        "crop-list": {"size": 14, "crop_size": [10, 12]},
        "crop-dict": {"size": 14, "crop_size": {"height": 8, "width": 12}},
        "crop-edge": {"size": 14, "crop_size": {"shortest_edge": 12}},
        "crop-larger": {"size": 9, "crop_size": 12},
        "resize-null": {**S, "do_resize": None},
        "resize-false": {**S, "do_resize": False},
        "crop-null": {**S, "do_center_crop": None},
        "crop-false": {"size": [12, 14], "do_center_crop": False, "crop_size": 9},
        "rescale-null": {**S, "do_rescale": None, "rescale_factor": None},
        "normalize-null": {**S, "do_normalize": None},
        "normalize-false": {**S, "do_normalize": False},
        "mean-null": {**S, "image_mean": None, "image_std": None},
        "mean-whole": {**S, "image_mean": [0, 1, 0], "image_std": [1, 2, 1]},
        "mean-number": {**S, "image_mean": 0.5, "image_std": 0.25},
        "mean-of-2": {**S, "image_mean": [0.5, 0.5]},
        "mean-of-1": {**S, "image_mean": [0.5]},
        "resample-null": {**S, "resample": None},
        "resample-0": {**S, "resample": 0},
        "resample-1": {**S, "resample": 1},
        "resample-2": {**S, "resample": 2},
        "resample-4": {**S, "resample": 4},
        "resample-5": {**S, "resample": 5},
        "resample-word": {**S, "resample": "bicubic"},
        "resample-word-lanczos": {**S, "resample": "lanczos"},
        "resample-9": {**S, "resample": 9},
        "extractor": {**S, "feature_extractor_type": "CLIPFeatureExtractor"},
        "extractor-vit": {"size": 12, "feature_extractor_type": "ViTFeatureExtractor"},
        "type-vit": {"size": 12, "image_processor_type": "ViTImageProcessor"},
        "type-fast": {**S, "image_processor_type": "CLIPImageProcessorFast"},
        "type-siglip": {"size": 12, "image_processor_type": "SiglipImageProcessor"},
        "type-siglip-dict": {"size": {"height": 12, "width": 13}, "image_processor_type": "SiglipImageProcessor"},
        "square": {**S, "default_to_square": True},
        "nested": {"image_processor": {**S, "image_mean": [0.1, 0.2, 0.3]}, "processor_class": "CLIPProcessor"},
        "nested-type": {"image_processor": {"size": [12, 14], "image_processor_type": "ViTImageProcessor"}},
    },
    "vit": {
        "plain": {"size": 12},
        "size-list": {"size": [12, 14]},
        "size-edge": {"size": {"shortest_edge": 12}, "do_center_crop": True, "crop_size": 12},
        "crop-without-size": {"size": 12, "do_center_crop": True},
        "crop-size-alone": {"size": 12, "crop_size": 9},
        "not-square": {"size": 12, "default_to_square": False, "do_center_crop": True, "crop_size": [10, 11]},
    },
    "blip": {"plain": {"size": 12}, "size-dict": {"size": {"height": 12, "width": 14}}},
    "dinov2": {
        "plain": {"size": {"shortest_edge": 14}, "crop_size": {"height": 14, "width": 14},
                  "image_processor_type": "BitImageProcessor"},
        "extractor": {"size": 14, "crop_size": 14, "feature_extractor_type": "BitFeatureExtractor"},
        "silent-mean": {"size": 14, "crop_size": 14},
    },
}
out = {}
for model, all in cases.items():
    for name, config in all.items():
        key = f"{model}.{name}"
        out[key + "/config"] = np.frombuffer(json.dumps(config).encode(), np.uint8).copy()
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "config.json").write_text(json.dumps({"model_type": model}))
            file = "processor_config.json" if name.startswith("nested") else "preprocessor_config.json"
            (pathlib.Path(folder) / file).write_text(json.dumps(config))
            try:
                processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
                assert processor.backend == "pil"
                out[key + "/pixels"] = np.ascontiguousarray(processor(picture)["pixel_values"][0], dtype=np.float32)
            except Exception as e:
                out[key + "/refused"] = np.zeros(1, np.uint8)
                if "-v" in sys.argv:
                    print(key, "refused:", type(e).__name__, str(e)[:100].replace("\n", " "))
save_file(out, target / "preprocessing.safetensors")
(target / "preprocessing.safetensors").chmod(0o644)
print(sum(len(c) for c in cases.values()), "cases")
