package io.residual.data;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.data.SplitNames.Part;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.Signatures;
import io.residual.images.StoredImages;
import io.residual.images.UnreadableImageException;
import io.residual.provenance.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A folder with one sub-folder per class; or with {@code train}, and perhaps {@code validation} and {@code test}, each of which has
 * one sub-folder per class. All images below a class's folder belong to it, as in torchvision's ImageFolder.
 */
public final class ImageFolder implements StoredImages {
    private static final int ENDS = 1 << 15;

    private final List<Path> files = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    /** A sub-folder that may be a class or a split. */
    private record Sub(Path folder, ImageTree tree) {
        static Sub of(Path folder) {
            return new Sub(folder, ImageTree.below(folder));
        }

        String name() {
            return FileNames.text(folder);
        }

        boolean isEmpty() {
            return tree.files().isEmpty();
        }

        /** Whether it holds folders and no images of its own, as a part does. */
        boolean isOnlyFolders() {
            return tree.directlyIn(folder).isEmpty()
                    && !ImageTree.folders(folder).isEmpty();
        }

        @Nullable
        Part part() {
            return SplitNames.ofFolder(name());
        }
    }

    /** The classes of a folder, by their folders' names, and what was left out there. */
    private record Classes(Path root, List<Sub> subs, LeftOut leftOut, List<String> notes) {
        List<String> names() {
            return ClassNames.readable(root, subs.stream().map(Sub::name).toList());
        }
    }

    private ImageFolder(Classes classes, List<String> names) {
        List<String> own = classes.names();
        for (int label = 0; label < names.size(); label++) {
            int place = own.indexOf(names.get(label));
            List<Path> images = classes.subs.get(place).tree.files();
            files.addAll(images);
            for (int i = 0; i < images.size(); i++) {
                labels.add(label);
            }
        }
    }

    /** Whether a folder has sub-folders of images. */
    public static boolean isOne(Path folder) {
        return !ImageTree.folders(folder).isEmpty();
    }

    /** Reads the folder's structure; images are read when asked for. */
    public static Dataset open(Path folder, Splitting splitting) {
        if (!Files.isDirectory(folder)) {
            throw InputException.missing(folder, "a folder with one sub-folder per class");
        }
        List<Sub> subs = ImageTree.folders(folder).stream().map(Sub::of).toList();
        Map<Part, Sub> parts = parts(folder, subs);
        Sub trainPart = parts.get(Part.TRAIN);
        Classes train = trainPart == null
                ? classes(folder, subs)
                : classes(
                        trainPart.folder,
                        ImageTree.folders(trainPart.folder).stream()
                                .map(Sub::of)
                                .toList());
        List<String> names = train.names();
        LeftOut leftOut = new LeftOut();
        leftOut.add(train.leftOut);
        List<String> notes = new ArrayList<>(train.notes);
        if (trainPart == null) {
            List<String> likeParts =
                    subs.stream().filter(s -> s.part() != null).map(Sub::name).toList();
            if (!likeParts.isEmpty()) {
                notes.add("read as classes, since other class folders lie beside: " + String.join(", ", likeParts));
            }
        }
        ImageFolder validation = null;
        ImageFolder test = null;
        for (Map.Entry<Part, Sub> part : parts.entrySet()) {
            if (part.getKey() != Part.TRAIN) {
                ImageFolder images = part(part.getValue().folder, train, names, leftOut);
                validation = part.getKey() == Part.VALIDATION ? images : validation;
                test = part.getKey() == Part.TEST ? images : test;
            }
        }
        if (trainPart != null) {
            subs.stream()
                    .filter(s -> !parts.containsValue(s))
                    .forEach(s -> leftOut.outside(s.tree.files().size()));
            leftOut.outside(ImageTree.images(folder));
        }
        notes.addAll(leftOut.notes(folder));
        notes.addAll(ClassNames.notes(names));
        return splitting
                .split(
                        String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                        "folder " + folder,
                        new Prompts(names, Prompts.PHOTO_TEMPLATES),
                        new ImageFolder(train, names),
                        validation,
                        test)
                .noted(notes);
    }

    /** The folders that are splits; none if all are classes. A folder called {@code train} that holds images itself is a class. */
    private static Map<Part, Sub> parts(Path folder, List<Sub> subs) {
        Map<Part, Sub> parts = new EnumMap<>(Part.class);
        List<Sub> named = subs.stream().filter(s -> s.part() != null).toList();
        if (named.isEmpty()) {
            return parts;
        }
        List<Sub> filled =
                subs.stream().filter(s -> !s.isEmpty() || s.part() != null).toList();
        boolean all = named.size() == filled.size();
        for (Sub sub : named) {
            Part part = sub.part();
            if (part == null || !sub.isOnlyFolders()) {
                if (all) {
                    throw InputException.at(
                            sub.folder,
                            "no sub-folders",
                            "one sub-folder per class",
                            "Sort the images of every part into class folders");
                }
                continue;
            }
            Sub other = parts.put(part, sub);
            if (other != null) {
                throw InputException.at(
                        folder,
                        "two folders for " + part.id() + ", " + other.name() + " and " + sub.name(),
                        "one",
                        "Put them together, or move one of them away");
            }
        }
        if (all && !parts.containsKey(Part.TRAIN)) {
            throw InputException.at(
                    folder,
                    "no training part beside " + named.stream().map(Sub::name).collect(Collectors.joining(", ")),
                    "train, with one sub-folder per class",
                    "Add it, or give the folder of one part");
        }
        boolean several = parts.size() > 1 && parts.containsKey(Part.TRAIN);
        if (!all && !several && parts.containsKey(Part.TRAIN)) {
            throw InputException.at(
                    folder,
                    "class folders in " + parts.get(Part.TRAIN).name() + " and other folders beside it ("
                            + ClassNames.some(filled.stream()
                                    .filter(s -> !parts.containsValue(s))
                                    .map(Sub::name)
                                    .toList())
                            + ")",
                    "train, validation and test alone, or one sub-folder per class",
                    "Give " + parts.get(Part.TRAIN).folder + ", or move what is no part away");
        }
        return all || several ? parts : Map.of();
    }

