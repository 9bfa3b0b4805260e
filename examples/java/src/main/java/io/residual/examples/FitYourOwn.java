package io.residual.examples;

import io.residual.alignment.AdapterFile;
import io.residual.alignment.AdapterFile.DataRecipe;
import io.residual.alignment.Method;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.Models;
import io.residual.evaluation.Candidate;
import io.residual.evaluation.Comparison;
import io.residual.evaluation.TestScore;
import io.residual.images.Dataset;
import io.residual.images.HubParquet.Reading;
import io.residual.images.Split;
import io.residual.images.Splitting;
import io.residual.model.ImageTextModel;
import io.residual.units.Trace;
import java.nio.file.Path;

/** Fits an adapter on a folder with one sub-folder a class: {@code FitYourOwn model folder adapter}. */
public final class FitYourOwn {
    private FitYourOwn() {}

    public static void main(String[] args) {
        Splitting shares = Splitting.DEFAULT;
        DataRecipe recipe =
                new DataRecipe(args[1], 0, 0, 0, shares.validation(), shares.test(), shares.seed()); // 0: all pictures
        Dataset dataset = Datasets.open(recipe, Reading.PLAIN, Progress.silent());
        try (ImageTextModel model = Models.open(args[0])) {
            Comparison comparison = new Comparison(model, Comparison.Settings.DEFAULT, null, Progress.silent());
            Comparison.Prepared prepared = comparison.prepare(dataset); // traces training and validation pictures once
            Candidate base = comparison.fit(prepared, Method.BASE);
            Candidate fitted = comparison.fit(prepared, Method.RESIDUAL_STAR);

            Trace<Split.Test> test = comparison.openTest(dataset); // nothing is chosen from here on
            double before =
                    TestScore.of(base.adapter(), prepared.classifier(), test).value();
            TestScore after = TestScore.of(fitted.adapter(), prepared.classifier(), fitted.calibration(), test);
            System.out.printf(
                    "%d numbers learned: test accuracy %.1f %%, before %.1f %%%n",
                    fitted.parameters(), 100 * after.accuracy().value(), 100 * before);
            new AdapterFile(
                            fitted.adapter(),
                            prepared.classifier(),
                            AdapterFile.info(
                                    fitted.adapter(),
                                    dataset.prompts(),
                                    recipe,
                                    fitted.best().validationAccuracy(),
                                    after.accuracy().value(),
                                    fitted.calibration(),
                                    test.provenance().data(),
                                    comparison.provenance(prepared, test)),
                            model.certificate())
                    .write(Path.of(args[2]));
        }
    }
}
