package io.residual.onnx;

import io.residual.model.Block;
import io.residual.model.Embedding;
import io.residual.model.HeldHead;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.LayerNorm;
import io.residual.model.Linear;
import io.residual.model.Readout;
import io.residual.model.Rotary;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of an image tower as ONNX operators: what {@link ClassTokenGraph}, {@link MeanGraph} and {@link PooledGraph} have in common. Every
 * name below is a value of the graph.
 */
abstract class TowerGraph {
    final OnnxGraph graph;
    final ImageConfig config;
    final ImageWeights weights;
    private final List<HeldHead> held;
    private final Rotary.@Nullable Turns turns;
    private final Set<String> known = new HashSet<>();

    /**
     * A tower's graph.
     *
     * @param rows patches of an image's height
     * @param columns patches of its width
     */
    TowerGraph(OnnxGraph graph, ImageTower tower, int rows, int columns) {
        this.graph = graph;
        this.config = tower.config();
        this.weights = tower.weights();
        this.held = tower.held();
        Rotary rotary = weights.rotary();
        this.turns = rotary == null ? null : rotary.turns(rows, columns, config.headWidth());
    }

    /**
     * Adds a tower to a graph.
     *
     * @param pixels the name of the input, [b, 3, height, width]
     */
    static TowerGraph of(OnnxGraph graph, ImageTower tower, String pixels, int height, int width) {
        int p = tower.config().patchSize();
        int rows = height / p;
        int columns = width / p;
        Readout readout = tower.weights().readout();
        if (readout instanceof Readout.AttentionPool pool) {
            return new PooledGraph(graph, tower, pool, pixels, rows, columns);
        }
        return readout instanceof Readout.PatchMean
                ? new MeanGraph(graph, tower, pixels, rows, columns)
                : new ClassTokenGraph(graph, tower, pixels, rows, columns);
    }

    /** y, [b, D]. */
    abstract String output();

    /** What an adapter's columns act on: of the heads alone, or of all. [b, ...]. */
    abstract String written(boolean others);

    /** 1/σ and μ/σ as they are read, [b, 1] each; none where an adapter acts on units. */
    abstract List<String> statistics();

    /** The mean and 1/σ of every token, as the final LayerNorm computes them: [..., 1] of [..., d]. */
    final List<String> moments(String stream) {
        Map<String, Object> last = Map.of("axes", new long[] {-1}, "keepdims", 1);
        String mean = graph.node("ReduceMean", List.of(stream), last);
        String centred = graph.node("Sub", stream, mean);
        String variance = graph.node("ReduceMean", List.of(graph.node("Mul", centred, centred)), last);
        String shifted = graph.node("Add", variance, graph.number(weights.post().eps()));
        return List.of(mean, graph.node("Reciprocal", graph.node("Sqrt", shifted)));
    }

    /** A weight that several operators take. */
    final String shared(String name, Tensor values) {
        return known.add(name) ? graph.weight(name, values) : name;
    }

    final String slice(String x, long from, long to, long axis) {
        return graph.node("Slice", List.of(x, integers(from), integers(to), integers(axis)), Map.of());
    }

    final String integers(long... values) {
        return graph.integers(values);
    }

