package io.residual.cli;

import io.residual.alignment.FineTuner;
import picocli.CommandLine.Option;

/** How the whole tower is tuned, where other methods are fitted, too. */
final class TuningOptions {
    @Option(
            names = "--tuning-rate",
            paramLabel = "RATE",
            description = "finetune: learning rate. Default: ${DEFAULT-VALUE}, as published; a small model wants more.")
    double rate = FineTuner.Settings.DEFAULT.rate();

    @Option(
            names = "--tuning-epochs",
            paramLabel = "N",
            description = "finetune: epochs at most. Default: ${DEFAULT-VALUE}.")
    int epochs = FineTuner.Settings.DEFAULT.epochs();

    FineTuner.Settings settings() {
        FineTuner.Settings published = FineTuner.Settings.DEFAULT;
        return new FineTuner.Settings(
                rate,
                published.weightDecay(),
                published.clip(),
                published.batch(),
                epochs,
                published.patience(),
                published.seed());
    }
}
