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

/** Finds a model by its name on the hub: in the cache that Python uses too, or else on the network. */
public final class Hub {
    /** Which of a repository's files a model needs. */
    public interface Choice {
        /** The files to fetch, of those that the repository has; empty if there is nothing usable among them. */
        List<String> wanted(List<String> files);

        /** Files that a model may do without, but whose absence must be certain. */
        List<String> optional();

        /**
         * Whether a snapshot has all that is needed.
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
     * The folder of a model. A complete snapshot in the cache is taken as it is, without asking the network whether
     * there is a newer one.
     *
     * @throws InputException if there is no such model, it needs permission, or it has no usable weights
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
                    "the model '" + name + "'",
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
            Optional<String> conversion = client.conversion(name);
            if (conversion.isPresent() && !conversion.get().equals(name.revision())) {
                return fetch(name.at(conversion.get()), choice);
            }
            throw InputException.at(
                    "the model '" + name + "'",
                    "no safetensors weights among its " + listing.files().size() + " files",
                    "model.safetensors or open_clip_model.safetensors",
                    "Python pickles (.bin, .pt) can run code when read and are refused. Save the model with"
                            + " safe_serialization=True, or name a revision that has safetensors as NAME@REVISION");
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
