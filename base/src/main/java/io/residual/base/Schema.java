package io.residual.base;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of documents in JSON that this program writes, each with its version: a number that grows when a key is renamed, leaves or
 * changes its meaning. A key that comes on top does not change it. {@code docs/formats.md} lists them with their keys.
 */
public enum Schema {
    /** {@code manifest.json} of a trace; {@code trace --json}. */
    TRACE("trace", 2, "residual-trace", 1),
    /** Metadata of a file of spectra. */
    SPECTRA("spectra", 2, null, 1),
    /** Metadata of an adapter. */
    ADAPTER("adapter", 3, null, 2),
    /** Metadata of a folded adapter. */
    FOLDED_ADAPTER("folded-adapter", 2, null, 1),
    /** Metadata of an ONNX model, where every entry is a text. */
    ONNX("onnx", 1),
    /** What {@code self-check} found. */
    SELF_CHECK("self-check", 2, "residual-certificate", 1),
    /** {@code training.json} of a pre-trained model. */
    PRETRAINING("pretraining", 1),
    /** {@code training.json} of a fine-tuned model. */
    FINETUNING("finetuning", 1),
    /** {@code _residual.json} beside a table of traces that Spark wrote. */
    SPARK_TRACE("spark-trace", 2, "residual-spark-trace", 1),
    /** The same beside a table of embeddings. */
    SPARK_EMBEDDINGS("spark-embeddings", 2, "residual-spark-embeddings", 1),
    /** The same beside a table of predictions. */
    SPARK_PREDICTIONS("spark-predictions", 2, "residual-spark-predictions", 1),
    /** {@code --json} of the Spark jobs that write a table. */
    SPARK_WRITTEN("spark-written", 1),
    /** {@code runs.json} of a sweep. */
    SWEEP("sweep", 1),
    /** The data of a report. */
    REPORT("report", 1),
    /** An answer of the explorer. */
    EXPLORATION("exploration", 1),
    /** Methods on data sets. */
    EVALUATION("evaluation", 1),
    /** Methods with few labels. */
    FEW_SHOTS("few-shots", 1),
    /** An adapter on a test split. */
    SCORE("score", 1),
    /** A fit. */
    FIT("fit", 1),
    /** What an adapter costs on other tasks. */
    FORGETTING("forgetting", 1),
    /** Which heads matter. */
    HEADS("heads", 1),
    /** What heads do where attributes are known. */
    PROBING("probing", 1),
    /** What heads, layers and weights do on the data sets of a finished sweep. */
    SURVEY("survey", 1),
    /** Figures of every unit's spectrum. */
    GEOMETRY("geometry", 1),
    /** A trace's arrays. */
    ARRAYS("arrays", 1),
    /** Spectra of heads compared. */
    SIMILARITY("similarity", 1),
    /** Units in words. */
    DESCRIPTION("description", 1),
    /** A model against reference values. */
    VERIFICATION("verification", 1),
    /** Models. */
    MODELS("models", 1),
    /** What is wrong with a data set. */
    AUDIT("audit", 1),
    /** Which images to label next. */
    LABEL_ORDER("label-order", 1),
    /** Whether that order would have been better than chance. */
    LABEL_TRIAL("label-trial", 1),
    /** Data sets. */
    DATASETS("datasets", 1),
    /** An image's prediction: a line of {@code predict}, an answer of {@code serve}. */
    PREDICTION("prediction", 1),
    /** An image's embedding. */
    EMBEDDING("embedding", 1),
    /** Why one class and not another. */
    EXPLANATION("explanation", 1),
    /** Where in an image a logit comes from. */
    IMAGE_MAP("image-map", 1),
    /** Effects of units that are changed inside the forward pass. */
    INTERVENTION("intervention", 1),
    /** Heads that are better switched off inside the forward pass. */
    HEAD_SEARCH("head-search", 1),
    /** Effects of units that are carried from one image into another. */
    CAUSAL_TRACE("causal-trace", 1),
    /** Whether maps of texts find what they name. */
    LOCALISATION("localisation", 1),
    /** What a server serves. */
    SERVED_MODEL("served-model", 1),
    /** Whether a server lives, or where it is reached. */
    STATUS("status", 1),
    /** Why a request is refused. */
    ERROR("error", 1),
    /** The traces that are kept for later commands. */
    CACHE("cache", 1),
    /** What a command wrote. */
    WRITTEN("written", 1),
    /** Speed in one run. */
    BENCHMARK("benchmark", 1);

    /** The entry that says which document it is. */
    public static final String KEY = "schema";

    /** The entry with the version. */
    public static final String VERSION = "version";

    private final String label;
    private final int version;
    private final @Nullable String formerFormat;
    private final int formerVersion;

    Schema(String label, int version) {
        this(label, version, null, 0);
    }

    /** Before documents named their schema, some named a format. */
    Schema(String label, int version, @Nullable String formerFormat, int formerVersion) {
        this.label = "residual/" + label;
        this.version = version;
        this.formerFormat = formerFormat;
        this.formerVersion = formerVersion;
    }

    /** The name that documents carry, such as {@code residual/evaluation}. */
    public String label() {
        return label;
    }

    /** The version that is written. */
    public int version() {
        return version;
    }

    /** The version that was written before documents named their schema, which is still read; 0 for none. */
    int formerVersion() {
        return formerVersion;
    }

    /** What was called the format then, if anything was. */
    @Nullable
    String formerFormat() {
        return formerFormat;
    }

    /** What a document's text has in quotes, today's and the former. */
    public Stream<String> marks() {
        return Stream.of(label, formerFormat).filter(Objects::nonNull).map(String::valueOf);
    }

    /** A document that says what it is, and nothing else yet. */
    public ObjectNode document() {
        return Json.object().put(KEY, label).put(VERSION, version);
    }
}
