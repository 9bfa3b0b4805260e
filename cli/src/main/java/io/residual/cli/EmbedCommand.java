package io.residual.cli;

import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.ImageBatches;
import io.residual.data.ImageFiles;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Batch;
import io.residual.predict.Predictor;
import io.residual.tables.EmbeddingFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description = "Writes embeddings of images, adapted or not, for vector search.",
        footer = {
            "",
            "Embeddings have unit length. An image that cannot be read is reported and left out.",
            "",
            "Example: residual embed --adapter signs.adapter photos --out photos.parquet"
        })
final class EmbedCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            description = "Adapter file, written by residual align. Default: none.")
    @Nullable
    Path adapter;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "Output file: .parquet (image, embedding), or .npy with names in .npy.names.txt beside it.")
    Path target = Path.of("");

    @Parameters(
            paramLabel = "IMAGE",
            arity = "1..*",
            description = "Files, folders, glob patterns such as 'photos/*.jpg', or - for names on standard input.")
    List<String> images = List.of();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Progress progress = output.start();
        EmbeddingFiles.requireWritable(target);
        ImageFiles files = ImageFiles.of(images, System.in);
        files.notes().forEach(note -> spec.commandLine().getErr().println("residual: note: " + note));
        Path file = adapter;
        int[] read = new int[1];
        try (Predictor predictor = file == null
                ? Predictor.plain(modelOptions.open(spec, progress))
                : Predictor.with(modelOptions.open(spec, progress, file), file)) {
            Notes.onUse(spec, modelOptions.name, file, predictor.warnings());
            EmbeddingFiles.write(target, predictor.width(), rows -> {
                read[0] = embed(predictor, files, rows, progress);
                if (read[0] == 0) {
                    throw InputException.at("the images", "none that can be read", "at least one", "Check the files");
                }
            });
        }
        output.print(
                spec.commandLine().getOut(),
                read[0] + " embeddings written to " + target,
                Schema.WRITTEN,
                Map.of("written", target.toString(), "embeddings", read[0]));
        return 0;
    }

    private int embed(Predictor predictor, ImageFiles files, EmbeddingFiles.Rows rows, Progress progress) {
        int read = 0;
        int done = 0;
        progress.start("embedding", files.size());
        try (ImageBatches batches = new ImageBatches(
                LabelledImages.<Split>of(files),
                predictor.preprocessing(),
                IntStream.range(0, files.size()).toArray(),
                predictor.batch())) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                rows.add(batch.names(), predictor.embed(batch.pixels(), batch.size()));
                batch.skipped()
                        .forEach(reason -> spec.commandLine().getErr().println("residual: " + Printable.line(reason)));
                read += batch.size();
                done += batch.size() + batch.skipped().size();
                progress.at(done);
            }
        }
        progress.finish();
        return read;
    }
}
