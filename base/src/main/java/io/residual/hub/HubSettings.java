package io.residual.hub;

import io.residual.base.InputException;
import io.residual.base.RegularFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cache, endpoint and token of the hub, from the environment variables of Python's huggingface_hub.
 *
 * @param cache the folder of all repositories
 * @param endpoint the hub's address, without a slash at the end
 * @param token for private and gated repositories, sent only to the endpoint; or null
 * @param offline whether the network must not be used
 * @param patience how long a silent server is waited for
 */
public record HubSettings(
        Path cache, URI endpoint, @Nullable String token, boolean offline, Duration patience) {
    private static final int LONGEST_TOKEN = 4096;
    private static final String ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    /** The settings of this process. */
    public static HubSettings ofProcess() {
        return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
    }

    /** The settings that an environment means. */
    static HubSettings of(Map<String, String> environment, Path home) {
        Path caches = path(environment, "XDG_CACHE_HOME", home, home.resolve(".cache"));
        Path hubHome = path(environment, "HF_HOME", home, caches.resolve("huggingface"));
        Path former = path(environment, "HUGGINGFACE_HUB_CACHE", home, hubHome.resolve("hub"));
        Path cache = path(environment, "HF_HUB_CACHE", home, former);
        String endpoint = environment.getOrDefault("HF_ENDPOINT", "").strip();
        String offline = environment.getOrDefault("HF_HUB_OFFLINE", "").strip().toUpperCase(Locale.ROOT);
        return new HubSettings(
                cache,
                endpoint(endpoint.isEmpty() ? ENDPOINT : endpoint),
                token(environment, path(environment, "HF_TOKEN_PATH", home, hubHome.resolve("token"))),
                TRUE.contains(offline),
                Duration.ofSeconds(30));
    }

    private static Path path(Map<String, String> environment, String key, Path home, Path otherwise) {
        String value = environment.getOrDefault(key, "").strip();
        if (value.isEmpty()) {
            return otherwise;
        }
        return value.startsWith("~/") ? home.resolve(value.substring(2)) : Path.of(value);
    }

    private static URI endpoint(String text) {
        String bare = text.replaceFirst("/+$", "");
        try {
            URI uri = URI.create(bare);
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw wrongEndpoint(text, e);
        }
        throw wrongEndpoint(text, null);
    }

    private static InputException wrongEndpoint(String text, @Nullable Throwable cause) {
        String found = "'" + text + "'";
        return cause == null
                ? InputException.at("HF_ENDPOINT", found, "an address such as " + ENDPOINT, "Correct the variable")
                : InputException.at(
                        "HF_ENDPOINT", found, "an address such as " + ENDPOINT, "Correct the variable", cause);
    }

    private static @Nullable String token(Map<String, String> environment, Path file) {
        for (String key : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
            String value = environment.getOrDefault(key, "").strip();
            if (!value.isEmpty()) {
                return value;
            }
        }
        try {
            String stored = Files.isRegularFile(file)
                    ? RegularFiles.text(file, "a token", LONGEST_TOKEN).strip()
                    : "";
            return stored.isEmpty() ? null : stored;
        } catch (IOException | InputException e) {
            return null; // an unreadable login is no login, as for Python
        }
    }
}
