package io.residual.data;

import io.residual.base.InputException;
import io.residual.images.Image;
import io.residual.images.StoredImages;
import io.residual.provenance.ContentHash;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * MNIST's format: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte} and the same with {@code t10k},
 * plain or gzipped. An image file is the number 2051, a count, rows and columns (big-endian, 4 bytes each), then one
 * byte a pixel; a label file is 2049, a count, then one byte a label.
 */
public final class IdxFiles implements StoredImages {
    private static final int IMAGES = 2051;
    private static final int LABELS = 2049;
    private static final int MAX_SIDE = 4096;
    private static final long MAX_PACKING = 200;
    private static final String REMEDY = "Fetch the file again";

    private final Path file;
    private final int height;
    private final int width;
    private final byte[][] rows;
    private final int[] labels;

    /** The same images with other labels. */
    private IdxFiles(IdxFiles of, int[] labels) {
        this.file = of.file;
        this.height = of.height;
        this.width = of.width;
        this.rows = of.rows;
        this.labels = labels;
    }

    private IdxFiles(Path images, Path labelFile) {
        file = images;
        try (DataInputStream in = open(images)) {
            requireMagic(images, in.readInt(), IMAGES);
            int count = in.readInt();
            height = in.readInt();
            width = in.readInt();
            if (count < 1 || height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) {
                throw InputException.at(
                        images,
                        count + " images of " + height + " x " + width,
                        "at least one, of 1 to " + MAX_SIDE + " pixels a side",
                        REMEDY);
            }
            long all = (long) count * height * width;
            if (images.toString().endsWith(".gz")
                    && all > Files.size(images) * MAX_PACKING) { // few bytes of gzip can stand for gigabytes
                throw InputException.at(
                        images,
                        all + " pixels in a file of " + Files.size(images) + " bytes",
                        "at most " + MAX_PACKING + " pixels a byte",
                        REMEDY);
            }
            // Rows are read one by one, so that a count that lies meets the end of the file, not of memory.
            List<byte[]> read = new java.util.ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] pixels = new byte[height * width];
                in.readFully(pixels);
                read.add(pixels);
            }
            rows = read.toArray(byte[][]::new);
            requireEnd(images, in);
        } catch (EOFException e) {
            throw truncated(images, e);
        } catch (IOException e) {
            throw unreadable(images, e);
        }
        try (DataInputStream in = open(labelFile)) {
            requireMagic(labelFile, in.readInt(), LABELS);
            int count = in.readInt();
            if (count != rows.length) {
                throw InputException.at(
                        labelFile, count + " labels", rows.length + ", one for each image in " + images, REMEDY);
            }
            labels = new int[count];
            for (int i = 0; i < count; i++) {
                labels[i] = in.readUnsignedByte();
            }
            requireEnd(labelFile, in);
        } catch (EOFException e) {
            throw truncated(labelFile, e);
        } catch (IOException e) {
            throw unreadable(labelFile, e);
        }
    }

    /** Whether a folder holds such files. */
    public static boolean isOne(Path folder) {
        return find(folder, "train-images-idx3-ubyte") != null;
    }

    /** Reads a folder of such files. */
    public static Dataset open(Path folder, Splitting splitting) {
        IdxFiles train = part(folder, "train");
        if (train == null) {
            throw InputException.at(folder, "no train-images-idx3-ubyte(.gz)", "MNIST-style files", "Check the folder");
        }
        IdxFiles test = part(folder, "t10k");
        int[] tested = test == null ? new int[0] : test.labels;
        int classes = 1
                + IntStream.concat(Arrays.stream(train.labels), Arrays.stream(tested))
                        .max()
                        .orElse(0);
        ClassNames.Used used = ClassNames.used(
                folder,
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
                train.labels,
                Map.of("t10k", tested));
        Prompts prompts = new Prompts(
                used.names(), List.of("a photo of the number {}", "the number {}", "a picture of the digit {}"));
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        return splitting
                .split(
                        name,
                        "IDX " + folder,
                        prompts,
                        new IdxFiles(train, used.relabel(train.labels)),
                        null,
                        test == null ? null : new IdxFiles(test, used.relabel(tested)))
                .noted(used.notes());
    }

    private static @Nullable IdxFiles part(Path folder, String part) {
        Path images = find(folder, part + "-images-idx3-ubyte");
        if (images == null) {
            return null;
        }
        Path labels = find(folder, part + "-labels-idx1-ubyte");
        if (labels == null) {
            throw InputException.at(
                    folder, "no " + part + "-labels-idx1-ubyte(.gz)", "the labels of " + images, "Add the file");
        }
        return new IdxFiles(images, labels);
    }

    private static @Nullable Path find(Path folder, String name) {
        for (String ending : List.of("", ".gz")) {
            Path file = folder.resolve(name + ending);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    private static DataInputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            return new DataInputStream(
                    file.toString().endsWith(".gz") ? new BufferedInputStream(new GZIPInputStream(in), 1 << 16) : in);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static void requireMagic(Path file, int found, int expected) {
        if (found != expected) {
            throw InputException.at(file, "the leading number " + found, String.valueOf(expected), REMEDY);
        }
    }

    private static void requireEnd(Path file, InputStream in) throws IOException {
        if (in.read() >= 0) {
            throw InputException.at(file, "more data than its header announces", "the end of the file", REMEDY);
        }
    }

    private static InputException truncated(Path file, IOException e) {
        return InputException.at(
                file,
                "the end of the file",
                "more data, as its header announces",
                "The file is truncated; fetch it again",
                e);
    }

    private static RuntimeException unreadable(Path file, IOException e) {
        if (e instanceof ZipException) {
            return InputException.at(file, "damaged gzip data (" + e.getMessage() + ")", "gzip", REMEDY, e);
        }
        return new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public int label(int i) {
        return labels[i];
    }

    @Override
    public String name(int i) {
        return file + "#" + i;
    }

    @Override
    public Image read(int i) {
        byte[] grey = rows[i];
        byte[] rgb = new byte[grey.length * 3];
        for (int p = 0; p < grey.length; p++) {
            rgb[p * 3] = grey[p];
            rgb[p * 3 + 1] = grey[p];
            rgb[p * 3 + 2] = grey[p];
        }
        return new Image(width, height, rgb);
    }

    @Override
    public String fingerprint(int i) {
        return new ContentHash().add(width).add(rows[i]).hex();
    }

    @Override
    public byte[] bytes(int i) {
        return rows[i];
    }

    /** Bare pixels have no format. */
    @Override
    public byte @Nullable [] head(int i) {
        return null;
    }
}
