package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.images.Image;
import io.residual.model.ImageTextModel;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.predict.LogitMap;
import io.residual.predict.TextLogit;
import io.residual.provenance.Provenance;
import io.residual.report.MapImage;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.weights.NumpyFile;
import io.residual.where.AttentionRollout;
import io.residual.where.TokenTrace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where in the image: which map is made, and what it is written to. */
final class WhereOptions {
    private static final List<String> ENDINGS = List.of(".png", ".svg", ".json", ".npy");

    @Option(
            names = "--where",
            paramLabel = "FILE",
            description =
                    "Write the map of the decision over the image's patches, an exact sum: .png or .svg (an image with"
                            + " a legend in logits), .json or .npy (every unit's map; FILE.npy.json beside it says what it"
                            + " is). May be given several times.")
    List<Path> targets = new ArrayList<>();

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            description = "With --where: one unit's map, such as L5.H3 or L5.MLP, or one component's, such as L5.H3#0.")
    @Nullable
    String unit;

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description = "With --where: the map of a text's logit in place of the decision's.")
    @Nullable
    String text;

    @Option(names = "--against-text", paramLabel = "TEXT", description = "With --text: less the logit of this text.")
    @Nullable
    String againstText;

    @Option(
            names = "--attention",
            paramLabel = "FILE",
            description = "Also draw attention (.png or .svg): of --unit's head or the mean of the last layer, and its"
                    + " rollout. Attention says where heads read, not what for: it is no attribution.")
    @Nullable
    Path attention;

    /** Whether any map is asked for. */
    boolean given() {
        return !targets.isEmpty() || attention != null;
    }

    /** Refuses what makes no sense together. */
    void check() {
        if (targets.isEmpty()) {
            refuse("--text", text);
            refuse("--unit", attention == null ? unit : null);
        }
        if (text == null) {
            refuse("--against-text", againstText);
        }
        for (Path target : targets) {
            requireEnding("--where", target, ENDINGS);
        }
        if (attention != null) {
            requireEnding("--attention", attention, ENDINGS.subList(0, 2));
        }
    }

    private static void refuse(String option, @Nullable String value) {
        if (value != null) {
            throw InputException.at(
                    option,
                    "'" + value + "' alone",
                    option.equals("--against-text") ? "--text with it" : "--where with it",
                    "Add that, or leave this out");
        }
    }

    private static void requireEnding(String option, Path target, List<String> endings) {
        if (endings.stream().noneMatch(e -> ending(target).endsWith(e))) {
            throw InputException.at(
                    option + " " + target, "this ending", String.join(", ", endings), "Give the file another ending");
        }
    }

    private static String ending(Path target) {
        return String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
    }

    /** The map of a text. */
    LogitMap ofText(ImageTextModel model, Explainer explainer, TokenTrace.Traced traced) {
        TextLogit logit = TextLogit.of(model, String.valueOf(text), againstText);
        LogitMap map = explainer.map(traced.block(), traced.tokens(), 0, logit);
        return unit == null ? map : map.of(unit(traced.tokens().shape()));
    }

    /** The map of one class against another. */
    LogitMap ofDecision(
            Explainer explainer, Explanation explanation, TokenTrace.Traced traced, int about, int against) {
        UnitShape shape = traced.tokens().shape();
        String name = unit;
        if (name == null) {
            return explainer.map(traced.block(), traced.tokens(), 0, about, against);
        }
        int mark = name.indexOf('#');
        if (mark < 0) {
            return explainer
                    .map(traced.block(), traced.tokens(), 0, about, against)
                    .of(unit(shape));
        }
        UnitId of = shape.named(name.substring(0, mark), "--unit");
        try {
            int component = Integer.parseInt(name.substring(mark + 1));
            return explainer.map(traced.block(), traced.tokens(), 0, about, against, of, component);
        } catch (NumberFormatException e) {
            throw InputException.at("--unit", "'" + name + "'", "a component such as L5.H3#0", "Correct the name", e);
        }
    }

    private UnitId unit(UnitShape shape) {
        return shape.named(String.valueOf(unit), "--unit");
    }

    /**
     * Writes a map.
     *
     * @param seen the image as the model sees it
     * @param provenance of the maps; beside an array of numbers it goes to a file of its own
     */
    void write(LogitMap map, Image seen, boolean adapted, Provenance provenance) {
        for (Path target : targets) {
            if (ending(target).endsWith(".npy")) {
                int units = map.before().constants().length;
                NumpyFile.write(target, map.numbers(), 2, units, map.before().tokens() + 1L);
                AtomicFiles.writeString(beside(target), Json.file(document(map, false, provenance)));
            } else if (ending(target).endsWith(".json")) {
                AtomicFiles.writeString(target, Json.file(document(map, true, provenance)));
            } else {
                image(map, seen, adapted).write(target);
            }
        }
    }

    /** The file that says of an array what it is, and how exact. */
    private static Path beside(Path array) {
        return array.resolveSibling(array.getFileName() + ".json");
    }

    static ObjectNode document(LogitMap map, boolean units, Provenance provenance) {
        ObjectNode document = map.document(units);
        document.set("provenance", provenance.json());
        return document;
    }

    private static MapImage image(LogitMap map, Image seen, boolean adapted) {
        MapImage image = new MapImage(seen, map.what(), "logits a patch");
        int rows = map.before().rows();
        int columns = map.before().columns();
        double[] before = map.before().patches(map.before().all());
        image.panel(
                name(
                        adapted ? "without the adapter" : "map",
                        before,
                        map.before().total() + map.constantBefore()),
                rows,
                columns,
                before);
        if (adapted) {
            double[] after = map.after().patches(map.after().all());
            image.panel(
                    name("with the adapter", after, map.after().total() + map.constantAfter()), rows, columns, after);
        }
        return image;
    }

    private static String name(String panel, double[] patches, double total) {
        return String.format(
                Locale.ROOT,
                "%s: %+.2f, of it %+.2f here",
                panel,
                total,
                Arrays.stream(patches).sum());
    }

    /** Draws attention, if it was asked for. */
    void drawAttention(ImageTextModel model, float[] pixels, TokenTrace tokens, Image seen) {
        Path target = attention;
        if (target == null) {
            return;
        }
        UnitShape shape = tokens.shape();
        int t = tokens.tokens();
        float[] all = tokens.attention(0);
        double[] shown = new double[t];
        List<UnitId> heads = shape.headIds();
        UnitId one = unit == null ? null : unit(shape);
        if (one != null && one.kind() != UnitId.Kind.HEAD) {
            throw InputException.at("--unit", one.toString(), "a head, which attends", "Name a head");
        }
        List<UnitId> of = one != null ? List.of(one) : heads.subList(heads.size() - shape.heads(), heads.size());
        for (UnitId head : of) {
            for (int s = 0; s < t; s++) {
                shown[s] += all[(shape.index(head) - 1) * t + s] / of.size();
            }
        }
        float[] rolled;
        try (NativeScope scope = NativeScope.inference()) {
            rolled = AttentionRollout.of(model.image(), Tensors.of(pixels, 1, 3, seen.height(), seen.width()));
        }
        double[] rollout = new double[t];
        Arrays.setAll(rollout, i -> rolled[i]);
        int leading = tokens.leading();
        new MapImage(seen, "Attention: where heads read, not attribution", "share of attention")
                .panel(
                        one != null ? one.toString() : "last layer, mean of heads",
                        tokens.rows(),
                        tokens.columns(),
                        Arrays.copyOfRange(shown, leading, t))
                .panel(
                        "rollout over all layers",
                        tokens.rows(),
                        tokens.columns(),
                        Arrays.copyOfRange(rollout, leading, t))
                .write(target);
    }
}
