package io.residual.onnx;

import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A tower that is read at its class token. As in {@link io.residual.model.ClassTokenTower}, the last block serves it alone. */
final class ClassTokenGraph extends TowerGraph {
    private final List<String> heads = new ArrayList<>(); // L of [b, d]
    private final List<String> mlps = new ArrayList<>(); // L of [b, d]
    private final String embedding; // [b, d]
    private final List<String> moments; // of the stream: μ and 1/σ, [b, 1] each
    private final String output; // [b, D]

    ClassTokenGraph(OnnxGraph graph, ImageTower tower, String pixels, int rows, int columns) {
        super(graph, tower, rows, columns);
        String x = embed(pixels, rows, columns);
        this.embedding = classToken(x);
        int last = weights.blocks().size() - 1;
        for (int l = 0; l <= last; l++) {
            Block block = weights.blocks().get(l);
            String name = "blocks." + l;
            String z = attend(l, x, l == last);
            String rest = l == last ? slice(x, 0, 1, 1) : x;
            String between = graph.node("Add", rest, linear(name + ".out", block.out(), z));
            String m = mlp(name, block, between);
            heads.add(classToken(z));
            mlps.add(classToken(m));
            x = graph.node("Add", between, m);
        }
        String stream = classToken(x); // [b, d]
        this.moments = moments(stream);
        String normed = norm("post", weights.post(), stream);
        Linear projection = weights.projection();
        this.output = projection == null ? normed : linear("projection", projection, normed);
    }

    private String classToken(String x) {
        return graph.node("Squeeze", slice(x, 0, 1, 1), integers(1));
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
        return graph.node("Mul", graph.node("Concat", written, Map.of("axis", 1)), moments.get(1));
    }

    @Override
    List<String> statistics() {
        return List.of(moments.get(1), graph.node("Mul", moments.get(0), moments.get(1)));
    }
}
