package io.residual.adapt;

import io.residual.base.InputException;
import java.util.Arrays;
import java.util.List;

/** The methods (Basile et al. 2025, section 4). */
public enum Method {
    /** The unadapted model. */
    BASE("base", "Base"),
    /** Every weight of the image tower, trained against the frozen class embeddings; no adapter but another tower. */
    FULL("finetune", "Full Finetuning"),
    /** A linear map y → W y + b of the embedding, starting at the identity. */
    LINEAR("linear", "Linear Aligner"),
    /** A weight for every component of every head and MLP; the unit of the embedding is added unchanged. */
    RESIDUAL("residual", "ResiDual"),
    /**
     * A weight for the leading components of every head. The other units are kept by default, and dropped as published.
     */
    RESIDUAL_STAR("residual-star", "ResiDual*"),
    /** One weight per head. The other units are kept by default, and dropped as published. */
    COARSE("coarse", "Coarse"),
    /** A weight for every component of the output itself. */
    OUTPUT_SPECTRAL("output", "ResiDual^y"),
    /** Regularised logistic regression on the embeddings, without the prompts (Radford et al. 2021). */
    PROBE("probe", "Linear probe"),
    /** Zero-shot logits plus a vote of similar training images (Zhang et al. 2022, "Tip-Adapter"). */
    TIP("tip-adapter", "Tip-Adapter"),
    /** Tip-Adapter with the stored images tuned. */
    TIP_TUNED("tip-adapter-f", "Tip-Adapter-F");

    private final String id;
    private final String label;

    Method(String id, String label) {
        this.id = id;
        this.label = label;
    }

    /**
     * The name on the command line and in files.
     *
     * @return such as {@code residual-star}
     */
    public String id() {
        return id;
    }

    /**
     * The name in tables.
     *
     * @return such as {@code ResiDual*}
     */
    public String label() {
        return label;
    }

    /**
     * The method of a name on the command line.
     *
     * @param id such as {@code residual-star}
     * @return the method
     * @throws InputException if there is no such method
     */
    public static Method named(String id) {
        return Arrays.stream(values())
                .filter(m -> m.id.equals(id))
                .findFirst()
                .orElseThrow(() -> InputException.unknown("the method", id, ids()));
    }

    /**
     * The names on the command line, in order.
     *
     * @return one per method
     */
    public static List<String> ids() {
        return Arrays.stream(values()).map(Method::id).toList();
    }

    /**
     * Whether the method changes embeddings, and not only the classifier on them.
     *
     * @return false for the methods on finished embeddings
     */
    public boolean changesEmbeddings() {
        return this != PROBE && this != TIP && this != TIP_TUNED;
    }

    /**
     * The adapters of the paper, in the order of tables: what fits in seconds and works on embeddings.
     *
     * @return six methods, the unadapted model first
     */
    public static List<Method> adapters() {
        return List.of(BASE, LINEAR, RESIDUAL, RESIDUAL_STAR, COARSE, OUTPUT_SPECTRAL);
    }
}
