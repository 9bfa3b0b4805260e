package io.residual.tables;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.data.ClassNames;
import io.residual.data.Dataset;
import io.residual.data.ImageTree;
import io.residual.data.Prompts;
import io.residual.data.Reading;
import io.residual.data.SplitNames;
import io.residual.data.SplitNames.Part;
import io.residual.data.Splitting;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.StoredImages;
import io.residual.images.UnreadableImageException;
import io.residual.tables.ImageColumn.Typed;
import io.residual.tables.ParquetBlobs.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Image data sets as the Hugging Face hub keeps them: Parquet files {@code train-*.parquet}, {@code test-*.parquet} and perhaps {@code
 * validation-*.parquet} (or {@code train/*.parquet} and so on, as the hub's conversions; {@link SplitNames} has all the words), with
 * an image column and a label column. The classes' names stand in each file's own metadata under {@code huggingface}, or in the
 * label column itself; files that number them differently are brought together by name.
 */
public final class HubParquet implements StoredImages {
    /**
     * What one file says of itself.
     *
     * @param names of the classes in the order of the labels; null where the labels are texts
     */
    private record Described(
            Path file,
            ImageColumn image,
            String label,
            @Nullable List<String> names) {}

    private final ParquetBlobs blobs;
    private final int[] labels;

    private @Nullable String @Nullable [] hashes;

    private HubParquet(ParquetBlobs blobs, int[] labels) {
        this.blobs = blobs;
        this.labels = labels;
    }

    /**
     * Whether a folder, its sub-folder {@code data}, or folders in them that are called after splits, hold such files for training.
     */
    public static boolean isOne(Path folder) {
        return Files.isDirectory(folder) && Layout.of(folder).has(Part.TRAIN);
    }

    /** Whether there are Parquet files where a data set's would be, for training or not. */
    public static boolean hasFiles(Path folder) {
        return Files.isDirectory(folder) && !Layout.of(folder).parts.isEmpty();
    }

    /** Which files are there, by split, and which belong to none. */
    private record Layout(Map<Part, List<Path>> parts, List<String> unknown) {
        /**
         * Files without a split's word in their names are for training where no file has one, as the datasets library has it; but
         * not beside images, where they are something else about them.
         */
        static Layout of(Path root) {
            Map<Part, List<Path>> parts = new EnumMap<>(Part.class);
            List<Path> unknown = new ArrayList<>();
            for (Path file : files(root)) {
                Part part = SplitNames.of(root.relativize(file)
                        .toString()
                        .replace(root.getFileSystem().getSeparator(), "/"));
                if (part == null) {
                    unknown.add(file);
                } else {
                    parts.computeIfAbsent(part, k -> new ArrayList<>()).add(file);
                }
            }
            if (parts.isEmpty()
                    && !unknown.isEmpty()
                    && ImageTree.below(root).files().isEmpty()) {
                parts.put(Part.TRAIN, List.copyOf(unknown));
                unknown.clear();
            }
            return new Layout(
                    parts,
                    unknown.stream().map(f -> root.relativize(f).toString()).toList());
        }

        private static List<Path> files(Path root) {
            List<Path> places = new ArrayList<>();
            for (Path place : List.of(root, root.resolve("data"))) {
                if (Files.isDirectory(place)) {
                    places.add(place);
                    ImageTree.folders(place).stream()
                            .filter(f -> SplitNames.ofFolder(String.valueOf(f.getFileName())) != null)
                            .forEach(places::add);
                }
            }
            List<Path> files = new ArrayList<>();
            for (Path place : places) {
                try (Stream<Path> entries = Files.list(place)) {
                    entries.filter(HubParquet::isTable).sorted().forEach(files::add);
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot list " + place + ": " + e.getMessage(), e);
                }
            }
            return files;
        }

        boolean has(Part part) {
            return parts.containsKey(part);
        }
    }

    private static boolean isTable(Path file) {
        String name = String.valueOf(file.getFileName());
        return ImageTree.ending(name).equals("parquet") && !ImageTree.isHidden(name) && Files.isRegularFile(file);
    }

    /** Opens a folder of such files; images are read when asked for. */
    public static Dataset open(Path folder, Splitting splitting) {
        return open(folder, splitting, Reading.PLAIN);
    }

    /** Opens a folder of such files, read in a certain way. */
    public static Dataset open(Path folder, Splitting splitting, Reading reading) {
        Layout layout = Layout.of(folder);
        if (!layout.has(Part.TRAIN)) {
            throw InputException.at(
                    folder,
                    "no train-*.parquet"
                            + (layout.parts.isEmpty()
                                    ? ""
                                    : ", only "
                                            + layout.parts.keySet().stream()
                                                    .map(Part::id)
                                                    .toList()),
                    "Parquet files of the hub, for training too",
                    "Check the folder");
        }
        List<String> notes = new ArrayList<>();
        if (!layout.unknown.isEmpty()) {
            notes.add("left out, since the name says no split (train, validation or test): "
                    + ClassNames.some(layout.unknown) + "; rename the files that are wanted");
        }
        Map<Part, List<Path>> files = layout.parts;
        if (reading.pooled()) {
            files = new EnumMap<>(Part.class);
            files.put(
                    Part.TRAIN,
                    layout.parts.values().stream().flatMap(List::stream).toList());
        }
        Reader reader =
                new Reader(folder, files.getOrDefault(Part.TRAIN, List.of()).get(0), reading, notes);
        Map<Part, Rows> rows = new EnumMap<>(Part.class);
        files.forEach((part, of) -> rows.put(part, reader.rows(of)));
        Map<Part, HubParquet> parts = reader.parts(rows);
        HubParquet train = parts.get(Part.TRAIN);
        if (train == null) {
            throw new IllegalStateException("no training part"); // one was found above
        }
        return splitting
                .split(
                        String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                        "Parquet " + folder + (reading.pooled() ? ", all parts together" : ""),
                        new Prompts(reader.classes, Prompts.PHOTO_TEMPLATES),
                        train,
                        parts.get(Part.VALIDATION),
                        parts.get(Part.TEST))
                .noted(notes);
    }

    /** A part's rows; labels are places in the reader's names. */
    private record Rows(List<Table> tables, int[] labels) {}

    /** Reads files into one numbering of classes: that of the first training file, and after it whatever else the others name. */
    private static final class Reader {
        private final Path root;
        private final Reading reading;
        private final List<String> notes;
        private final Described first;

        /** Raw names to places; for texts as labels they come in as they are met. */
        private final Map<String, Integer> places = new LinkedHashMap<>();

        private List<String> classes = List.of();

        Reader(Path root, Path first, Reading reading, List<String> notes) {
            this.root = root;
            this.reading = reading;
            this.notes = notes;
            Described found = described(first, reading);
            if (found == null) {
                throw InputException.at(
                        first,
                        "metadata without an Image and a ClassLabel feature",
                        "both, under the key 'huggingface'",
                        "Export the data set with the datasets library, or sort the images into one folder a class");
            }
            this.first = found;
            List<String> names = found.names;
            if (!reading.classes().isEmpty()) {
                if (names != null
                        && !names.isEmpty()
                        && names.size() != reading.classes().size()) {
                    throw InputException.at(
                            first,
                            names.size() + " classes in its column '" + found.label + "'",
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

        private int place(String name) {
            return places.computeIfAbsent(name, k -> places.size());
        }

        Rows rows(List<Path> files) {
            List<Table> tables = new ArrayList<>();
            List<int[]> labels = new ArrayList<>();
            for (Path file : files) {
                Described own = file.equals(first.file) ? first : described(file, reading);
                if (own == null) {
                    notes.add(file
                            + " says nothing of its columns: they and the numbers of its labels are taken to be as in "
                            + first.file);
                    own = new Described(file, first.image, first.label, first.names);
                }
                int rows = ParquetFiles.count(List.of(file));
                tables.add(new Table(file, own.image, rows));
                List<String> names = own.names;
                labels.add(names == null ? texts(own, rows) : numbers(own, rows, names));
            }
            return new Rows(tables, labels.stream().flatMapToInt(Arrays::stream).toArray());
        }

        private int[] numbers(Described own, int rows, List<String> names) {
            List<String> of = names.isEmpty() ? reading.classes() : names;
            int[] common = of.stream().mapToInt(this::place).toArray();
            String label = ParquetFiles.identifier(own.label);
            int[] found = ParquetFiles.query(
                    own.file,
                    "SELECT COALESCE(CAST(" + label + " AS INTEGER), -1) FROM " + ParquetFiles.table(List.of(own.file)),
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
                            own.file + "#" + i,
                            "label " + found[i] + (found[i] == -1 ? " (none)" : ""),
                            "0 to " + (common.length - 1),
                            "Remove unlabelled rows from the file");
                }
                found[i] = common[found[i]];
            }
            return found;
        }

        private int[] texts(Described own, int rows) {
            String label = ParquetFiles.identifier(own.label);
            String[] found = ParquetFiles.query(
                    own.file, "SELECT " + label + " FROM " + ParquetFiles.table(List.of(own.file)), all -> {
                        String[] out = new String[rows];
                        for (int i = 0; i < rows && all.next(); i++) {
                            String text = all.getString(1);
                            if (text == null) {
                                throw InputException.at(
                                        own.file + "#" + i,
                                        "no label",
                                        "a text in the column '" + own.label + "'",
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

    /** Which column is the image, which the label, and what the classes are called; null if the metadata does not say. */
    private static @Nullable Described described(Path file, Reading reading) {
        JsonNode features = features(file);
        List<Typed> columns = ImageColumn.of(file);
        String image = null;
        String label = null;
        for (Map.Entry<String, JsonNode> feature : features.properties()) {
            String type = feature.getValue().path("_type").asText();
            boolean wanted = reading.label() == null
                    ? type.equals("ClassLabel")
                    : reading.label().equals(feature.getKey());
            if (type.equals("Image") && image == null) {
                image = feature.getKey();
            } else if (wanted && label == null) {
                label = feature.getKey();
            }
        }
        if (label == null && reading.label() == null) { // texts in a column of the usual name need no ClassLabel
            label = Stream.of("label", "labels")
                    .filter(name -> features.has(name)
                            && columns.stream().anyMatch(c -> c.name().equals(name) && c.isText()))
                    .findFirst()
                    .orElse(null);
        }
        if (reading.label() != null && label == null) {
            throw InputException.at(
                    file,
                    "no column '" + reading.label() + "' among "
                            + features.properties().stream()
                                    .map(Map.Entry::getKey)
                                    .toList(),
                    "the label column that was named",
                    "Correct the name");
        }
        if (image == null || label == null) {
            return null;
        }
        ImageColumn images = ImageColumn.of(typed(file, columns, image));
        if (images == null) {
            throw InputException.at(
                    file,
                    "images in the column '" + image + "' of type "
                            + typed(file, columns, image).type(),
                    "a struct with bytes or path, bytes, or paths",
                    "Export the data set with the datasets library");
        }
        List<String> names = new ArrayList<>();
        features.path(label).path("names").forEach(n -> names.add(n.asText()));
        if (typed(file, columns, label).isText()) {
            return new Described(file, images, label, null);
        }
        return names.isEmpty() && reading.classes().isEmpty() ? null : new Described(file, images, label, names);
    }

    private static Typed typed(Path file, List<Typed> columns, String name) {
        return columns.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> InputException.at(
                        file,
                        "metadata that names a column '" + name + "', and only the columns "
                                + columns.stream().map(Typed::name).collect(Collectors.joining(", ")),
                        "metadata of this file",
                        "Export the data set again"));
    }

    private static JsonNode features(Path file) {
        String json = ParquetFiles.query(
                file, "SELECT key, value FROM parquet_kv_metadata(" + ParquetFiles.quoted(file) + ")", rows -> {
                    while (rows.next()) {
                        if (new String(ParquetFiles.bytes(rows.getObject(1)), StandardCharsets.UTF_8)
                                .equals("huggingface")) {
                            return new String(ParquetFiles.bytes(rows.getObject(2)), StandardCharsets.UTF_8);
                        }
                    }
                    return "{}";
                });
        try {
            return Json.parse(json, Json.Limits.FOREIGN).path("info").path("features");
        } catch (JsonProcessingException e) {
            throw InputException.at(
                    file, "'huggingface' metadata that is not JSON", "JSON", "Export the data set again", e);
        }
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int i) {
        return labels[i];
    }

    @Override
    public String name(int i) {
        return blobs.name(i);
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        return ImageDecoder.decode(blobs.row(i), name(i));
    }

    @Override
    public synchronized @Nullable String fingerprint(int i) {
        @Nullable String[] known = hashes;
        if (known == null) {
            known = blobs.hashes();
            hashes = known;
        }
        return known.length == 0 ? null : known[i];
    }

    @Override
    public byte[] bytes(int i) throws IOException {
        try {
            return blobs.row(i);
        } catch (UnreadableImageException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Not without reading whole pages. */
    @Override
    public byte @Nullable [] head(int i) {
        return null;
    }
}
