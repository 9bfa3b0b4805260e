package io.residual.world;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledPictures;
import io.residual.data.Prompts;
import io.residual.data.Split;
import java.util.Arrays;

/** The world's tasks as data sets: 2,000 pictures to train on, 500 for validation, 1,000 for the test. */
public final class WorldDatasets {
    /** Pictures of a training split unless told otherwise. */
    public static final int TRAIN = 2000;

    /** Pictures of a validation split. */
    public static final int VALIDATION = 500;

    /** Pictures of a test split. */
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
                LabelledPictures.<Split.Train>of(new TaskPictures(task, TRAIN_SEED, TRAIN)),
                LabelledPictures.<Split.Validation>of(new TaskPictures(task, VALIDATION_SEED, VALIDATION)),
                LabelledPictures.<Split.Test>of(new TaskPictures(task, TEST_SEED, TEST)));
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

    /** Pictures of the world at large, for bases that suit any task: what pre-training shows, from another seed. */
    public static LabelledPictures<Split.Train> general(int size) {
        return LabelledPictures.of(new UnlabelledPictures("world:general", size, i -> {
            Dice dice = Dice.of(GENERAL_SEED, i);
            return Painter.draw(SceneSampler.GENERAL.sample(dice), dice);
        }));
    }
}
