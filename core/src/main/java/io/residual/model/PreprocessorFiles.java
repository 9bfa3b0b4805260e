package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.residual.base.InputException;
import io.residual.images.Preprocessing;
import io.residual.images.Preprocessing.Resize;
import io.residual.images.Resampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads preprocessing from the files beside a model's weights. */
final class PreprocessorFiles {
    private PreprocessorFiles() {}

    /** What CLIP does where no file says otherwise. */
    static Preprocessing clip(int imageSize) {
        return new Preprocessing(
                Resize.SHORTEST_EDGE,
                imageSize,
                imageSize,
                Resampling.BICUBIC,
                imageSize,
                imageSize,
                Preprocessing.CLIP_MEAN,
                Preprocessing.CLIP_DEVIATION,
                Preprocessing.Margin.FLOORED);
    }

    /**
     * {@code preprocessor_config.json} of Hugging Face.
     *
     * @param otherwise the family's own way, where the file is absent or silent
     */
    static Preprocessing huggingFace(Path folder, Preprocessing otherwise) {
        Path file = folder.resolve("preprocessor_config.json");
        JsonNode node = Files.exists(file) ? ModelFolder.json(file) : withinProcessor(folder);
        if (node.isMissingNode()) {
            return otherwise;
        }
        Resize resize = node.path("do_resize").asBoolean(true) ? otherwise.resize() : Resize.NONE;
        int height = otherwise.height();
        int width = otherwise.width();
        JsonNode size = node.path("size");
        if (size.isNumber()) {
            height = ModelFolder.positive(file, node, "size", height);
            width = height;
        } else if (size.has("shortest_edge")) {
            resize = resize == Resize.NONE ? resize : Resize.SHORTEST_EDGE;
            height = ModelFolder.positive(file, size, "shortest_edge", height);
            width = height;
        } else if (size.has("height")) {
            resize = resize == Resize.NONE ? resize : Resize.EXACT;
            height = ModelFolder.positive(file, size, "height", height);
            width = ModelFolder.positive(file, size, "width", width);
        }
        int cropHeight = otherwise.cropHeight();
        int cropWidth = otherwise.cropWidth();
        JsonNode crop = node.path("crop_size");
        if (crop.isNumber()) { // 0: no crop
            cropHeight = crop.doubleValue() == 0 ? 0 : ModelFolder.positive(file, node, "crop_size", cropHeight);
            cropWidth = cropHeight;
        } else if (crop.isObject()) {
            cropHeight = ModelFolder.positive(file, crop, "height", cropHeight);
            cropWidth = ModelFolder.positive(file, crop, "width", cropWidth);
        }
        if (!node.path("do_center_crop").asBoolean(otherwise.cropHeight() > 0)) {
            cropHeight = 0;
            cropWidth = 0;
        }
        requireBytesScaled(file, node);
        boolean normalised = node.path("do_normalize").asBoolean(true);
        return new Preprocessing(
                resize,
                height,
                width,
                filter(file, node.path("resample"), otherwise.filter()),
                cropHeight,
                cropWidth,
                normalised ? three(file, node, "image_mean", otherwise.mean()) : new float[] {0, 0, 0},
                normalised ? three(file, node, "image_std", otherwise.deviation()) : new float[] {1, 1, 1},
                Preprocessing.Margin.FLOORED);
    }

    /** Since transformers 5 the image processor's settings may be part of {@code processor_config.json}. */
    private static JsonNode withinProcessor(Path folder) {
        Path file = folder.resolve("processor_config.json");
        return Files.exists(file) ? ModelFolder.json(file).path("image_processor") : MissingNode.getInstance();
    }

    private static void requireBytesScaled(Path file, JsonNode node) {
        double factor = node.path("rescale_factor").asDouble(1 / 255.0);
        if (!node.path("do_rescale").asBoolean(true) || Math.abs(factor * 255 - 1) > 1e-6) {
            throw InputException.at(
                    file + ", 'do_rescale' and 'rescale_factor'",
                    node.path("do_rescale") + " and " + node.path("rescale_factor"),
                    "pixels divided by 255",
                    "This preprocessing is not supported");
        }
    }

    /** {@code preprocess_cfg} of {@code open_clip_config.json}. */
    static Preprocessing openClip(Path file, JsonNode node, int imageSize) {
        String mode = ModelFolder.text(node, "resize_mode", "shortest");
        float[] mean = three(file, node, "mean", Preprocessing.CLIP_MEAN);
        float[] deviation = three(file, node, "std", Preprocessing.CLIP_DEVIATION);
        Resampling filter =
                switch (ModelFolder.text(node, "interpolation", "bicubic")) {
                    case "bicubic" -> Resampling.BICUBIC;
                    case "bilinear" -> Resampling.BILINEAR;
                    default ->
                        throw InputException.at(
                                file + ", 'interpolation'",
                                node.path("interpolation").toString(),
                                "bicubic or bilinear",
                                "This preprocessing is not supported");
                };
        return switch (mode) {
            case "shortest" ->
                new Preprocessing(
                        Resize.SHORTEST_EDGE, imageSize, imageSize, filter, imageSize, imageSize, mean, deviation);
            case "squash" -> new Preprocessing(Resize.EXACT, imageSize, imageSize, filter, 0, 0, mean, deviation);
            default ->
                throw InputException.at(
                        file + ", 'resize_mode'", mode, "shortest or squash", "This preprocessing is not supported");
        };
    }

    private static Resampling filter(Path file, JsonNode node, Resampling otherwise) {
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (node.isTextual()) {
            return Arrays.stream(Resampling.values())
                    .filter(r -> r.name().equalsIgnoreCase(node.textValue()))
                    .findFirst()
                    .orElseThrow(() -> unknownFilter(file, node));
        }
        return switch (node.asInt(-1)) {
            case 0 -> Resampling.NEAREST;
            case 1 -> Resampling.LANCZOS;
            case 2 -> Resampling.BILINEAR;
            case 3 -> Resampling.BICUBIC;
            case 4 -> Resampling.BOX;
            case 5 -> Resampling.HAMMING;
            default -> throw unknownFilter(file, node);
        };
    }

    private static InputException unknownFilter(Path file, JsonNode node) {
        return InputException.at(
                file + ", 'resample'", node.toString(), "Pillow's 0 to 5", "Correct the file or fetch it again");
    }

    private static float[] three(Path file, JsonNode root, String key, float[] otherwise) {
        JsonNode node = root.path(key);
        if (node instanceof MissingNode || node.isNull()) {
            return otherwise;
        }
        if (!node.isArray()
                || node.size() != 3
                || !node.get(0).isNumber()
                || !node.get(1).isNumber()
                || !node.get(2).isNumber()) {
            throw InputException.at(
                    file + ", '" + key + "'", node.toString(), "three numbers", "Correct the file or fetch it again");
        }
        float[] values = {
            node.get(0).floatValue(), node.get(1).floatValue(), node.get(2).floatValue()
        };
        if (!Float.isFinite(values[0] + values[1] + values[2])) {
            throw InputException.at(
                    file + ", '" + key + "'", node.toString(), "finite numbers", "Correct the file or fetch it again");
        }
        if (key.endsWith("std") && (values[0] == 0 || values[1] == 0 || values[2] == 0)) {
            throw InputException.at(
                    file + ", '" + key + "'", node.toString(), "no zero", "Correct the file or fetch it again");
        }
        return values;
    }
}
