package io.residual.adapt;

import io.residual.base.InputException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The methods: those of Basile et al. 2025, section 4, probes and memories, and those for few labels. */
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
    /** Heads switched off or halved, one after the other, where that helps on validation; no weight is learned. */
    HEAD_ABLATION("head-ablation", "Head ablation"),
    /** A weight for every component of the output itself. */
    OUTPUT_SPECTRAL("output", "ResiDual^y"),
    /** Regularised logistic regression on the embeddings that starts from nothing: no prompts (Radford et al. 2021). */
    PROBE("probe", "Linear probe"),
    /** Zero-shot logits plus a vote of similar training images (Zhang et al. 2022, "Tip-Adapter"). */
    TIP("tip-adapter", "Tip-Adapter"),
    /** Tip-Adapter with the stored images tuned. */
    TIP_TUNED("tip-adapter-f", "Tip-Adapter-F"),
    /** Gaussian discriminant analysis beside the prompts (Wang et al. 2024, arXiv 2402.04087). */
    GDA("gda", "GDA"),
    /** Kernel ridge regression on what the prompts leave over (Bendou et al. 2025, arXiv 2501.11175, "ProKeR"). */
    KERNEL_RIDGE("kernel-ridge", "Kernel ridge"),
    /** A linear probe that starts at the class embeddings and is drawn to them by 1/N. */
    TEXT_PROBE("text-probe", "Text-started probe"),
    /** A text-started probe with a penalty of each class's own (Silva-Rodríguez et al. 2024, arXiv 2312.12730). */
    CLAP("clap", "CLAP"),
    /** Class weights plus weighted class embeddings, by gradient steps from the data (Huang et al. 2024, arXiv 2404.02285). */
    LP_PLUS("lp-plus-plus", "LP++"),
    /** A linear map of the embedding, drawn to the identity by 1/N (Fahes et al. 2024, arXiv 2410.05270, "RLA"). */
    RLA("rla", "RLA"),
    /** Class embeddings plus a learned residual (Yu et al. 2023, arXiv 2211.10277). */
    TASK_RES("task-res", "TaskRes"),
    /** A text-started probe to which class embeddings are samples, too (Lin et al. 2023, arXiv 2301.06267). */
    CROSS_MODAL("cross-modal", "Cross-modal probe"),
    /** Gaussians of unlabelled images that begin at the prompts' predictions (Zanella et al. 2024, arXiv 2406.01837). */
    TRANSCLIP_ZERO("transclip-zero", "TransCLIP (zero-shot)"),
    /** The same with labelled images beside the unlabelled ones. */
    TRANSCLIP("transclip", "TransCLIP"),
    /** ResiDual* whose λ need no validation, and Gaussian discriminants of the adapted embeddings beside the prompts; this project's. */
    RESIDUAL_GDA("residual-gda", "ResiDual* + GDA"),
    /** Heads switched off inside the forward pass, found by a search that runs it again ({@code intervene --search}). */
    HEADS_OFF("heads-off", "Heads off");

    private static final Set<Method> FEW_LABELS = Collections.unmodifiableSet(EnumSet.range(GDA, RESIDUAL_GDA));
    private static final Set<Method> ON_EMBEDDINGS = onEmbeddings();

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
        return !ON_EMBEDDINGS.contains(this);
    }

    /**
     * Refuses a method that no fit on traced images gives.
     *
     * @throws InputException for heads that are switched off inside the forward pass, which must be run again to find them
     */
    public Method requireFit() {
        if (this == HEADS_OFF) {
            throw InputException.at(
                    "the method",
                    "'" + id + "', which is found by running the forward pass again",
                    "one that is fitted on traced images",
                    "Use residual intervene --search N --out FILE");
        }
        return this;
    }

    /** Whether the adapter changes the forward pass itself, so that images must be traced with it. */
    public boolean changesPass() {
        return this == HEADS_OFF;
    }

    /** Whether the method is one for few labels that chooses nothing on validation: every label trains. */
    public boolean fewLabels() {
        return FEW_LABELS.contains(this);
    }

    /** Whether the method also reads images without their labels. */
    public boolean readsUnlabelled() {
        return this == TRANSCLIP || this == TRANSCLIP_ZERO;
    }

    private static Set<Method> onEmbeddings() {
        EnumSet<Method> some = EnumSet.range(PROBE, TRANSCLIP);
        some.remove(RLA);
        return Collections.unmodifiableSet(some);
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
