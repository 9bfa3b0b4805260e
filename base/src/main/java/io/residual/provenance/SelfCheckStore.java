package io.residual.provenance;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.RegularFiles;
import io.residual.base.UserCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where self-checks are kept: one file a model, by the hash of all its files, so that another configuration is another model. */
public final class SelfCheckStore {
    private static final int LONGEST = 16 << 20;

    private final Path folder;
    private final @Nullable Path former;

    public SelfCheckStore(Path folder) {
        this(folder, null);
    }

    /** With a folder that earlier versions kept them in, which is only read. */
    SelfCheckStore(Path folder, @Nullable Path former) {
        this.folder = folder;
        this.former = former;
    }

    /** The user's store, in the user's cache. */
    public static SelfCheckStore ofProcess() {
        Path cache = UserCache.folder();
        return new SelfCheckStore(cache.resolve("self-checks"), cache.resolve("certificates"));
    }

    /** The self-check of a model, if it has one. */
    public Optional<SelfCheck> find(String filesHash) {
        Path file = file(filesHash);
        if (former != null && !Files.isRegularFile(file)) {
            file = former.resolve(file.getFileName());
        }
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(SelfCheck.parse(RegularFiles.text(file, "a self-check", LONGEST), file))
                    : Optional.empty();
        } catch (CharacterCodingException e) {
            throw InputException.at(
                    file,
                    "bytes that are not UTF-8",
                    "a self-check",
                    "Check the model again with residual self-check",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Keeps a self-check; gives its file. */
    public Path keep(SelfCheck selfCheck) {
        Path file = file(selfCheck.files());
        AtomicFiles.writeString(file, selfCheck.toJson());
        return file;
    }

    private Path file(String filesHash) {
        return folder.resolve(filesHash + ".json");
    }
}