    /** Patches, class token and positions: [b, t, d]. */
    final String embed(String pixels, int rows, int columns) {
        long d = config.width();
        long p = config.patchSize();
        Embedding embedded = weights.embedding();
        Tensor positions = embedded.positions(rows, columns);
        List<String> inputs = new ArrayList<>(List.of(pixels, graph.weight("patch.weight", embedded.patch())));
        Tensor bias = embedded.patchBias();
        if (bias != null) {
            inputs.add(graph.weight("patch.bias", bias));
        }
        String patches =
                graph.node("Conv", inputs, Map.of("kernel_shape", new long[] {p, p}, "strides", new long[] {p, p}));
        String flat = graph.node("Reshape", patches, integers(0, d, -1)); // [b, d, patches]
        String tokens = graph.node("Transpose", List.of(flat), Map.of("perm", new long[] {0, 2, 1}));
        Tensor classToken = embedded.classToken();
        Tensor registers = embedded.registers();
        List<String> parts = new ArrayList<>();
        if (classToken != null) {
            Tensor first = positions == null ? classToken : classToken.add(positions.select(0, 0));
            parts.add(leading("class_token", first.view(1, 1, d), pixels));
        }
        if (registers != null) {
            parts.add(leading("registers", registers.unsqueeze(0), pixels));
        }
        if (positions != null) {
            long from = classToken == null ? 0 : 1;
            Tensor own = positions.narrow(0, from, positions.size(0) - from).unsqueeze(0);
            tokens = graph.node("Add", tokens, graph.weight("positions", own));
        }
        parts.add(tokens);
        String all = parts.size() == 1 ? tokens : graph.node("Concat", parts, Map.of("axis", 1));
        LayerNorm pre = embedded.pre();
        return pre == null ? all : norm("pre", pre, all);
    }

    /** Tokens [1, r, d], of every image: [b, r, d]. */
    private String leading(String name, Tensor tokens, String pixels) {
        String batch = graph.node("Gather", graph.node("Shape", pixels), integers(0)); // [1]
        String shape =
                graph.node("Concat", List.of(batch, integers(tokens.size(1), tokens.size(2))), Map.of("axis", 0));
        return graph.node("Expand", graph.weight(name, tokens), shape);
    }

    /** The outputs of the heads before the output projection: [b, t, d], or [b, 1, d] for the class token alone. */
    final String attend(int layer, String x, boolean classTokenAlone) {
        String name = "blocks." + layer;
        Block block = weights.blocks().get(layer);
        long d = config.width();
        long h = d / config.heads();
        String normed = norm(name + ".norm1", block.norm1(), x);
        String asks = classTokenAlone ? slice(normed, 0, 1, 1) : normed;
        String q = split(linear(name + ".q", rows(block.qkv(), 0, d), asks), 0, 2, 1, 3);
        String keys = linear(name + ".k", rows(block.qkv(), d, d), normed);
        String k; // [b, H, h, t]
        if (turns == null) {
            k = split(keys, 0, 2, 3, 1);
        } else {
            String placed = turned(turns, split(keys, 0, 2, 1, 3));
            k = graph.node("Transpose", List.of(placed), Map.of("perm", new long[] {0, 1, 3, 2}));
            q = classTokenAlone ? q : turned(turns, q);
        }
        String v = split(linear(name + ".v", rows(block.qkv(), 2 * d, d), normed), 0, 2, 1, 3);
        String scores = graph.node("Mul", graph.node("MatMul", q, k), graph.number(1 / Math.sqrt((double) h)));
        String weighed =
                graph.node("MatMul", graph.node("Softmax", List.of(scores), Map.of("axis", -1)), v); // [b, H, t, h]
        String joined = graph.node("Transpose", List.of(weighed), Map.of("perm", new long[] {0, 2, 1, 3}));
        return held(layer, graph.node("Reshape", joined, integers(0, 0, d)), classTokenAlone);
    }

    /** The heads' outputs, those that the tower holds multiplied and shifted. {@code z} [b, t, d]. */
    private String held(int layer, String z, boolean classTokenAlone) {
        List<HeldHead> some =
                held.stream().filter(head -> head.layer() == layer).toList();
        if (some.isEmpty()) {
            return z;
        }
        int d = config.width();
        int h = config.headWidth();
        float[] factors = new float[d];
        Arrays.fill(factors, 1);
        int tokens =
                some.stream().mapToInt(head -> head.constant().length / h).max().orElse(0);
        float[] added = new float[tokens * d];
        for (HeldHead head : some) {
            Arrays.fill(factors, head.head() * h, (head.head() + 1) * h, head.factor());
            for (int i = 0; i < head.constant().length; i++) {
                added[i / h * d + head.head() * h + i % h] = head.constant()[i];
            }
        }
        String name = "blocks." + layer + ".held";
        String scaled = graph.node("Mul", z, graph.weight(name + ".factors", Tensors.of(factors, d)));
        if (tokens == 0) {
            return scaled;
        }
        Tensor constant = Tensors.of(added, tokens, d).narrow(0, 0, classTokenAlone ? 1 : tokens);
        return graph.node("Add", scaled, graph.weight(name + ".added", constant));
    }

