package io.residual.provenance;

import io.residual.base.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where certificates are kept: one file a model, by the hash of all its files, so that another configuration is another model. */
public final class CertificateStore {
    private final Path folder;

    public CertificateStore(Path folder) {
        this.folder = folder;
    }

    /** The user's store: {@code RESIDUAL_HOME}, or else {@code residual} in the user's folder of caches. */
    public static CertificateStore ofProcess() {
        Map<String, String> environment = System.getenv();
        String own = environment.getOrDefault("RESIDUAL_HOME", "");
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path home = Path.of(System.getProperty("user.home", "."));
        Path base = !own.isEmpty()
                ? Path.of(own)
                : (caches.isEmpty() ? home.resolve(".cache") : Path.of(caches)).resolve("residual");
        return new CertificateStore(base.resolve("certificates"));
    }

    /** The certificate of a model, if it has one. */
    public Optional<Certificate> find(String filesHash) {
        Path file = file(filesHash);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(Certificate.parse(Files.readString(file), file))
                    : Optional.empty();
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
