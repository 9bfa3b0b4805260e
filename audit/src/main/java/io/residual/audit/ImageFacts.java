package io.residual.audit;

import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import io.residual.images.Image;
import io.residual.images.Resampling;
import io.residual.images.Signatures;
import io.residual.images.UnreadableImageException;
import io.residual.provenance.ContentHash;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an audit keeps of an image's file and pixels: about five kilobytes.
 *
 * @param problem why it cannot be read, or null
 * @param format of the file, such as JPEG, or "" where there is no file
 * @param bytes of the file, or 0
 * @param fileHash SHA-256 of the file, or null
 * @param pixelHash SHA-256 of size and decoded pixels
 * @param grey SIDE · SIDE brightnesses of the image, shrunk without regard to its proportions
 * @param brightness mean, 0 to 255
 * @param deviation of the brightnesses
 * @param corners mean red, green and blue of each of the four corners, an eighth of the side: upper left, upper right, lower left,
 *     lower right
 * @param border mean and deviation of the brightness along the outermost pixels
 */
public record ImageFacts(
        @Nullable String problem,
        int width,
        int height,
        String format,
        long bytes,
        @Nullable String fileHash,
        String pixelHash,
        byte[] grey,
        double brightness,
        double deviation,
        float[] corners,
        float[] border) {
    /** The side of the small grey images. */
    static final int SIDE = 64;

    private static final int CORNERS = 4;
    private static final int CORNER_SHARE = 8;

    /** Reads every image once, on all processors. */
    public static ImageFacts[] of(AuditImages images, Progress progress) {
        return all(images.size(), images.dataset(), i -> of(images::bytes, images::read, i), progress);
    }

    /** The same of images without labels. */
    static ImageFacts[] of(LabelledImages<?> images, String name, Progress progress) {
        return all(images.size(), name, i -> of(images::bytes, images::read, i), progress);
    }

    private static ImageFacts[] all(int count, String name, IntFunction<ImageFacts> read, Progress progress) {
        progress.start("reading images of " + name, count);
        AtomicInteger done = new AtomicInteger();
        ImageFacts[] facts = new ImageFacts[count];
        IntStream.range(0, count).parallel().forEach(i -> {
            facts[i] = read.apply(i);
            progress.at(done.incrementAndGet());
        });
        progress.finish();
        return facts;
    }

    /** Gives the bytes of an image, or null. */
    private interface Stored {
        byte @Nullable [] bytes(int i) throws IOException;
    }

    /** Decodes an image. */
    private interface Decoded {
        Image read(int i) throws UnreadableImageException;
    }

    private static ImageFacts of(Stored stored, Decoded decoded, int i) {
        String format = "";
        long length = 0;
        String fileHash = null;
        try {
            byte[] bytes = stored.bytes(i);
            if (bytes != null) {
                length = bytes.length;
                fileHash = new ContentHash().add(bytes).hex();
                String found = Signatures.format(Arrays.copyOf(bytes, Math.min(bytes.length, Signatures.LENGTH)));
                format = found == null ? "" : found;
            }
            return of(decoded.read(i), format, length, fileHash);
        } catch (UnreadableImageException | IOException e) {
            return new ImageFacts(
                    String.valueOf(e.getMessage()),
                    0,
                    0,
                    format,
                    length,
                    fileHash,
                    "",
                    new byte[0],
                    0,
                    0,
                    new float[CORNERS * 3],
                    new float[2]);
        }
    }

    private static ImageFacts of(Image image, String format, long length, @Nullable String fileHash) {
        byte[] grey = grey(Resampling.BILINEAR.resize(image, SIDE, SIDE));
        double sum = 0;
        double squares = 0;
        for (byte value : grey) {
            sum += value & 255;
            squares += (double) (value & 255) * (value & 255);
        }
        double mean = sum / grey.length;
        float[] corners = new float[CORNERS * 3];
        int side = Math.max(1, Math.min(image.width(), image.height()) / CORNER_SHARE);
        for (int c = 0; c < CORNERS; c++) {
            int left = c % 2 == 0 ? 0 : image.width() - side;
            int top = c < 2 ? 0 : image.height() - side;
            for (int channel = 0; channel < 3; channel++) {
                corners[c * 3 + channel] = mean(image, left, top, side, channel);
            }
        }
        return new ImageFacts(
                null,
                image.width(),
                image.height(),
                format,
                length,
                fileHash,
                new ContentHash()
                        .add(image.width())
                        .add(image.height())
                        .add(image.rgb())
                        .hex(),
                grey,
                mean,
                Math.sqrt(Math.max(0, squares / grey.length - mean * mean)),
                corners,
                border(image));
    }

    private static float mean(Image image, int left, int top, int side, int channel) {
        double sum = 0;
        for (int y = top; y < top + side; y++) {
            for (int x = left; x < left + side; x++) {
                sum += image.at(x, y, channel);
            }
        }
        return (float) (sum / side / side);
    }

    private static float[] border(Image image) {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int y = 0; y < image.height(); y++) {
            boolean row = y == 0 || y == image.height() - 1;
            for (int x = 0; x < image.width(); x += row ? 1 : Math.max(1, image.width() - 1)) {
                double value = luma(image.at(x, y, 0), image.at(x, y, 1), image.at(x, y, 2));
                sum += value;
                squares += value * value;
                count++;
            }
        }
        double mean = sum / count;
        return new float[] {(float) mean, (float) Math.sqrt(Math.max(0, squares / count - mean * mean))};
    }

    private static double luma(int red, int green, int blue) {
        return .299 * red + .587 * green + .114 * blue; // ITU-R 601, as Pillow
    }

    private static byte[] grey(Image image) {
        byte[] grey = new byte[image.width() * image.height()];
        byte[] rgb = image.rgb();
        for (int p = 0; p < grey.length; p++) {
            grey[p] = (byte) Math.round(luma(rgb[p * 3] & 255, rgb[p * 3 + 1] & 255, rgb[p * 3 + 2] & 255));
        }
        return grey;
    }

    /** Whether it was read. */
    public boolean readable() {
        return problem == null;
    }
}
