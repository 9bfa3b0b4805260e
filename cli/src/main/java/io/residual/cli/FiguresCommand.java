package io.residual.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.report.Figures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "figures",
        mixinStandardHelpOptions = true,
        description = "Draws every plot of a report or of JSON results as SVG and PDF, for papers.",
        footer = {
            "",
            "Nothing is computed again. A report gives the heads' measures, spectra with the adapter's weights,"
                    + " reliability, coverage, confusion matrices and decisions.",
            "",
            "Example: residual figures signs.html --out figures --figure-format svg,pdf --figure-width 85"
                    + " --figure-font-size 8",
            "Example: residual figures results.json curves.json --out figures --palette grey"
        })
final class FiguresCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Reports (.html), or JSON of evaluate, heads, compare, spectrum, forget, intervene, explain,"
                    + " finetune.")
    List<Path> sources = new ArrayList<>();

    @Option(names = "--out", paramLabel = "FOLDER", description = "Folder to write to. Default: ${DEFAULT-VALUE}.")
    Path target = Path.of("figures");

    @Option(names = "--json", description = "Print JSON instead of text.")
    boolean json;

    @Mixin
    FigureFormats formats = new FigureFormats();

    @Override
    public Integer call() {
        formats.check();
        List<JsonNode> documents = sources.stream().map(Figures::read).toList();
        List<String> written = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < documents.size(); i++) {
            List<Figures.Named> figures = Figures.of(documents.get(i));
            if (figures.isEmpty()) {
                throw InputException.at(
                        sources.get(i),
                        "nothing that is drawn",
                        "one of " + Figures.drawn().stream().map(Schema::label).collect(Collectors.joining(", ")),
                        "Give a report, or the output of such a command with --json");
            }
            for (Figures.Named figure : figures) {
                String name = free(figure.name(), taken);
                formats.write(target, name, figure.chart(), documents.get(i)).forEach(f -> written.add(f.toString()));
            }
        }
        OutputOptions output = new OutputOptions();
        output.json = json;
        output.print(
                spec.commandLine().getOut(),
                Printable.line(
                        written.size() + (written.size() == 1 ? " figure" : " figures") + " written to " + target),
                Schema.WRITTEN,
                Map.of("written", target.toString(), "figures", written));
        return 0;
    }

    /** A name that no other figure has: several adapters, several files. */
    private static String free(String name, Set<String> taken) {
        String free = name;
        for (int i = 2; !taken.add(free.toLowerCase(java.util.Locale.ROOT)); i++) {
            free = name + "-" + i;
        }
        return free;
    }
}
