package io.residual.images;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;

/**
 * The steps from a decoded image to a tower's input: resize, crop, scale to [0, 1], subtract the mean, divide by the
 * deviation. Read from the files beside a model's weights, because wrong preprocessing silently costs accuracy.
 * Immutable.
 *
 * @param resize how the image is resized
 * @param height of the resized image; with {@link Resize#SHORTEST_EDGE}, the length of the shorter side
 * @param width of the resized image; unused with {@link Resize#SHORTEST_EDGE}
 * @param filter of the resize
 * @param cropHeight of the centre crop, 0 for none
 * @param cropWidth of the centre crop, 0 for none
 * @param mean three numbers, red first
 * @param deviation three numbers
 * @param margin how half a pixel at the crop's edge is rounded
 */
public record Preprocessing(
        Resize resize,
        int height,
        int width,
        Resampling filter,
        int cropHeight,
        int cropWidth,
        float[] mean,
        float[] deviation,
        Margin margin) {
    /** CLIP's mean of pixels, red, green, blue. */
    @SuppressWarnings("MutablePublicArray") // the towers' hot path reads plain arrays; nobody writes to these
    public static final float[] CLIP_MEAN = {.48145467f, .4578275f, .40821072f};

    /** CLIP's deviation of pixels. */
    @SuppressWarnings("MutablePublicArray")
    public static final float[] CLIP_DEVIATION = {.26862955f, .2613026f, .2757771f};

    private static final int MAX_SIDE = 1 << 16;
    private static final int MAX_INPUT = 4096;

    public Preprocessing {
        boolean sized = resize == Resize.NONE || (height > 0 && (width > 0 || resize == Resize.SHORTEST_EDGE));
        if (!sized || height < 0 || width < 0 || height > MAX_INPUT || width > MAX_INPUT) {
            throw new InputException("images cannot be resized to " + height + " x " + width + " pixels, only to 1 to "
                    + MAX_INPUT + " a side: correct the model's preprocessing");
        }
        if (cropHeight < 0 || cropWidth < 0 || cropHeight > MAX_INPUT || cropWidth > MAX_INPUT) {
            throw new InputException("images cannot be cropped to " + cropHeight + " x " + cropWidth
                    + " pixels, only to " + MAX_INPUT + " a side at most: correct the model's preprocessing");
        }
    }

    /** A preprocessing with torchvision's margin. */
    public Preprocessing(
            Resize resize,
            int height,
            int width,
            Resampling filter,
            int cropHeight,
            int cropWidth,
            float[] mean,
            float[] deviation) {
        this(resize, height, width, filter, cropHeight, cropWidth, mean, deviation, Margin.ROUNDED);
    }

    /** The position of a centre crop when an odd number of pixels is left over. */
    public enum Margin {
        /** At the even one of the two nearest, as torchvision and open_clip do. */
        ROUNDED,
        /** At the nearer to the image's corner, as transformers does. */
        FLOORED
    }

    /** The rule for resizing. */
    public enum Resize {
        /** The shorter side to a given length, the other in proportion, rounded down. */
        SHORTEST_EDGE,
        /** To a given height and width, whatever the proportions. */
        EXACT,
        /** No resizing. */
        NONE
    }

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        ObjectNode node = Json.object()
                .put("resize", resize.name())
                .put("height", height)
                .put("width", width)
                .put("filter", filter.name())
                .put("crop_height", cropHeight)
                .put("crop_width", cropWidth);
        node.set("mean", Json.of(mean));
        node.set("deviation", Json.of(deviation));
        return node.put("margin", margin.name());
    }

    /** Height of the tower's input, in pixels. */
    public int inputHeight() {
        return cropHeight > 0 ? cropHeight : height;
    }

    /** Width of the tower's input, in pixels. */
    public int inputWidth() {
        return cropWidth > 0 ? cropWidth : resize == Resize.SHORTEST_EDGE ? height : width;
    }

    /** The image as 8-bit pixels of the tower's size, before scaling. */
    public Image fit(Image image) {
        Image resized = image;
        if (resize == Resize.EXACT) {
            resized = filter.resize(image, width, height);
        } else if (resize == Resize.SHORTEST_EDGE) {
            int w = image.width();
            int h = image.height();
            int shorter = Math.min(w, h);
            long longer = (long) height * Math.max(w, h) / shorter;
            if (longer > MAX_SIDE) {
                throw new IllegalArgumentException(
                        "an image of " + w + " x " + h + " pixels would become " + longer + " pixels long");
            }
            int other = (int) longer;
            resized = w <= h ? filter.resize(image, height, other) : filter.resize(image, other, height);
        }
        return cropHeight == 0 ? resized : centreCrop(resized);
    }

    /** As torchvision and transformers crop: what lies outside a smaller image is black. */
    private Image centreCrop(Image image) {
        int w = image.width();
        int h = image.height();
        if (w == cropWidth && h == cropHeight) {
            return image;
        }
        int left = offset(w, cropWidth);
        int top = offset(h, cropHeight);
        byte[] out = new byte[cropWidth * cropHeight * 3];
        for (int y = Math.max(0, -top); y < cropHeight && y + top < h; y++) {
            int from = Math.max(0, -left);
            int to = Math.min(cropWidth, w - left);
            System.arraycopy(
                    image.rgb(), ((y + top) * w + from + left) * 3, out, (y * cropWidth + from) * 3, (to - from) * 3);
        }
        return new Image(cropWidth, cropHeight, out);
    }

    /** torchvision pads a smaller image with the smaller half first, and rounds half a pixel of a larger one to even. */
    private int offset(int size, int crop) {
        if (margin == Margin.FLOORED) {
            return Math.floorDiv(size - crop, 2);
        }
        return size < crop ? -((crop - size) / 2) : (int) Math.rint((size - crop) / 2.0);
    }

    /** The tower's input for one image, 3 · height · width numbers, red plane first, written at {@code offset}. */
    public void apply(Image image, float[] target, int offset) {
        Image fitted = fit(image);
        if (fitted.height() != inputHeight() || fitted.width() != inputWidth()) {
            throw new IllegalArgumentException("it stays at " + fitted.width() + " x " + fitted.height()
                    + " pixels where the model wants " + inputWidth() + " x " + inputHeight());
        }
        int area = fitted.width() * fitted.height();
        byte[] rgb = fitted.rgb();
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < area; i++) {
                target[offset + c * area + i] = ((rgb[i * 3 + c] & 0xFF) / 255f - mean[c]) / deviation[c];
            }
        }
    }

    /** The number of floats that {@link #apply} writes: 3 · height · width. */
    public int inputLength() {
        return 3 * inputHeight() * inputWidth();
    }
}
