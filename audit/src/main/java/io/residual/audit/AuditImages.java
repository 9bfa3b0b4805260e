package io.residual.audit;

import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.SplitNames.Part;
import io.residual.images.Image;
import io.residual.images.ImageSource;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All images of a data set in one list: training, validation, test. Safe for several threads. */
public final class AuditImages implements ImageSource {
    private static final Part[] PARTS = Part.values();

    private final Dataset dataset;
    private final List<LabelledImages<?>> parts;
    private final int prefix;

    /** The images of a data set. */
    public AuditImages(Dataset dataset) {
        this.dataset = dataset;
        this.parts = List.of(dataset.train(), dataset.validation(), dataset.test());
        this.prefix = prefix(IntStream.range(0, size()).mapToObj(this::name).toList());
    }

    /** The images of a split. */
    LabelledImages<?> images(Part part) {
        return parts.get(part.ordinal());
    }

    /** The number of the first image of a split. */
    int first(Part part) {
        return parts.subList(0, part.ordinal()).stream()
                .mapToInt(LabelledImages::size)
                .sum();
    }

    /** The length of what all names have in common, up to a slash. */
    static int prefix(List<String> names) {
        String first = names.isEmpty() ? "" : names.get(0);
        int length = first.length();
        for (String name : names) {
            int same = 0;
            while (same < Math.min(length, name.length()) && name.charAt(same) == first.charAt(same)) {
                same++;
            }
            length = same;
        }
        return first.substring(0, length).replace('\\', '/').lastIndexOf('/') + 1;
    }

    /** The data set's name. */
    public String dataset() {
        return dataset.name();
    }

    /** The names of the classes. */
    public List<String> classes() {
        return dataset.prompts().classes();
    }

    @Override
    public int size() {
        return dataset.size();
    }

    /** The split of an image. */
    public Part part(int i) {
        int at = i;
        for (int p = 0; p < PARTS.length; p++) {
            if (at < parts.get(p).size()) {
                return PARTS[p];
            }
            at -= parts.get(p).size();
        }
        throw new IndexOutOfBoundsException(i);
    }

    private LabelledImages<?> of(int i) {
        return parts.get(part(i).ordinal());
    }

    private int row(int i) {
        int at = i;
        for (int p = 0; p < part(i).ordinal(); p++) {
            at -= parts.get(p).size();
        }
        return at;
    }

    @Override
    public int label(int i) {
        return of(i).label(row(i));
    }

    /** The class of every image. */
    public int[] labels() {
        return IntStream.range(0, size()).map(this::label).toArray();
    }

    /** The class of every image of training and validation, −1 of test images: for what selects, which may not see those. */
    int[] labelsOutsideTest() {
        return IntStream.range(0, size())
                .map(i -> part(i) == Part.TEST ? -1 : label(i))
                .toArray();
    }

    @Override
    public String name(int i) {
        return of(i).name(row(i));
    }

    /** The name below the folder that all images have in common, with slashes. */
    public String shortName(int i) {
        return name(i).substring(prefix).replace('\\', '/');
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        return of(i).read(row(i));
    }

    /** The stored bytes of an image, or null if it is not kept as a file. */
    public byte @Nullable [] bytes(int i) throws IOException {
        return of(i).bytes(row(i));
    }
}
