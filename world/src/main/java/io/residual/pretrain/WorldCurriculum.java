package io.residual.pretrain;

import io.residual.images.Image;
import io.residual.world.CaptionedImage;
import io.residual.world.TaskImages;
import io.residual.world.WorldTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The embedded world: every image drawn afresh, the ten tasks as exams. */
public final class WorldCurriculum implements Curriculum {
    private static final int EXAMINED = 240;
    private static final long EXAM_SEED = 900;

    @Override
    public String id() {
        return "world " + CaptionedImage.WORLD_VERSION;
    }

    @Override
    public List<String> vocabulary() {
        return CaptionedImage.vocabulary();
    }

    @Override
    public List<Shown> batch(PretrainSettings settings, long step) {
        return CaptionedImage.batch(
                        settings.seed(),
                        step,
                        settings.batch(),
                        settings.easyAt(step),
                        PretrainSettings.confusableAt(step))
                .stream()
                .map(c -> new Shown(c.image(), c.caption()))
                .toList();
    }

    @Override
    public List<Exam> exams() {
        return Arrays.stream(WorldTask.values())
                .map(task -> {
                    TaskImages source = new TaskImages(task, EXAM_SEED, EXAMINED);
                    List<Image> images = new ArrayList<>();
                    int[] labels = new int[EXAMINED];
                    for (int i = 0; i < EXAMINED; i++) {
                        images.add(source.read(i));
                        labels[i] = source.label(i);
                    }
                    return new Exam(task.id(), task.classes(), images, labels);
                })
                .toList();
    }
}
