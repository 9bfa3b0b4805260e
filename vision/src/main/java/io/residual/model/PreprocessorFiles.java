package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.images.Preprocessing;
import io.residual.images.Preprocessing.Resize;
import io.residual.images.Resampling;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads preprocessing from the files beside a model's weights. */
final class PreprocessorFiles {
    private static final float[] HALF = {.5f, .5f, .5f};
    static final float[] IMAGENET_MEAN = {.485f, .456f, .406f};
    static final float[] IMAGENET_DEVIATION = {.229f, .224f, .225f};

    private PreprocessorFiles() {}

    /** The preprocessing of CLIP, used where no file specifies one. */
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
     * {@code preprocessor_config.json} of Hugging Face, or the image processor's part of {@code processor_config.json}, which goes
     * first, as transformers reads them: what is absent is as the processor's class has it; null is no default but nothing, which
     * switches a step off and is refused where a step needs it.
     *
     * @param otherwise the family's own way, where the file is absent, and its sizes, where the file is silent
     */
    static Preprocessing huggingFace(Path folder, Preprocessing otherwise) {
        Path own = folder.resolve("preprocessor_config.json");
        Path shared = folder.resolve("processor_config.json");
        JsonNode nested =
                Files.exists(shared) ? ModelFolder.json(shared).path("image_processor") : MissingNode.getInstance();
        if (isGiven(nested)) {
            if (!nested.isObject()) {
                throw unsupported(shared, "image_processor", nested, "an object");
            }
            return read(shared, nested, otherwise);
        }
        return Files.exists(own) ? read(own, ModelFolder.json(own), otherwise) : otherwise;
    }

    private static Preprocessing read(Path file, JsonNode node, Preprocessing family) {
        Preprocessing otherwise = ofClass(file, node, family);
        boolean square = flag(file, node, "default_to_square", otherwise.resize() == Resize.EXACT && !isSiglip(node));
        boolean resized = flag(file, node, "do_resize", true);
        Size size = resized ? size(file, node, "size", square) : null;
        if (size == null) {
            size = new Size(otherwise.resize() == Resize.EXACT, otherwise.height(), otherwise.width());
        }
        if (flag(file, node, "use_square_size", false)) {
            size = new Size(true, otherwise.height(), otherwise.height());
        }
        int cropHeight = 0;
        int cropWidth = 0;
        if (flag(file, node, "do_center_crop", otherwise.cropHeight() > 0)) {
            JsonNode crop = node.path("crop_size");
            Size given = crop.isNumber() && crop.doubleValue() == 0 // 0: no crop
                    ? new Size(true, 0, 0)
                    : size(file, node, "crop_size", true);
            if (given == null && otherwise.cropHeight() == 0) {
                throw unsupported(file, "crop_size", crop, "a height and a width, since 'do_center_crop' is true");
            }
            if (given != null && !given.exact) {
                throw unsupported(file, "crop_size", crop, "a height and a width");
            }
            cropHeight = given == null ? otherwise.cropHeight() : given.height;
            cropWidth = given == null ? otherwise.cropWidth() : given.width;
        }
        if (flag(file, node, "do_pad", false)) {
            throw unsupported(file, "do_pad", node.path("do_pad"), "false");
        }
        requireBytesScaled(file, node);
        boolean normalised = flag(file, node, "do_normalize", true);
        return new Preprocessing(
                !resized ? Resize.NONE : size.exact ? Resize.EXACT : Resize.SHORTEST_EDGE,
                size.height,
                size.width,
                resized ? filter(file, node.path("resample"), otherwise.filter()) : otherwise.filter(),
                cropHeight,
                cropWidth,
                normalised ? three(file, node, "image_mean", otherwise.mean()) : new float[] {0, 0, 0},
                normalised ? three(file, node, "image_std", otherwise.deviation()) : new float[] {1, 1, 1},
                Preprocessing.Margin.FLOORED);
    }

