package io.residual.onnx;

import io.residual.model.Activation;
import io.residual.model.Block;
import io.residual.model.Embedding;
import io.residual.model.ImageConfig;
import io.residual.model.ImageWeights;
import io.residual.model.LayerNorm;
import io.residual.model.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of an image tower as ONNX operators, with what {@link io.residual.model.Residuals} holds: every name below
 * is a value of the graph. As in {@link io.residual.model.ClassTokenTower}, the last block serves the class token alone.
 */
final class TowerGraph {
    private final OnnxGraph graph;
    private final ImageConfig config;
    private final ImageWeights weights;
    private final List<String> heads = new ArrayList<>(); // L of [b, d]
    private final List<String> mlps = new ArrayList<>(); // L of [b, d]
    private final String embedding; // [b, d]
    private final String stream; // [b, d]
    private final String output; // [b, D]

    /**
     * Adds a tower to a graph.
     *
     * @param positions [1 + patches, d], of the size of the graph's input; null where none are added
     * @param pixels the name of the input, [b, 3, height, width]
     */
    TowerGraph(OnnxGraph graph, ImageConfig config, ImageWeights weights, @Nullable Tensor positions, String pixels) {
        this.graph = graph;
        this.config = config;
        this.weights = weights;
        String x = embed(pixels, positions);
        this.embedding = classToken(x);
        int last = weights.blocks().size() - 1;
        for (int l = 0; l <= last; l++) {
            Block block = weights.blocks().get(l);
            String name = "blocks." + l;
            String z = attend(name, block, x, l == last);
            String rest =
                    l == last ? graph.node("Slice", List.of(x, integers(0), integers(1), integers(1)), Map.of()) : x;
            String between = graph.node("Add", rest, linear(name + ".out", block.out(), z));
            String m = mlp(name, block, between);
            heads.add(classToken(z));
            mlps.add(classToken(m));
            x = graph.node("Add", between, m);
        }
        this.stream = classToken(x);
        String normed = norm("post", weights.post(), stream);
        Linear projection = weights.projection();
        this.output = projection == null ? normed : linear("projection", projection, normed);
    }

    private String integers(long... values) {
        return graph.integers(values);
    }

    /** Patches, class token and positions: [b, t, d]. */
    private String embed(String pixels, @Nullable Tensor positions) {
        long d = config.width();
        long p = config.patchSize();
        Embedding embedded = weights.embedding();
        List<String> inputs = new ArrayList<>(List.of(pixels, graph.weight("patch.weight", embedded.patch())));
        Tensor bias = embedded.patchBias();
        if (bias != null) {
            inputs.add(graph.weight("patch.bias", bias));
        }
        String patches =
                graph.node("Conv", inputs, Map.of("kernel_shape", new long[] {p, p}, "strides", new long[] {p, p}));
        String rows = graph.node("Reshape", patches, integers(0, d, -1)); // [b, d, patches]
        String tokens = graph.node("Transpose", List.of(rows), Map.of("perm", new long[] {0, 2, 1}));
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

    /** What the heads read, before the output projection: [b, t, d], or [b, 1, d] for the class token alone. */
    private String attend(String name, Block block, String x, boolean classTokenAlone) {
        long d = config.width();
        long h = d / config.heads();
        String normed = norm(name + ".norm1", block.norm1(), x);
        String asks = classTokenAlone
                ? graph.node("Slice", List.of(normed, integers(0), integers(1), integers(1)), Map.of())
                : normed;
        String q = split(linear(name + ".q", rows(block.qkv(), 0, d), asks), 0, 2, 1, 3);
        String k = split(linear(name + ".k", rows(block.qkv(), d, d), normed), 0, 2, 3, 1); // [b, H, h, t]
        String v = split(linear(name + ".v", rows(block.qkv(), 2 * d, d), normed), 0, 2, 1, 3);
        String scores = graph.node("Mul", graph.node("MatMul", q, k), graph.number(1 / Math.sqrt((double) h)));
        String weighed =
                graph.node("MatMul", graph.node("Softmax", List.of(scores), Map.of("axis", -1)), v); // [b, H, t, h]
        String joined = graph.node("Transpose", List.of(weighed), Map.of("perm", new long[] {0, 2, 1, 3}));
        return graph.node("Reshape", joined, integers(0, 0, d));
    }

    private static Linear rows(Linear linear, long from, long count) {
        Tensor bias = linear.bias();
        return new Linear(linear.weight().narrow(0, from, count), bias == null ? null : bias.narrow(0, from, count));
    }

    /** [b, t, d] into heads, the axes b, t, H, h in another order. */
    private String split(String x, long... order) {
        long h = config.width() / config.heads();
        String four = graph.node("Reshape", x, integers(0, 0, config.heads(), h));
        return graph.node("Transpose", List.of(four), Map.of("perm", order));
    }

    private String mlp(String name, Block block, String x) {
        String hidden = linear(name + ".fc1", block.fc1(), norm(name + ".norm2", block.norm2(), x));
        return linear(name + ".fc2", block.fc2(), activation(hidden));
    }

    private String activation(String x) {
        if (config.activation() == Activation.QUICK_GELU) {
            return graph.node("Mul", x, graph.node("Sigmoid", graph.node("Mul", x, graph.number(1.702))));
        }
        // x Φ(x) = x/2 (1 + erf(x/√2))
        String erf = graph.node("Erf", graph.node("Mul", x, graph.number(Math.sqrt(.5))));
        return graph.node("Mul", graph.node("Mul", x, graph.number(.5)), graph.node("Add", erf, graph.number(1)));
    }

    private String norm(String name, LayerNorm norm, String x) {
        return graph.node(
                "LayerNormalization",
                List.of(x, graph.weight(name + ".weight", norm.weight()), graph.weight(name + ".bias", norm.bias())),
                Map.of("axis", -1, "epsilon", (float) norm.eps()));
    }

    private String linear(String name, Linear linear, String x) {
        return linear(name, linear.weight(), linear.bias(), x);
    }

    /** x Wᵀ + b. */
    private String linear(String name, Tensor weight, @Nullable Tensor bias, String x) {
        String product = graph.node("MatMul", x, graph.weight(name + ".weight", weight.t()));
        return bias == null ? product : graph.node("Add", product, graph.weight(name + ".bias", bias));
    }

    private String classToken(String x) {
        return graph.node(
                "Squeeze",
                graph.node("Slice", List.of(x, integers(0), integers(1), integers(1)), Map.of()),
                integers(1));
    }

    /** z of every layer, [b, d]. */
    List<String> heads() {
        return heads;
    }

    /** What every MLP wrote, [b, d]. */
    List<String> mlps() {
        return mlps;
    }

    /** What the embedding wrote, [b, d]. */
    String embedding() {
        return embedding;
    }

    /** The class token's residual stream after the last block, [b, d]. */
    String stream() {
        return stream;
    }

    /** y, [b, D]. */
    String output() {
        return output;
    }
}
