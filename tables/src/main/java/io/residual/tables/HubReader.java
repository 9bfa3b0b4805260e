package io.residual.tables;

import io.residual.base.InputException;
import io.residual.data.ClassNames;
import io.residual.data.Reading;
import io.residual.data.SplitNames.Part;
import io.residual.images.UnreadableImageException;
import io.residual.tables.ParquetBlobs.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads files into one numbering of classes: that of the first training file, and after it whatever else the others name. */
final class HubReader {
    /** A part's rows; labels are places in the reader's names. */
    record Rows(List<Table> tables, int[] labels) {}

    private final Path root;
    private final Reading reading;
    private final List<String> notes;
    private final HubColumns first;

    /** Raw names to places; for texts as labels they come in as they are met. */
    private final Map<String, Integer> places = new LinkedHashMap<>();

    private List<String> classes = List.of();

    HubReader(Path root, Path first, Reading reading, List<String> notes) {
        this.root = root;
        this.reading = reading;
        this.notes = notes;
        HubColumns found = HubColumns.of(first, reading);
        if (found == null) {
            throw InputException.at(
                    first,
                    "metadata without an Image and a ClassLabel feature",
                    "both, under the key 'huggingface'",
                    "Export the data set with the datasets library, or sort the images into one folder a class");
        }
        this.first = found;
        List<String> names = found.names();
        if (!reading.classes().isEmpty()) {
            if (names != null
                    && !names.isEmpty()
                    && names.size() != reading.classes().size()) {
                throw InputException.at(
                        first,
                        names.size() + " classes in its column '" + found.label() + "'",
                        reading.classes().size() + ", as were named",
                        "Name every class, in the order of the labels");
            }
            if (names == null || names.isEmpty()) {
                names = reading.classes();
            }
        }
        if (names != null) {
            names.forEach(this::place);
        }
    }

    /** The names of the classes, once {@link #parts} has said which are used. */
    List<String> classes() {
        return classes;
    }

    private int place(String name) {
        return places.computeIfAbsent(name, k -> places.size());
    }

    Rows rows(List<Path> files) {
        List<Table> tables = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (Path file : files) {
            HubColumns own = file.equals(first.file()) ? first : HubColumns.of(file, reading);
            if (own == null) {
                notes.add(file
                        + " says nothing of its columns: they and the numbers of its labels are taken to be as in "
                        + first.file());
                own = new HubColumns(file, first.image(), first.label(), first.names());
            }
            int rows = ParquetFiles.count(List.of(file));
            tables.add(new Table(file, own.image(), rows));
            List<String> names = own.names();
            labels.add(names == null ? texts(own, rows) : numbers(own, rows, names));
        }
        return new Rows(tables, labels.stream().flatMapToInt(Arrays::stream).toArray());
    }

    private int[] numbers(HubColumns own, int rows, List<String> names) {
        List<String> of = names.isEmpty() ? reading.classes() : names;
        int[] common = of.stream().mapToInt(this::place).toArray();
        String label = ParquetFiles.identifier(own.label());
        int[] found = ParquetFiles.query(
                own.file(),
                "SELECT COALESCE(CAST(" + label + " AS INTEGER), -1) FROM " + ParquetFiles.table(List.of(own.file())),
                all -> {
                    int[] out = new int[rows];
                    for (int i = 0; i < rows && all.next(); i++) {
                        out[i] = all.getInt(1);
                    }
                    return out;
                });
        for (int i = 0; i < found.length; i++) {
            if (found[i] < 0 || found[i] >= common.length) {
                throw InputException.at(
                        own.file() + "#" + i,
                        "label " + found[i] + (found[i] == -1 ? " (none)" : ""),
                        "0 to " + (common.length - 1),
                        "Remove unlabelled rows from the file");
            }
            found[i] = common[found[i]];
        }
        return found;
    }

    private int[] texts(HubColumns own, int rows) {
        String label = ParquetFiles.identifier(own.label());
        String[] found = ParquetFiles.query(
                own.file(), "SELECT " + label + " FROM " + ParquetFiles.table(List.of(own.file())), all -> {
                    String[] out = new String[rows];
                    for (int i = 0; i < rows && all.next(); i++) {
                        String text = all.getString(1);
                        if (text == null) {
                            throw InputException.at(
                                    own.file() + "#" + i,
                                    "no label",
                                    "a text in the column '" + own.label() + "'",
                                    "Remove unlabelled rows from the file");
                        }
                        out[i] = text;
                    }
                    return out;
                });
        Arrays.stream(found).distinct().sorted().forEach(this::place);
        return Arrays.stream(found).mapToInt(this::place).toArray();
    }

    /** The parts with labels among the classes that have images. */
    Map<Part, HubParquet> parts(Map<Part, Rows> rows) {
        List<String> raw = new ArrayList<>(places.keySet());
        List<String> names = reading.classes().size() == raw.size() ? reading.classes() : raw;
        names = ClassNames.readable(root, names);
        Map<String, int[]> others = new TreeMap<>();
        int[] train = new int[0];
        for (Map.Entry<Part, Rows> part : rows.entrySet()) {
            if (part.getKey() == Part.TRAIN) {
                train = part.getValue().labels;
            } else {
                others.put(part.getKey().id(), part.getValue().labels);
            }
        }
        ClassNames.Used used = ClassNames.used(root, names, train, others);
        classes = used.names();
        notes.addAll(used.notes());
        notes.addAll(ClassNames.notes(classes));
        Map<Part, HubParquet> parts = new EnumMap<>(Part.class);
        rows.forEach((part, of) -> {
            ParquetBlobs blobs = new ParquetBlobs(root, of.tables);
            requireImages(part, blobs);
            parts.put(part, new HubParquet(blobs, used.relabel(of.labels)));
        });
        return parts;
    }

    private void requireImages(Part part, ParquetBlobs blobs) {
        List<UnreadableImageException> missing = blobs.missing();
        if (missing.isEmpty()) {
            return;
        }
        String reason = String.valueOf(missing.get(0).getMessage());
        if (missing.size() == blobs.size()) {
            throw InputException.at(
                    root,
                    "no image in any row of its " + part.id() + " part (" + reason + ")",
                    "images as bytes, or as paths of files below this folder",
                    "Export the data set with the images' bytes, or put the files there");
        }
        notes.add(missing.size() + " of " + blobs.size() + " rows of " + part.id()
                + " hold no image and will be left out; the first: " + reason);
    }
}
