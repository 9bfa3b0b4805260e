package io.residual.cli;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.RegularFiles;
import io.residual.base.Schema;
import io.residual.model.ImageTextModel;
import io.residual.serve.Limits;
import io.residual.serve.PredictionServer;
import io.residual.web.Gate;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Serves predictions, embeddings and explanations over HTTP.",
        footer = {
            "",
            "An image's bytes go in, JSON comes out; /openapi.json says it all. When the adapter's file becomes another, that",
            "one takes over. Too many images at once are answered with 503; Ctrl-C or TERM answers what was taken, then ends.",
            "",
            "Example: residual serve --adapter signs.adapter",
            "         curl --data-binary @photo.jpg 'localhost:8080/v1/predict?top=3'"
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(names = "--adapter", paramLabel = "FILE", required = true, description = "What residual align wrote.")
    Path adapter = Path.of("");

    @Option(names = "--host", paramLabel = "HOST", description = "Address to serve at. Default: ${DEFAULT-VALUE}.")
    String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port; 0 for any. Default: ${DEFAULT-VALUE}.")
    int port = 8080;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "What requests must show. Default: none on loopback, one that is made and printed elsewhere.",
            defaultValue = "${env:RESIDUAL_TOKEN}")
    @Nullable
    String token;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Images that may wait; more are answered with 503. Default: ${DEFAULT-VALUE}.")
    int queue = Limits.DEFAULT.queue();

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            description = "Bytes of an image's file at most. Default: ${DEFAULT-VALUE}.")
    int bytes = Limits.DEFAULT.bytes();

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            description = "Pixels of an image at most. Default: ${DEFAULT-VALUE}.")
    long pixels = Limits.DEFAULT.pixels();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description = "How long an image may take before it is given up. Default: ${DEFAULT-VALUE}.")
    double patience = Limits.DEFAULT.patience().toSeconds();

    @Option(names = "--no-words", description = "Explanations do not name components by words.")
    boolean noWords;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws InterruptedException {
        if (port < 0 || port > 65535) {
            throw InputException.at("--port", String.valueOf(port), "0 to 65535", "Correct it");
        }
        if (!Files.exists(RegularFiles.require(adapter, "an adapter"))) {
            throw InputException.missing(adapter, "an adapter");
        }
        Limits limits = new Limits(queue, bytes, pixels, Duration.ofMillis(Math.round(1000 * patience)));
        Gate gate = Gate.of(host, token);
        Progress progress = output.start();
        PrintWriter out = spec.commandLine().getOut();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            PredictionServer server = PredictionServer.start(model, adapter, !noWords, host, port, gate, limits);
            CountDownLatch ended = new CountDownLatch(1);
            Ending.first(() -> {
                server.close();
                output.print(
                        out,
                        server.accepted() + " requests taken, " + server.answered() + " answered",
                        Schema.STATUS,
                        Map.of("taken", server.accepted(), "answered", server.answered()));
            });
            output.print(
                    out, "Serving at " + server.address() + " (Ctrl-C ends it)", Schema.STATUS,
                        Map.of("address", server.address()));
            ended.await(); // until the process is told to end
        }
        return 0;
    }
}
