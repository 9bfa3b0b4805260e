package io.residual.survey;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.experiment.TestScore;
import io.residual.heads.HeadSelection;
import io.residual.model.ImageTextModel;
import io.residual.probing.RoleProbing;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.UnitGeometry;
import io.residual.sweep.SweepRunner.Measured;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What heads, layers and weights do on every data set of a finished sweep: from its traces and adapters, and from a control tower
 * that sees some of the same images.
 */
public final class Survey {
    private final long seed;
    private final int control;
    private final Progress progress;

    /**
     * A survey.
     *
     * @param seed of random rankings and of the control
     * @param control test images of each data set that the control tower sees; 0 for no control
     */
    public Survey(long seed, int control, Progress progress) {
        this.seed = seed;
        this.control = control;
        this.progress = progress;
    }

    /**
     * One data set.
     *
     * @param classes how many
     * @param test how many images
     * @param layers what the class token knows after each
     * @param geometry of every unit on the test images
     * @param heads what few heads reach
     * @param weights what adapters that weight components do to units, by method
     * @param methods test accuracy of every adapter
     */
    public record SetResult(
            String label,
            int classes,
            int test,
            List<LayerStudy.Layer> layers,
            List<UnitGeometry> geometry,
            HeadSelection.Result heads,
            Map<String, List<WeightStudy.Unit>> weights,
            Map<String, Accuracy> methods) {}

    /** How alike heads are over data sets: on all test images, on those that the control sees, and by the control. */
    public record Roles(
            RoleProbing.Result all,
            RoleProbing.@Nullable Result some,
            RoleProbing.@Nullable Result control,
            List<List<UnitGeometry>> controlGeometry) {}

    /**
     * What was fitted on one data set on the test images of another with the same classes.
     *
     * @param method its name
     * @param accuracy with the classes of the set that it was fitted on: nothing of the other set was seen
     * @param own of the other set's own fit by the same method
     */
    public record Shift(
            String from,
            String to,
            String method,
            Accuracy accuracy,
            @Nullable Accuracy own) {}

    /**
     * What was fitted for one labelling of some images, on images that no fit for either labelling saw.
     *
     * @param other the other labelling
     * @param own by the labels that it was fitted for
     * @param others by the other labels
     */
    public record Crossed(String fitted, String other, String method, Accuracy own, Accuracy others) {}

    /** Everything. */
    public record Result(
            String model,
            UnitShape shape,
            List<SetResult> sets,
            Roles roles,
            List<Shift> shifts,
            List<Crossed> crossed,
            int controlImages) {}

    /** Surveys a model. {@code folder}: the model's. */
    public Result of(ImageTextModel model, Path folder, List<Measured> measured) {
        if (measured.size() < 2) {
            throw InputException.at(
                    "the sweep", measured.size() + " data set", "two or more", "Survey more of the sweep's data sets");
        }
        List<SetResult> sets = new ArrayList<>();
        List<List<Spectrum>> spectra = new ArrayList<>();
        List<List<Spectrum>> some = new ArrayList<>();
        UnitShape shape = new Tracer(model).frame().shape();
        for (Measured each : measured) {
            Progress own = new Named(each.label(), progress);
            Trace<Split.Test> test = each.traces().test();
            List<String> classes = each.dataset().prompts().classes();
            Classifier classifier = Classifier.of(
                    model, each.dataset().prompts(), () -> each.traces().train());
            HeadSelection.Result heads =
                    new HeadSelection(each.traces().validation(), classifier, false, seed, own).measure(test);
            List<Spectrum> unit = Pca.of(test, shape.ids());
            spectra.add(unit);
            if (control > 0) {
                some.add(Pca.of(seenByControl(each, test), shape.ids()));
            }
            Map<String, List<WeightStudy.Unit>> weights = new LinkedHashMap<>();
            Map<String, Accuracy> methods = new LinkedHashMap<>();
            each.adapters().forEach((name, file) -> {
                methods.put(name, TestScore.of(file.adapter(), file.classifier(), test));
                List<WeightStudy.Unit> units =
                        WeightStudy.of(file.adapter(), each.traces().train());
                if (!units.isEmpty()) {
                    weights.put(name, units);
                }
            });
            sets.add(new SetResult(
                    each.label(),
                    classes.size(),
                    test.size(),
                    LayerStudy.of(classes, each.traces(), own),
                    RoleProbing.geometry(test, unit, own),
                    heads,
                    weights,
                    methods));
        }
        return new Result(
                measured.get(0).model(),
                shape,
                sets,
                roles(folder, measured, shape, spectra, some),
                shifts(measured),
                crossed(measured),
                control);
    }