    /** The folders in a folder as classes. */
    private static Classes classes(Path root, List<Sub> subs) {
        LeftOut leftOut = new LeftOut();
        subs.forEach(s -> leftOut.add(s.tree.leftOut()));
        List<Sub> filled = subs.stream().filter(s -> !s.isEmpty()).toList();
        if (filled.isEmpty()) {
            throw nothing(root, subs, leftOut);
        }
        boolean nested = filled.stream().allMatch(Sub::isOnlyFolders);
        List<Sub> missing = subs.stream()
                .filter(s -> s.isEmpty() && !s.name().startsWith("."))
                .toList();
        boolean parted = filled.stream().anyMatch(s -> ImageTree.folders(s.folder).stream()
                .anyMatch(f -> SplitNames.ofFolder(String.valueOf(f.getFileName())) == Part.TRAIN));
        if (nested && (filled.size() == 1 || !missing.isEmpty() || parted)) {
            throw InputException.at(
                    root,
                    "images two folders down alone",
                    "one sub-folder of images per class",
                    "This looks like the folder above; give "
                            + filled.stream()
                                    .map(s -> s.folder.toString())
                                    .limit(3)
                                    .collect(Collectors.joining(" or ")));
        }
        if (!missing.isEmpty()) {
            throw empty(missing.get(0).folder, missing.get(0).tree.leftOut());
        }
        List<String> notes = new ArrayList<>();
        if (nested) {
            notes.add("no class folder of " + root
                    + " holds images itself, only folders with images; if those are the"
                    + " classes, this is the folder above: give one of "
                    + ClassNames.some(
                            filled.stream().map(s -> s.folder.toString()).toList()));
        }
        List<String> dotted =
                filled.stream().map(Sub::name).filter(n -> n.startsWith(".")).toList();
        if (!dotted.isEmpty()) {
            notes.add("read as classes, though their names begin with a dot: " + String.join(", ", dotted)
                    + "; move them away if they are none");
        }
        leftOut.outside(ImageTree.images(root));
        return new Classes(root, filled, leftOut, notes);
    }

    /** A data set without a single image below its class folders. */
    private static InputException nothing(Path root, List<Sub> subs, LeftOut leftOut) {
        int beside = ImageTree.images(root);
        String what = leftOut.text();
        return InputException.at(
                root,
                (beside > 0 ? beside + (beside == 1 ? " image" : " images") + " directly in it, and " : "")
                        + (subs.isEmpty() ? "no sub-folders" : "no images in sub-folders that can be read")
                        + (what.isEmpty() ? "" : ", but " + what),
                "one sub-folder per class, with files ending in " + endings(),
                beside > 0
                        ? "Sort the images into folders"
                        : "Check the path, or put the images of each class into a folder");
    }

    private static InputException empty(Path folder, LeftOut leftOut) {
        String what = leftOut.text();
        return InputException.at(
                folder,
                "no images that can be read" + (what.isEmpty() ? "" : ", but " + what),
                "at least one file ending in " + endings(),
                "Add images of the class, or remove the class from every part");
    }

    private static String endings() {
        return ImageDecoder.ENDINGS.stream().sorted().collect(Collectors.joining(", "));
    }

    /** A part beside {@code train}: it has the same classes. */
    private static ImageFolder part(Path folder, Classes train, List<String> names, LeftOut leftOut) {
        Classes found =
                classes(folder, ImageTree.folders(folder).stream().map(Sub::of).toList());
        List<String> own = found.names();
        for (int i = 0; i < own.size(); i++) {
            if (!names.contains(own.get(i))) {
                Sub sub = found.subs.get(i);
                throw ClassNames.untrained(
                        sub.folder, own.get(i), sub.tree.files().size(), String.valueOf(folder.getFileName()));
            }
        }
        for (int i = 0; i < names.size(); i++) {
            if (!own.contains(names.get(i))) {
                throw InputException.at(
                        folder.resolve(train.subs.get(i).name()),
                        "no such folder",
                        "images of the class '" + names.get(i) + "', as in " + train.root,
                        "Add images of the class, or remove the class from every part");
            }
        }
        leftOut.add(found.leftOut);
        return new ImageFolder(found, names);
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
    public Image read(int i) throws UnreadableImageException {
        return ImageDecoder.decode(files.get(i));
    }

    /** Of the length and both ends: between them, compressed images do not differ. */
    @Override
    public @Nullable String fingerprint(int i) {
        try (RandomAccessFile file = new RandomAccessFile(files.get(i).toFile(), "r")) {
            long length = file.length();
            byte[] ends = new byte[(int) Math.min(length, 2 * ENDS)];
            file.readFully(ends, 0, Math.min(ends.length, ENDS));
            if (ends.length > ENDS) {
                file.seek(length - (ends.length - ENDS));
                file.readFully(ends, ENDS, ends.length - ENDS);
            }
            return length == 0 ? null : new ContentHash().add(length).add(ends).hex();
        } catch (IOException e) {
            return null; // decoding says what is wrong with it
        }
    }

    @Override
    public byte[] bytes(int i) throws IOException {
        return Files.readAllBytes(files.get(i));
    }

    @Override
    public byte @Nullable [] head(int i) {
        try (InputStream in = Files.newInputStream(files.get(i))) {
            return in.readNBytes(Signatures.LENGTH);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
