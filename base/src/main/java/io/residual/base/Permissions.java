package io.residual.base;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies permissions, owner and group from a file or folder to its replacement. Does nothing on systems without POSIX
 * permissions.
 */
final class Permissions {
    private static final System.Logger LOG = System.getLogger(Permissions.class.getName());

    private Permissions() {}

    private static @Nullable PosixFileAttributes of(Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        try {
            return view == null ? null : view.readAttributes();
        } catch (NoSuchFileException e) {
            return null; // or another process has just moved it away
        }
    }

    /** Creates an empty file that no more users can read, while it is filled, than could read {@code old}; nothing if there is none. */
    static void createLike(Path old, Path fresh) throws IOException {
        PosixFileAttributes before = of(old);
        if (before != null) {
            Set<PosixFilePermission> own = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            own.addAll(before.permissions());
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(own));
        }
    }

    /** Creates a folder that is no more open, while it is filled, than {@code old}; as usual if there is none. */
    static void createFolderLike(Path old, Path fresh) throws IOException {
        PosixFileAttributes before = of(old);
        if (before == null) {
            Files.createDirectory(fresh);
            return;
        }
        Set<PosixFilePermission> own = EnumSet.of(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
        own.addAll(before.permissions());
        Files.createDirectory(fresh, PosixFilePermissions.asFileAttribute(own));
    }

    /** Gives a folder, and what is in it, the rights of what has the same name in another; nothing for what is new. */
    static void keepAll(Path old, Path fresh) throws IOException {
        if (of(old) == null) {
            return;
        }
        Files.walkFileTree(fresh, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                keep(old.resolve(fresh.relativize(file)), file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                keep(old.resolve(fresh.relativize(folder)), folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Gives what is to take a place the rights, the owner and the group of what is there; nothing if nothing is. */
    static void keep(Path old, Path fresh) throws IOException {
        PosixFileAttributes before = of(old);
        PosixFileAttributes now = of(fresh);
        if (before == null || now == null) {
            return;
        }
        PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        Set<PosixFilePermission> rights = EnumSet.noneOf(PosixFilePermission.class);
        rights.addAll(before.permissions());
        if (!before.group().equals(now.group())) {
            try {
                view.setGroup(before.group());
            } catch (IOException e) {
                narrow(rights); // they were meant for another group
                say(old, "the group " + before.group(), "the group " + now.group(), e);
            }
        }
        if (!before.owner().equals(now.owner())) {
            try {
                view.setOwner(before.owner());
            } catch (IOException e) {
                say(old, "the owner " + before.owner(), "the owner " + now.owner(), e);
            }
        }
        if (!rights.equals(now.permissions())) {
            try {
                view.setPermissions(rights);
            } catch (IOException e) { // some network file systems have none to set
                say(old, PosixFilePermissions.toString(rights), PosixFilePermissions.toString(now.permissions()), e);
            }
        }
    }

    /** A group keeps what everybody has. */
    private static void narrow(Set<PosixFilePermission> rights) {
        if (!rights.contains(PosixFilePermission.OTHERS_READ)) {
            rights.remove(PosixFilePermission.GROUP_READ);
        }
        if (!rights.contains(PosixFilePermission.OTHERS_WRITE)) {
            rights.remove(PosixFilePermission.GROUP_WRITE);
        }
        if (!rights.contains(PosixFilePermission.OTHERS_EXECUTE)) {
            rights.remove(PosixFilePermission.GROUP_EXECUTE);
        }
    }

    private static void say(Path file, String before, String now, IOException e) {
        LOG.log(
                System.Logger.Level.WARNING,
                "{0} had {1} and now has {2}, which the system does not let this program change ({3}); set it with chown or chmod",
                file,
                before,
                now,
                e.getMessage());
    }
}
