package io.residual.data;

import io.residual.base.Csv;
import io.residual.base.InputException;
import io.residual.base.TextFiles;
import io.residual.data.SplitNames.Part;
import io.residual.provenance.ContentHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Corrections of a data set that lie in a file beside it: other labels, images to leave out, images to put into another split. The
 * images themselves stay as they are. The file is a table with the columns {@code file,action,value,reason}, in any order; {@code
 * reason} is for people. A file is named as the data set names it, or by any unambiguous end of that, such as {@code cat/7.png}.
 *
 * @param file where they were read
 * @param hash of the file's content, for provenance
 */
public record LabelFixes(Path file, String hash, List<Fix> fixes) {
    /** The names of the columns. */
    public static final List<String> COLUMNS = List.of("file", "action", "value", "reason");

    /** What {@code keep} can say of. */
    private static final List<String> KEPT = List.of(Action.LABEL.id(), Action.SPLIT.id());

    private static final int LARGEST = 256 << 20;

    public LabelFixes {
        fixes = List.copyOf(fixes);
    }

    /** What is done to an image. */
    public enum Action {
        /** It gets the label in the column {@code value}. */
        LABEL,
        /** It is left out. */
        DROP,
        /** It goes into the split in the column {@code value}. */
        SPLIT,
        /** Somebody has reviewed its {@code label} or {@code split} (in the column {@code value}), and it stays as it is. */
        KEEP;

        /** Its name in the file. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One correction.
     *
     * @param line of the file
     * @param image name of the image, or its end
     * @param value a class, a split, or nothing
     */
    public record Fix(int line, String image, Action action, String value) {}

    /**
     * Reads a file of corrections.
     *
     * @throws InputException naming the line and the value that is wrong
     */
    public static LabelFixes read(Path file) {
        String text = TextFiles.read(file, "a table of corrections", LARGEST);
        List<Csv.Row> rows = Csv.rows(text, file);
        if (rows.isEmpty()) {
            throw InputException.at(file, "nothing", "a table " + String.join(",", COLUMNS), "Write its first line");
        }
        Map<String, Integer> places = columns(file, rows.get(0));
        List<Fix> fixes = new ArrayList<>();
        for (Csv.Row row : rows.subList(1, rows.size())) {
            String where = file + ", line " + row.line();
            if (row.cells().size() != rows.get(0).cells().size()) {
                throw InputException.at(
                        where,
                        row.cells().size() + " fields",
                        rows.get(0).cells().size() + " as in the first line",
                        "Correct the line; a field with a comma stands in quotes");
            }
            fixes.add(fix(row, places, where));
        }
        return new LabelFixes(
                file,
                new ContentHash().add(text.getBytes(StandardCharsets.UTF_8)).hex(),
                fixes);
    }

    private static Map<String, Integer> columns(Path file, Csv.Row header) {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < header.cells().size(); i++) {
            String name = header.cells().get(i).strip();
            if (!COLUMNS.contains(name) || places.put(name, i) != null) {
                throw InputException.at(
                        file + ", line " + header.line(),
                        "the column '" + name + "'" + (places.containsKey(name) ? " twice" : ""),
                        "the columns " + String.join(", ", COLUMNS) + ", each once",
                        "Correct the first line");
            }
        }
        for (String needed : List.of("file", "action", "value")) {
            if (!places.containsKey(needed)) {
                throw InputException.at(
                        file + ", line " + header.line(),
                        "no column '" + needed + "'",
                        "the columns file, action, value",
                        "Correct the first line");
            }
        }
        return places;
    }

