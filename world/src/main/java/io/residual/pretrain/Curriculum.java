package io.residual.pretrain;

import io.residual.images.Image;
import java.util.List;

/** The training images of a run, and the tasks that it is evaluated on. Images have the tower's input size. */
public interface Curriculum {
    /** Its identity: checkpoints of another curriculum cannot be resumed. */
    String id();

    /** Every word that captions and exams use, sorted; others are spelt. */
    List<String> vocabulary();

    /** The images of one step with their captions; a function of the settings and the step alone. */
    List<Shown> batch(PretrainSettings settings, long step);

    /** Tasks for zero-shot evaluation during training; their images are never trained on. */
    List<Exam> exams();

    /** An image with what is said of it. */
    record Shown(Image image, String caption) {}

    /**
     * A classification task.
     *
     * @param name of its column in the curve
     * @param texts one per class
     * @param labels one an image
     */
    record Exam(String name, List<String> texts, List<Image> images, int... labels) {}
}
