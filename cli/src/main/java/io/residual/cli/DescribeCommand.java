package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.MatchingPursuit;
import io.residual.description.TextSpan;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.Extremes;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.UnitStatistics;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description = "Describes units by texts: TextSpan, matching pursuit of a component (OMP) and of all images"
                + " (SOMP).",
        footer = {
            "",
            "Units are named L3.H5 (layer 3, head 5, from 0), L3.MLP, embedding, or pooling.MLP (after attention pooling)."
                    + " A description is only as good as its dictionary: give one of your own where the model or the images are"
                    + " special.",
            "",
            "Example: residual describe signs.trace --units L5.H0,L5.H1",
            "Example: residual describe signs.trace --component 1 --dictionary my-sentences.txt --json"
        })
final class DescribeCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "TRACE", description = "Trace folder, written by residual trace.")
    Path folder = Path.of("");

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--units",
            split = ",",
            paramLabel = "UNIT",
            description = "Units to describe, or all. Default: all heads.")
    List<String> unitNames = new ArrayList<>();

    @Option(
            names = "--component",
            paramLabel = "K",
            description = "Component for OMP, from 0. Default: ${DEFAULT-VALUE}.")
    int component;

    @Option(names = "--texts", paramLabel = "N", description = "Number of texts. Default: ${DEFAULT-VALUE}.")
    int count = 5;

    @Option(
            names = "--rank",
            paramLabel = "R",
            description =
                    "Leading directions (means not subtracted) that span a unit, for TextSpan. Default: components to"
                            + " 99 %% of the variance, and one for the mean.")
    int rank;

    @Option(
            names = "--extremes",
            paramLabel = "N",
            description = "Images at each end of the component. Default: ${DEFAULT-VALUE}.")
    int extremes = 3;

    @Option(
            names = "--dictionary",
            paramLabel = "FILE",
            description = "Dictionary of texts, one per line. " + Words.DEFAULT)
    @Nullable
    Path dictionaryFile;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        requirePositive("--texts", count, 1);
        requirePositive("--component", component, 0);
        requirePositive("--rank", rank, 0);
        requirePositive("--extremes", extremes, 0);
        Progress progress = output.start();
        TraceFolder.Manifest manifest = TraceFolder.manifest(folder);
        UnitFrame frame = TraceFolder.frame(folder);
        List<UnitId> units = units(manifest.shape());
        ObjectNode root = Schema.DESCRIPTION.document();
        ArrayNode all = root.putArray("units");
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            manifest.provenance().requireModel(folder, "a trace", model.name(), model.hash());
            Dictionary dictionary = Words.of(dictionaryFile, model, true);
            TraceStatistics statistics = TraceStatistics.of(folder, progress);
            List<String> names = TraceFolder.names(folder);
            progress.start("describing", units.size());
            TraceFolder.points(folder, units, points -> {
                describe(out, all.addObject(), points, statistics.of(points.unit()), frame, dictionary, names);
                progress.at(all.size());
            });
            progress.finish();
        }
        if (output.json) {
            out.println(Json.pretty(root));
        }
        return 0;
    }

    private void describe(
            PrintWriter out,
            ObjectNode node,
            UnitPoints points,
            UnitStatistics statistics,
            UnitFrame frame,
            Dictionary dictionary,
            List<String> names) {
        UnitId unit = points.unit();
        Spectrum spectrum = Pca.of(statistics, frame);
        node.put("unit", unit.toString()).put("rank", spectrum.rank()).put("component", component);
        if (spectrum.rank() <= component) {
            String note = spectrum.rank() == 0
                    ? "the unit is constant on these images"
                    : "the unit has only " + spectrum.rank() + " components with any variance";
            node.put("note", note);
            if (!output.json) {
                out.println(unit + ": " + note + "\n");
            }
            return;
        }
        Map<String, Description> found = new LinkedHashMap<>();
        // Directions of the second moment, of which the mean may take one; beyond the unit's rank there are none.
        int span = Math.min(rank > 0 ? rank : spectrum.kept(.99) + 1, spectrum.rank() + 1);
        found.put("text_span", TextSpan.of(statistics, frame, dictionary, count, span));
        int d = spectrum.mean().length;
        double[] direction = Arrays.copyOfRange(spectrum.components(), component * d, (component + 1) * d);
        found.put("omp", MatchingPursuit.ofDirection(direction, statistics, frame, dictionary, count));
        found.put("somp", MatchingPursuit.ofImages(points, frame, dictionary, count));
        found.forEach((method, description) -> terms(node.putArray(method), description));
        Extremes ends = Extremes.of(points, frame, names, spectrum, component, extremes);
        ends(node.putArray("lowest"), ends.lowest());
        ends(node.putArray("highest"), ends.highest());
        if (!output.json) {
            print(out, unit, spectrum, found, ends);
        }
    }

    private static void requirePositive(String option, int value, int least) {
        if (value < least) {
            throw InputException.at(option, String.valueOf(value), least + " or more", "Correct the option");
        }
    }

    private List<UnitId> units(UnitShape shape) {
        if (unitNames.isEmpty()) {
            return shape.headIds();
        }
        if (unitNames.equals(List.of("all"))) {
            return shape.ids();
        }
        Map<String, UnitId> known = shape.ids().stream().collect(Collectors.toMap(UnitId::toString, u -> u));
        List<UnitId> units = new ArrayList<>();
        for (String name : unitNames) {
            UnitId unit = known.get(name);
            if (unit == null) {
                throw InputException.at(
                        "--units",
                        "'" + name + "'",
                        "embedding, L0.H0 to L" + (shape.layers() - 1) + ".H" + (shape.heads() - 1)
                                + ", or L0.MLP and so on",
                        "Correct the name");
            }
            units.add(unit);
        }
        return units.stream().distinct().toList();
    }

    private static void ends(ArrayNode node, List<Extremes.End> ends) {
        ends.forEach(end -> node.addObject()
                .put("index", end.index())
                .put("image", end.name())
                .put("coordinate", end.coordinate()));
    }

    private static void terms(ArrayNode node, Description description) {
        description.terms().forEach(t -> node.addObject()
                .put("text", t.text())
                .put("index", t.index())
                .put("weight", t.weight())
                .put("explained", t.explained())
                .put("variance_explained", t.variance()));
    }

    private void print(PrintWriter out, UnitId unit, Spectrum spectrum, Map<String, Description> found, Extremes ends) {
        out.printf(
                Locale.ROOT,
                "%s  (component %d: %.0f %% of the variance)%n",
                unit,
                component,
                100 * spectrum.eigenvalues()[component] / spectrum.totalVariance());
        Map<String, String> labels = Map.of(
                "text_span", "TextSpan (deviation; variance explained)",
                "omp", "OMP of the component (coefficient; variance explained; of the component's length)",
                "somp", "SOMP of all images (mean coefficient; variance explained)");
        found.forEach((method, description) -> {
            out.println("  " + labels.get(method));
            description
                    .terms()
                    .forEach(t -> out.printf(
                            Locale.ROOT,
                            "    %+8.3f  %3.0f %%  %s%s%n",
                            t.weight(),
                            100 * t.variance(),
                            method.equals("omp") ? String.format(Locale.ROOT, "%3.0f %%  ", 100 * t.explained()) : "",
                            Printable.line(t.text())));
        });
        out.println("  lowest:  "
                + Printable.line(String.join(
                        ", ", ends.lowest().stream().map(Extremes.End::name).toList())));
        out.println("  highest: "
                + Printable.line(String.join(
                        ", ", ends.highest().stream().map(Extremes.End::name).toList())));
        out.println();
    }
}
