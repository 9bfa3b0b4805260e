package io.residual.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.alignment.Adapter;
import io.residual.alignment.AdapterFile;
import io.residual.alignment.Calibration;
import io.residual.alignment.Classifier;
import io.residual.alignment.ComponentDesign;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.description.Dictionary;
import io.residual.description.NearestTexts;
import io.residual.images.Picture;
import io.residual.images.PictureDecoder;
import io.residual.images.Prompts;
import io.residual.images.UnreadablePictureException;
import io.residual.model.ImageTextModel;
import io.residual.prediction.Explainer;
import io.residual.prediction.Explanation;
import io.residual.prediction.Explanation.ComponentShare;
import io.residual.prediction.Explanation.UnitShare;
import io.residual.report.BarChart;
import io.residual.report.TextTable;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Takes one decision apart: an exact sum over heads, MLPs and components, named by their words.",
        footer = {
            "",
            "The difference of two classes' logits is a sum over everything that wrote into the residual stream; each unit's",
            "share is given for the model as it is and with the adapter. Shares add up to the difference but for rounding, which",
            "is printed.",
            "",
            "Example: residual explain --adapter signs.adapter photo.jpg --svg why.svg"
        })
final class ExplainCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(names = "--adapter", paramLabel = "FILE", description = "What residual align wrote.")
    @Nullable
    Path adapterFile;

    @Option(
            names = "--classes",
            paramLabel = "NAMES",
            split = ",",
            description = "Without an adapter: the classes to choose from.")
    List<String> classes = List.of();

    @Option(
            names = "--class",
            paramLabel = "NAME",
            description = "The class to explain. Default: the one that was chosen.")
    @Nullable
    String wanted;

    @Option(
            names = "--against",
            paramLabel = "NAME",
            description = "The class to compare it with. Default: the one with the next largest logit.")
    @Nullable
    String against;

    @Option(names = "--top", paramLabel = "N", description = "Units and components to show. Default: ${DEFAULT-VALUE}.")
    int top = 10;

    @Option(
            names = "--dictionary",
            paramLabel = "FILE",
            description = "Sentences to name components with, one a line. Default: about 1,500 that ship.")
    @Nullable
    Path dictionary;

    @Option(names = "--no-words", description = "Do not name components: saves encoding the dictionary.")
    boolean noWords;

    @Option(names = "--svg", paramLabel = "FILE", description = "Also draw the largest shares.")
    @Nullable
    Path svg;

    @Parameters(paramLabel = "PICTURE", description = "A picture.")
    Path picture = Path.of("");

    @Mixin
    OutputOptions output = new OutputOptions();

    /** A class against another. */
    private record Question(int chosen, int other) {
        double of(double[] logits) {
            return logits[chosen] - logits[other];
        }
    }

    @Override
    public Integer call() {
        if ((adapterFile == null) == classes.isEmpty()) {
            throw InputException.at(
                    "residual explain",
                    adapterFile == null ? "neither --adapter nor --classes" : "both --adapter and --classes",
                    "one of them",
                    "Give what residual align wrote, or names to choose from");
        }
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Tracer tracer = new Tracer(model);
            Path file = adapterFile;
            AdapterFile read = file == null ? null : AdapterFile.read(file, tracer.frame(), model.hash());
            Adapter adapter = read == null ? new Adapter.Identity() : read.adapter();
            Classifier classifier = read == null
                    ? Classifier.fromPrompts(model, new Prompts(classes, List.of("a photo of a {}.")))
                    : read.classifier();
            Explanation explanation = new Explainer(tracer.frame(), adapter, classifier).explain(trace(tracer), 0);
            Question question = question(explanation);
            NearestTexts words = noWords || !model.hasText() ? null : words(model);
            show(
                    explanation,
                    question,
                    adapter,
                    words,
                    read == null ? null : read.info().calibration());
        }
        return 0;
    }

    private NearestTexts words(ImageTextModel model) {
        Path file = dictionary;
        return new NearestTexts(
                Dictionary.of(file == null ? Dictionary.shippedTexts() : Dictionary.textsOf(file), model));
    }

    private TraceBlock trace(Tracer tracer) {
        try {
            Picture decoded = PictureDecoder.decode(picture);
            float[] pixels = new float[tracer.model().preprocessing().inputLength()];
            tracer.model().preprocessing().apply(decoded, pixels, 0);
            return tracer.encode(pixels, new int[1], List.of(picture.toString()));
        } catch (UnreadablePictureException e) {
            throw InputException.at(
                    picture, String.valueOf(e.getMessage()), "a picture that can be read", "Check the file", e);
        }
    }

    private Question question(Explanation explanation) {
        int chosen = wanted == null ? explanation.chosen() : index(explanation, "--class", wanted);
        int other = -1;
        if (against != null) {
            other = index(explanation, "--against", against);
        } else {
            for (int c = 0; c < explanation.classes().size(); c++) {
                boolean better =
                        other < 0 || explanation.after()[c] > explanation.after()[other];
                other = c != chosen && better ? c : other;
            }
        }
        if (other == chosen || other < 0) {
            throw InputException.at(
                    "--against",
                    explanation.classes().get(chosen),
                    "another class than the explained one",
                    "Name another");
        }
        return new Question(chosen, other);
    }

    private static int index(Explanation explanation, String option, String name) {
        int index = explanation.classes().indexOf(name);
        if (index < 0) {
            throw InputException.at(option, "'" + name + "'", "one of " + explanation.classes(), "Correct the name");
        }
        return index;
    }

    private void show(
            Explanation explanation,
            Question question,
            Adapter adapter,
            @Nullable NearestTexts words,
            @Nullable Calibration calibration) {
        List<UnitShare> units = explanation.units().stream()
                .sorted(Comparator.comparingDouble(
                        u -> -Math.max(Math.abs(question.of(u.after())), Math.abs(question.of(u.before())))))
                .limit(top)
                .toList();
        List<ComponentShare> components = explanation.components().stream()
                .sorted(Comparator.comparingDouble(k -> -Math.abs(question.of(k.after()))))
                .limit(top)
                .toList();
        Map<ComponentShare, List<String>> named = new HashMap<>();
        if (words != null) {
            components.forEach(k -> named.put(k, words.along(direction(adapter, k), 2)));
        }
        if (output.json) {
            spec.commandLine()
                    .getOut()
                    .println(json(explanation, question, components, named, calibration)
                            .toPrettyString());
        } else {
            print(explanation, question, units, components, named);
        }
        Path file = svg;
        if (file != null) {
            AtomicFiles.writeString(file, chart(explanation, question, units));
        }
    }

    /** A component's direction, towards where the picture lies. */
    private static double[] direction(Adapter adapter, ComponentShare share) {
        ComponentDesign design = (ComponentDesign) ((Adapter.Spectral) adapter).design();
        ComponentDesign.Part part = design.parts().stream()
                .filter(p -> p.unit().equals(share.unit()))
                .findFirst()
                .orElseThrow();
        int d = part.mean().length;
        double sign = Math.signum(share.coefficient());
        double[] direction = new double[d];
        for (int j = 0; j < d; j++) {
            direction[j] = sign * part.components()[share.component() * d + j];
        }
        return direction;
    }

    private void print(
            Explanation explanation,
            Question question,
            List<UnitShare> units,
            List<ComponentShare> components,
            Map<ComponentShare, List<String>> named) {
        PrintWriter out = spec.commandLine().getOut();
        List<String> names = explanation.classes();
        boolean adapted = adapterFile != null;
        out.printf(
                "%s: %s%s%n",
                explanation.picture(),
                names.get(explanation.chosen()),
                adapted ? "; without the adapter: " + names.get(explanation.chosenBefore()) : "");
        out.printf(
                Locale.ROOT,
                "logit of '%s' less that of '%s': %+.3f%s; shares add up to it but for %.0e%n%n",
                names.get(question.chosen),
                names.get(question.other),
                question.of(explanation.after()),
                adapted
                        ? String.format(Locale.ROOT, " (without the adapter %+.3f)", question.of(explanation.before()))
                        : "",
                explanation.error());
        TextTable table = new TextTable();
        table.row(adapted ? new String[] {"unit", "without", "with the adapter"} : new String[] {"unit", "share"});
        for (UnitShare unit : units) {
            List<String> row = new ArrayList<>(List.of(unit.unit().toString(), signed(question.of(unit.before()))));
            if (adapted) {
                row.add(signed(question.of(unit.after())));
            }
            table.row(row.toArray(String[]::new));
        }
        for (Explanation.Constant constant : explanation.constants()) {
            table.row(constant.name(), "", signed(question.of(constant.after())));
        }
        out.print(table);
        int rest = explanation.units().size() - units.size();
        if (rest > 0) {
            out.printf("and %d units with less%n", rest);
        }
        if (!components.isEmpty()) {
            out.println();
            TextTable parts = new TextTable().row("component", "λ", "without", "with the adapter", "towards");
            components.forEach(k -> parts.row(
                    k.unit() + " #" + k.component(),
                    String.format(Locale.ROOT, "%.2f", k.lambda()),
                    signed(question.of(k.before())),
                    signed(question.of(k.after())),
                    String.join("; ", named.getOrDefault(k, List.of()))));
            out.print(parts);
        }
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
    }

    private static ObjectNode json(
            Explanation explanation,
            Question question,
            List<ComponentShare> components,
            Map<ComponentShare, List<String>> named,
            @Nullable Calibration calibration) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode()
                .put("picture", explanation.picture())
                .put("class", explanation.classes().get(question.chosen))
                .put("against", explanation.classes().get(question.other))
                .put("error", explanation.error());
        root.set("classes", mapper.valueToTree(explanation.classes()));
        root.set("logits_before", mapper.valueToTree(explanation.before()));
        root.set("logits", mapper.valueToTree(explanation.after()));
        if (calibration != null) {
            root.set("calibration", mapper.valueToTree(calibration));
        }
        ArrayNode units = root.putArray("units");
        explanation.units().forEach(u -> {
            ObjectNode node = units.addObject().put("unit", u.unit().toString());
            node.set("before", mapper.valueToTree(u.before()));
            node.set("after", mapper.valueToTree(u.after()));
        });
        ArrayNode constants = root.putArray("constants");
        explanation
                .constants()
                .forEach(k -> constants.addObject().put("name", k.name()).set("after", mapper.valueToTree(k.after())));
        ArrayNode parts = root.putArray("components");
        components.forEach(k -> {
            ObjectNode node = parts.addObject()
                    .put("unit", k.unit().toString())
                    .put("component", k.component())
                    .put("lambda", k.lambda())
                    .put("coefficient", k.coefficient());
            node.set("before", mapper.valueToTree(k.before()));
            node.set("after", mapper.valueToTree(k.after()));
            node.set("towards", mapper.valueToTree(named.getOrDefault(k, List.of())));
        });
        return root;
    }

    private static String chart(Explanation explanation, Question question, List<UnitShare> units) {
        BarChart chart = new BarChart(
                "Why '" + explanation.classes().get(question.chosen) + "' and not '"
                        + explanation.classes().get(question.other) + "'",
                "share of the logits' difference",
                "with the adapter",
                "without");
        for (UnitShare unit : units) {
            chart.bar(unit.unit().toString(), question.of(unit.after()), question.of(unit.before()));
        }
        double[] rest = new double[2];
        List<UnitId> shown = units.stream().map(UnitShare::unit).toList();
        explanation.units().stream().filter(u -> !shown.contains(u.unit())).forEach(u -> {
            rest[0] += question.of(u.after());
            rest[1] += question.of(u.before());
        });
        explanation.constants().forEach(k -> rest[0] += question.of(k.after()));
        chart.bar("all others", rest[0], rest[1]);
        chart.bar("sum", question.of(explanation.after()), question.of(explanation.before()));
        return chart.svg();
    }
}
