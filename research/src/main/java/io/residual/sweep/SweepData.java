package io.residual.sweep;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.Prompts;
import io.residual.sweep.Sweep.Data;
import java.util.List;
import java.util.Map;

/** The data sets of a sweep, checked against what its file expects of them. */
final class SweepData {
    private SweepData() {}

    /**
     * Opens a data set.
     *
     * @throws InputException if the number of classes or images is not the expected one
     */
    static Dataset open(Data data) {
        Dataset dataset = Datasets.open(data.recipe(), data.reading(), Progress.silent());
        List<String> templates = data.templates().isEmpty() ? dataset.prompts().templates() : data.templates();
        List<String> classes = data.reading().classes().isEmpty()
                ? dataset.prompts().classes()
                : data.reading().classes();
        int found = dataset.prompts().classes().size();
        int wanted = data.expected().getOrDefault("classes", classes.size());
        if (classes.size() != found || wanted != found) {
            throw InputException.at(
                    "the data set " + data.label(),
                    found + " classes",
                    (wanted == found ? classes.size() : wanted) + ", as the sweep says",
                    "Correct the sweep's file, or check that these are the right files");
        }
        DatasetSpec recipe = data.recipe();
        int images = dataset.size();
        int published = data.expected().entrySet().stream()
                .filter(e -> !e.getKey().equals("classes"))
                .mapToInt(Map.Entry::getValue)
                .sum();
        boolean whole = recipe.train() + recipe.validation() + recipe.test() == 0;
        if (whole && published > 0 && images != published) {
            throw InputException.at(
                    "the data set " + data.label(),
                    images + " images",
                    published + ", as the sweep says",
                    "Fetch the data again, or correct the sweep's file");
        }
        return dataset.with(new Prompts(classes, templates));
    }
}
