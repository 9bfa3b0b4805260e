package io.residual.data;

import io.residual.base.InputException;
import io.residual.images.ImageDecoder;
import io.residual.images.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files below a folder that count, by one rule for every reader: files whose names begin with a dot do not, nor does what is in
 * folders that programs keep their own things in; links are followed; a folder whose name merely begins with a dot counts.
 *
 * @param files images, by their endings; sorted by folder, then by name, as torchvision's ImageFolder has them
 * @param tables Parquet files, sorted likewise
 */
public record ImageTree(Path root, List<Path> files, List<Path> tables, LeftOut leftOut) {
    private static final Set<String> PROGRAMS = Set.of(
            ".git",
            ".svn",
            ".hg",
            ".dvc",
            ".cache",
            ".huggingface",
            ".ipynb_checkpoints",
            ".idea",
            ".vscode",
            ".thumbnails",
            ".appledouble",
            ".spotlight-v100",
            ".fseventsd",
            ".trashes",
            ".trash",
            ".temporaryitems",
            ".snapshot",
            ".snapshots",
            "__macosx",
            "__pycache__",
            "@eadir",
            "lost+found",
            "$recycle.bin",
            "system volume information",
            "_temporary",
            "_delta_log",
            "_spark_metadata");
    private static final Set<String> LITTER = Set.of(".ds_store", "thumbs.db", "desktop.ini", ".gitkeep", ".gitignore");

    /** Endings of images that are not decoded. */
    private static final Set<String> UNREAD = Set.of(
            "heic", "heif", "avif", "jxl", "jp2", "j2k", "jpx", "psd", "svg", "ico", "tga", "pbm", "pnm", "pcx", "exr",
            "hdr", "dds", "xcf", "eps", "apng", "dng", "cr2", "cr3", "nef", "arw", "orf", "rw2", "raf", "pef", "srw");

    private static final Comparator<Path> ORDER = Comparator.comparing((Path p) -> String.valueOf(p.getParent()))
            .thenComparing(p -> String.valueOf(p.getFileName()));

    /** Whether a file's name marks it as hidden. */
    public static boolean isHidden(String file) {
        return file.startsWith(".");
    }

    /** Whether a folder of this name belongs to a program (such as {@code __MACOSX}). */
    public static boolean isProgramsFolder(String name) {
        String small = name.toLowerCase(Locale.ROOT);
        return PROGRAMS.contains(small) || small.startsWith(".trash-");
    }

    /** The ending of a name after its last dot, in lower case. */
    public static String ending(String file) {
        int dot = file.lastIndexOf('.');
        return dot < 0 ? "" : file.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /**
     * Counts a file whose name is not that of an image.
     *
     * @param head its first bytes, or null if they are not checked
     */
    public static void count(String name, byte @Nullable [] head, LeftOut leftOut) {
        String ending = ending(name);
        if (LITTER.contains(name.toLowerCase(Locale.ROOT))) {
            return;
        }
        if (isHidden(name)) {
            leftOut.hidden();
        } else if (UNREAD.contains(ending)) {
            leftOut.format(ending);
        } else if (head != null && Signatures.isRead(Signatures.format(head))) {
            leftOut.misnamed();
        } else {
            leftOut.other(ending);
        }
    }

    /**
     * Walks a folder.
     *
     * @throws InputException if a folder below may not be listed, or a link leads back to where it is
     */
    public static ImageTree below(Path root) {
        List<Path> files = new ArrayList<>();
        List<Path> tables = new ArrayList<>();
        LeftOut leftOut = new LeftOut();
        try {
            Files.walkFileTree(
                    root,
                    EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                    Integer.MAX_VALUE,
                    new Visitor(root, files, tables, leftOut));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root + ": " + e.getMessage(), e);
        }
        files.sort(ORDER);
        tables.sort(ORDER);
        return new ImageTree(root, List.copyOf(files), List.copyOf(tables), leftOut);
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Path root;
        private final List<Path> files;
        private final List<Path> tables;
        private final LeftOut leftOut;

        Visitor(Path root, List<Path> files, List<Path> tables, LeftOut leftOut) {
            this.root = root;
            this.files = files;
            this.tables = tables;
            this.leftOut = leftOut;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            if (!folder.equals(root) && isProgramsFolder(name)) {
                leftOut.program(name);
                return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = String.valueOf(file.getFileName());
            if (attributes.isSymbolicLink()) {
                leftOut.broken();
            } else if (!attributes.isRegularFile()) {
                leftOut.other("(no file)");
            } else if (isHidden(name)) {
                count(name, null, leftOut);
            } else if (ImageDecoder.isNamedLikeAnImage(file)) {
                files.add(file);
            } else if (ending(name).equals("parquet")) {
                tables.add(file);
            } else {
                count(name, head(file), leftOut);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof FileSystemLoopException loop) {
                throw InputException.at(
                        root, "a link that leads back to where it is, " + loop.getFile(), "none", "Remove it", e);
            }
            if (e instanceof AccessDeniedException) {
                throw unlisted(file, e);
            }
            throw e;
        }
    }

    /** The folders directly in a folder that count, sorted by name; none if it is no folder. */
    public static List<Path> folders(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> !isProgramsFolder(String.valueOf(p.getFileName())))
                    .filter(Files::isDirectory)
                    .sorted(ORDER)
                    .toList();
        } catch (AccessDeniedException e) {
            throw unlisted(folder, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /** The number of images directly in a folder. */
    public static int images(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return (int) entries.filter(p -> !isHidden(String.valueOf(p.getFileName()))
                            && ImageDecoder.isNamedLikeAnImage(p)
                            && Files.isRegularFile(p))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    private static InputException unlisted(Path folder, IOException e) {
        return InputException.at(
                folder, "a folder that may not be read", "one that may", "Change its permissions, or move it away", e);
    }

    /** The images that lie in a folder itself, not in one below. */
    List<Path> directlyIn(Path folder) {
        return files.stream().filter(f -> folder.equals(f.getParent())).toList();
    }

    private static byte @Nullable [] head(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(Signatures.LENGTH);
        } catch (IOException e) {
            return null; // it is left out in any case
        }
    }
}
