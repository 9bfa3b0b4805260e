package io.residual.model;

import io.residual.base.InputException;
import io.residual.images.Preprocessing;
import io.residual.provenance.ContentHash;
import io.residual.provenance.SelfCheck;
import io.residual.provenance.SelfCheckStore;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A model read from a folder: image tower, text tower where the family has one, tokenizer, preprocessing. Immutable and
 * safe for several threads; close it to free its native memory.
 */
public final class ImageTextModel implements AutoCloseable {
    /** The parts of a model, as the reader of its family assembles them. */
    record Parts(
            String family,
            ImageTower image,
            @Nullable TextTower text,
            @Nullable TextTokenizer tokenizer,
            Preprocessing preprocessing,
            double logitScale,
            @Nullable Double logitBias,
            List<Path> weightFiles,
            Set<String> used,
            Set<String> ignored,
            List<String> warnings) {
        /** A copy with the bias of a sigmoid. */
        Parts withBias(double bias) {
            return new Parts(
                    family,
                    image,
                    text,
                    tokenizer,
                    preprocessing,
                    logitScale,
                    bias,
                    weightFiles,
                    used,
                    ignored,
                    warnings);
        }

        /** A copy with another image tower. */
        Parts with(ImageTower tower) {
            return new Parts(
                    family,
                    tower,
                    text,
                    tokenizer,
                    preprocessing,
                    logitScale,
                    logitBias,
                    weightFiles,
                    used,
                    ignored,
                    warnings);
        }

        Parts(
                String family,
                ImageTower image,
                @Nullable TextTower text,
                @Nullable TextTokenizer tokenizer,
                Preprocessing preprocessing,
                double logitScale,
                Checkpoint weights,
                List<String> warnings) {
            this(
                    family,
                    image,
                    text,
                    tokenizer,
                    preprocessing,
                    logitScale,
                    null,
                    weights.paths(),
                    weights.used(),
                    weights.ignored(),
                    warnings);
        }
    }

    private static final int TEXT_BATCH = 64;

    /** Texts that are sorted by length together; the tokens of more would take much memory. */
    private static final int TEXTS_SORTED = 4096;

    private final Path folder;
    private final Parts parts;
    private final Arithmetic arithmetic;
    private final @Nullable OwnedTensors owned; // null for a view of another model
    private final String hash;
    private final String filesHash;
    private final @Nullable SelfCheck selfCheck;

    private ImageTextModel(
            Path folder,
            Parts parts,
            Arithmetic arithmetic,
            @Nullable OwnedTensors owned,
            String hash,
            String filesHash,
            @Nullable SelfCheck selfCheck) {
        this.folder = folder;
        this.parts = parts;
        this.arithmetic = arithmetic;
        this.owned = owned;
        this.hash = hash;
        this.filesHash = filesHash;
        this.selfCheck = selfCheck;
    }

    /**
     * Reads a model's folder.
     *
     * @throws InputException if there is no such model, or its files are damaged or contradict one another
     */
    public static ImageTextModel open(Path folder) {
        return open(folder, Arithmetic.FP32);
    }

    /** As {@link #open(Path)}, with the arithmetic of the image tower's large products. */
    public static ImageTextModel open(Path folder, Arithmetic arithmetic) {
        return open(folder, arithmetic, SelfCheckStore.ofProcess());
    }

    /** As {@link #open(Path)}, with self-checks from a given store instead of the user's. */
    public static ImageTextModel open(Path folder, SelfCheckStore selfChecks) {
        return open(folder, Arithmetic.FP32, selfChecks);
    }

    /**
     * The {@link #hash()} that the model in a folder has, without opening it: its file is read, but neither checked nor held.
     *
     * @return null where the weights are not one file, so that only opening tells
     */
    public static @Nullable String hashOf(Path folder) {
        return Files.isDirectory(folder) ? WeightsHash.before(folder) : null;
    }

