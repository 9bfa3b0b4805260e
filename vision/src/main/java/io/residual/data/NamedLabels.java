package io.residual.data;

import io.residual.base.InputException;
import io.residual.images.Image;
import io.residual.images.ImageSource;
import io.residual.images.UnreadableImageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Labels and a test split that file names give instead of folders: a second labelling of the same images. {@code
 * airplane1-bicycle2.jpg} shows the shape of an airplane with the texture of a bicycle; with the label {@code -([a-z]+)} and the test
 * {@code -[a-z]+3$} its texture is its label, and every image with the third texture of a kind is tested on.
 *
 * @param label finds a class in a file's name, as its first group
 * @param test finds something in the names of the test images
 */
public record NamedLabels(String label, String test) {
    /** An image of the data set, wherever it lay. */
    private record Item(LabelledImages<?> images, int row, String name, String stem) {}

    /**
     * Patterns.
     *
     * @throws IllegalArgumentException if one is no regular expression, or the first has no group
     */
    public NamedLabels {
        if (Pattern.compile(label).matcher("").groupCount() < 1) {
            throw new IllegalArgumentException("'" + label + "' has no group in parentheses");
        }
        Pattern.compile(test);
    }

    /**
     * The images of all splits of a data set with these labels and this test split; validation is taken from the rest.
     *
     * @throws InputException naming an image whose name has no label
     */
    public Dataset of(Dataset dataset, Splitting splitting) {
        List<Item> all = Stream.of(dataset.train(), dataset.validation(), dataset.test())
                .flatMap(p -> IntStream.range(0, p.size()).mapToObj(i -> item(p, i)))
                .sorted(Comparator.comparing(Item::stem).thenComparing(Item::name))
                .toList();
        Pattern found = Pattern.compile(label);
        List<String> labels = new ArrayList<>();
        for (Item item : all) {
            Matcher matcher = found.matcher(item.stem);
            String name = matcher.find() ? matcher.group(1) : null;
            if (name == null || name.isBlank()) {
                throw InputException.at(
                        item.name,
                        "a name without a label",
                        "one in which '" + label + "' finds something",
                        "Correct the pattern, or the file's name");
            }
            labels.add(name);
        }
        List<String> classes = labels.stream().distinct().sorted().toList();
        Pattern tested = Pattern.compile(test);
        boolean[] isTest = new boolean[all.size()];
        for (int i = 0; i < isTest.length; i++) {
            isTest[i] = tested.matcher(all.get(i).stem).find();
        }
        return splitting
                .split(
                        dataset.name(),
                        dataset.origin() + ", labels by '" + label + "', test by '" + test + "'",
                        new Prompts(classes, dataset.prompts().templates()),
                        some(all, labels, classes, false, isTest),
                        null,
                        some(all, labels, classes, true, isTest))
                .noted(dataset.notes());
    }

    /** The stem is the file's name without folders and ending. */
    private static Item item(LabelledImages<?> images, int row) {
        String name = images.name(row);
        String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        int dot = file.lastIndexOf('.');
        return new Item(images, row, name, dot > 0 ? file.substring(0, dot) : file);
    }

    private static ImageSource some(
            List<Item> all, List<String> labels, List<String> classes, boolean wanted, boolean... isTest) {
        int[] rows = IntStream.range(0, isTest.length)
                .filter(i -> isTest[i] == wanted)
                .toArray();
        int[] places =
                IntStream.of(rows).map(i -> classes.indexOf(labels.get(i))).toArray();
        return new ImageSource() {
            @Override
            public int size() {
                return rows.length;
            }

            @Override
            public int label(int i) {
                return places[i];
            }

            @Override
            public String name(int i) {
                return all.get(rows[i]).name;
            }

            @Override
            public Image read(int i) throws UnreadableImageException {
                Item item = all.get(rows[i]);
                return item.images.read(item.row);
            }
        };
    }
}
