package io.residual.world;

import io.residual.catalogue.Embedded;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The synthetic benchmark and the models pre-trained on it, by name. Thread-safe. */
public final class EmbeddedWorld implements Embedded {
    @Override
    public Map<String, String> models() {
        return EmbeddedModels.all();
    }

    @Override
    public Path model(String name) {
        return EmbeddedModels.folder(name);
    }

    @Override
    public String scheme() {
        return "world";
    }

    @Override
    public List<String> datasets() {
        return Arrays.stream(WorldTask.values()).map(WorldTask::id).toList();
    }

    @Override
    public Dataset dataset(String name) {
        return WorldDatasets.of(WorldDatasets.task(name));
    }

    @Override
    public LabelledImages<Split.Train> general(int size) {
        return WorldDatasets.general(size);
    }
}
