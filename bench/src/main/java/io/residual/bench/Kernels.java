package io.residual.bench;

import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.images.Resampling;
import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeRuntime;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The kernels of a trace alone, at the sizes of a batch of ten images of a ViT-B/16. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class Kernels {
    private static final long IMAGES = 10;
    private static final long TOKENS = 197;
    private static final long D = 768;
    private static final long H = 12;
    private static final long ROWS = IMAGES * TOKENS;
    private static final Preprocessing CLIP = new Preprocessing(
            Preprocessing.Resize.SHORTEST_EDGE,
            224,
            224,
            Resampling.BICUBIC,
            224,
            224,
            Preprocessing.CLIP_MEAN,
            Preprocessing.CLIP_DEVIATION,
            Preprocessing.Margin.FLOORED);

    private Tensor x = torch.empty();
    private Tensor hidden = torch.empty();
    private Tensor qkv = torch.empty();
    private Tensor fc1 = torch.empty();
    private Tensor bias = torch.empty();
    private Tensor room = torch.empty();
    private Tensor head = torch.empty();
    private Tensor x16 = torch.empty();
    private Tensor fc116 = torch.empty();
    private Tensor bias16 = torch.empty();
    private Image image = new Image(1, 1, new byte[3]);
    private final float[] pixels = new float[3 * 224 * 224];

    @Setup
    public void setUp() {
        NativeRuntime.setThreads(Integer.getInteger("residual.bench.threads", 2));
        x = torch.randn(ROWS, D);
        hidden = torch.randn(ROWS, 4 * D);
        qkv = torch.randn(new long[] {IMAGES, TOKENS, 3, H, D / H}).permute(2, 0, 3, 1, 4);
        fc1 = torch.randn(4 * D, D);
        bias = torch.randn(4 * D);
        room = torch.empty(ROWS * 4 * D);
        head = torch.randn(1000, 66);
        x16 = x.to(ScalarType.BFloat16);
        fc116 = fc1.to(ScalarType.BFloat16);
        bias16 = bias.to(ScalarType.BFloat16);
        byte[] rgb = new byte[500 * 375 * 3];
        new Random(1).nextBytes(rgb);
        image = new Image(500, 375, rgb);
    }

    /** An MLP's first product into memory of its own. */
    @Benchmark
    public long productInFreshMemory() {
        try (NativeScope scope = NativeScope.inference()) {
            return Ops.linear(x, fc1, bias).numel();
        }
    }

    /** The same into memory that is used again. */
    @Benchmark
    public long productInUsedMemory() {
        try (NativeScope scope = NativeScope.inference()) {
            return Ops.linearInto(Ops.viewOf(room, ROWS, 4 * D), x, fc1, bias).numel();
        }
    }

    /** The same product in 16 bits. */
    @Benchmark
    public long productIn16Bits() {
        try (NativeScope scope = NativeScope.inference()) {
            return Ops.linear(x16, fc116, bias16).numel();
        }
    }

    /** GELU into memory of its own. */
    @Benchmark
    public long geluInFreshMemory() {
        try (NativeScope scope = NativeScope.inference()) {
            return torch.gelu(hidden).numel();
        }
    }

    /** GELU in place. */
    @Benchmark
    public long geluInPlace() {
        try (NativeScope scope = NativeScope.inference()) {
            return torch.gelu_(hidden).numel();
        }
    }

    /** Attention in 32 bits. */
    @Benchmark
    public long attention() {
        try (NativeScope scope = NativeScope.inference()) {
            return Ops.attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2), null, false)
                    .numel();
        }
    }

    /** Mean and scatter of one head's coordinates over a thousand images. */
    @Benchmark
    public double statistics() {
        try (NativeScope scope = NativeScope.inference()) {
            return UnitStatistics.of(new UnitId(UnitId.Kind.HEAD, 0, 0), head).scatter()[0];
        }
    }

    /** CLIP's resize, crop and normalisation of a photograph. */
    @Benchmark
    public float preprocessing() {
        CLIP.apply(image, pixels, 0);
        return pixels[0];
    }

    /** Moving a batch of pixels across the border. */
    @Benchmark
    public long crossing() {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.of(pixels, 1, 3, 224, 224).numel();
        }
    }
}
