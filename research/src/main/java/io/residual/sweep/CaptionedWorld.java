package io.residual.sweep;

import io.residual.base.Progress;
import io.residual.experiment.Forgetting.Captioned;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.units.Tracer;
import io.residual.world.WorldCaptions;

/** Captioned images of the embedded world, with a model's embeddings of the captions. */
public final class CaptionedWorld {
    /** Number of images. */
    public static final int SIZE = 500;

    private final WorldCaptions world = new WorldCaptions(SIZE);
    private final float[] texts;

    /** The captions as a model's text tower reads them. */
    public CaptionedWorld(ImageTextModel model) {
        this.texts = model.encodeTexts(world.captions(), Overlong.CUT);
    }

    /** The images as an image tower sees them: the model's own, or one that was tuned. */
    public Captioned seenBy(Tracer tracer, Progress progress) {
        return new Captioned(tracer.trace(world.images(), "captioned images", progress), texts, world.captions());
    }
}
