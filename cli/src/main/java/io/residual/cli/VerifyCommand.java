package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.verify.Check;
import io.residual.verify.Kit;
import java.io.PrintWriter;
import java.nio.file.Path;
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
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Compares this program with a conformance kit: a small model, images or texts with values of a"
                + " reference implementation.",
        footer = {
            "",
            "Exit code 1 if anything differs by more than its tolerance.",
            "",
            "Example: residual verify kits/clip-hf"
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "KIT", description = "The kit's folder.")
    Path kit = Path.of("");

    @Option(
            names = "--texts",
            paramLabel = "FILE",
            description = "The kit's texts. Default: texts.json beside the kit, or else the default texts.")
    @Nullable
    Path texts;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        output.start();
        List<Check> checks = Kit.verify(kit, texts);
        ObjectNode root = Schema.VERIFICATION.document().put("kit", kit.toString());
        ArrayNode all = root.putArray("checks");
        for (Check check : checks) {
            all.addObject()
                    .put("quantity", check.quantity())
                    .put("error", check.error())
                    .put("tolerance", check.tolerance())
                    .put("passed", check.passed())
                    .put("note", check.note());
            if (!output.json) {
                out.printf(
                        Locale.ROOT,
                        "%-32s %9.2e  (at most %.0e)  %s  %s%n",
                        check.quantity(),
                        check.error(),
                        check.tolerance(),
                        check.passed() ? "pass" : "FAIL",
                        check.note());
            }
        }
        long failed = checks.stream().filter(c -> !c.passed()).count();
        root.put("passed", checks.size() - failed).put("failed", failed);
        out.println(output.json ? Json.pretty(root) : checks.size() - failed + " passed, " + failed + " failed");
        return failed == 0 ? 0 : 1;
    }
}
