package io.residual.examples;

import io.residual.Experiment;
import io.residual.Fit;
import io.residual.Images;
import io.residual.Residual;
import io.residual.adapt.Method;
import java.nio.file.Path;

/** Fits an adapter on a folder with one sub-folder per class: {@code FitYourOwn model folder adapter}. */
public final class FitYourOwn {
    private FitYourOwn() {}

    public static void main(String[] args) {
        try (Residual residual = Residual.open(args[0])) {
            Experiment experiment = residual.on(Images.named(args[1]));
            Fit before = experiment.fit(Method.BASE);
            Fit fit = experiment.fit(Method.RESIDUAL_STAR); // sees training and validation images only
            System.out.printf("%d numbers learned: test %s, before %s%n", fit.parameters(), fit.test(), before.test());
            fit.save(Path.of(args[2]));
        }
    }
}
