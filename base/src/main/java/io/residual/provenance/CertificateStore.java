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

/**
 * The folder of certificates: one file per model, named by the hash of all its files, so another configuration counts
 * as another model.
 */
public final class CertificateStore {
    private static final int LONGEST = 16 << 20;

    private final Path folder;

    public CertificateStore(Path folder) {
        this.folder = folder;
    }

    /** The user's store, in the user's cache. */
    public static CertificateStore ofProcess() {
        return new CertificateStore(UserCache.folder().resolve("certificates"));
    }

    /** The certificate of a model, if it has one. */
    public Optional<Certificate> find(String filesHash) {
        Path file = file(filesHash);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(Certificate.parse(RegularFiles.text(file, "a certificate", LONGEST), file))
                    : Optional.empty();
        } catch (CharacterCodingException e) {
            throw InputException.at(file, "bytes that are not UTF-8", "a certificate", "Certify the model again", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Keeps a certificate; gives its file. */
    public Path keep(Certificate certificate) {
        Path file = file(certificate.files());
        AtomicFiles.writeString(file, certificate.toJson());
        return file;
    }

    private Path file(String filesHash) {
        return folder.resolve(filesHash + ".json");
    }
}