    private Roles roles(
            Path folder,
            List<Measured> measured,
            UnitShape shape,
            List<List<Spectrum>> spectra,
            List<List<Spectrum>> some) {
        RoleProbing.Result all = RoleProbing.of(shape, spectra, progress);
        if (control == 0) {
            return new Roles(all, null, null, List.of());
        }
        List<List<Spectrum>> untrained = new ArrayList<>();
        List<List<UnitGeometry>> geometry = new ArrayList<>();
        try (ControlTower tower = ControlTower.of(folder, seed)) {
            Tracer tracer = new Tracer(tower.model());
            for (Measured each : measured) {
                LabelledImages<Split.Test> images = controlImages(each);
                Trace<Split.Test> trace = tracer.trace(images, each.label() + " by the control", progress);
                List<Spectrum> units = Pca.of(trace, shape.ids());
                untrained.add(units);
                geometry.add(RoleProbing.geometry(trace, units, progress));
            }
        }
        return new Roles(
                all, RoleProbing.of(shape, some, progress), RoleProbing.of(shape, untrained, progress), geometry);
    }

    private LabelledImages<Split.Test> controlImages(Measured each) {
        return each.dataset().test().atMost(control, seed);
    }

    private Trace<Split.Test> seenByControl(Measured each, Trace<Split.Test> test) {
        LabelledImages<Split.Test> images = controlImages(each);
        return named(
                test, IntStream.range(0, images.size()).mapToObj(images::name).collect(Collectors.toSet()));
    }

    private static List<Shift> shifts(List<Measured> measured) {
        List<Shift> shifts = new ArrayList<>();
        for (Measured from : measured) {
            for (Measured to : measured) {
                if (!haveTheSameClasses(from, to) || from.source().equals(to.source())) {
                    continue;
                }
                Trace<Split.Test> test = to.traces().test();
                from.adapters().forEach((name, file) -> {
                    AdapterFile own = to.adapters().get(name);
                    shifts.add(new Shift(
                            from.label(),
                            to.label(),
                            name,
                            TestScore.of(file.adapter(), file.classifier(), test),
                            own == null ? null : TestScore.of(own.adapter(), own.classifier(), test)));
                });
            }
        }
        return shifts;
    }

    private static boolean haveTheSameClasses(Measured a, Measured b) {
        return !a.label().equals(b.label())
                && a.dataset().prompts().classes().equals(b.dataset().prompts().classes());
    }

    /** Two labellings of the same images, on the images that are in the test splits of both. */
    private static List<Crossed> crossed(List<Measured> measured) {
        List<Crossed> crossed = new ArrayList<>();
        for (Measured from : measured) {
            for (Measured to : measured) {
                if (!haveTheSameClasses(from, to) || !from.source().equals(to.source())) {
                    continue;
                }
                Trace<Split.Test> others = to.traces().test();
                Map<String, Integer> labels = new HashMap<>();
                List<String> names = others.names();
                int[] given = others.labels();
                for (int i = 0; i < given.length; i++) {
                    labels.put(names.get(i), given[i]);
                }
                Trace<Split.Test> own = named(from.traces().test(), labels.keySet());
                if (own.size() > 0) {
                    Trace<Split.Test> other = relabelled(own, labels);
                    from.adapters()
                            .forEach((name, file) -> crossed.add(new Crossed(
                                    from.label(),
                                    to.label(),
                                    name,
                                    TestScore.of(file.adapter(), file.classifier(), own),
                                    TestScore.of(file.adapter(), file.classifier(), other))));
                }
            }
        }
        return crossed;
    }

    private static Trace<Split.Test> relabelled(Trace<Split.Test> trace, Map<String, Integer> labels) {
        List<TraceBlock> blocks = trace.blocks().stream()
                .map(b -> b.withLabels(b.names().stream()
                        .mapToInt(n -> labels.getOrDefault(n, -1))
                        .toArray()))
                .toList();
        return new Trace<>(trace.frame(), blocks, trace.skipped(), trace.provenance());
    }

    private static Trace<Split.Test> named(Trace<Split.Test> trace, Set<String> names) {
        List<String> all = trace.names();
        return trace.some(IntStream.range(0, all.size())
                .filter(i -> names.contains(all.get(i)))
                .toArray());
    }

    /** Steps with the name of the data set before them. */
    private record Named(String name, Progress shown) implements Progress {
        @Override
        public void start(String step, long total) {
            shown.start(name + ": " + step, total);
        }

        @Override
        public void at(long done, String detail) {
            shown.at(done, detail);
        }

        @Override
        public void finish() {
            shown.finish();
        }
    }
}
