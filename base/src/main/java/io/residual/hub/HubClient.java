package io.residual.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.provenance.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The HTTP requests to a hub. Answers are untrusted: sizes and hashes are checked. */
final class HubClient {
    /** No honest list of a repository's files is longer. */
    private static final int LONGEST_ANSWER = 32 << 20;

    private static final int MAX_REDIRECTS = 8;
    private static final Pattern SAFE_PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._+=,@()-]*");
    private static final Pattern SAFE_TAG = Pattern.compile("[A-Za-z0-9_-]{8,128}");

    private final HubSettings settings;

    HubClient(HubSettings settings) {
        this.settings = settings;
    }

    /** A repository at a revision: the commit and the files' names. */
    record Listing(String commit, List<String> files) {}

    /**
     * The description of one file by the hub.
     *
     * @param tag SHA-256 of a large file, git's SHA-1 of a small one, or a tag that says nothing about the content
     * @param weak whether the hub itself says that equal tags do not mean equal bytes
     * @param size in bytes, -1 if unknown
     * @param location URL of the content
     */
    record Remote(String tag, boolean weak, long size, URI location) {
        private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

        /**
         * The name of the content in the cache. Files share a content only under a hash of it: any other tag belongs to one file
         * at one address, and may well be another's too.
         */
        String blob(String commit, String file) {
            return !weak && HASH.matcher(tag).matches()
                    ? tag
                    : "file-" + new ContentHash().add(commit).add(file).add(tag).hex();
        }
    }

    /** A name that the hub answered with an error to. */
    static final class NoAnswerException extends IOException {
        private static final long serialVersionUID = 1L;

        NoAnswerException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    Listing list(HubName name) throws IOException {
        String path = name.api() + "/revision/" + name.revision().replace("/", "%2F");
        JsonNode root = json(name, path);
        String commit = root.path("sha").asText("");
        if (!HubName.isCommit(commit)) {
            throw new IOException(settings.endpoint() + path + " answered without a commit ('sha')");
        }
        List<String> files = new ArrayList<>();
        for (JsonNode sibling : root.path("siblings")) {
            String file = sibling.path("rfilename").asText("");
            if (isSafe(file)) {
                files.add(file);
            }
        }
        return new Listing(commit, files);
    }

    /** The pull request in which the hub's own robot offers the weights as safetensors, if there is one. */
    Optional<String> conversion(HubName name) throws IOException {
        JsonNode root = json(name, name.api() + "/discussions?type=pull_request&status=open");
        for (JsonNode discussion : root.path("discussions")) {
            boolean robot = discussion.path("author").path("name").asText("").equals("SFconvertbot");
            boolean offered = discussion.path("title").asText("").startsWith("Adding `safetensors` variant");
            if (robot && offered && discussion.path("num").canConvertToInt()) {
                return Optional.of("refs/pr/" + discussion.path("num").intValue());
            }
        }
        return Optional.empty();
    }

    /** Names that stay inside a folder on any system; others are as good as absent. */
    private static boolean isSafe(String file) {
        for (String part : file.split("/", -1)) {
            if (!SAFE_PART.matcher(part).matches() || part.endsWith(".") || part.endsWith(" ")) {
                return false;
            }
        }
        return true;
    }

    private JsonNode json(HubName name, String path) throws IOException {
        URI uri = URI.create(settings.endpoint() + path);
        HttpURLConnection connection = follow(uri, "GET", 0);
        try {
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw refused(name, null, uri, status);
            }
            try (InputStream in = connection.getInputStream()) {
                byte[] bytes = in.readNBytes(LONGEST_ANSWER + 1);
                if (bytes.length > LONGEST_ANSWER) {
                    throw new IOException(uri + " answered with more than " + LONGEST_ANSWER + " bytes");
                }
                return Json.parse(new String(bytes, StandardCharsets.UTF_8), Json.Limits.FOREIGN);
            } catch (JsonProcessingException e) {
                throw new IOException(uri + " answered with something that is not JSON", e);
            }
        } finally {
            connection.disconnect();
        }
    }

    /** Asks about one file without fetching it. */
    Remote head(HubName name, String commit, String file) throws IOException {
        URI uri = URI.create(settings.endpoint() + "/" + name.prefix() + name.repository() + "/resolve/" + commit + "/"
                + file.replace(" ", "%20"));
        for (int i = 0; i < MAX_REDIRECTS; i++) {
            HttpURLConnection connection = open(uri, "HEAD", 0);
            try {
                int status = connection.getResponseCode();
                if (status >= 400) {
                    throw refused(name, file, uri, status);
                }
                String location = connection.getHeaderField("Location");
                URI next = location == null ? uri : target(uri, location);
                String linked = connection.getHeaderField("X-Linked-Etag");
                // A renamed repository redirects within the hub; a large file redirects to its store, and the tag and
                // the size that count are then the hub's own.
                if (status / 100 == 3 && linked == null && sameOrigin(next, uri)) {
                    uri = next;
                    continue;
                }
                String tag = linked != null ? linked : connection.getHeaderField("ETag");
                String given = tag == null ? "" : tag.strip();
                boolean weak = given.startsWith("W/");
                String bare = given.replaceFirst("^W/", "").replace("\"", "");
                if (!SAFE_TAG.matcher(bare).matches()) {
                    throw new IOException(uri + " answered without a usable ETag");
                }
                String size = connection.getHeaderField("X-Linked-Size");
                long length = size == null ? lengthOf(connection, status) : Long.parseLong(size.strip());
                return new Remote(bare, weak, length, next);
            } catch (NumberFormatException e) {
                throw new IOException(uri + " answered with a size that is no number", e);
            } finally {
                connection.disconnect();
            }
        }
        throw new IOException(uri + " redirects in circles");
    }

    private static long lengthOf(HttpURLConnection connection, int status) {
        return status == HttpURLConnection.HTTP_OK ? connection.getContentLengthLong() : -1;
    }

    /** Opens a file from a byte offset. The caller checks the status. */
    HttpURLConnection get(URI uri, long from) throws IOException {
        return follow(uri, "GET", from);
    }

    private HttpURLConnection follow(URI start, String method, long from) throws IOException {
        URI uri = start;
        for (int i = 0; i < MAX_REDIRECTS; i++) {
            HttpURLConnection connection = open(uri, method, from);
            if (connection.getResponseCode() / 100 != 3) {
                return connection;
            }
            String location = connection.getHeaderField("Location");
            connection.disconnect();
            if (location == null) {
                throw new IOException(uri + " redirects to nowhere");
            }
            uri = target(uri, location);
        }
        throw new IOException(start + " redirects in circles");
    }

    private static URI target(URI from, String location) throws IOException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException(from + " redirects to something that is no address", e);
        }
        boolean downgrade = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
        if (downgrade || to.getHost() == null || !("http".equals(to.getScheme()) || "https".equals(to.getScheme()))) {
            throw new IOException(from + " redirects to " + to + ", which is not followed");
        }
        return to;
    }

    private HttpURLConnection open(URI uri, String method, long from) throws IOException {
        URL url = uri.toURL();
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        int patience = Math.toIntExact(settings.patience().toMillis());
        connection.setConnectTimeout(patience);
        connection.setReadTimeout(patience);
        connection.setRequestProperty("User-Agent", "residual");
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        String token = settings.token();
        if (token != null && sameOrigin(uri, settings.endpoint())) {
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        try {
            connection.connect();
        } catch (IOException e) {
            throw new NoAnswerException(uri.getHost() + " cannot be reached (" + e.getMessage() + ")", e);
        }
        return connection;
    }

    private static boolean sameOrigin(URI a, URI b) {
        return a.getHost().equalsIgnoreCase(b.getHost())
                && a.getPort() == b.getPort()
                && a.getScheme().equalsIgnoreCase(b.getScheme());
    }

    private IOException refused(HubName name, @Nullable String file, URI uri, int status) throws IOException {
        String where = file == null
                ? "the " + name.kind().word() + " '" + name + "'"
                : "the file " + file + " of '" + name + "'";
        if (status == HttpURLConnection.HTTP_NOT_FOUND) {
            throw InputException.at(
                    where,
                    "nothing of that name at " + settings.endpoint(),
                    "a folder, something that ships, or a repository of the hub",
                    "Check the name and the revision; a private repository needs HF_TOKEN");
        }
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED || status == HttpURLConnection.HTTP_FORBIDDEN) {
            throw InputException.at(
                    where,
                    "a refusal (" + status + ") by " + settings.endpoint(),
                    "leave to read it",
                    settings.token() == null
                            ? "Accept its terms on the hub if it has any, and set HF_TOKEN to your access token"
                            : "Check that the token in HF_TOKEN may read it and that its terms were accepted");
        }
        return new IOException(uri + " answered " + status);
    }
}
