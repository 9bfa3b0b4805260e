package io.residual.images;

import io.residual.provenance.ContentHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A batch while it is being filled, image by image; what cannot be read is left out and named. */
public final class Preprocessed {
    /** Supplies a decoded image. */
    public interface Decoding {
        /**
         * The image.
         *
         * @throws UnreadableImageException if there is none
         */
        Image image() throws UnreadableImageException;
    }

    private final Preprocessing preprocessing;
    private final int length;
    private final float[] pixels;
    private final int[] labels;
    private final List<String> names = new ArrayList<>();
    private final List<byte[]> hashes = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<String> unread = new ArrayList<>();

    /** An empty batch with room for some images. */
    public Preprocessed(Preprocessing preprocessing, int room) {
        this.preprocessing = preprocessing;
        this.length = preprocessing.inputLength();
        this.pixels = new float[room * length];
        this.labels = new int[room];
    }

    /** Adds an image, or the reason why it cannot be. */
    public void add(String name, int label, Decoding decoding) {
        long resized = 0; // bytes, roughly
        int before = skipped.size();
        try {
            Image image = decoding.image();
            resized = 2L * image.rgb().length;
            preprocessing.apply(image, pixels, names.size() * length);
            String hash = new ContentHash()
                    .add(image.width())
                    .add(image.rgb())
                    .add(label)
                    .hex();
            hashes.add(HexFormat.of().parseHex(hash));
            labels[names.size()] = label;
            names.add(name);
        } catch (UnreadableImageException e) {
            skipped.add(e.getMessage());
        } catch (IllegalArgumentException e) {
            skipped.add(name + ": cannot be preprocessed (" + e.getMessage() + ")");
        } catch (OutOfMemoryError e) { // of the resize; the batch itself has its room
            skipped.add(UnreadableImageException.noMemory(name, resized, e).getMessage());
        } finally {
            if (skipped.size() > before) {
                unread.add(name);
            }
        }
    }

    /** Images in it, those left out not counted. */
    public int size() {
        return names.size();
    }

    /** The images added so far, as a batch. */
    public Batch toBatch() {
        int n = names.size();
        boolean all = n == labels.length;
        return new Batch(
                all ? pixels : Arrays.copyOf(pixels, n * length),
                all ? labels : Arrays.copyOf(labels, n),
                List.copyOf(names),
                List.copyOf(hashes),
                List.copyOf(skipped),
                List.copyOf(unread));
    }
}