    /** SigLIP's class stretches to a height and a width, but takes a single number for the shorter side. */
    private static boolean isSiglip(JsonNode node) {
        return node.path("image_processor_type").asText().startsWith("Siglip");
    }

    /** The defaults of the processor's class that the file names, at the model's size; the family's if it names none. */
    private static Preprocessing ofClass(Path file, JsonNode node, Preprocessing family) {
        String key = isGiven(node.path("image_processor_type")) ? "image_processor_type" : "feature_extractor_type";
        JsonNode type = node.path(key);
        if (!isGiven(type)) {
            return family;
        }
        int size = family.inputHeight();
        return switch (type.asText().replaceFirst("(ImageProcessor|FeatureExtractor)(Fast|Pil)?$", "")) {
            case "CLIP", "Bit" -> clip(size);
            case "ViT" -> square(size, Resampling.BILINEAR, HALF, HALF);
            case "Siglip" -> square(size, Resampling.BICUBIC, HALF, HALF);
            case "DINOv3ViT" -> square(size, Resampling.BILINEAR, IMAGENET_MEAN, IMAGENET_DEVIATION);
            case "Blip" -> square(size, Resampling.BICUBIC, Preprocessing.CLIP_MEAN, Preprocessing.CLIP_DEVIATION);
            default ->
                throw unsupported(
                        file, key, type, "the image processor of CLIP, Siglip, Bit (DINOv2), DINOv3ViT, ViT or Blip");
        };
    }

    private static Preprocessing square(int size, Resampling filter, float[] mean, float[] deviation) {
        return new Preprocessing(Resize.EXACT, size, size, filter, 0, 0, mean, deviation, Preprocessing.Margin.FLOORED);
    }

    /**
     * A size as files give it.
     *
     * @param exact whether height and width are both given, and not the length of the shorter side alone
     */
    private record Size(boolean exact, int height, int width) {}

    /** A number, a list of height and width, or an object; null where the entry is absent. */
    private static @Nullable Size size(Path file, JsonNode root, String key, boolean square) {
        JsonNode node = root.path(key);
        if (node.isMissingNode()) {
            return null;
        }
        if (node.isNumber()) {
            int side = ModelFolder.positive(file, root, key, 1);
            return new Size(square, side, side);
        }
        if (node.isArray() && node.size() >= 2) {
            return new Size(true, side(file, key, node, node.path(0)), side(file, key, node, node.path(1)));
        }
        if (node.isObject() && node.size() == 2 && node.has("height") && node.has("width")) {
            return new Size(
                    true, side(file, key, node, node.path("height")), side(file, key, node, node.path("width")));
        }
        if (node.isObject() && node.size() == 1 && node.has("shortest_edge")) {
            int edge = side(file, key, node, node.path("shortest_edge"));
            return new Size(false, edge, edge);
        }
        throw unsupported(
                file,
                key,
                node,
                "a number, [height, width], or an object with 'height' and 'width', or 'shortest_edge' alone");
    }

    private static int side(Path file, String key, JsonNode whole, JsonNode side) {
        if (!side.isNumber()
                || !side.canConvertToInt()
                || side.doubleValue() != side.intValue()
                || side.intValue() <= 0) {
            throw unsupported(file, key, whole, "positive whole numbers");
        }
        return side.intValue();
    }

    private static boolean isGiven(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }

    private static boolean flag(Path file, JsonNode root, String key, boolean otherwise) {
        JsonNode node = root.path(key);
        if (node.isMissingNode()) {
            return otherwise;
        }
        if (!node.isBoolean() && !node.isNull()) {
            throw unsupported(file, key, node, "true, false or null, which is false");
        }
        return node.booleanValue();
    }

    private static InputException unsupported(Path file, String key, JsonNode found, String expected) {
        return InputException.at(
                file + ", '" + key + "'", ModelFolder.shown(found), expected, "This preprocessing is not supported");
    }

