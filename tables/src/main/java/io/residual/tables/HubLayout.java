package io.residual.tables;

import io.residual.data.ImageTree;
import io.residual.data.SplitNames;
import io.residual.data.SplitNames.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which Parquet files a folder has, by split, and which belong to none.
 *
 * @param unknown below the folder
 */
record HubLayout(Map<Part, List<Path>> parts, List<String> unknown) {
    /**
     * Files without a split's word in their names are for training where no file has one, as the datasets library has it; but
     * not beside images, where they are something else about them.
     */
    static HubLayout of(Path root) {
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
        return new HubLayout(
                parts, unknown.stream().map(f -> root.relativize(f).toString()).toList());
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
                entries.filter(HubLayout::isTable).sorted().forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + place + ": " + e.getMessage(), e);
            }
        }
        return files;
    }

    boolean has(Part part) {
        return parts.containsKey(part);
    }

    private static boolean isTable(Path file) {
        String name = String.valueOf(file.getFileName());
        return ImageTree.ending(name).equals("parquet") && !ImageTree.isHidden(name) && Files.isRegularFile(file);
    }
}
