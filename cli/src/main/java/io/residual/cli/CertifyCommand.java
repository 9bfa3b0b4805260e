package io.residual.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Certificate;
import io.residual.provenance.Certificate.Entry;
import io.residual.provenance.CertificateStore;
import io.residual.verify.Certifier;
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
        name = "certify",
        mixinStandardHelpOptions = true,
        description = "Checks a real checkpoint on this machine, and keeps a certificate that its traces and adapters"
                + " will carry.",
        footer = {
            "",
            "Checks: names, shapes and finiteness of the tensors; the sum of the units against the model's"
                    + " own output, on built-in images; preprocessing and tokens against Pillow and transformers. If a"
                    + " check fails, the exit code is 1 and no certificate is kept.",
            "",
            "Example: residual certify openai/clip-vit-large-patch14"
        })
final class CertifyCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A model that ships, a folder, or a name on the hub.")
    String name = "";

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the certificate to this file.")
    @Nullable
    Path target;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Progress progress = output.start();
        Certificate certificate;
        try (ImageTextModel model = ModelOptions.open(name, Arithmetic.FP32, spec, progress)) {
            certificate = Certifier.certify(model, progress);
        }
        Path kept = null;
        if (certificate.passed()) {
            kept = CertificateStore.ofProcess().keep(certificate);
            if (target != null) {
                AtomicFiles.writeString(target, certificate.toJson());
            }
        }
        print(certificate, kept);
        return certificate.passed() ? 0 : 1;
    }

    private void print(Certificate certificate, @Nullable Path kept) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            ObjectNode node = new ObjectMapper().valueToTree(certificate);
            node.put("passed", certificate.passed())
                    .put("file", kept == null ? null : kept.toString())
                    .put("memory_bytes", Pointer.physicalBytes());
            out.println(node.toPrettyString());
            return;
        }
        for (Entry check : certificate.checks()) {
            out.printf(
                    Locale.ROOT,
                    "%-20s %9.2e  (at most %.0e)  %s  %s%n",
                    check.quantity(),
                    check.error(),
                    check.tolerance(),
                    check.passed() ? "pass" : "FAIL",
                    Printable.line(check.note()));
        }
        certificate.uncovered().forEach(u -> out.println(Printable.line("not checked: " + u)));
        if (!certificate.ignoredTensors().isEmpty()) {
            out.println(Printable.line("ignored tensors: " + String.join(", ", certificate.ignoredTensors())));
        }
        out.printf(
                Locale.ROOT,
                "%s%nMemory at the end %,d MB%n",
                Printable.line(
                        kept == null
                                ? "Not certified"
                                : "Certified: " + kept + (target == null ? "" : " and " + target)),
                Pointer.physicalBytes() >> 20);
    }
}
