package io.residual.data;

import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;

/** Paths that stand in an untrusted file, which may lead to files below one folder and nowhere else. */
public final class ContainedPaths {
    private final Path root;
    private final List<Path> bases;

    /**
     * Paths below a folder.
     *
     * @param file that names them; they may be meant from its folder or from the root
     */
    public ContainedPaths(Path root, Path file) {
        this.root = root.toAbsolutePath().normalize();
        Path parent = file.toAbsolutePath().normalize().getParent();
        this.bases = List.copyOf(new LinkedHashSet<>(parent == null ? List.of(this.root) : List.of(parent, this.root)));
    }

    /**
     * Resolves a path that a data set contains.
     *
     * @param text the path as written in the data
     * @param name name of the image, for errors
     * @throws UnreadableImageException if it is an address, absolute, leads out of the folder, or to no file
     */
    public Path resolve(String text, String name) throws UnreadableImageException {
        try {
            if (text.contains("://") || text.contains("::")) {
                throw new UnreadableImageException(name, "has no bytes, but an address: " + shown(text));
            }
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                throw new UnreadableImageException(
                        name, "has no bytes, but an absolute path, which is not followed: " + shown(text));
            }
            for (Path base : bases) {
                Path candidate = base.resolve(path).normalize();
                if (candidate.startsWith(root)
                        && Files.isRegularFile(candidate)
                        && candidate.toRealPath().startsWith(root.toRealPath())) {
                    return candidate;
                }
            }
            throw new UnreadableImageException(
                    name, "has no bytes, and there is no file " + shown(text) + " below " + root);
        } catch (InvalidPathException | IOException e) {
            throw new UnreadableImageException(name, "has no bytes, but a path that leads nowhere: " + shown(text), e);
        }
    }

    private static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= 80 ? plain : plain.substring(0, 80) + "…";
    }
}
