package io.residual.hub;

import io.residual.base.AtomicFiles;
import io.residual.base.RegularFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * One repository in the cache, in the layout of Python's huggingface_hub, so that each finds what the other fetched:
 *
 * <pre>
 * models--owner--name/refs/main                    the commit that a branch stood at
 * models--owner--name/snapshots/COMMIT/model.safetensors  → ../../blobs/HASH
 * models--owner--name/blobs/HASH                   the content; HASH.incomplete while it is being fetched
 * models--owner--name/.no_exist/COMMIT/NAME        asked for, and not in that commit
 * .locks/models--owner--name/HASH.lock             held while HASH is being fetched
 * </pre>
 */
final class HubCache {
    private static final Object ONE_AT_A_TIME = new Object();
    private static final int LONGEST_REF = 4096;

    private final Path root;
    private final Path folder;
    private final HubName name;

    HubCache(Path root, HubName name) {
        this.root = root;
        this.folder = root.resolve(name.cacheFolder());
        this.name = name;
    }

    /** The snapshot that the name's revision stood at when it was last asked for. */
    Optional<Path> snapshot() {
        return commit(name.revision()).map(this::snapshot).filter(Files::isDirectory);
    }

    private Optional<String> commit(String revision) {
        if (HubName.isCommit(revision)) {
            return Optional.of(revision);
        }
        Path file = folder.resolve("refs").resolve(revision);
        try {
            String commit = Files.isRegularFile(file)
                    ? RegularFiles.text(file, "a commit", LONGEST_REF).strip()
                    : "";
            return Optional.of(commit).filter(HubName::isCommit);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    Path blob(String hash) {
        return entry(folder.resolve("blobs").resolve(hash));
    }

    Path incomplete(String hash) {
        return entry(folder.resolve("blobs").resolve(hash + ".incomplete"));
    }

    private static Path entry(Path file) {
        return RegularFiles.require(file, "a file of the hub's cache");
    }

    /** Whether a snapshot has a file already. */
    boolean has(String commit, String file) {
        return Files.exists(entry(snapshot(commit).resolve(file)));
    }

    /** Whether a file was asked for and is known not to be in a commit. */
    boolean knownAbsent(Path snapshot, String file) {
        return Files.exists(absence(String.valueOf(snapshot.getFileName()), file));
    }

    private Path absence(String commit, String file) {
        return folder.resolve(".no_exist").resolve(commit).resolve(file);
    }

    /** Remembers that a file is not in a commit. */
    void markAbsent(String commit, String file) {
        Path marker = absence(commit, file);
        if (!Files.exists(marker)) {
            AtomicFiles.writeString(marker, "");
        }
    }

    /** Remembers where a branch stands. */
    void setCommit(String commit) {
        if (!name.isCommit()) {
            AtomicFiles.writeString(folder.resolve("refs").resolve(name.revision()), commit);
        }
    }

    /** Makes a complete blob a file of a snapshot. */
    void link(String hash, String commit, String file) throws IOException {
        Path pointer = snapshot(commit).resolve(file);
        Path parent = pointer.getParent();
        if (parent == null) {
            throw new IOException("no folder for " + pointer);
        }
        Files.createDirectories(parent);
        if (Files.exists(pointer)) {
            return;
        }
        Files.deleteIfExists(pointer); // a link to a blob that was deleted
        try {
            Files.createSymbolicLink(pointer, parent.relativize(blob(hash)));
        } catch (FileAlreadyExistsException e) {
            if (!Files.exists(pointer, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        } catch (UnsupportedOperationException | IOException e) {
            // As Python does where links are not allowed: the snapshot holds the file itself.
            Files.move(blob(hash), pointer, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Work under the lock of a repository. */
    @FunctionalInterface
    interface Locked {
        void run() throws IOException;
    }

    /** Runs while no other thread or process of this program fetches the same blob. */
    void locked(String hash, Locked action) throws IOException {
        synchronized (ONE_AT_A_TIME) { // a file's lock belongs to the whole process
            lockedByThisProcess(hash, action);
        }
    }

    private void lockedByThisProcess(String hash, Locked action) throws IOException {
        Path lockFile = entry(root.resolve(".locks").resolve(name.cacheFolder()).resolve(hash + ".lock"));
        Files.createDirectories(folder.resolve("blobs"));
        Files.createDirectories(root.resolve(".locks").resolve(name.cacheFolder()));
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            action.run();
        }
    }
}
