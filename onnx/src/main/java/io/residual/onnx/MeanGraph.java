package io.residual.onnx;

import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A tower that is read at the mean of its patches, as {@link io.residual.model.PooledTower} computes it. */
final class MeanGraph extends TowerGraph {
    private final List<String> heads = new ArrayList<>(); // L of [b, patches, d]
    private final List<String> mlps = new ArrayList<>(); // L of [b, patches, d]
    private final String embedding; // [b, patches, d]
    private final String mean; // μ of every patch's stream, [b, patches, 1]
    private final String inverse; // 1/σ, [b, patches, 1]
    private final String output; // [b, D]

    MeanGraph(OnnxGraph graph, ImageTower tower, String pixels, int rows, int columns) {
        super(graph, tower, rows, columns);
        String x = embed(pixels, rows, columns);
        long leading = weights.embedding().leading();
        long end = leading + (long) rows * columns;
        this.embedding = slice(x, leading, end, 1);
        for (int l = 0; l < weights.blocks().size(); l++) {
            Block block = weights.blocks().get(l);
            String name = "blocks." + l;
            String z = attend(l, x, false);
            String between = graph.node("Add", x, linear(name + ".out", block.out(), z));
            String m = mlp(name, block, between);
            heads.add(slice(z, leading, end, 1));
            mlps.add(slice(m, leading, end, 1));
            x = graph.node("Add", between, m);
        }
        String stream = slice(x, leading, end, 1);
        List<String> moments = moments(stream);
        this.mean = moments.get(0);
        this.inverse = moments.get(1);
        String tokens = meanOf(norm("post", weights.post(), stream));
        Linear projection = weights.projection();
        this.output = projection == null ? tokens : linear("projection", projection, tokens);
    }

    /** The mean over patches: [b, patches, w] to [b, w]. */
    private String meanOf(String x) {
        return graph.node("ReduceMean", List.of(x), Map.of("axes", new long[] {1}, "keepdims", 0));
    }

    @Override
    String output() {
        return output;
    }

    @Override
    String written(boolean others) {
        List<String> written = new ArrayList<>(heads);
        if (others) {
            written.addAll(mlps);
            written.add(embedding);
        }
        return meanOf(graph.node("Mul", graph.node("Concat", written, Map.of("axis", 2)), inverse));
    }

    @Override
    List<String> statistics() {
        return List.of(meanOf(inverse), meanOf(graph.node("Mul", mean, inverse)));
    }
}
