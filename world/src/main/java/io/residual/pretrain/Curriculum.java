package io.residual.pretrain;

import io.residual.images.Image;
import java.util.List;

/** What a run shows, and by what it is looked at. Images have the tower's size. */
public interface Curriculum {
    /** What it is; a checkpoint of another cannot be resumed. */
    String id();

    /** Every word that captions and exams use, sorted; others are spelt. */
    List<String> vocabulary();

    /** The images of one step with their captions; a function of the settings and the step alone. */
    List<Shown> batch(PretrainSettings settings, long step);

    /** What zero-shot accuracy is measured on while it goes; none of it is ever shown. */
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
