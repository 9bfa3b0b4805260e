package io.residual.intervene;

import io.residual.model.ImageTower;
import io.residual.model.PassHooks;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What every head read and every MLP wrote at every token, in a plain pass: of some images, or the mean over a reference set. Takes
 * the place of another pass's ({@link Change.Replace}). Takes 2·L·T·d numbers an image. Immutable.
 */
public final class Activations {
    private final int images;
    private final int tokens;
    private final int width;
    private final List<float[]> heads; // L of [b, T, d], before the output projection
    private final List<float[]> mlps; // L of [b, T, d]

    private Activations(int images, int tokens, int width, List<float[]> heads, List<float[]> mlps) {
        this.images = images;
        this.tokens = tokens;
        this.width = width;
        this.heads = List.copyOf(heads);
        this.mlps = List.copyOf(mlps);
    }

    /** Of some images. {@code pixels} [b, 3, height, width]. */
    public static Activations of(ImageTower tower, Tensor pixels) {
        Recorder recorder = new Recorder();
        try (NativeScope scope = NativeScope.inference()) {
            tower.traceInFull(pixels, recorder);
        }
        int b = (int) pixels.size(0);
        int d = tower.config().width();
        return new Activations(b, recorder.heads.get(0).length / b / d, d, recorder.heads, recorder.mlps);
    }

    private static final class Recorder implements PassHooks {
        private final List<float[]> heads = new ArrayList<>();
        private final List<float[]> mlps = new ArrayList<>();

        @Override
        public Tensor heads(int layer, Tensor z) {
            heads.add(Tensors.floats(z));
            return z;
        }

        @Override
        public Tensor mlp(int layer, Tensor m) {
            mlps.add(Tensors.floats(m));
            return m;
        }
    }

    /** The mean over a reference set at each token, gathered batch by batch. Not for several threads at once. */
    public static final class Mean {
        private final ImageTower tower;
        private final List<double[]> sums = new ArrayList<>(); // heads and MLPs in turn, L pairs of [T, d]
        private int images;

        /** Of a tower, of no image yet. */
        public Mean(ImageTower tower) {
            this.tower = tower;
        }

        /** Adds images. {@code pixels} [b, 3, height, width], each call of the same size. */
        public void add(Tensor pixels) {
            int b = (int) pixels.size(0);
            int[] next = {0};
            try (NativeScope scope = NativeScope.inference()) {
                tower.traceInFull(pixels, new PassHooks() {
                    @Override
                    public Tensor heads(int layer, Tensor z) {
                        return add(z);
                    }

                    @Override
                    public Tensor mlp(int layer, Tensor m) {
                        return add(m);
                    }

                    private Tensor add(Tensor x) {
                        double[] sum = Tensors.doubles(Ops.sum(x.to(ScalarType.Double), 0));
                        if (sums.size() == next[0]) {
                            sums.add(new double[sum.length]);
                        }
                        double[] all = sums.get(next[0]);
                        next[0]++;
                        for (int i = 0; i < sum.length; i++) {
                            all[i] += sum[i];
                        }
                        return x;
                    }
                });
            }
            images += b;
        }

        /** The mean of what has been added, as activations of one image. */
        public Activations mean() {
            if (images == 0) {
                throw new IllegalStateException("no image was added");
            }
            List<float[]> heads = new ArrayList<>();
            List<float[]> mlps = new ArrayList<>();
            for (int i = 0; i < sums.size(); i++) {
                double[] sum = sums.get(i);
                float[] mean = new float[sum.length];
                for (int k = 0; k < mean.length; k++) {
                    mean[k] = (float) (sum[k] / images);
                }
                (i % 2 == 0 ? heads : mlps).add(mean);
            }
            int d = tower.config().width();
            return new Activations(1, heads.get(0).length / d, d, heads, mlps);
        }
    }

    /** b; 1 for a mean. */
    public int images() {
        return images;
    }

    /** T. */
    public int tokens() {
        return tokens;
    }

    /** The images in another order, or some of them: image i of the result is image {@code chosen[i]} of this. */
    public Activations images(int... chosen) {
        return new Activations(
                chosen.length,
                tokens,
                width,
                heads.stream().map(x -> rows(x, chosen)).toList(),
                mlps.stream().map(x -> rows(x, chosen)).toList());
    }

    private float[] rows(float[] all, int... chosen) {
        int size = tokens * width;
        float[] some = new float[chosen.length * size];
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(all, chosen[i] * size, some, i * size, size);
        }
        return some;
    }

    /**
     * What a unit's head read [b, t, h], or its MLP wrote [b, t, d], at t tokens from {@code from} on; in this scope's native
     * memory.
     */
    Tensor of(UnitId unit, int headWidth, long from, long t) {
        boolean head = unit.kind() == UnitId.Kind.HEAD;
        Tensor all = Tensors.of((head ? heads : mlps).get(unit.layer()), images, tokens, width)
                .narrow(1, from, t);
        return head ? all.narrow(2, (long) unit.head() * headWidth, headWidth) : all;
    }
}
