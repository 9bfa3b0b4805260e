package io.residual.fit;

import io.residual.adapt.FoldedAdapter;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.ImageBatches;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.fit.AlignmentSettings.Goal;
import io.residual.images.Batch;
import io.residual.intervene.Change;
import io.residual.intervene.Effects;
import io.residual.intervene.Interventions;
import io.residual.model.ImageTextModel;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Heads that are better changed inside the forward pass, by greedy search: of the heads whose direct effect promises most, the one whose total
 * effect (later layers computed anew) helps most on one half of the validation images, again and again. The other half says where to
 * stop, since among so many candidates some help the images that they are chosen on by chance. Keeps the images' pixels in memory.
 */
public final class PassSearch {
    /** Steps without gain on the half that does not choose, and the search ends. */
    private static final int PATIENCE = 2;

    /** Heads that are changed at most, since every step costs passes of all validation images. */
    public static final int MOST = 8;

    private final ImageTextModel model;
    private final FoldedAdapter adapter;
    private final Goal goal;
    private final Change change;
    private final int candidates;
    private final Progress progress;
    private final List<Batch> batches = new ArrayList<>();
    private final int[] labels;
    private final int[] groups; // whose worst counts; the classes where there are no others
    private final int[][] halves;

    /**
     * A search.
     *
     * @param adapter the model's, or the plain model; it stays its owner's
     * @param images validation images
     * @param groupOf the group of each image whose worst counts with {@link Goal#WORST_CLASS}; null for the classes
     * @param change what becomes of a head: zero, or its mean over training images
     * @param candidates heads that are tried in passes of their own at each step
     */
    public PassSearch(
            ImageTextModel model,
            FoldedAdapter adapter,
            LabelledImages<Split.Validation> images,
            int @Nullable [] groupOf,
            Goal goal,
            Change change,
            int candidates,
            Progress progress) {
        this.model = model;
        this.adapter = adapter;
        this.goal = goal;
        this.change = change;
        this.candidates = candidates;
        this.progress = progress;
        int[] order = IntStream.range(0, images.size()).toArray();
        try (ImageBatches read = new ImageBatches(
                images, model.preprocessing(), order, model.image().batch())) {
            while (read.hasNext()) {
                Batch batch = read.next();
                if (batch.size() > 0) {
                    batches.add(batch);
                }
            }
        }
        this.labels =
                batches.stream().flatMapToInt(b -> Arrays.stream(b.labels())).toArray();
        this.groups = groupOf == null ? labels : read(images, groupOf);
        int most = 1 + Arrays.stream(groups).max().orElse(0);
        int[] cells = new int[labels.length];
        Arrays.setAll(cells, i -> groupOf == null ? labels[i] : labels[i] * most + groups[i]);
        this.halves = GoalValue.halves(cells);
        if (halves[0].length == 0 || halves[1].length == 0) {
            throw InputException.at(
                    "the validation images", labels.length + " readable", "two or more", "Give more (--validation)");
        }
    }

    /** The groups of the images that could be read, in the order of the batches. */
    private int[] read(LabelledImages<?> images, int... groupOf) {
        Map<String, Integer> byName = new HashMap<>();
        for (int i = 0; i < images.size(); i++) {
            byName.put(images.name(i), groupOf[i]);
        }
        return batches.stream()
                .flatMap(b -> b.names().stream())
                .mapToInt(name -> Objects.requireNonNull(byName.get(name)))
                .toArray();
    }

    /**
     * A head that was changed.
     *
     * @param chose the goal on the images that choose, with this head and those before it
     * @param held the same on the images that say where to stop
     */
    public record Step(UnitId head, double chose, double held) {}

    /**
     * What was found.
     *
     * @param heads in the order of their choice; none where nothing helps the images that did not choose
     * @param steps all that was tried in earnest, those after the last of {@code heads} without gain
     * @param before the goal without a change on the images that say where to stop
     * @param passes of all validation images that this took
     */
    public record Found(List<UnitId> heads, List<Step> steps, double before, int passes) {
        public Found {
            heads = List.copyOf(heads);
            steps = List.copyOf(steps);
        }
    }

