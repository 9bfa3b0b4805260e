package io.residual.cli;

import io.residual.base.Csv;
import io.residual.base.InputException;
import io.residual.base.TextFiles;
import io.residual.data.LabelFixes;
import io.residual.data.LabelledImages;
import io.residual.provenance.ContentHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Groups of images other than their classes, from a table with the columns {@code file,group}: what an accuracy should not differ by,
 * such as the ground that something stands on. A file is named as {@link LabelFixes} names it.
 *
 * @param names of the groups, in the order of the table
 * @param hash of the table's content, for provenance
 */
record Groups(Path file, List<String> files, List<Integer> groups, List<String> names, String hash) {
    private static final List<String> COLUMNS = List.of("file", "group");
    private static final int LARGEST = 256 << 20;
    private static final String REMEDY = "Correct the table of groups";

    Groups {
        files = List.copyOf(files);
        groups = List.copyOf(groups);
        names = List.copyOf(names);
    }

    /**
     * Reads a table.
     *
     * @throws InputException naming the line that is wrong
     */
    static Groups read(Path file) {
        String text = TextFiles.read(file, "a table of groups", LARGEST);
        List<Csv.Row> rows = Csv.rows(text, file);
        List<String> header = rows.isEmpty()
                ? List.of()
                : rows.get(0).cells().stream().map(String::strip).toList();
        if (!header.containsAll(COLUMNS)) {
            throw InputException.at(
                    file, rows.isEmpty() ? "nothing" : "the first line " + header, "the columns file,group", REMEDY);
        }
        int name = header.indexOf("file");
        int group = header.indexOf("group");
        List<String> files = new ArrayList<>();
        List<Integer> groups = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Csv.Row row : rows.subList(1, rows.size())) {
            List<String> cells = row.cells();
            String of = cells.size() == header.size() ? cells.get(group).strip() : "";
            if (of.isEmpty()) {
                throw InputException.at(
                        file + ", line " + row.line(),
                        cells.size() == header.size() ? "no group" : cells.size() + " fields",
                        header.size() + " fields, and a group",
                        REMEDY);
            }
            if (!names.contains(of)) {
                names.add(of);
            }
            files.add(cells.get(name).strip().replace('\\', '/'));
            groups.add(names.indexOf(of));
        }
        if (names.size() < 2) {
            throw InputException.at(file, names.size() + " groups", "two or more", REMEDY);
        }
        return new Groups(
                file,
                files,
                groups,
                names,
                new ContentHash().add(text.getBytes(StandardCharsets.UTF_8)).hex());
    }

    /**
     * The group of each of some images.
     *
     * @throws InputException if an image is in no row, or in rows of several groups
     */
    int[] of(List<String> images) {
        int[] places = LabelFixes.places(files, images);
        int[] found = new int[images.size()];
        Arrays.fill(found, -1);
        for (int row = 0; row < places.length; row++) {
            int image = places[row];
            if (image >= 0 && found[image] >= 0 && found[image] != groups.get(row)) {
                throw InputException.at(
                        file,
                        images.get(image) + " in '" + names.get(found[image]) + "' and in '"
                                + names.get(groups.get(row)) + "'",
                        "one group an image",
                        REMEDY);
            }
            if (image >= 0) {
                found[image] = groups.get(row);
            }
        }
        for (int i = 0; i < found.length; i++) {
            if (found[i] < 0) {
                throw InputException.at(
                        file,
                        "no row for " + images.get(i) + ", or a name that fits several images",
                        "a row for every validation and test image",
                        REMEDY);
            }
        }
        return found;
    }

    /** The group of each image of a split. */
    int[] of(LabelledImages<?> images) {
        return of(IntStream.range(0, images.size()).mapToObj(images::name).toList());
    }
}