    private static void requireBytesScaled(Path file, JsonNode node) {
        JsonNode factor = node.path("rescale_factor");
        boolean usual =
                factor.isMissingNode() || (factor.isNumber() && Math.abs(factor.doubleValue() * 255 - 1) <= 1e-6);
        if (!flag(file, node, "do_rescale", true) || !usual) {
            throw InputException.at(
                    file + ", 'do_rescale' and 'rescale_factor'",
                    ModelFolder.shown(node.path("do_rescale")) + " and "
                            + ModelFolder.shown(node.path("rescale_factor")),
                    "pixels divided by 255",
                    "This preprocessing is not supported");
        }
    }

    /** {@code preprocess_cfg} of {@code open_clip_config.json}; its size gives way to the model's, as in open_clip. */
    static Preprocessing openClip(Path file, JsonNode node, int imageSize) {
        float[] mean = node.path("mean").isNull()
                ? Preprocessing.CLIP_MEAN
                : three(file, node, "mean", Preprocessing.CLIP_MEAN);
        float[] deviation = node.path("std").isNull()
                ? Preprocessing.CLIP_DEVIATION
                : three(file, node, "std", Preprocessing.CLIP_DEVIATION);
        String colours = word(file, node, "mode", "RGB");
        if (!colours.equals("RGB")) {
            throw unsupported(file, "mode", node.path("mode"), "RGB");
        }
        Resampling filter =
                switch (word(file, node, "interpolation", "bicubic")) {
                    case "bicubic", "random" -> Resampling.BICUBIC; // a random one is for training alone
                    case "bilinear" -> Resampling.BILINEAR;
                    default ->
                        throw unsupported(file, "interpolation", node.path("interpolation"), "bicubic or bilinear");
                };
        return switch (word(file, node, "resize_mode", "shortest")) {
            case "shortest" ->
                new Preprocessing(
                        Resize.SHORTEST_EDGE, imageSize, imageSize, filter, imageSize, imageSize, mean, deviation);
            case "squash" -> new Preprocessing(Resize.EXACT, imageSize, imageSize, filter, 0, 0, mean, deviation);
            default -> throw unsupported(file, "resize_mode", node.path("resize_mode"), "shortest or squash");
        };
    }

    private static String word(Path file, JsonNode root, String key, String otherwise) {
        JsonNode node = root.path(key);
        if (!isGiven(node)) {
            return otherwise;
        }
        if (!node.isTextual()) {
            throw unsupported(file, key, node, "a word");
        }
        return node.textValue().isEmpty() ? otherwise : node.textValue();
    }

    private static Resampling filter(Path file, JsonNode node, Resampling otherwise) {
        if (node.isMissingNode()) {
            return otherwise;
        }
        if (!node.isInt()) { // transformers resizes bilinearly where a word stands, whatever the word
            throw unknownFilter(file, node);
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
                file + ", 'resample'", Json.shown(node), "Pillow's 0 to 5", "Correct the file or fetch it again");
    }

    private static float[] three(Path file, JsonNode root, String key, float[] otherwise) {
        JsonNode given = root.path(key);
        if (given.isMissingNode()) {
            return otherwise;
        }
        JsonNode node = given.isNumber() // one for all channels
                ? Json.array().add(given).add(given).add(given)
                : given;
        if (!node.isArray()
                || node.size() != 3
                || !node.get(0).isNumber()
                || !node.get(1).isNumber()
                || !node.get(2).isNumber()) {
            throw InputException.at(
                    file + ", '" + key + "'", Json.shown(node), "three numbers", "Correct the file or fetch it again");
        }
        float[] values = {
            node.get(0).floatValue(), node.get(1).floatValue(), node.get(2).floatValue()
        };
        if (!Float.isFinite(values[0] + values[1] + values[2])) {
            throw InputException.at(
                    file + ", '" + key + "'", Json.shown(node), "finite numbers", "Correct the file or fetch it again");
        }
        if (key.endsWith("std") && (values[0] == 0 || values[1] == 0 || values[2] == 0)) {
            throw InputException.at(
                    file + ", '" + key + "'", Json.shown(node), "no zero", "Correct the file or fetch it again");
        }
        return values;
    }
}
