package io.residual.base;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder for files that this program can recreate: {@code RESIDUAL_CACHE}, or else a folder in the user's cache.
 */
public final class UserCache {
    private UserCache() {}

    /** The folder; it may not exist yet. */
    public static Path folder() {
        return folder(System.getenv(), Path.of(System.getProperty("user.home", ".")));
    }

    static Path folder(Map<String, String> environment, Path home) {
        String own = environment.getOrDefault("RESIDUAL_CACHE", "");
        if (!own.isBlank()) {
            return Path.of(own);
        }
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (caches.isBlank() ? home.resolve(".cache") : Path.of(caches)).resolve("residual");
    }
}
