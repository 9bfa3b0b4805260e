package io.residual.audit;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import io.residual.data.SplitNames.Part;
import io.residual.spectrum.Features;
import io.residual.units.GivenTraces;
import io.residual.units.StoredTraces;
import io.residual.units.TraceBlock;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Where traced images come from: a model, or traces on disk. Blocks are handed on one by one, so memory does not grow. */
public interface Tracing {
    /** The frame of the units. */
    UnitFrame frame();

    /**
     * Hands on the traces of some images, with the numbers of the images in each block. Images that cannot be read, or are in no trace, are
     * left out.
     */
    void trace(AuditImages images, int[] wanted, Progress progress, BiConsumer<TraceBlock, int[]> sink);

    /** Traces every image and keeps the embeddings alone. */
    default Features features(AuditImages images, Progress progress) {
        int width = frame().shape().sharedWidth();
        float[] values = new float[Math.multiplyExact(images.size(), width)];
        boolean[] known = new boolean[images.size()];
        trace(images, IntStream.range(0, images.size()).toArray(), progress, (TraceBlock block, int[] rows) -> {
            float[] output = block.output(); // one read, where the block is on disk
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(output, i * width, values, rows[i] * width, width);
                known[rows[i]] = true;
            }
        });
        return new Features(width, values, known);
    }

    /** Traces each split once, or finds its trace where it is kept; whatever is asked for afterwards is read from disk. */
    static Tracing of(StoredTraces traces) {
        Map<Part, Path> folders = new EnumMap<>(Part.class);
        return new Tracing() {
            @Override
            public UnitFrame frame() {
                return traces.frame();
            }

            @Override
            public void trace(AuditImages images, int[] wanted, Progress progress, BiConsumer<TraceBlock, int[]> sink) {
                boolean[] asked = new boolean[images.size()];
                Arrays.stream(wanted).forEach(i -> asked[i] = true);
                for (Part part : Part.values()) {
                    LabelledImages<?> some = images.images(part);
                    int first = images.first(part);
                    if (IntStream.range(first, first + some.size()).noneMatch(i -> asked[i])) {
                        continue;
                    }
                    Path folder = folders.computeIfAbsent(
                            part,
                            p -> traces.folder(
                                    some, images.dataset() + " " + p.id(), images.size() - some.size(), progress));
                    // Blocks come in order and leave out what cannot be read, so a name is the next image that has it.
                    Deque<Integer> left = new ArrayDeque<>(
                            IntStream.range(first, first + some.size()).boxed().toList());
                    TraceFolder.stream(folder, block -> hand(block, next(block, left, images::name), asked, sink));
                }
            }
        };
    }

    /**
     * Reads traces of the same images: a trace, or a folder with traces of several splits. Images are matched by their names below
     * the folder that all of them have in common.
     *
     * @throws InputException if there is no trace, or it is of other images
     */
    static Tracing stored(Path folder, AuditImages images) {
        List<Path> folders = GivenTraces.in(folder);
        String model = TraceFolder.manifest(folders.get(0)).provenance().model();
        for (Path each : folders) {
            if (!TraceFolder.manifest(each).provenance().model().equals(model)) {
                throw InputException.at(
                        each,
                        "a trace of another model than " + folders.get(0),
                        "traces of one model",
                        "Give a folder with traces of one model, a sub-folder for each split");
            }
        }
        List<String> names =
                folders.stream().flatMap(f -> TraceFolder.names(f).stream()).toList();
        int prefix = AuditImages.prefix(names);
        int[] all = new int[images.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        Map<String, Integer> known = numbers(images, all);
        long found =
                names.stream().filter(n -> known.containsKey(below(n, prefix))).count();
        if (found * 2 < images.size()) {
            throw InputException.at(
                    folder,
                    "traces of " + found + " of the " + images.size() + " images",
                    "traces of the images of " + images.dataset(),
                    "Trace all splits (residual trace --split), or leave --trace out and give --model");
        }
        return new Tracing() {
            @Override
            public UnitFrame frame() {
                return TraceFolder.frame(folders.get(0));
            }

            @Override
            public void trace(AuditImages of, int[] wanted, Progress progress, BiConsumer<TraceBlock, int[]> sink) {
                Map<String, Integer> numbers = numbers(of, wanted);
                progress.start("reading traces", folders.size());
                for (int f = 0; f < folders.size(); f++) {
                    TraceFolder.stream(
                            folders.get(f),
                            block -> hand(
                                    block,
                                    block.names().stream()
                                            .map(n -> below(n, prefix))
                                            .toList(),
                                    numbers,
                                    sink));
                    progress.at(f + 1L);
                }
                progress.finish();
            }
        };
    }

    /** The numbers of a block's images: each is the next image of its name. */
    static int[] next(TraceBlock block, Deque<Integer> left, IntFunction<String> names) {
        return block.names().stream()
                .mapToInt(name -> {
                    int image = left.remove();
                    while (!names.apply(image).equals(name)) {
                        image = left.remove();
                    }
                    return image;
                })
                .toArray();
    }

    /** Hands on those images of a block that were asked for. */
    private static void hand(TraceBlock block, int[] numbers, boolean[] asked, BiConsumer<TraceBlock, int[]> sink) {
        int[] rows = IntStream.range(0, numbers.length)
                .filter(i -> asked[numbers[i]])
                .toArray();
        if (rows.length > 0) {
            sink.accept(
                    rows.length == numbers.length ? block : block.some(rows),
                    Arrays.stream(rows).map(i -> numbers[i]).toArray());
        }
    }

    private static String below(String name, int prefix) {
        return name.substring(prefix).replace('\\', '/');
    }

    private static Map<String, Integer> numbers(AuditImages images, int[] wanted) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i : wanted) {
            if (numbers.put(images.shortName(i), i) != null) {
                throw InputException.at(
                        "--trace",
                        "traces of images of which two are called " + images.shortName(i),
                        "names that tell images apart",
                        "Leave --trace out and give --model");
            }
        }
        return numbers;
    }

    private static void hand(
            TraceBlock block, List<String> names, Map<String, Integer> numbers, BiConsumer<TraceBlock, int[]> sink) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (numbers.containsKey(names.get(i))) {
                places.add(i);
            }
        }
        if (!places.isEmpty()) {
            int[] rows = places.stream().mapToInt(Integer::intValue).toArray();
            int[] images = places.stream()
                    .mapToInt(p -> numbers.getOrDefault(names.get(p), -1))
                    .toArray();
            sink.accept(rows.length == block.size() ? block : block.some(rows), images);
        }
    }
}
