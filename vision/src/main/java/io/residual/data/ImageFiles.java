package io.residual.data;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.ImageSource;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Images without labels, as somebody names them: files, folders, patterns, lists, Parquet files. */
public final class ImageFiles implements ImageSource {
    /** A file, or a Parquet file with all its rows, and which number its first image has. */
    private record Part(Path file, @Nullable ImageSource table, int first) {}

    private final List<Part> parts;
    private final int[] firsts;
    private final int size;
    private final List<String> notes;

    private ImageFiles(List<Path> files, List<String> notes) {
        this.notes = List.copyOf(notes);
        List<Part> all = new ArrayList<>();
        int next = 0;
        for (Path file : files) {
            ImageSource table =
                    ImageTables.isTable(file) ? ImageTables.reader(file).images(file) : null;
            all.add(new Part(file, table, next));
            next = Math.addExact(next, table == null ? 1 : table.size());
        }
        this.parts = List.copyOf(all);
        this.firsts = all.stream().mapToInt(Part::first).toArray();
        this.size = next;
    }

    /** The part that an image is in; of those with the same first number (empty tables) the last. */
    private Part part(int i) {
        int low = 0;
        int high = firsts.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (firsts[middle] <= i) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return parts.get(low);
    }

    /**
     * The files that some words mean: a file; a folder, with every image below it; a Parquet file with a column of images; a pattern such as {@code a/*.jpg}; or
     * {@code -} for the names in {@code in} ({@link ImageList}). A file that is named and is not there is kept: reading it says what is wrong.
     */
    public static ImageFiles of(List<String> words, InputStream in) {
        List<Path> files = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (String word : words) {
            if (word.equals("-")) {
                ImageList.read(in).forEach(line -> files.add(path(line)));
                continue;
            }
            boolean pattern = word.matches(".*[*?\\[{].*");
            LeftOut leftOut = new LeftOut();
            List<Path> found = pattern && !exists(word) ? matching(word) : named(path(word), leftOut);
            String left = leftOut.text();
            if (found.isEmpty()) {
                throw InputException.at(
                        "the images",
                        "none at '" + word + "'" + (left.isEmpty() ? "" : ", but " + left),
                        "files with an ending among "
                                + ImageDecoder.ENDINGS.stream().sorted().toList(),
                        "Check the path");
            }
            files.addAll(found);
            if (!left.isEmpty()) {
                notes.add("left out below " + word + ": " + left);
            }
        }
        return new ImageFiles(files, notes);
    }

    private static Path path(String word) {
        return FileNames.path("the images", word);
    }

    private static boolean exists(String word) {
        try {
            return Files.exists(Path.of(word));
        } catch (InvalidPathException e) {
            return false; // a system whose paths cannot hold a star
        }
    }

    private static List<Path> named(Path path, LeftOut leftOut) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        ImageTree tree = ImageTree.below(path);
        leftOut.add(tree.leftOut());
        if (tree.files().isEmpty()) {
            return tree.tables();
        }
        tree.tables().forEach(t -> leftOut.other("parquet"));
        return tree.files();
    }

    /** From the folder before the first star on. */
    private static List<Path> matching(String pattern) {
        String plain = pattern.replace('\\', '/');
        int star = plain.split("[*?\\[{]", 2)[0].length();
        int slash = plain.lastIndexOf('/', star);
        Path root = path(slash < 0 ? "." : slash == 0 ? "/" : plain.substring(0, slash));
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        PathMatcher matcher = matcher(slash < 0 ? plain : plain.substring(slash + 1));
        return walk(root)
                .filter(p -> matcher.matches(root.relativize(p)) && !isHidden(root.relativize(p), plain))
                .toList();
    }

    /** By the one rule for every reader, unless the pattern asks for a name with a leading dot. */
    private static boolean isHidden(Path below, String pattern) {
        for (Path name : below) {
            if (ImageTree.isProgramsFolder(name.toString()) && !pattern.contains(name.toString())) {
                return true;
            }
        }
        boolean asked = pattern.substring(pattern.lastIndexOf('/') + 1).startsWith(".");
        return ImageTree.isHidden(String.valueOf(below.getFileName())) && !asked;
    }

    private static PathMatcher matcher(String glob) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException e) {
            throw InputException.at(
                    "the images", "'" + glob + "' (" + e.getDescription() + ")", "a pattern", "Correct it", e);
        }
    }

    private static Stream<Path> walk(Path root) {
        try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof FileSystemLoopException loop) {
                throw InputException.at(
                        root, "a link that leads back to where it is, " + loop.getFile(), "none", "Remove it", e);
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root + ": " + e.getMessage(), e);
        }
    }

    /** Notes on files that were left out, one sentence each with a remedy. */
    public List<String> notes() {
        return notes;
    }

    @Override
    public int size() {
        return size;
    }

    /** Always 0: the images have no labels. */
    @Override
    public int label(int i) {
        return 0;
    }

    @Override
    public String name(int i) {
        Part part = part(i);
        return part.table == null ? part.file.toString() : part.table.name(i - part.first);
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        Part part = part(i);
        return part.table == null ? ImageDecoder.decode(part.file) : part.table.read(i - part.first);
    }
}