    /** Queries or keys [b, H, t, h], the patches among them turned. */
    private String turned(Rotary.Turns by, String x) {
        long leading = weights.embedding().leading();
        long t = leading + by.cosine().size(0);
        long h = by.cosine().size(1);
        String patches = slice(x, leading, t, 2);
        String swapped = graph.node(
                "Concat", List.of(slice(patches, h / 2, h, 3), slice(patches, 0, h / 2, 3)), Map.of("axis", 3));
        String now = graph.node(
                "Add",
                graph.node("Mul", patches, shared("rotary.cosine", by.cosine())),
                graph.node("Mul", swapped, shared("rotary.sine", by.sine())));
        return leading == 0 ? now : graph.node("Concat", List.of(slice(x, 0, leading, 2), now), Map.of("axis", 2));
    }

    static Linear rows(Linear linear, long from, long count) {
        Tensor bias = linear.bias();
        return new Linear(linear.weight().narrow(0, from, count), bias == null ? null : bias.narrow(0, from, count));
    }

    /** [b, t, d] into heads, the axes b, t, H, h in another order. */
    private String split(String x, long... order) {
        long h = config.width() / config.heads();
        String four = graph.node("Reshape", x, integers(0, 0, config.heads(), h));
        return graph.node("Transpose", List.of(four), Map.of("perm", order));
    }

    final String mlp(String name, Block block, String x) {
        String normed = norm(name + ".norm2", block.norm2(), x);
        if (!block.gated()) {
            return linear(name + ".fc2", block.fc2(), activation(linear(name + ".fc1", block.fc1(), normed)));
        }
        long m = block.fc2().weight().size(1);
        String gates = activation(linear(name + ".gate", rows(block.fc1(), 0, m), normed));
        String hidden = graph.node("Mul", gates, linear(name + ".up", rows(block.fc1(), m, m), normed));
        return linear(name + ".fc2", block.fc2(), hidden);
    }

    final String activation(String x) {
        return switch (config.activation()) {
            case QUICK_GELU -> graph.node("Mul", x, graph.node("Sigmoid", graph.node("Mul", x, graph.number(1.702))));
            case SILU -> graph.node("Mul", x, graph.node("Sigmoid", x));
            case TANH_GELU -> {
                // x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
                String cube = graph.node("Mul", graph.node("Mul", x, x), x);
                String inner = graph.node("Add", x, graph.node("Mul", cube, graph.number(.044715)));
                yield half(x, graph.node("Tanh", graph.node("Mul", inner, graph.number(Math.sqrt(2 / Math.PI)))));
            }
            case GELU -> half(x, graph.node("Erf", graph.node("Mul", x, graph.number(Math.sqrt(.5)))));
        };
    }

    /** x/2 (1 + y). */
    private String half(String x, String y) {
        return graph.node("Mul", graph.node("Mul", x, graph.number(.5)), graph.node("Add", y, graph.number(1)));
    }

    final String norm(String name, LayerNorm norm, String x) {
        return graph.node(
                "LayerNormalization",
                List.of(x, graph.weight(name + ".weight", norm.weight()), graph.weight(name + ".bias", norm.bias())),
                Map.of("axis", -1, "epsilon", (float) norm.eps()));
    }

    final String linear(String name, Linear linear, String x) {
        return linear(name, linear.weight(), linear.bias(), x);
    }

    /** x Wᵀ + b. */
    private String linear(String name, Tensor weight, @Nullable Tensor bias, String x) {
        String product = graph.node("MatMul", x, graph.weight(name + ".weight", weight.t()));
        return bias == null ? product : graph.node("Add", product, graph.weight(name + ".bias", bias));
    }
}
