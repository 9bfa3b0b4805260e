package io.residual.units;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.Progress;
import io.residual.base.RegularFiles;
import io.residual.base.Schema;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.provenance.Provenance;
import io.residual.provenance.SelfCheck;
import io.residual.tensor.NativeScope;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A trace on disk: a folder with
 *
 * <ul>
 *   <li>{@code manifest.json}: schema and version, layout, split, class names, shards, skipped images, provenance;
 *   <li>{@code self-check.json}: the model's, if it has one; earlier versions called it {@code certificate.json};
 *   <li>{@code frame.safetensors}: {@code maps} [L·H, D, h + 3]; absent if the embedding is pooled by attention;
 *   <li>{@code shard-00000.safetensors} and so on: {@code heads} [n, L·H, h], {@code projected} [n, 1 + L, D],
 *       {@code norm} [n, 2], {@code output} [n, D], {@code labels} [n]; the image names in the metadata.
 * </ul>
 *
 * <p>{@code heads} and {@code projected} are 32-bit or 16-bit floats; the rest is always 32-bit.
 *
 * <p>A trace that would take much of the Java heap ({@link #inMemory}) stays on disk: its blocks are handles on the open shards, and every
 * access reads anew what it asks for ({@link TraceBlock}). Shapes, labels and names are checked when the trace is opened, numbers when
 * they are read.
 */
public final class TraceFolder {
    private static final String SHARDS = "shard-[0-9]{5,9}\\.safetensors";
    private static final String OWN =
            "manifest\\.json|self-check\\.json|certificate\\.json|frame\\.safetensors|" + SHARDS;
    private static final String MANIFEST = "the manifest of a trace";
    static final String CACHED = "cached";
    private static final int LARGEST = 100_000_000;
    private static final int SHARD = 1024;
    private static final long GATHERED = 64L << 20;

    /** Bytes of a block that is read from disk, unless one image takes more. */
    private static final long BLOCK = 64L << 20;

    /** A trace may take one part in so many of the Java heap; a command holds three of them, and what it makes of them. */
    private static final int SHARE = 16;

    private TraceFolder() {}

    /** The precision in which a trace is stored. */
    public enum Precision {
        /** 32-bit floats: what was computed. */
        FULL,
        /** 16-bit floats: half the space, about three decimal digits. */
        HALF
    }

    /** The manifest of a trace folder. */
    public record Manifest(
            String split,
            UnitShape shape,
            List<String> classes,
            List<String> shards,
            Precision precision,
            List<String> skipped,
            Provenance provenance) {
        /** As a document. */
        public ObjectNode json() {
            ObjectNode root = Schema.TRACE.document().put("split", split);
            root.set("shape", shape.json());
            root.set("classes", Json.of(classes));
            root.set("shards", Json.of(shards));
            root.put("precision", precision.name());
            root.set("skipped", Json.of(skipped));
            root.set("provenance", provenance.json());
            return root;
        }
    }

    /**
     * Traces images straight to disk, shard by shard; the folder appears when it is complete.
     *
     * @param split the name of the images' split
     */
    public static Manifest write(
            Path target,
            Tracer tracer,
            LabelledImages<?> images,
            String split,
            List<String> classes,
            String origin,
            Precision precision,
            Progress progress) {
        Manifest[] result = new Manifest[1];
        AtomicFiles.writeFolder(target, TraceFolder::isOne, "a trace", folder -> {
            List<String> shards = new ArrayList<>();
            List<TraceBlock> waiting = new ArrayList<>();
            Tracer.Summary summary = tracer.trace(images, origin, progress, block -> {
                waiting.add(block);
                if (waiting.stream().mapToInt(TraceBlock::size).sum() >= SHARD) {
                    shards.add(TraceShard.write(folder, shards.size(), waiting, precision));
                    waiting.clear();
                }
            });
            if (!waiting.isEmpty()) {
                shards.add(TraceShard.write(folder, shards.size(), waiting, precision));
            }
            UnitFrame frame = tracer.frame();
            writeFrame(folder, frame);
            Manifest manifest = new Manifest(
                    split, frame.shape(), classes, shards, precision, summary.skipped(), summary.provenance());
            writeManifest(folder, manifest);
            SelfCheck selfCheck = tracer.model().selfCheck();
            if (selfCheck != null) {
                Files.writeString(folder.resolve("self-check.json"), selfCheck.toJson());
            }
            result[0] = manifest;
        });
        return result[0];
    }

    /**
     * Writes a trace for the cache, bit by bit as it is: a shard for each block, classes without their names, and no split, which
     * comes with the images that it is found by.
     */
    public static void write(Path target, Trace<?> trace) {
        AtomicFiles.writeFolder(target, TraceFolder::isOne, "a trace", folder -> {
            List<String> shards = new ArrayList<>();
            for (TraceBlock block : trace.blocks()) {
                shards.add(TraceShard.write(folder, shards.size(), List.of(block), Precision.FULL));
            }
            int classes = Arrays.stream(trace.labels()).max().orElse(0) + 1;
            writeFrame(folder, trace.frame());
            writeManifest(
                    folder,
                    new Manifest(
                            CACHED,
                            trace.shape(),
                            IntStream.range(0, classes)
                                    .mapToObj(String::valueOf)
                                    .toList(),
                            shards,
                            Precision.FULL,
                            trace.skipped(),
                            trace.provenance()));
        });
    }

    /** Reads what {@link #write(Path, Trace)} wrote; the caller knows the split by the images. */
    static <S extends Split> Trace<S> cached(Path folder) {
        return read(folder, CACHED);
    }

    /** Whether a folder is a trace and nothing else, so that it may be replaced. */
    public static boolean isOne(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.allMatch(e -> String.valueOf(e.getFileName()).matches(OWN))
                    && isManifest(RegularFiles.text(folder.resolve("manifest.json"), MANIFEST, LARGEST));
        } catch (IOException | InputException e) {
            return false;
        }
    }

    private static boolean isManifest(String text) {
        return Schema.TRACE.marks().anyMatch(mark -> text.contains('"' + mark + '"'));
    }

    /** Writes the maps from coordinates to units, where there are any. */
    static void writeFrame(Path folder, UnitFrame frame) throws IOException {
        if (!frame.shape().pooled()) {
            try (NativeScope scope = NativeScope.inference()) {
                new SafetensorsWriter().add("maps", frame.maps()).writeTo(folder.resolve("frame.safetensors"));
            }
        }
    }

    static void writeManifest(Path folder, Manifest manifest) throws IOException {
        Files.writeString(folder.resolve("manifest.json"), Json.file(manifest.json()));
    }

    /** Reads what a trace's folder says of itself. */
    public static Manifest manifest(Path folder) {
        Path file = folder.resolve("manifest.json");
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw InputException.at(folder, "a file", "a folder that residual trace wrote", "Check the path");
        }
        try {
            JsonObject root = JsonObject.parse(
                            RegularFiles.text(file, MANIFEST, LARGEST), file, "Trace again with this version")
                    .requireSchema(Schema.TRACE);
            return new Manifest(
                    root.text("split"),
                    UnitShape.of(root.object("shape")),
                    root.texts("classes"),
                    shards(file, root.texts("shards")),
                    root.one("precision", Precision.class),
                    root.texts("skipped"),
                    Provenance.of(root.object("provenance")));
        } catch (NoSuchFileException e) {
            throw InputException.missing(file, MANIFEST);
        } catch (CharacterCodingException e) {
            throw InputException.at(file, "bytes that are not UTF-8", "JSON in UTF-8", "Trace again", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Shards lie in the trace's own folder, whatever a manifest says. */
    private static List<String> shards(Path manifest, List<String> names) {
        for (String name : names) {
            if (!name.matches(SHARDS)) {
                throw InputException.at(
                        manifest, "a shard '" + name + "'", "names such as shard-00000.safetensors", "Trace again");
            }
        }
        if (Set.copyOf(names).size() < names.size()) {
            throw InputException.at(manifest, "a shard named twice", "each once", "Trace again");
        }
        return names;
    }

    /** Reads the trace of a training split. */
    public static Trace<Split.Train> train(Path folder) {
        return read(folder, "train");
    }

    /** Reads the trace of a validation split. */
    public static Trace<Split.Validation> validation(Path folder) {
        return read(folder, "validation");
    }

    /** Reads the trace of a test split. */
    public static Trace<Split.Test> test(Path folder) {
        return read(folder, "test");
    }

    /**
     * Reads the frame of a trace on disk.
     *
     * @throws io.residual.base.InputException if it is missing or damaged
     */
    public static UnitFrame frame(Path folder) {
        UnitShape shape = manifest(folder).shape;
        if (shape.pooled()) {
            return new UnitFrame(shape, new float[0]);
        }
        try (NativeScope scope = NativeScope.inference();
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("frame.safetensors"))) {
            return new UnitFrame(
                    shape,
                    TraceShard.floats(file, "maps", shape.allHeads(), shape.sharedWidth(), shape.headWidth() + 3L));
        }
    }

    /** Hands on a trace block by block, so that memory does not grow with the number of images. */
    public static void stream(Path folder, Consumer<TraceBlock> sink) {
        Manifest manifest = manifest(folder);
        for (String shard : manifest.shards) {
            blocks(folder.resolve(shard), manifest, null).forEach(sink);
        }
    }

    private static List<TraceBlock> blocks(Path shard, Manifest manifest, @Nullable Object owner) {
        return TraceShard.open(shard, manifest.shape, manifest.classes.size(), imagesOfBlock(manifest.shape), owner);
    }

    /** How many images a block has that is read from disk. */
    static int imagesOfBlock(UnitShape shape) {
        return (int) Math.max(1, Math.min(SHARD, BLOCK / (shape.kept() * Float.BYTES)));
    }

    /** The most bytes of a trace that is held in the Java heap; a larger one is read from disk block by block. */
    public static long inMemory() {
        return Runtime.getRuntime().maxMemory() / SHARE;
    }

    /**
     * Hands on every image's coordinates of some units, one unit after the other. The shards are read as often as it takes
     * to keep what is gathered at once below a quarter of a gigabyte, unless a single unit needs more.
     */
    public static void points(Path folder, List<UnitId> units, Consumer<UnitPoints> sink) {
        Manifest manifest = manifest(folder);
        int images = images(folder, manifest);
        int from = 0;
        while (from < units.size()) {
            int to = from;
            long numbers = 0;
            while (to < units.size() && (to == from || numbers < GATHERED)) {
                numbers += (long) images * manifest.shape.coordinates(units.get(to++));
            }
            List<UnitId> some = units.subList(from, to);
            List<List<float[]>> parts =
                    some.stream().<List<float[]>>map(u -> new ArrayList<>()).toList();
            stream(folder, block -> {
                for (int i = 0; i < some.size(); i++) {
                    parts.get(i).add(block.values(some.get(i)));
                }
            });
            for (int i = 0; i < some.size(); i++) {
                sink.accept(UnitPoints.joined(some.get(i), parts.get(i), images));
                parts.get(i).clear();
            }
            from = to;
        }
    }

    private static int images(Path folder, Manifest manifest) {
        int images = 0;
        for (String shard : manifest.shards) {
            try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(shard))) {
                images += Math.toIntExact(
                        Arrays.stream(file.info("labels").dimensions()).reduce(1, Math::multiplyExact));
            }
        }
        return images;
    }

    /** The names of a trace's images, in order. */
    public static List<String> names(Path folder) {
        List<String> names = new ArrayList<>();
        for (String shard : manifest(folder).shards) {
            try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(shard))) {
                names.addAll(TraceShard.names(file));
            }
        }
        return names;
    }

    private static <S extends Split> Trace<S> read(Path folder, String split) {
        return read(folder, split, inMemory());
    }

    /**
     * Reads a trace.
     *
     * @param most bytes that it may take in memory; a larger one stays on disk
     */
    static <S extends Split> Trace<S> read(Path folder, String split, long most) {
        Manifest manifest = manifest(folder);
        if (!manifest.split.equals(split)) {
            throw InputException.at(
                    folder,
                    "a trace of the " + manifest.split + " split",
                    "the " + split + " split",
                    "Give another trace");
        }
        boolean held = images(folder, manifest) * manifest.shape.kept() * Float.BYTES <= most;
        List<TraceBlock> blocks = new ArrayList<>();
        for (String name : manifest.shards) {
            Path shard = folder.resolve(name);
            if (held) {
                blocks.add(TraceShard.read(shard, manifest.shape, manifest.classes.size()));
            } else {
                blocks.addAll(blocks(shard, manifest, null));
            }
        }
        return new Trace<>(frame(folder), blocks, manifest.skipped, manifest.provenance);
    }
}