    private static Fix fix(Csv.Row row, Map<String, Integer> places, String where) {
        String name = cell(row, places, "file").replace('\\', '/');
        String said = cell(row, places, "action");
        String value = cell(row, places, "value");
        Action action = Arrays.stream(Action.values())
                .filter(a -> a.id().equals(said))
                .findFirst()
                .orElseThrow(() -> InputException.unknown(
                        where + ", action",
                        said,
                        Arrays.stream(Action.values()).map(Action::id).toList()));
        if (name.isEmpty()) {
            throw InputException.at(where + ", file", "nothing", "the name of an image", "Name one");
        }
        if (action == Action.DROP && !value.isEmpty()) {
            throw InputException.at(where + ", value", "'" + value + "'", "nothing with drop", "Leave it empty");
        }
        if (action == Action.SPLIT && part(value) == null) {
            throw InputException.unknown(
                    where + ", value",
                    value,
                    Arrays.stream(Part.values()).map(Part::id).toList());
        }
        if (action == Action.KEEP && !KEPT.contains(value)) {
            throw InputException.unknown(where + ", value", value, KEPT);
        }
        return new Fix(row.line(), name, action, value);
    }

    private static String cell(Csv.Row row, Map<String, Integer> places, String column) {
        return row.cells().get(places.getOrDefault(column, 0)).strip();
    }

    private static @Nullable Part part(String value) {
        return Arrays.stream(Part.values())
                .filter(p -> p.id().equals(value))
                .findFirst()
                .orElse(null);
    }

    /**
     * Which of some images somebody has reviewed, label or split.
     *
     * @param names of images, as the data set names them
     * @param action {@link Action#LABEL} or {@link Action#SPLIT}
     */
    public boolean[] reviewed(List<String> names, Action action) {
        List<String> files = fixes.stream()
                .filter(f -> f.action == action || (f.action == Action.KEEP && f.value.equals(action.id())))
                .map(Fix::image)
                .toList();
        boolean[] out = new boolean[names.size()];
        for (int place : places(files, names)) {
            if (place >= 0) {
                out[place] = true;
            }
        }
        return out;
    }

    /**
     * Which image each name in a table means: the one called so, else the one whose name ends so.
     *
     * @param files names or ends of names, with slashes
     * @param names of images, as the data set names them
     * @return places in {@code names}; −1 where no image or more than one fits
     */
    public static int[] places(List<String> files, List<String> names) {
        Map<String, List<Integer>> named = named(files, names);
        return files.stream()
                .mapToInt(file -> {
                    List<Integer> found = named.getOrDefault(file, List.of());
                    return found.size() == 1 ? found.get(0) : -1;
                })
                .toArray();
    }

    /** An image with what it is to be. */
    private static final class Item {
        private final LabelledImages<?> images;
        private final int row;
        private Part part;
        private int label;
        private boolean dropped;
        private boolean moved;
        private final Map<Action, Integer> lines = new EnumMap<>(Action.class);
        private final Map<Action, Integer> kept = new EnumMap<>(Action.class);

        Item(LabelledImages<?> images, int row, Part part) {
            this.images = images;
            this.row = row;
            this.part = part;
            this.label = images.label(row);
        }
    }

    /**
     * A copy of a data set with the corrections. Images keep their order; those that change their split come last there.
     *
     * @throws InputException naming the line if an image or a class is not there, or two lines contradict one another
     */
    public Dataset applied(Dataset dataset) {
        List<Item> items = new ArrayList<>();
        add(dataset.train(), Part.TRAIN, items);
        add(dataset.validation(), Part.VALIDATION, items);
        add(dataset.test(), Part.TEST, items);
        Map<String, List<Integer>> named = named(
                fixes.stream().map(Fix::image).toList(),
                items.stream().map(i -> i.images.name(i.row)).toList());
        for (Fix fix : fixes) {
            apply(
                    fix,
                    items.get(found(fix, named.getOrDefault(fix.image, List.of()))),
                    dataset.prompts().classes());
        }
        List<Item> kept = items.stream().filter(i -> !i.dropped).toList();
        FixedImages source = FixedImages.of(kept.stream()
                .map(i -> new FixedImages.Item(i.images, i.row, i.label))
                .toList());
        Map<Action, Long> counts = fixes.stream().collect(Collectors.groupingBy(Fix::action, Collectors.counting()));
        String what = counts.getOrDefault(Action.LABEL, 0L) + " labels changed, "
                + counts.getOrDefault(Action.DROP, 0L) + " images left out, "
                + counts.getOrDefault(Action.SPLIT, 0L) + " put into another split"
                + (counts.containsKey(Action.KEEP)
                        ? ", " + counts.getOrDefault(Action.KEEP, 0L) + " kept as they are"
                        : "");
        long ofTest = items.stream()
                .filter(i -> i.part == Part.TEST && i.label != i.images.label(i.row))
                .count();
        String caution = ofTest == 0
                ? ""
                : "; " + ofTest
                        + " of the changed labels are of test images: unless somebody has reviewed them, the test"
                        + " accuracy is optimistic, as a model proposed them";
        return new Dataset(
                        dataset.name(),
                        dataset.origin() + ", corrected by " + file.getFileName() + " (" + hash + ")",
                        dataset.prompts(),
                        LabelledImages.of(source, rows(kept, Part.TRAIN)),
                        LabelledImages.of(source, rows(kept, Part.VALIDATION)),
                        LabelledImages.of(source, rows(kept, Part.TEST)),
                        dataset.notes())
                .noted(List.of("corrected by " + file + ": " + what + caution));
    }

