package io.residual.world;

import io.residual.images.Image;
import java.util.ArrayList;
import java.util.List;

/** An image as pre-training sees it, with a caption that tells some of what is true. */
public record CaptionedImage(Image image, String caption, Attributes attributes) {
    /** Changes whenever an image or caption of some seed does. */
    public static final int WORLD_VERSION = 1;

    /**
     * The images of one batch; a function of {@code seed} and {@code index} alone.
     *
     * @param easy whether large single things prevail, as at the start of training
     * @param confusable whether the images share a few colours, backgrounds and perhaps kinds, so that colour alone
     *     cannot tell them apart
     */
    public static List<CaptionedImage> batch(long seed, long index, int size, boolean easy, boolean confusable) {
        Dice dice = Dice.of(seed, index);
        SceneSampler general = SceneSampler.GENERAL;
        List<Kind> kinds = general.kinds();
        List<Colour> colours = general.colours();
        List<Colour> backgrounds = general.backgrounds();
        if (confusable) {
            colours = dice.sample(Colour.ALL, 3);
            backgrounds = dice.sample(Colour.ALL, 2);
            if (!easy && dice.chance(.5)) {
                kinds = dice.sample(kinds, 5);
            }
        }
        SceneSampler sampler = easy
                ? new SceneSampler(kinds, colours, backgrounds, .8, .2)
                : new SceneSampler(kinds, colours, backgrounds, general.large(), general.several());
        List<CaptionedImage> batch = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Scene scene = sampler.sample(dice);
            batch.add(new CaptionedImage(
                    Painter.draw(scene, dice), Captions.of(scene.attributes(), dice), scene.attributes()));
        }
        return batch;
    }

    /** Every word that captions and the tasks' prompts use, sorted. */
    public static List<String> vocabulary() {
        return Captions.vocabulary();
    }
}
