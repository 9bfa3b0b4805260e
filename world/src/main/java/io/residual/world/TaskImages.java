package io.residual.world;

import io.residual.images.Image;
import io.residual.images.ImageSource;

/**
 * Images of one task, drawn when asked for; image {@code i} is a function of the task, the seed and {@code i} alone.
 * Labels go round the classes.
 */
public final class TaskImages implements ImageSource {
    private final WorldTask task;
    private final long seed;
    private final int size;

    /**
     * Images that share nothing with those of another seed.
     *
     * @param seed names the stream; train, validation and test use different ones
     */
    public TaskImages(WorldTask task, long seed, int size) {
        this.task = task;
        this.seed = seed * 1_000_003 + task.ordinal();
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int label(int i) {
        return i % task.classes().size();
    }

    @Override
    public String name(int i) {
        return "world:" + task.id() + "#" + i;
    }

    @Override
    public Image read(int i) {
        Dice dice = Dice.of(seed, i);
        return Painter.draw(task.scene(label(i), dice), dice);
    }

    /** The attributes of image {@code i}. */
    public Attributes attributes(int i) {
        return task.scene(label(i), Dice.of(seed, i)).attributes();
    }
}
