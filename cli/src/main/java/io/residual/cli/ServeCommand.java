package io.residual.cli;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.RegularFiles;
import io.residual.base.Schema;
import io.residual.model.ImageTextModel;
import io.residual.serve.Limits;
import io.residual.serve.PredictionServer;
import io.residual.units.UnitFrame;
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
            "Images are posted as bytes, answers are JSON; the API reference is at /openapi.json. The"
                    + " adapter is reloaded when its file changes. Requests beyond the queue get 503. Ctrl-C or TERM"
                    + " finishes accepted requests and then stops.",
            "",
            "Example: residual serve --adapter signs.adapter",
            "         curl --data-binary @photo.jpg 'localhost:8080/v1/predict?top=3'"
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            required = true,
            description = "Adapter file, written by residual align.")
    Path adapter = Path.of("");

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
    String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port; 0 for any. Default: ${DEFAULT-VALUE}.")
    int port = 8080;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "Token that requests must present. Default: none on loopback; elsewhere one that is made and"
                    + " printed.",
            defaultValue = "${env:RESIDUAL_TOKEN}")
    @Nullable
    String token;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Maximum number of waiting images; further ones get 503. Default: ${DEFAULT-VALUE}.")
    int queue = Limits.DEFAULT.queue();

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            description = "Maximum size of an image file. Default: ${DEFAULT-VALUE}.")
    int bytes = Limits.DEFAULT.bytes();

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            description = "Maximum pixels of an image. Default: ${DEFAULT-VALUE}.")
    long pixels = Limits.DEFAULT.pixels();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description = "Time limit for one image, from its last byte to the answer. Default: ${DEFAULT-VALUE}.")
    double patience = Limits.DEFAULT.patience().toSeconds();

    @Option(names = "--no-words", description = "Leave text descriptions out of explanations.")
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
        try (ImageTextModel model = modelOptions.open(spec, progress, adapter)) {
            Notes.onUse(
                    spec, modelOptions.name, adapter, AdapterFile.read(adapter, UnitFrame.of(model.image()), model));
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
                    out,
                    "Serving at " + server.address() + " (Ctrl-C ends it)",
                    Schema.STATUS,
                    Map.of("address", server.address()));
            ended.await(); // until the process is told to end
        }
        return 0;
    }
}
