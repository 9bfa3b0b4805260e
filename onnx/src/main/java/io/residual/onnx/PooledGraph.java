package io.residual.onnx;

import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.Linear;
import io.residual.model.Readout.AttentionPool;
import io.residual.tensor.Ops;
import io.residual.units.PooledUnits;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A tower whose embedding is pooled by attention, as {@link io.residual.model.PooledTower} computes it, with its units. */
final class PooledGraph extends TowerGraph {
    private final ImageTower tower;
    private final AttentionPool pool;
    private final List<String> heads = new ArrayList<>(); // L of [b, t, d]
    private final List<String> mlps = new ArrayList<>(); // L of [b, t, d]
    private final String embedding; // [b, t, d]
    private final String stream; // [b, t, d]
    private final String attended; // [b, P, t]
    private final String pooled; // [b, d]
    private final String output; // [b, d]

    PooledGraph(OnnxGraph graph, ImageTower tower, AttentionPool pool, String pixels, int rows, int columns) {
        super(graph, tower, rows, columns);
        this.tower = tower;
        this.pool = pool;
        String x = embed(pixels, rows, columns);
        this.embedding = x;
        for (int l = 0; l < weights.blocks().size(); l++) {
            Block block = weights.blocks().get(l);
            String name = "blocks." + l;
            String z = attend(l, x, false);
            String between = graph.node("Add", x, linear(name + ".out", block.out(), z));
            String m = mlp(name, block, between);
            heads.add(z);
            mlps.add(m);
            x = graph.node("Add", between, m);
        }
        this.stream = x;
        String tokens = norm("post", weights.post(), stream);
        long d = config.width();
        long p = pool.heads();
        // The query's product with the keys' matrix is the same for every image.
        Linear query = rows(pool.qkv(), 0, d);
        Tensor q = Ops.linear(pool.query(), query.weight(), query.bias()).view(p, 1, d / p);
        Tensor keys = rows(pool.qkv(), d, d).weight().view(p, d / p, d);
        Tensor asked = Ops.scale(q.matmul(keys).squeeze(1), 1 / Math.sqrt((double) d / p)); // [P, d]
        String scores = graph.node("MatMul", tokens, graph.weight("pool.query", asked.t())); // [b, t, P]
        String turned = graph.node("Transpose", List.of(scores), Map.of("perm", new long[] {0, 2, 1}));
        this.attended = graph.node("Softmax", List.of(turned), Map.of("axis", -1));
        String sums = graph.node("MatMul", attended, tokens); // [b, P, d]
        Tensor values = pool.values().weight().view(p, d / p, d).transpose(1, 2); // [P, d, d/P]
        String each = flat(graph.node("MatMul", row(sums), graph.weight("pool.values.weight", values)));
        Tensor bias = pool.values().bias();
        if (bias != null) {
            each = graph.node("Add", each, graph.weight("pool.values.bias", bias));
        }
        String gathered = out(each, 1);
        String hidden = activation(linear("pool.fc1", pool.fc1(), norm("pool.norm", pool.norm(), gathered)));
        this.pooled = linear("pool.fc2", pool.fc2(), hidden);
        this.output = graph.node("Add", gathered, pooled);
    }

    /** [b, P, d] as [b, P, 1, d]. */
    private String row(String x) {
        return graph.node("Unsqueeze", x, integers(2));
    }

    /** [b, ...] as [b, all]. */
    private String flat(String x) {
        return graph.node("Reshape", x, integers(0, -1));
    }

    /** O x + o · share. */
    private String out(String x, double share) {
        String product = graph.node(
                "MatMul", x, shared("pool.out.weight", pool.out().weight().t()));
        Tensor bias = pool.out().bias();
        return bias == null
                ? product
                : graph.node("Add", product, shared("pool.out.bias." + share, Ops.scale(bias, share)));
    }

    @Override
    String output() {
        return output;
    }

    @Override
    List<String> statistics() {
        return List.of();
    }

    /** The units, as {@link PooledUnits} has them: heads, then where wanted MLPs, the MLP after pooling, embedding. */
    @Override
    String written(boolean others) {
        UnitShape shape = UnitFrame.of(tower).shape();
        PooledUnits units = new PooledUnits(tower, shape);
        List<String> moments = moments(stream); // [b, t, 1]
        Map<String, Object> turn = Map.of("perm", new long[] {0, 2, 1});
        String inverses = graph.node("Transpose", List.of(moments.get(1)), turn);
        String reading = graph.node("Mul", attended, inverses); // [b, P, t]
        String inverse = graph.node("ReduceSum", List.of(reading, integers(-1)), Map.of("keepdims", 1)); // [b, P, 1]
        String mean = graph.node("MatMul", reading, moments.get(0)); // [b, P, 1]
        String means = flat(graph.node("Mul", mean, graph.weight("units.mean", units.meanShare())));
        String constant = graph.weight("units.constant", units.constant().unsqueeze(0));
        String fixed = graph.node("Sub", constant, means); // [b, d]
        double share = 1.0 / (2.0 * shape.layers() + 1);
        List<String> parts = new ArrayList<>();
        parts.add(heads(units, shape, reading, inverse, fixed, share / shape.heads()));
        if (others) {
            String spread = graph.weight("units.spread", units.spread());
            for (String m : mlps) {
                parts.add(other(m, reading, spread, fixed, share));
            }
            parts.add(pooled);
            parts.add(other(embedding, reading, spread, fixed, share));
        }
        return graph.node("Concat", parts, Map.of("axis", 1));
    }

    /** All heads' units side by side, [b, L·H·d]. */
    private String heads(
            PooledUnits units, UnitShape shape, String reading, String inverse, String fixed, double share) {
        long p = pool.heads();
        long d = config.width();
        List<String> layers = new ArrayList<>();
        for (int l = 0; l < shape.layers(); l++) {
            String gathered = graph.node("MatMul", reading, heads.get(l)); // [b, P, d]
            String four = graph.node("Reshape", gathered, integers(0, p, shape.heads(), shape.headWidth()));
            String byHead = graph.node("Transpose", List.of(four), Map.of("perm", new long[] {1, 2, 0, 3}));
            String values = graph.node("MatMul", byHead, graph.weight("units." + l, units.maps(l))); // [P, H, b, d/P]
            String back = graph.node("Transpose", List.of(values), Map.of("perm", new long[] {2, 1, 0, 3}));
            String own = graph.node("Mul", fixed, graph.number(share));
            Tensor bias = units.bias(l);
            if (bias != null) {
                String each = graph.node("Mul", inverse, graph.weight("units." + l + ".bias", bias));
                own = graph.node("Add", own, flat(each));
            }
            String unit = graph.node("Reshape", back, integers(0, shape.heads(), d));
            layers.add(graph.node("Add", unit, graph.node("Unsqueeze", own, integers(1)))); // [b, H, d]
        }
        return flat(out(graph.node("Concat", layers, Map.of("axis", 1)), share));
    }

    /** The unit of what was written d wide, [b, d]. */
    private String other(String written, String reading, String spread, String fixed, double share) {
        String gathered = graph.node("MatMul", reading, written); // [b, P, d]
        String values = flat(graph.node("MatMul", row(gathered), spread));
        return out(graph.node("Add", values, graph.node("Mul", fixed, graph.number(share))), share);
    }
}
