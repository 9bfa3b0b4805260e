package io.residual.world;

import io.residual.data.LabelledImages;
import io.residual.data.Split;
import java.util.List;
import java.util.stream.IntStream;

/** Images of the world at large with captions as pre-training shows them, from a seed that it does not use. */
public final class WorldCaptions {
    private static final long SEED = 105;

    private final int size;

    /**
     * Captioned images.
     *
     * @param size number of images
     */
    public WorldCaptions(int size) {
        this.size = size;
    }

    /** The images; their labels mean nothing. */
    public LabelledImages<Split.Test> images() {
        return LabelledImages.of(new UnlabelledImages("world:captioned", size, i -> {
            Dice dice = Dice.of(SEED, i);
            Scene scene = SceneSampler.GENERAL.sample(dice);
            Captions.of(scene.attributes(), dice); // drawn first, so that the caption does not depend on the painting
            return Painter.draw(scene, dice);
        }));
    }

    /** The caption of each image. */
    public List<String> captions() {
        return IntStream.range(0, size)
                .mapToObj(i -> {
                    Dice dice = Dice.of(SEED, i);
                    return Captions.of(SceneSampler.GENERAL.sample(dice).attributes(), dice);
                })
                .toList();
    }
}
