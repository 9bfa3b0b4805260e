package io.residual.adapt;

import io.residual.base.InputException;
import java.util.Arrays;
import java.util.List;

/** The methods that are compared (Basile et al. 2025, section 4). */
public enum Method {
    /** The unadapted model. */
    BASE("base", "Base"),
    /** Every weight of the image tower, trained against the frozen class embeddings; no adapter but another tower. */
    FULL("finetune", "Full Finetuning"),
    /** y → W y + b, from the identity. */
    LINEAR("linear", "Linear Aligner"),
    /** A weight for every component of every head and MLP; the embedding's unit added as it is. */
    RESIDUAL("residual", "ResiDual"),
    /** A weight for the leading components of every head; the other units left out. */
    RESIDUAL_STAR("residual-star", "ResiDual*"),
    /** One weight a head; the other units left out. */
    COARSE("coarse", "Coarse"),
    /** A weight for every component of the output itself. */
    OUTPUT_SPECTRAL("output", "ResiDual^y"),
    /** Regularised logistic regression on the embeddings, without the prompts (Radford et al. 2021). */
    PROBE("probe", "Linear probe"),
    /** Zero-shot logits and a vote of similar training images (Zhang et al. 2022, "Tip-Adapter"). */
    TIP("tip-adapter", "Tip-Adapter"),
    /** The same with the remembered images tuned. */
    TIP_TUNED("tip-adapter-f", "Tip-Adapter-F");

    private final String id;
    private final String label;

    Method(String id, String label) {
        this.id = id;
        this.label = label;
    }

    /** The name on the command line. */
    public String id() {
        return id;
    }

    /** The name in tables. */
    public String label() {
        return label;
    }

    /** The method of a name on the command line. */
    public static Method named(String id) {
        return Arrays.stream(values())
                .filter(m -> m.id.equals(id))
                .findFirst()
                .orElseThrow(() -> InputException.unknown("the method", id, ids()));
    }

    /** The names on the command line, in order. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(Method::id).toList();
    }

    /** Whether it changes embeddings rather than only how classes are told apart by them. */
    public boolean changesEmbeddings() {
        return this != PROBE && this != TIP && this != TIP_TUNED;
    }

    /** The adapters of the paper, in the order of tables: what fits in seconds and works on embeddings. */
    public static List<Method> adapters() {
        return List.of(BASE, LINEAR, RESIDUAL, RESIDUAL_STAR, COARSE, OUTPUT_SPECTRAL);
    }
}
