package io.residual.images;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with one sub-folder a class; or with {@code train}, and perhaps {@code validation} or {@code val}, and
 * {@code test}, each of which has one sub-folder a class.
 */
public final class ImageFolder implements PictureSource {
    private final List<Path> files = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    private ImageFolder(Path folder, List<String> classes) {
        for (int label = 0; label < classes.size(); label++) {
            Path classFolder = folder.resolve(classes.get(label));
            List<Path> pictures =
                    list(classFolder).stream().filter(ImageFolder::isPicture).toList();
            if (pictures.isEmpty()) {
                throw InputException.at(
                        classFolder,
                        Files.isDirectory(classFolder) ? "no pictures" : "no such folder",
                        "at least one file ending in "
                                + String.join(
                                        ", ",
                                        PictureDecoder.ENDINGS.stream().sorted().toList()),
                        "Add pictures of the class, or remove the class from every part");
            }
            files.addAll(pictures);
            for (int i = 0; i < pictures.size(); i++) {
                labels.add(label);
            }
        }
    }

    /** Whether a folder looks like one of these. */
    public static boolean isOne(Path folder) {
        return Files.isDirectory(folder) && !subfolders(folder).isEmpty();
    }

    /** Reads the folder's structure; pictures are read when asked for. */
    public static Dataset open(Path folder, Splitting splitting) {
        if (!Files.isDirectory(folder)) {
            throw InputException.missing(folder, "a folder with one sub-folder a class");
        }
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        Path train = folder.resolve("train");
        boolean parted = Files.isDirectory(train);
        Path root = parted ? train : folder;
        List<String> classes = subfolders(root);
        if (classes.isEmpty()) {
            throw InputException.at(root, "no sub-folders", "one sub-folder a class", "Sort the pictures into folders");
        }
        Prompts prompts =
                new Prompts(classes.stream().map(c -> c.replace('_', ' ')).toList(), Prompts.PHOTO_TEMPLATES);
        return splitting.split(
                name,
                "folder " + folder,
                prompts,
                new ImageFolder(root, classes),
                parted ? part(folder, classes, "validation", "val", "valid") : null,
                parted ? part(folder, classes, "test") : null);
    }

    private static @Nullable PictureSource part(Path folder, List<String> classes, String... names) {
        for (String name : names) {
            if (Files.isDirectory(folder.resolve(name))) {
                return new ImageFolder(folder.resolve(name), classes);
            }
        }
        return null;
    }

    private static List<String> subfolders(Path folder) {
        return list(folder).stream()
                .filter(Files::isDirectory)
                .map(FileNames::text)
                .toList();
    }

    /** Whether a file's ending is that of a picture. */
    static boolean isPicture(Path file) {
        return PictureDecoder.isNamedLikeAPicture(file) && Files.isRegularFile(file);
    }

    /** What is in a folder, hidden files left out, sorted by name. */
    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> !String.valueOf(p.getFileName()).startsWith("."))
                    .sorted((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public int label(int i) {
        return labels.get(i);
    }

    @Override
    public String name(int i) {
        return files.get(i).toString();
    }

    @Override
    public Picture read(int i) throws UnreadablePictureException {
        return PictureDecoder.decode(files.get(i));
    }
}
