package io.residual.units;

import io.residual.weights.SafetensorsFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A shard that stays open as long as something refers to it, so that its data outlive its name: a cache may remove an entry that is still
 * read. The system closes the file when this is collected. Safe for several threads; a thread that is interrupted while it reads
 * closes the channel, as Java has it, and the next reader opens it again.
 */
final class OpenShard {
    private final Path path;
    private final @Nullable Object owner; // of the folder: it is deleted when nothing refers to this any more
    private volatile SafetensorsFile file;

    OpenShard(Path path, @Nullable Object owner) {
        this.path = path;
        this.owner = owner;
        this.file = SafetensorsFile.open(path);
    }

    Path path() {
        return path;
    }

    SafetensorsFile file() {
        return file;
    }

    @Nullable
    Object owner() {
        return owner;
    }

    ScalarType type(String tensor) {
        return file.info(tensor).type().scalarType();
    }

    /** Fills a buffer with a tensor's bytes from a position on. */
    void read(String tensor, long from, ByteBuffer into) {
        for (SafetensorsFile now = file; ; now = reopened(now)) { // others may close the next one, too
            try {
                now.read(tensor, from, into.duplicate());
                return;
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof ClosedChannelException)
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
        }
    }

    private synchronized SafetensorsFile reopened(SafetensorsFile closed) {
        if (file == closed) {
            file = SafetensorsFile.open(path);
        }
        return file;
    }
}
