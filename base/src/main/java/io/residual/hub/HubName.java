package io.residual.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository on the hub: {@code owner/name}, or {@code owner/name@revision} for a branch, a tag, a commit or {@code
 * refs/pr/N}.
 */
public record HubName(Kind kind, String repository, String revision) {
    /** The kind of a repository. */
    public enum Kind {
        /** A model. */
        MODEL("models", "", "model"),
        /** A data set. */
        DATASET("datasets", "datasets/", "data set");

        private final String folder;
        private final String prefix;
        private final String word;

        Kind(String folder, String prefix, String word) {
            this.folder = folder;
            this.prefix = prefix;
            this.word = word;
        }

        /** The kind as a word for messages. */
        String word() {
            return word;
        }
    }

    private static final Pattern FORM = Pattern.compile(
            "([A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95})(?:@([A-Za-z0-9._/-]+))?");

    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    public HubName {
        if (repository.contains("..") || revision.contains("..") || revision.startsWith("/")) {
            throw new IllegalArgumentException("no name of a repository: " + repository + "@" + revision);
        }
    }

    /** Reads a model's name; empty for anything else. */
    public static Optional<HubName> parse(String text) {
        return parse(Kind.MODEL, text);
    }

    /** Reads the name of a repository of some kind; empty for anything else. */
    public static Optional<HubName> parse(Kind kind, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || text.contains("..")) {
            return Optional.empty();
        }
        String revision = matcher.group(2) == null ? "main" : matcher.group(2);
        return revision.startsWith("/") ? Optional.empty() : Optional.of(new HubName(kind, matcher.group(1), revision));
    }

    /** The same repository at another revision. */
    public HubName at(String other) {
        return new HubName(kind, repository, other);
    }

    /** Whether the revision is a commit hash, which never changes its meaning. */
    boolean isCommit() {
        return isCommit(revision);
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /** The prefix of the repository in file URLs. */
    String prefix() {
        return kind.prefix;
    }

    /** The path of the repository in the hub's API. */
    String api() {
        return "/api/" + kind.folder + "/" + repository;
    }

    /** The repository's folder in the cache. */
    String cacheFolder() {
        return kind.folder + "--" + repository.replace("/", "--");
    }

    @Override
    public String toString() {
        return revision.equals("main") ? repository : repository + "@" + revision;
    }
}
