package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.catalogue.Datasets;
import io.residual.command.DataOptions;
import io.residual.data.Audit;
import io.residual.data.Dataset;
import java.io.PrintWriter;
import java.nio.file.Path;
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
        name = "datasets",
        mixinStandardHelpOptions = true,
        description = "Lists the tasks of the synthetic benchmark, or describes a data set: its classes, splits and"
                + " skipped files.",
        footer = {
            "",
            "A data set is one of:",
            "- a folder with one sub-folder per class, nested or not, or train/, validation/ and test/ with such folders;",
            "- Parquet files as on the Hugging Face hub (train-*.parquet, test-*.parquet; also val, dev and so on);",
            "- MNIST's IDX files (train-images-idx3-ubyte and so on, plain or .gz).",
            "",
            "Files are not decoded, but their first bytes and copies across splits are checked.",
            "",
            "Example: residual datasets",
            "Example: residual datasets path/to/my-images --sheets sheets"
        })
final class DatasetsCommand implements Callable<Integer> {
    private static final int SHOWN = 12;

    @Spec
    CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "DATA", description = "Data sets to describe. Default: world:all.")
    List<String> names = new ArrayList<>();

    @Option(
            names = "--sheets",
            paramLabel = "FOLDER",
            description = "Write a contact sheet of each data set to this folder, with a row of images for each class.")
    @Nullable
    Path sheets;

    @Mixin
    ImageOptions imageOptions = new ImageOptions();

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        ObjectNode root = Schema.DATASETS.document();
        ArrayNode all = root.putArray("datasets");
        List<String> asked = names.isEmpty() ? List.of("world:all") : names;
        for (String name :
                asked.stream().flatMap(n -> Datasets.expand(n).stream()).toList()) {
            Dataset dataset = data.audited(name);
            List<String> notes = notes(dataset);
            List<String> classes = dataset.prompts().classes();
            int train = dataset.train().size() - Audit.noImages(dataset.train());
            int validation = dataset.validation().size() - Audit.noImages(dataset.validation());
            int test = dataset.testSize() - Audit.noTestImages(dataset);
            ObjectNode node = all.addObject()
                    .put("name", name)
                    .put("origin", dataset.origin())
                    .put("train", train)
                    .put("validation", validation)
                    .put("test", test);
            node.set("classes", Json.of(classes));
            node.set("templates", Json.of(dataset.prompts().templates()));
            node.set("notes", Json.of(notes));
            if (!output.json) {
                out.printf(
                        Locale.ROOT,
                        "%s  (%s)%n  %d train, %d validation, %d test%n  %d classes: %s%s%n  templates: %s%n",
                        Printable.line(name),
                        Printable.line(dataset.origin()),
                        train,
                        validation,
                        test,
                        classes.size(),
                        Printable.line(String.join(", ", classes.subList(0, Math.min(SHOWN, classes.size())))),
                        classes.size() > SHOWN ? ", …" : "",
                        Printable.line(String.join(" | ", dataset.prompts().templates())));
                notes.forEach(note -> out.println("  Note: " + Printable.line(note)));
            }
            if (sheets != null) {
                ContactSheet.write(dataset, sheets.resolve(dataset.name() + ".png"));
            }
        }
        if (output.json) {
            out.println(Json.pretty(root));
        }
        return 0;
    }

    private static List<String> notes(Dataset dataset) {
        List<String> notes = new ArrayList<>(dataset.notes());
        List<String> untrained = dataset.untrained();
        if (!untrained.isEmpty()) {
            notes.add("no training image of " + String.join(", ", untrained)
                    + ": nothing can be fitted; add some, or raise --train");
        }
        return notes;
    }
}
