package io.residual.images;

import io.residual.base.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pictures without labels, as somebody names them: files, folders, patterns, lists, Parquet files. */
public final class PictureFiles implements PictureSource {
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff");

    /** A file, or a row of a Parquet file. */
    private record One(Path file, @Nullable ParquetPictures table, int row) {}

    private final List<One> pictures;

    private PictureFiles(List<Path> files) {
        List<One> all = new ArrayList<>();
        for (Path file : files) {
            if (isTable(file)) {
                ParquetPictures table = new ParquetPictures(file);
                for (int row = 0; row < table.size(); row++) {
                    all.add(new One(file, table, row));
                }
            } else {
                all.add(new One(file, null, 0));
            }
        }
        this.pictures = List.copyOf(all);
    }

    private static boolean isTable(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet") && Files.isRegularFile(file);
    }

    /**
     * The files that some words mean: a file; a folder, with every picture below it; a Parquet file with a column of pictures; a pattern such as {@code a/*.jpg}; or
     * {@code -} for a line each of {@code in}. A file that is named and is not there is kept: reading it says what is wrong.
     */
    public static PictureFiles of(List<String> words, InputStream in) {
        List<Path> files = new ArrayList<>();
        for (String word : words) {
            if (word.equals("-")) {
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                        .lines()
                        .filter(line -> !line.isBlank())
                        .forEach(line -> files.add(Path.of(line)));
                continue;
            }
            boolean pattern = word.matches(".*[*?\\[{].*");
            List<Path> found = pattern && !exists(word) ? matching(word) : named(Path.of(word));
            if (found.isEmpty()) {
                throw InputException.at(
                        "the pictures",
                        "none at '" + word + "'",
                        "files with an ending among "
                                + ENDINGS.stream().sorted().toList(),
                        "Check the path");
            }
            files.addAll(found);
        }
        return new PictureFiles(files);
    }

    private static boolean exists(String word) {
        try {
            return Files.exists(Path.of(word));
        } catch (java.nio.file.InvalidPathException e) {
            return false; // a system whose paths cannot hold a star
        }
    }

    private static List<Path> named(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        return walk(path).filter(PictureFiles::looksLikeOne).toList();
    }

    /** From the folder before the first star on. */
    private static List<Path> matching(String pattern) {
        String plain = pattern.replace('\\', '/');
        int star = plain.split("[*?\\[{]", 2)[0].length();
        int slash = plain.lastIndexOf('/', star);
        Path root = Path.of(slash < 0 ? "." : slash == 0 ? "/" : plain.substring(0, slash));
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        PathMatcher matcher =
                FileSystems.getDefault().getPathMatcher("glob:" + (slash < 0 ? plain : plain.substring(slash + 1)));
        return walk(root).filter(p -> matcher.matches(root.relativize(p))).toList();
    }

    private static Stream<Path> walk(Path root) {
        try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root + ": " + e.getMessage(), e);
        }
    }

    private static boolean looksLikeOne(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    @Override
    public int size() {
        return pictures.size();
    }

    /** No labels are known: 0. */
    @Override
    public int label(int i) {
        return 0;
    }

    @Override
    public String name(int i) {
        One one = pictures.get(i);
        return one.table == null ? one.file.toString() : one.table.name(one.row);
    }

    @Override
    public Picture read(int i) throws UnreadablePictureException {
        One one = pictures.get(i);
        return one.table == null ? PictureDecoder.decode(one.file) : one.table.read(one.row);
    }
}
