package io.residual.units;

import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Orientation;
import io.residual.model.ImageTextModel;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tracer that keeps its traces in a {@link TraceCache} and does not trace again what it finds there. A trace is found by content:
 * the hash of all the model's files, its arithmetic, the orientation of images, this version of the program, and every image's bytes,
 * name and label, in order. So images that have changed under their names are traced anew. For one thread at a time.
 */
public final class CachedTracer implements ImageTracer {
    private final Tracer tracer;
    private final TraceCache cache;
    private final Consumer<String> notes;
    private boolean told;

    /**
     * A tracer of a model.
     *
     * @param notes told, once, that traces are reused, and whatever could not be kept
     */
    public CachedTracer(Tracer tracer, TraceCache cache, Consumer<String> notes) {
        this.tracer = tracer;
        this.cache = cache;
        this.notes = notes;
    }

    @Override
    public UnitFrame frame() {
        return tracer.frame();
    }

    @Override
    public <S extends Split> Trace<S> trace(LabelledImages<S> images, String origin, Progress progress) {
        String key = key(tracer.model(), images, origin, progress);
        Trace<S> known = cache.find(key, images.labels());
        if (known != null) {
            if (!told) {
                told = true;
                notes.accept(origin + " was traced before: reused from " + cache.folder()
                        + " (residual cache --clear empties it, --no-cache traces anew)");
            }
            return known;
        }
        Trace<S> made = tracer.trace(images, origin, progress);
        String why = cache.keep(key, made);
        if (why != null) {
            notes.accept("the trace of " + origin + " is not kept for later commands: " + why);
        }
        return made;
    }

    @Override
    public <S extends Split> @Nullable Trace<S> known(LabelledImages<S> images, String origin, Progress progress) {
        return cache.find(key(tracer.model(), images, origin, progress), images.labels());
    }

    /** The key of a trace: hashes of the model's files and of every image. */
    static String key(ImageTextModel model, LabelledImages<?> images, String origin, Progress progress) {
        ContentHash hash = new ContentHash().add(computing(model));
        addContent(hash, images, origin, progress);
        return hash.hex();
    }

    /**
     * A hash of what a trace depends on besides its images: the version and the build of the program, the model's weights and all its
     * files, its arithmetic, the orientation of images.
     *
     * @param others classes whose archives take part in what is kept, besides those of tracing
     */
    public static String computing(ImageTextModel model, Class<?>... others) {
        return new ContentHash()
                .add(Provenance.version())
                .add(build(others))
                .add(model.filesHash())
                .add(model.hash())
                .add(model.arithmetic().name().toLowerCase(Locale.ROOT))
                .add(new TreeMap<>(Orientation.settings()).toString())
                .hex();
    }

    /** A hash of images: every one's name, label and bytes, in order. */
    public static String content(LabelledImages<?> images, String origin, Progress progress) {
        ContentHash hash = new ContentHash();
        addContent(hash, images, origin, progress);
        return hash.hex();
    }

    private static void addContent(ContentHash hash, LabelledImages<?> images, String origin, Progress progress) {
        hash.add(images.size());
        progress.start("reading " + origin, images.size());
        for (int i = 0; i < images.size(); i++) {
            hash.add(images.name(i)).add(images.label(i)).add(images.content(i));
            progress.at(i + 1L);
        }
        progress.finish();
    }

    /** What distinguishes two builds of one version: when the archives of what computes a trace were written. */
    private static String build(Class<?>... others) {
        return Stream.concat(Stream.of(CachedTracer.class, ImageTextModel.class, NativeScope.class), Stream.of(others))
                .map(c -> String.valueOf(written(c)))
                .collect(Collectors.joining(" "));
    }

    /** When a class's archive was written; 0 where it is none. */
    private static long written(Class<?> part) {
        @Nullable CodeSource source = part.getProtectionDomain().getCodeSource();
        try {
            Path archive = source == null ? null : Path.of(source.getLocation().toURI());
            return archive != null && Files.isRegularFile(archive)
                    ? Files.getLastModifiedTime(archive).toMillis()
                    : 0;
        } catch (IOException | URISyntaxException | IllegalArgumentException e) {
            return 0;
        }
    }
}