    /** Searches among some heads. */
    public Found among(List<UnitId> heads) {
        progress.start("searching heads", heads.size());
        List<UnitId> left = new ArrayList<>(heads);
        List<UnitId> taken = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        Interventions changes = Interventions.NONE;
        float[] logits = logits(changes);
        GoalValue now = value(logits, 0);
        GoalValue best = value(logits, 1);
        double before = best.goal();
        int kept = 0;
        int passes = 1;
        while (!left.isEmpty() && taken.size() < MOST && taken.size() - kept < PATIENCE) {
            UnitId chosen = null;
            float[] with = logits;
            GoalValue value = now;
            for (UnitId head : promising(changes, left)) {
                float[] tried = logits(changes.with(head, change));
                passes++;
                GoalValue total = value(tried, 0);
                if (total.isBetterThan(value)) {
                    chosen = head;
                    with = tried;
                    value = total;
                }
            }
            passes++;
            if (chosen == null) {
                break;
            }
            left.remove(chosen);
            taken.add(chosen);
            changes = changes.with(chosen, change);
            logits = with;
            now = value;
            GoalValue held = value(logits, 1);
            steps.add(new Step(chosen, value.goal(), held.goal()));
            if (held.isBetterThan(best)) {
                best = held;
                kept = taken.size();
            }
            progress.at(taken.size(), String.format(Locale.ROOT, "%s: %.3f", chosen, held.goal()));
        }
        progress.finish();
        return new Found(taken.subList(0, kept), steps, before, passes);
    }

    /** The heads whose direct effect does best on the images that choose, the best first. */
    private List<UnitId> promising(Interventions changes, List<UnitId> heads) {
        int classes = adapter.classes().size();
        Map<UnitId, float[]> all = new HashMap<>();
        heads.forEach(head -> all.put(head, new float[labels.length * classes]));
        Effects effects = new Effects(model.image());
        int[] from = {0};
        for (Batch batch : batches) {
            try (NativeScope scope = NativeScope.inference()) {
                effects.direct(input(batch), changes, heads, change, (head, residuals) -> {
                    float[] some = logits(residuals);
                    System.arraycopy(some, 0, Objects.requireNonNull(all.get(head)), from[0] * classes, some.length);
                });
            }
            from[0] += batch.size();
        }
        Map<UnitId, GoalValue> values = new HashMap<>();
        all.forEach((head, logits) -> values.put(head, value(logits, 0)));
        Comparator<UnitId> order = Comparator.comparingDouble((UnitId head) ->
                        -Objects.requireNonNull(values.get(head)).goal())
                .thenComparingDouble(
                        head -> Objects.requireNonNull(values.get(head)).loss());
        return heads.stream().sorted(order).limit(candidates).toList();
    }

    private float[] logits(Interventions changes) {
        float[] all = new float[labels.length * adapter.classes().size()];
        int at = 0;
        for (Batch batch : batches) {
            try (NativeScope scope = NativeScope.inference()) {
                float[] some = logits(changes.trace(model.image(), input(batch)));
                System.arraycopy(some, 0, all, at, some.length);
                at += some.length;
            }
        }
        return all;
    }

    private float[] logits(Residuals residuals) {
        return Tensors.floats(adapter.logits(adapter.features(residuals)));
    }

    private GoalValue value(float[] logits, int half) {
        int[] rows = halves[half];
        int[] own = Arrays.stream(rows).map(i -> labels[i]).toArray();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor all = Tensors.of(logits, labels.length, adapter.classes().size());
            int[] of = Arrays.stream(rows).map(i -> groups[i]).toArray();
            return GoalValue.of(goal, all.index_select(0, Tensors.indices(rows)), own, of);
        }
    }

    private Tensor input(Batch batch) {
        return Tensors.of(
                batch.pixels(),
                batch.size(),
                3,
                model.preprocessing().inputHeight(),
                model.preprocessing().inputWidth());
    }
}