    private static ImageTextModel open(Path folder, Arithmetic arithmetic, SelfCheckStore selfChecks) {
        if (!Files.isDirectory(folder)) {
            throw InputException.missing(folder, "a folder with a model");
        }
        Family family = Family.of(folder);
        OwnedTensors owned = new OwnedTensors();
        try {
            Parts read = family.read(folder, owned);
            Parts parts = arithmetic == Arithmetic.FP32 ? read : rounded(read, owned);
            String weights = WeightsHash.of(parts.weightFiles());
            ContentHash files = new ContentHash().add(weights);
            ModelFiles.beside(folder)
                    .forEach(f -> files.add(f.getFileName().toString()).add(f));
            String all = files.hex();
            SelfCheck selfCheck = selfChecks.find(all).orElse(null);
            return new ImageTextModel(folder, parts, arithmetic, owned, weights, all, selfCheck);
        } catch (RuntimeException e) {
            owned.all().forEach(Tensor::close);
            throw e;
        }
    }

    private static Parts rounded(Parts parts, OwnedTensors owned) {
        IdentityHashMap<Tensor, Tensor> known = new IdentityHashMap<>(); // a bias of zeros may serve several products
        ImageWeights rounded = parts.image().weights().withProducts(t -> {
            Tensor before = known.get(t);
            Tensor now = before == null ? owned.convert(t, ScalarType.BFloat16) : before;
            known.put(t, now);
            return now;
        });
        return parts.with(ImageTower.of(parts.image().config(), rounded));
    }

    /** The arithmetic of the image tower's large products. */
    public Arithmetic arithmetic() {
        return arithmetic;
    }

    /** The origin of each tensor that can be written back to the files. */
    Map<Tensor, Origin> origins() {
        return owned == null ? Map.of() : owned.origins();
    }

    /** The same model with another image tower, which it does not own: a view, which closing leaves alone. */
    ImageTextModel with(ImageTower tower) {
        String trained = new ContentHash().add(hash).add("trained").hex();
        return new ImageTextModel(folder, parts.with(tower), arithmetic, null, trained, trained, null);
    }

    /**
     * The same model holding some heads in every pass. A view: closing leaves this model's memory alone, and the view's hashes are its
     * own, so that nothing made with it is taken for this model's.
     */
    public ImageTextModel holding(List<HeldHead> heads) {
        ImageTower tower = image().holding(heads);
        return new ImageTextModel(
                folder,
                parts.with(tower),
                arithmetic,
                null,
                held(hash, heads),
                held(filesHash, heads), // of its own: files besides the weights change what is computed, too
                selfCheck);
    }

    private static String held(String of, List<HeldHead> heads) {
        ContentHash own = new ContentHash().add(of).add("holding");
        heads.forEach(head -> own.add(
                head.layer() + " " + head.head() + " " + head.factor() + " " + Arrays.toString(head.constant())));
        return own.hex();
    }

    /** The folder that it was read from. */
    public Path folder() {
        return folder;
    }

    /** Its name on the hub, or that of its folder; not unique. Use {@link #hash()} for identity. */
    public String name() {
        for (Path part : folder.toAbsolutePath().normalize()) {
            String[] words = part.toString().split("--", 2);
            if (words.length == 2 && words[0].equals("models")) { // the hub's cache: models--owner--name/snapshots/…
                return words[1].replace("--", "/");
            }
        }
        return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    }

    /** The family's name, such as {@code CLIP}. */
    public String family() {
        return parts.family();
    }

    /** The image tower. */
    public ImageTower image() {
        return parts.image();
    }

    /** Whether there is a text tower. */
    public boolean hasText() {
        return parts.text() != null;
    }

    /** The text tower. */
    public TextTower text() {
        TextTower text = parts.text();
        if (text == null) {
            throw withoutText("text tower");
        }
        return text;
    }

    /** The tokenizer. */
    public TextTokenizer tokenizer() {
        TextTokenizer tokenizer = parts.tokenizer();
        if (tokenizer == null) {
            throw withoutText("tokenizer");
        }
        return tokenizer;
    }

    private InputException withoutText(String part) {
        return InputException.at(
                folder,
                "a " + family() + " model, which has no " + part,
                "a model that knows texts",
                "Use a CLIP, OpenCLIP, SigLIP or BLIP model for this");
    }

    /** From image to the image tower's input. */
    public Preprocessing preprocessing() {
        return parts.preprocessing();
    }

