package io.residual.pretrain;

import io.residual.images.Picture;
import io.residual.world.CaptionedPicture;
import io.residual.world.TaskPictures;
import io.residual.world.WorldTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The embedded world: every picture drawn afresh, the ten tasks as exams. */
public final class WorldCurriculum implements Curriculum {
    private static final int EXAMINED = 240;
    private static final long EXAM_SEED = 900;

    @Override
    public String id() {
        return "world " + CaptionedPicture.WORLD_VERSION;
    }

    @Override
    public List<String> vocabulary() {
        return CaptionedPicture.vocabulary();
    }

    @Override
    public List<Shown> batch(PretrainSettings settings, long step) {
        return CaptionedPicture.batch(
                        settings.seed(),
                        step,
                        settings.batch(),
                        settings.easyAt(step),
                        PretrainSettings.confusableAt(step))
                .stream()
                .map(c -> new Shown(c.picture(), c.caption()))
                .toList();
    }

    @Override
    public List<Exam> exams() {
        return Arrays.stream(WorldTask.values())
                .map(task -> {
                    TaskPictures source = new TaskPictures(task, EXAM_SEED, EXAMINED);
                    List<Picture> pictures = new ArrayList<>();
                    int[] labels = new int[EXAMINED];
                    for (int i = 0; i < EXAMINED; i++) {
                        pictures.add(source.read(i));
                        labels[i] = source.label(i);
                    }
                    return new Exam(task.id(), task.classes(), pictures, labels);
                })
                .toList();
    }
}
