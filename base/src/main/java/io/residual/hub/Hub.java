package io.residual.hub;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.hub.HubClient.Listing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds a model or a data set by its name on the hub: in the cache that Python uses too, or else on the network. */
public final class Hub {
    /** Selects the files of a repository that are needed. */
    public interface Choice {
        /** The files to fetch, of those that the repository has; empty if there is nothing usable among them. */
        List<String> wanted(List<String> files);

        /** The revision to try if a data set has no usable files; or null. */
        default @Nullable String elsewhere() {
            return null;
        }

        /** The error for a repository without usable files: found, expected, remedy. */
        InputException unusable(HubName name, List<String> files);

        /** Files that one may do without, but whose absence must be certain. */
        List<String> optional();

        /**
         * Whether a snapshot has all files that are needed.
         *
         * @param absent whether an optional file is known not to be in the repository
         */
        boolean isComplete(Path snapshot, Predicate<String> absent);
    }

    private final HubSettings settings;
    private final Progress progress;

    public Hub(HubSettings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * The folder of a model or data set. A complete snapshot in the cache is taken as it is, without asking the network whether
     * there is a newer one.
     *
     * @throws InputException if there is nothing of that name, it needs permission, or nothing in it is usable
     * @throws UncheckedIOException if the network or the disk fails
     */
    public Path fetch(HubName name, Choice choice) {
        HubCache cache = new HubCache(settings.cache(), name);
        Optional<Path> cached = cache.snapshot();
        if (cached.isPresent() && choice.isComplete(cached.get(), f -> cache.knownAbsent(cached.get(), f))) {
            return cached.get();
        }
        if (settings.offline()) {
            return cached.orElseThrow(() -> InputException.at(
                    "the " + name.kind().word() + " '" + name + "'",
                    "no folder of that name and nothing in " + settings.cache() + ", with HF_HUB_OFFLINE set",
                    "one of both",
                    "Fetch it where there is a network, or unset HF_HUB_OFFLINE"));
        }
        try {
            return download(name, cache, choice);
        } catch (HubClient.NoAnswerException | SocketTimeoutException e) {
            // As Python does: what is in the cache may be enough, and the reader will say what is missing.
            return cached.orElseThrow(() -> new UncheckedIOException(
                    "'" + name + "' is no folder, is not in " + settings.cache() + ", and " + e.getMessage(), e));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot fetch '" + name + "': " + e.getMessage(), e);
        }
    }

    private Path download(HubName name, HubCache cache, Choice choice) throws IOException {
        HubClient client = new HubClient(settings);
        Listing listing = client.list(name);
        List<String> wanted = choice.wanted(listing.files());
        if (wanted.isEmpty()) {
            String elsewhere = choice.elsewhere();
            Optional<String> other =
                    name.kind() == HubName.Kind.MODEL ? client.conversion(name) : Optional.ofNullable(elsewhere);
            if (other.isPresent() && !other.get().equals(name.revision())) {
                return fetch(name.at(other.get()), choice);
            }
            throw choice.unusable(name, listing.files());
        }
        Download download = new Download(client, cache, progress);
        for (String file : wanted) {
            download.fetch(name, listing.commit(), file);
        }
        for (String file : choice.optional()) {
            if (!listing.files().contains(file)) {
                cache.markAbsent(listing.commit(), file);
            }
        }
        cache.setCommit(listing.commit());
        return cache.snapshot(listing.commit());
    }
}
