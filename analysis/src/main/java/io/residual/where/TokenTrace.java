package io.residual.where;

import io.residual.model.Block;
import io.residual.model.HeldHead;
import io.residual.model.ImageTower;
import io.residual.model.PassHooks;
import io.residual.model.Reading;
import io.residual.model.Readout;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What every head read of every token of some images, from one watched pass: enough to split each unit exactly over the tokens
 * it came from (Gandelsman et al. 2024, section 3.3, for class tokens; pooled towers are this project's).
 *
 * <p>A head's write is W_h Σ_s A_ts v_s at token t, and the embedding is read from the tokens with weights a_pt/σ_t
 * ({@link Reading}), so source token s gives the head's unit Σ_p M_p W_h (Σ_t a_pt A_ts/σ_t) v_s. For a class token there is one
 * t, and the weights are its attention over σ. What the embedding and the MLPs write stands at the token where they write it.
 * The shares of biases and of the final LayerNorm belong to no token and are kept apart.
 *
 * <p>Tokens are a tower's own: class token and registers, where it has them, then the patches row by row. Immutable, and safe
 * for several threads, while the tower's weights are there.
 */
public final class TokenTrace {
    private final ImageTower tower;
    private final UnitShape shape;
    private final int images;
    private final int rows;
    private final int columns;
    private final int readers; // P
    private final float[] gathered; // [L, b, H, P, T]: Σ_t a_pt A_ts/σ_t
    private final float[] values; // [L, b, T, H·h]
    private final float[] written; // [1 + L, b, t, d]: embedding, MLPs, at the tokens that are read
    private final float[] weights; // [b, P, t]: a/σ
    private final float[] inverse; // [b, P]
    private final float[] mean; // [b, P]
    private final float[] pooled; // [b, D], or empty
    private final float[] output; // [b, D]

    private TokenTrace(
            ImageTower tower,
            UnitShape shape,
            int rows,
            int columns,
            Residuals residuals,
            WatchedPass watched,
            Reading reading) {
        this.tower = tower;
        this.shape = shape;
        this.rows = rows;
        this.columns = columns;
        this.images = (int) residuals.output().size(0);
        this.readers = (int) reading.weights().size(1);
        this.gathered = watched.gathered(reading.weights());
        this.values = watched.values();
        List<Tensor> all = new ArrayList<>();
        all.add(residuals.embedding());
        all.addAll(residuals.mlps());
        this.written = Tensors.floats(Ops.stack(all, 0));
        this.weights = Tensors.floats(reading.weights());
        this.inverse = Tensors.floats(reading.inverse());
        this.mean = Tensors.floats(reading.mean());
        Tensor more = residuals.pooled();
        this.pooled = more == null ? new float[0] : Tensors.floats(more);
        this.output = Tensors.floats(residuals.output());
    }

    /** One pass. {@code pixels} [b, 3, height, width]. Needs L·T·(d + H·P) numbers an image. */
    public static TokenTrace of(ImageTower tower, Tensor pixels) {
        return of(tower, pixels, PassHooks.NONE);
    }

    /** One pass that is changed on the way. */
    public static TokenTrace of(ImageTower tower, Tensor pixels, PassHooks changes) {
        try (NativeScope scope = NativeScope.inference();
                WatchedPass watched = new WatchedPass(tower, changes)) {
            return of(tower, pixels, tower.trace(pixels, watched), watched);
        }
    }

    private static TokenTrace of(ImageTower tower, Tensor pixels, Residuals residuals, WatchedPass watched) {
        UnitShape shape = new UnitShape(
                tower.config().layers(),
                tower.config().heads(),
                tower.config().headWidth(),
                tower.config().sharedWidth(),
                tower.weights().readout() instanceof Readout.AttentionPool);
        int patch = tower.config().patchSize();
        Reading reading = Reading.of(residuals, tower.weights().post().eps());
        return new TokenTrace(
                tower, shape, (int) pixels.size(2) / patch, (int) pixels.size(3) / patch, residuals, watched, reading);
    }

    /**
     * Some images' units and the tokens they come from.
     *
     * @param block in the order of the images
     */
    public record Traced(TraceBlock block, TokenTrace tokens) {}

    /**
     * Units and tokens from one pass.
     *
     * @param pixels n · 3 · height · width numbers, as {@link Tracer#encode(float[], int[], List)} takes them
     * @param names n of them
     */
    public static Traced of(Tracer tracer, float[] pixels, List<String> names) {
        ImageTower tower = tracer.model().image();
        try (WatchedPass watched = new WatchedPass(tower, PassHooks.NONE)) {
            TokenTrace[] tokens = new TokenTrace[1];
            TraceBlock block = tracer.encode(pixels, new int[names.size()], names, input -> {
                Residuals residuals = tower.trace(input, watched);
                tokens[0] = of(tower, input, residuals, watched);
                return residuals;
            });
            return new Traced(block, tokens[0]);
        }
    }

    /** The layout of the units. */
    public UnitShape shape() {
        return shape;
    }

    /** b. */
    public int images() {
        return images;
    }

    /** T: class token, registers and patches. */
    public int tokens() {
        return leading() + rows * columns;
    }

    /** How many tokens stand before the patches. */
    public int leading() {
        return (int) tower.weights().embedding().leading();
    }

    /** Rows of patches. */
    public int rows() {
        return rows;
    }

    /** Columns of patches. */
    public int columns() {
        return columns;
    }

    /** The embedding of an image, [D]. */
    public double[] output(int image) {
        int d = shape.sharedWidth();
        double[] y = new double[d];
        for (int j = 0; j < d; j++) {
            y[j] = output[image * d + j];
        }
        return y;
    }

    /**
     * The attention with which the embedding reaches each token through each head of each layer, [L, H, T]; each row sums to 1.
     * Of a class token its attention. Of pooled tokens theirs, averaged as the readout weighs them (over pooling heads alike).
     * Not attribution: it says where a head reads, not what for.
     */
    public float[] attention(int image) {
        int tokens = tokens();
        int heads = shape.heads();
        float[] all = new float[shape.allHeads() * tokens];
        for (int u = 0; u < shape.allHeads(); u++) {
            for (int p = 0; p < readers; p++) {
                int from = (((u / heads * images + image) * heads + u % heads) * readers + p) * tokens;
                for (int s = 0; s < tokens; s++) {
                    all[u * tokens + s] += gathered[from + s] / inverse[image * readers + p] / readers;
                }
            }
        }
        return all;
    }

    /** Every head's unit by source token, [L, H, T, D]; with the head's constants they sum to the unit. */
    public float[] units(int image) {
        try (NativeScope scope = NativeScope.inference()) {
            LinearReadout readout = LinearReadout.of(tower);
            List<float[]> all = new ArrayList<>();
            for (int l = 0; l < shape.layers(); l++) {
                try (NativeScope layer = NativeScope.nested()) {
                    Tensor w = LinearReadout.projection(block(l))
                            .view(-1, shape.heads(), shape.headWidth())
                            .transpose(0, 1); // [H, d, h]
                    Tensor maps = readout.maps().unsqueeze(0).matmul(w.unsqueeze(1)); // [H, P, D, h]
                    Tensor v = values(l, image).transpose(0, 1).unsqueeze(1); // [H, 1, T, h]
                    Tensor parts = v.matmul(maps.transpose(2, 3)); // [H, P, T, D]
                    all.add(Tensors.floats(Ops.sum(parts.mul(gathered(l, image).unsqueeze(3)), 1))); // [H, T, D]
                }
            }
            return Tensors.joined(all);
        }
    }

    /**
     * Each unit's part along a direction of its own, token by token.
     *
     * @param directions [U, D], in the order of units; an adapter that is linear in units changes each unit's
     * @return parts that sum to Σ_u g_u · u; with one direction for all, to g · y
     */
    public TokenMap along(int image, double[] directions) {
        return along(List.of(new Asked(image, directions))).get(0);
    }

    /**
     * What is asked of an image.
     *
     * @param directions [U, D], one of each unit's own, in the order of units
     */
    public record Asked(int image, double[] directions) {}

    /** {@link #along(int, double[])} of several images or directions: the tower's weights are read and widened once for all. */
    public List<TokenMap> along(List<Asked> all) {
        int units = shape.units();
        int d = shape.sharedWidth();
        for (Asked one : all) {
            if (one.directions.length != units * d) {
                throw new IllegalArgumentException(
                        one.directions.length + " numbers for " + units + " directions of " + d);
            }
        }
        try (NativeScope scope = NativeScope.inference()) {
            LinearReadout readout = LinearReadout.of(tower);
            List<Parts> parts = all.stream().map(one -> new Parts(one, readout)).toList();
            for (int l = 0; l < shape.layers(); l++) {
                try (NativeScope layer = NativeScope.nested()) {
                    Tensor w = LinearReadout.projection(block(l))
                            .view(-1, shape.heads(), shape.headWidth())
                            .transpose(0, 1); // [H, d, h]
                    Tensor bias = LinearReadout.projectionBias(block(l)).unsqueeze(1);
                    for (Parts some : parts) {
                        some.addHeads(l, w, bias);
                    }
                }
            }
            return parts.stream().map(Parts::finish).toList();
        }
    }

    /** One image's sum over units and tokens, while it is made. */
    private final class Parts {
        private final int image;
        private final double[] directions;
        private final Tensor asks; // [U, P, d]
        private final Tensor inv; // [P, 1]
        private final double[] centred; // [U]
        private final double[] fixed; // [U]
        private final double[] values;
        private final double[] constants;

        Parts(Asked asked, LinearReadout readout) {
            this.image = asked.image;
            this.directions = asked.directions;
            Tensor g = Tensors.of(directions, shape.units(), shape.sharedWidth());
            this.asks = readout.asks(g);
            this.inv = row(inverse, image).unsqueeze(1);
            Tensor mu = row(mean, image).unsqueeze(1);
            this.centred = Tensors.doubles(Ops.sum(asks, 2).matmul(mu));
            this.fixed = Tensors.doubles(g.matmul(readout.constant().unsqueeze(1)));
            this.values = new double[shape.units() * tokens()];
            this.constants = new double[shape.units()];
        }

        /** A layer's heads. {@code w} [H, d, h] and {@code bias} [d, 1] of its output projection. */
        void addHeads(int l, Tensor w, Tensor bias) {
            int heads = shape.heads();
            int from = 1 + l * heads;
            try (NativeScope scope = NativeScope.nested()) {
                Tensor asked = asks.narrow(0, from, heads); // [H, P, d]
                Tensor v = TokenTrace.this.values(l, image).permute(1, 2, 0); // [H, h, T]
                Tensor each = asked.matmul(w).matmul(v).mul(gathered(l, image)); // [H, P, T]
                double[] part = Tensors.doubles(Ops.sum(each, 1));
                System.arraycopy(part, 0, values, from * tokens(), part.length);
                double[] added = Tensors.doubles(asked.matmul(bias).squeeze(2).matmul(inv)); // [H, 1]
                for (int h = 0; h < heads; h++) {
                    constants[from + h] = added[h] / heads;
                }
                for (HeldHead head : tower.held()) { // what is added to it belongs to no patch
                    if (head.layer() == l && head.adds()) {
                        Tensor reads = asked.select(0, head.head()).matmul(w.select(0, head.head())); // [P, h]
                        constants[from + head.head()] +=
                                reads.mul(added(head, image)).sum().item_double();
                    }
                }
            }
        }

        /** The sum, with what the embedding and the MLPs write. */
        TokenMap finish() {
            int units = shape.units();
            int d = shape.sharedWidth();
            int width = tower.config().width();
            Tensor a = Tensors.ofRange(weights, image * weights.length / images, readers, readTokens())
                    .to(ScalarType.Double); // [P, t]
            for (int k = 0; k <= shape.layers(); k++) {
                int unit = k == 0 ? 0 : shape.allHeads() + k;
                Tensor x = Tensors.ofRange(written, (k * images + image) * readTokens() * width, readTokens(), width)
                        .to(ScalarType.Double); // [t, d]
                Tensor each = Ops.sum(asks.select(0, unit).matmul(x.t()).mul(a), 0); // [t]
                double[] part = Tensors.doubles(each);
                System.arraycopy(part, 0, values, unit * tokens() + tower.firstRead(), part.length);
            }
            double share = 2.0 * shape.layers() + 1;
            for (int u = 0; u < units - (shape.pooled() ? 1 : 0); u++) {
                boolean head = u > 0 && u <= shape.allHeads();
                constants[u] += (fixed[u] - centred[u]) / (head ? share * shape.heads() : share);
            }
            for (int j = 0; j < d && shape.pooled(); j++) { // the MLP after pooling belongs to no token
                constants[units - 1] += directions[(units - 1) * d + j] * pooled[image * d + j];
            }
            return new TokenMap(shape, leading(), rows, columns, values, constants);
        }
    }

    /** The same with one direction for all units: an exact sum to g · y, whose largest error is that of the pass's rounding. */
    public TokenMap alongAll(int image, double[] direction) {
        return along(image, repeated(direction));
    }

    /** One direction for all units, [U, D]. */
    public double[] repeated(double[] direction) {
        double[] all = new double[shape.units() * direction.length];
        for (int u = 0; u < shape.units(); u++) {
            System.arraycopy(direction, 0, all, u * direction.length, direction.length);
        }
        return all;
    }

    /** What is added to a held head, as the embedding reads it: Σ_t a_pt/σ_t c_t, [P, h]. */
    private Tensor added(HeldHead head, int image) {
        int h = shape.headWidth();
        Tensor a = Tensors.ofRange(weights, image * weights.length / images, readers, readTokens())
                .to(ScalarType.Double);
        Tensor c = Tensors.of(head.constant(), head.constant().length / h, h)
                .narrow(0, tower.firstRead(), readTokens())
                .to(ScalarType.Double);
        return a.matmul(c);
    }

    private int readTokens() {
        return weights.length / images / readers;
    }

    private Block block(int layer) {
        return tower.weights().blocks().get(layer);
    }

    /** [T, H, h] of one layer. */
    private Tensor values(int layer, int image) {
        int size = tokens() * tower.config().width();
        return Tensors.ofRange(values, (layer * images + image) * size, tokens(), shape.heads(), shape.headWidth())
                .to(ScalarType.Double);
    }

    /** [H, P, T] of one layer. */
    private Tensor gathered(int layer, int image) {
        int size = shape.heads() * readers * tokens();
        return Tensors.ofRange(gathered, (layer * images + image) * size, shape.heads(), readers, tokens())
                .to(ScalarType.Double);
    }

    private Tensor row(float[] matrix, int image) {
        return Tensors.ofRange(matrix, image * readers, readers).to(ScalarType.Double);
    }
}
