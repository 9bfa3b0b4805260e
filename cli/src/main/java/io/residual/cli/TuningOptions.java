package io.residual.cli;

import io.residual.base.InputException;
import io.residual.fit.FineTuner;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of full fine-tuning beside other methods. */
final class TuningOptions {
    /** The names of the options. */
    static final List<String> NAMES = List.of("--tuning-rate", "--tuning-epochs");

    @Option(
            names = "--tuning-rate",
            paramLabel = "RATE",
            description = "finetune: learning rate. Default: ${DEFAULT-VALUE}, as published; small models need more.")
    double rate = FineTuner.Settings.DEFAULT.rate();

    @Option(
            names = "--tuning-epochs",
            paramLabel = "N",
            description = "finetune: maximum epochs. Default: ${DEFAULT-VALUE}.")
    int epochs = FineTuner.Settings.DEFAULT.epochs();

    FineTuner.Settings settings() {
        FineTuner.Settings published = FineTuner.Settings.DEFAULT;
        try {
            return new FineTuner.Settings(
                    rate,
                    published.weightDecay(),
                    published.clip(),
                    published.batch(),
                    epochs,
                    published.patience(),
                    published.seed());
        } catch (InputException e) {
            throw e.in("--tuning-");
        }
    }
}