    private static void add(LabelledImages<?> images, Part part, List<Item> into) {
        for (int i = 0; i < images.size(); i++) {
            into.add(new Item(images, i, part));
        }
    }

    /** The images that each name in a table may mean: those called so, else those whose names end so. */
    private static Map<String, List<Integer>> named(List<String> files, List<String> names) {
        Map<String, List<Integer>> exact = new LinkedHashMap<>();
        Map<String, List<Integer>> ends = new HashMap<>();
        files.forEach(f -> ends.put(f, new ArrayList<>()));
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).replace('\\', '/');
            if (ends.containsKey(name)) {
                exact.computeIfAbsent(name, k -> new ArrayList<>()).add(i);
            }
            for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
                List<Integer> of = ends.get(name.substring(slash + 1));
                if (of != null) {
                    of.add(i);
                }
            }
        }
        ends.putAll(exact);
        return ends;
    }

    private int found(Fix fix, List<Integer> items) {
        if (items.size() != 1) {
            throw InputException.at(
                    file + ", line " + fix.line + ", file",
                    "'" + fix.image + "', which is "
                            + (items.isEmpty() ? "no image" : "the end of " + items.size() + " images' names"),
                    "one image of the data set",
                    items.isEmpty()
                            ? "Check the name, or whether the file belongs to another data set"
                            : "Give more of the path");
        }
        return items.get(0);
    }

    private void apply(Fix fix, Item item, List<String> classes) {
        String where = file + ", line " + fix.line;
        Action of = fix.action == Action.KEEP ? Action.valueOf(fix.value.toUpperCase(Locale.ROOT)) : fix.action;
        Integer before = contradicted(fix.action, of, item);
        if (before != null) {
            throw InputException.at(
                    where,
                    fix.action.id() + " of '" + fix.image + "', which line " + before + " corrects already",
                    "one label and one split for an image, or drop alone",
                    "Remove one of the lines");
        }
        (fix.action == Action.KEEP ? item.kept : item.lines).put(of, fix.line);
        switch (fix.action) {
            case DROP -> item.dropped = true;
            case SPLIT -> {
                Part part = part(fix.value);
                item.part = part == null ? item.part : part;
                item.moved = true;
            }
            case LABEL -> {
                int label = classes.indexOf(fix.value);
                if (label < 0) {
                    throw InputException.unknown(where + ", value", fix.value, classes);
                }
                item.label = label;
            }
            case KEEP -> {}
        }
    }

    /** The line that a new one contradicts, or null. What was kept after a look may still be dropped. */
    private static @Nullable Integer contradicted(Action action, Action of, Item item) {
        Integer same = item.lines.getOrDefault(of, item.kept.get(of));
        if (same != null || action == Action.KEEP) {
            return same;
        }
        return action == Action.DROP
                ? item.lines.values().stream().findFirst().orElse(null)
                : item.lines.get(Action.DROP);
    }

    private static int[] rows(List<Item> kept, Part part) {
        List<Integer> own = new ArrayList<>();
        List<Integer> moved = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            if (kept.get(i).part == part) {
                (kept.get(i).moved ? moved : own).add(i);
            }
        }
        own.addAll(moved);
        return own.stream().mapToInt(Integer::intValue).toArray();
    }
}
