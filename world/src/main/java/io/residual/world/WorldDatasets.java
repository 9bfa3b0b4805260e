package io.residual.world;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.data.Split;
import java.util.Arrays;

/** The world's tasks as data sets: 2,000 images to train on, 500 for validation, 1,000 for the test. */
public final class WorldDatasets {
    /** Images of a training split unless told otherwise. */
    public static final int TRAIN = 2000;

    /** Default number of validation images of a task. */
    public static final int VALIDATION = 500;

    /** Default number of test images of a task. */
    public static final int TEST = 1000;

    private static final long TRAIN_SEED = 101;
    private static final long VALIDATION_SEED = 102;
    private static final long TEST_SEED = 103;
    private static final long GENERAL_SEED = 104;

    private WorldDatasets() {}

    /** The data set of a task. */
    public static Dataset of(WorldTask task) {
        return new Dataset(
                task.id(),
                "world:" + task.id(),
                new Prompts(task.classes(), task.templates()),
                LabelledImages.<Split.Train>of(new TaskImages(task, TRAIN_SEED, TRAIN)),
                LabelledImages.<Split.Validation>of(new TaskImages(task, VALIDATION_SEED, VALIDATION)),
                LabelledImages.<Split.Test>of(new TaskImages(task, TEST_SEED, TEST)));
    }

    /** The task of a name such as {@code street-digits}. */
    public static WorldTask task(String id) {
        return Arrays.stream(WorldTask.values())
                .filter(t -> t.id().equals(id))
                .findFirst()
                .orElseThrow(() -> InputException.unknown(
                        "the task of the embedded world",
                        "world:" + id,
                        Arrays.stream(WorldTask.values())
                                .map(t -> "world:" + t.id())
                                .toList()));
    }

    /** Images of the world at large, for bases that suit any task: what pre-training shows, from another seed. */
    public static LabelledImages<Split.Train> general(int size) {
        return LabelledImages.of(new UnlabelledImages("world:general", size, i -> {
            Dice dice = Dice.of(GENERAL_SEED, i);
            return Painter.draw(SceneSampler.GENERAL.sample(dice), dice);
        }));
    }
}
