package io.residual.catalogue;

import io.residual.base.InputException;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.data.Splitting;
import org.jspecify.annotations.Nullable;

/**
 * Reference images of PCA bases, by the value of {@code --bases}: the training images, general images, or another data
 * set.
 */
public final class BasisImages {
    /** General images of the embedded world for its tasks with an embedded model, the training images otherwise. */
    public static final String AUTO = "auto";

    /** The data set's own training images. */
    public static final String OWN = "own";

    /** Images of the embedded world at large. */
    public static final String GENERAL = "general";

    /** General images of the world: components of the embedded models' units are steady from a thousand or so. */
    public static final int WORLD_SIZE = 1200;

    /** Images of another data set, at most: about a hundred for each of a large head's dimensions. */
    public static final int SIZE = 8000;

    private BasisImages() {}

    /**
     * The images that components come from.
     *
     * @param name one of the words above, or a data set whose training split serves
     * @param model the model's name
     * @param data the name of the data set to align to
     * @return null for its own training images
     */
    public static @Nullable LabelledImages<Split.Train> of(String name, String model, String data) {
        String chosen = name.equals(AUTO)
                ? Models.shipped().containsKey(model) && Datasets.isEmbedded(data) ? GENERAL : OWN
                : name;
        return switch (chosen) {
            case OWN -> null;
            case GENERAL -> general();
            default -> Datasets.open(chosen, Splitting.DEFAULT).train().atMost(SIZE, Splitting.DEFAULT.seed());
        };
    }

    private static LabelledImages<Split.Train> general() {
        return Embedded.all().stream()
                .findFirst()
                .map(embedded -> embedded.general(WORLD_SIZE))
                .orElseThrow(() -> InputException.at(
                        "the bases",
                        "general, and no module that has general images",
                        "io.residual:residual-world on the class path",
                        "Add it to the project's dependencies, or take the bases from the training images"));
    }
}
