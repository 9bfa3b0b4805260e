package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.model.Arithmetic;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTextModel;
import io.residual.provenance.SelfCheck;
import io.residual.world.EmbeddedModels;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = "Helps to choose: lists the models that ship and public ones, or describes a model.",
        footer = {
            "",
            "Public models are listed with published accuracies and, with --wide, their sources. With --budget the"
                    + " image towers are measured on this machine, with random weights, and those that fit are listed, the"
                    + " best first.",
            "",
            "Example: residual models",
            "Example: residual models --budget 50",
            "Example: residual models path/to/clip-vit-base-patch32"
        })
final class ModelsCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(
            names = "--budget",
            paramLabel = "MS",
            description = "Milliseconds an image may cost on this machine. Lists the public models that fit.")
    @Nullable
    Double budget;

    @Option(
            names = "--wide",
            description =
                    "Of public models also print pixels, training data, licences, kits and the sources of accuracies:"
                            + " a table of 160 characters instead of 80.")
    boolean wide;

    @Parameters(
            arity = "0..*",
            paramLabel = "MODEL",
            description = "Models to describe. Default: those that ship, and the table of public ones.")
    List<String> models = new ArrayList<>();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        ObjectNode root = Schema.MODELS.document();
        ArrayNode all = root.putArray("models");
        Double limit = budget;
        if (wide && !models.isEmpty()) {
            throw InputException.at(
                    "--wide", "it beside a model's name", "one of them", "It is for the table of public models");
        }
        if (limit != null) {
            if (!models.isEmpty()) {
                throw InputException.at(
                        "--budget", "it beside a model's name", "one of them", "Leave out the name to see what fits");
            }
            if (!(limit > 0) || limit.isInfinite()) {
                throw InputException.at("--budget", String.valueOf(limit), "milliseconds above 0", "Correct it");
            }
            new PublicModelTable(root, output.json ? null : out, wide).fitting(limit, progress);
            if (output.json) {
                out.println(Json.pretty(root));
            }
            return 0;
        }
        for (String name : models.isEmpty() ? EmbeddedModels.all().keySet() : models) {
            try (ImageTextModel model = ModelOptions.open(name, Arithmetic.FP32, spec, progress)) {
                ObjectNode node = describe(all.addObject(), name, model);
                if (!output.json) {
                    print(out, name, model, node);
                }
            }
        }
        if (models.isEmpty()) {
            new PublicModelTable(root, output.json ? null : out, wide).all();
        }
        if (output.json) {
            out.println(Json.pretty(root));
        }
        return 0;
    }

    private static ObjectNode describe(ObjectNode node, String name, ImageTextModel model) {
        ImageConfig c = model.image().config();
        node.put("name", name)
                .put("family", model.family())
                .put("folder", model.folder().toString())
                .put("hash", model.hash())
                .put("image_size", c.imageSize())
                .put("patch_size", c.patchSize())
                .put("layers", c.layers())
                .put("heads", c.heads())
                .put("width", c.width())
                .put("shared_width", c.sharedWidth())
                .put("activation", c.activation().name().toLowerCase(Locale.ROOT))
                .put("text", model.hasText())
                .put("logit_scale", model.logitScale());
        SelfCheck selfCheck = model.selfCheck();
        node.put("self_checked", selfCheck == null ? null : selfCheck.created())
                .put("self_check", selfCheck == null ? null : selfCheck.hash());
        node.set("warnings", Json.of(model.warnings()));
        node.set("ignored_tensors", Json.of(model.ignoredTensors()));
        return node;
    }

    private static void print(PrintWriter out, String name, ImageTextModel model, ObjectNode node) {
        ImageConfig c = model.image().config();
        out.printf(Locale.ROOT, "%s  (%s, %.12s)%n", Printable.line(name), model.family(), model.hash());
        if (EmbeddedModels.has(name)) {
            out.printf("  %s%n", EmbeddedModels.all().get(name));
        }
        out.printf(
                Locale.ROOT,
                "  %d layers x %d heads, width %d -> %d, %d px in patches of %d, %s%s%n",
                c.layers(),
                c.heads(),
                c.width(),
                c.sharedWidth(),
                c.imageSize(),
                c.patchSize(),
                node.path("activation").asText(),
                model.hasText() ? "" : ", no text tower");
        out.printf("  %s%n", Printable.line(model.folder()));
        SelfCheck selfCheck = model.selfCheck();
        out.println(
                selfCheck == null
                        ? "  not self-checked on this machine (residual self-check " + Printable.line(name) + ")"
                        : "  self-checked " + selfCheck.created() + " by " + selfCheck.tool());
        if (!model.ignoredTensors().isEmpty()) {
            out.printf("  ignored tensors: %s%n", Printable.line(String.join(", ", model.ignoredTensors())));
        }
    }
}
