package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.provenance.SelfCheck;
import io.residual.provenance.SelfCheck.Entry;
import io.residual.provenance.SelfCheckStore;
import io.residual.verify.SelfChecker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "self-check",
        mixinStandardHelpOptions = true,
        description = "Checks a real checkpoint on this machine, and keeps the result, which its traces and adapters"
                + " will carry.",
        footer = {
            "",
            "Checks: names, shapes and finiteness of the tensors; the sum of the units against the model's"
                    + " own output, on built-in images; preprocessing and tokens against Pillow and transformers. If a"
                    + " check fails, the exit code is 1 and nothing is kept.",
            "",
            "Example: residual self-check openai/clip-vit-large-patch14"
        })
final class SelfCheckCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A model that ships, a folder, or a name on the hub.")
    String name = "";

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the result to this file, as JSON.")
    @Nullable
    Path target;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Progress progress = output.start();
        SelfCheck selfCheck;
        try (ImageTextModel model = ModelOptions.open(name, Arithmetic.FP32, spec, progress)) {
            selfCheck = SelfChecker.check(model, progress);
        }
        Path kept = null;
        if (selfCheck.passed()) {
            kept = SelfCheckStore.ofProcess().keep(selfCheck);
            if (target != null) {
                AtomicFiles.writeString(target, selfCheck.toJson());
            }
        }
        print(selfCheck, kept);
        return selfCheck.passed() ? 0 : 1;
    }

    private void print(SelfCheck selfCheck, @Nullable Path kept) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            ObjectNode node = selfCheck.json();
            node.put("passed", selfCheck.passed())
                    .put("file", kept == null ? null : kept.toString())
                    .put("memory_bytes", Pointer.physicalBytes());
            out.println(Json.pretty(node));
            return;
        }
        for (Entry check : selfCheck.checks()) {
            out.printf(
                    Locale.ROOT,
                    "%-20s %9.2e  (at most %.0e)  %s  %s%n",
                    check.quantity(),
                    check.error(),
                    check.tolerance(),
                    check.passed() ? "pass" : "FAIL",
                    Printable.line(check.note()));
        }
        selfCheck.uncovered().forEach(u -> out.println(Printable.line("not checked: " + u)));
        if (!selfCheck.ignoredTensors().isEmpty()) {
            out.println(Printable.line("ignored tensors: " + String.join(", ", selfCheck.ignoredTensors())));
        }
        out.printf(
                Locale.ROOT,
                "%s%nMemory at the end %,d MB%n",
                Printable.line(
                        kept == null
                                ? "Not kept: a check failed"
                                : "Kept: " + kept + (target == null ? "" : " and " + target)),
                Pointer.physicalBytes() >> 20);
    }
}