    /** The factor on cosines: exp of the stored {@code logit_scale}. */
    public double logitScale() {
        return parts.logitScale();
    }

    /**
     * Whether the model was trained to tell for an image and a text alone whether they belong together (SigLIP), so that {@link
     * #matchProbability} has a meaning.
     */
    public boolean scoresPairsAlone() {
        return parts.logitBias() != null;
    }

    /**
     * The model's own probability that an image and a text belong together, whatever other texts there are: σ(s · cosine + b)
     * with the stored {@code logit_scale} and {@code logit_bias}.
     *
     * @throws InputException if the model was not trained for that
     */
    public double matchProbability(double cosine) {
        Double bias = parts.logitBias();
        if (bias == null) {
            throw comparesOnly(this);
        }
        return 1 / (1 + Math.exp(-(logitScale() * cosine + bias)));
    }

    /** That a model has no probability of one pair. */
    public static InputException comparesOnly(ImageTextModel model) {
        return InputException.at(
                model.folder,
                "a " + model.family() + " model, whose scores only compare texts with one another",
                "a model trained with a sigmoid",
                "Use a SigLIP model for this, or leave the scores as they are (softmax)");
    }

    /** Warnings about files that can be read but look wrong, one sentence each. */
    public List<String> warnings() {
        return parts.warnings();
    }

    /** The files that hold the weights. */
    public List<Path> weightFiles() {
        return parts.weightFiles();
    }

    /** Tensors that the model was made from, under the names that they have in the files. */
    public Set<String> usedTensors() {
        return parts.used();
    }

    /** Tensors of the checkpoint that were not needed. */
    public Set<String> ignoredTensors() {
        return parts.ignored();
    }

    /** SHA-256 of the files of the weights; adapters and traces are bound to it. */
    public String hash() {
        return hash;
    }

    /** SHA-256 over the weights and the configuration, preprocessing and tokenizer files beside them. */
    public String filesHash() {
        return filesHash;
    }

    /** The self-check of these files on this machine; null if there is none. */
    public @Nullable SelfCheck selfCheck() {
        return selfCheck;
    }

    /**
     * Embeddings of texts, before any normalisation. Gives n rows of D. Texts of like length are encoded together, since a batch costs as
     * much as its longest text does.
     */
    public float[] encodeTexts(List<String> texts, TextTokenizer.Overlong overlong) {
        int d = parts.image().config().sharedWidth();
        float[] all = new float[texts.size() * d];
        for (int first = 0; first < texts.size(); first += TEXTS_SORTED) {
            TokenIds ids =
                    tokenizer().encode(texts.subList(first, Math.min(texts.size(), first + TEXTS_SORTED)), overlong);
            int[] order = IntStream.range(0, ids.size())
                    .boxed()
                    .sorted(Comparator.comparingInt(i -> ids.lengths()[i]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int from = 0; from < order.length; from += TEXT_BATCH) {
                int[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + TEXT_BATCH));
                try (NativeScope scope = NativeScope.inference()) {
                    float[] rows = Tensors.floats(text().encode(ids.some(batch)));
                    for (int i = 0; i < batch.length; i++) {
                        System.arraycopy(rows, i * d, all, (first + batch[i]) * d, d);
                    }
                }
            }
        }
        return all;
    }

    /** The mean direction of some texts: each normalised, averaged, normalised again. Gives D numbers. */
    public float[] meanDirection(List<String> texts, TextTokenizer.Overlong overlong) {
        TokenIds ids = tokenizer().encode(texts, overlong);
        try (NativeScope scope = NativeScope.inference()) {
            Tensor each = Finite.requireDirections(text().encode(ids), i -> about(texts.get(i)), Finite.SELF_CHECK);
            Tensor mean = Ops.mean(Ops.normalise(each), 0);
            return Tensors.floats(
                    Ops.normalise(Finite.requireDirections(mean, i -> about(texts.toString()), Finite.SELF_CHECK)));
        }
    }

    private String about(String text) {
        return folder + ", the text '" + text + "'";
    }

    @Override
    public void close() {
        if (owned == null) {
            return;
        }
        owned.all().forEach(Tensor::close);
        TextTokenizer tokenizer = parts.tokenizer();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
