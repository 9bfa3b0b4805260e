package io.residual.predict;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.TextHead;
import io.residual.base.InputException;
import io.residual.predict.Explanation.ComponentShare;
import io.residual.predict.Explanation.Constant;
import io.residual.predict.Explanation.UnitShare;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.where.TokenMap;
import io.residual.where.TokenTrace;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Takes logits apart. 64-bit throughout, so that what is left over is the trace's own rounding. */
public final class Explainer {
    private final UnitFrame frame;
    private final Adapter adapter;
    private final Classifier classifier;

    public Explainer(UnitFrame frame, Adapter adapter, Classifier classifier) {
        this.frame = frame;
        this.adapter = adapter;
        this.classifier = classifier;
    }

    /** Explains the decision on image {@code i} of a block. */
    public Explanation explain(TraceBlock block, int i) {
        TraceBlock one = block.slice(i, i + 1);
        List<UnitId> ids = frame.shape().ids();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor t = classifier.matrix().to(ScalarType.Double); // [D, C]
            List<Tensor> rows = new ArrayList<>();
            ids.forEach(id -> rows.add(one.unit(frame, id).to(ScalarType.Double)));
            Tensor units = Ops.cat(rows, 0); // [r, D]
            Tensor y = one.outputs().to(ScalarType.Double); // [1, D]
            Tensor before = shares(units, y, t); // [r, C]
            double[] logitsBefore = Tensors.doubles(Ops.normalise(y).matmul(t));
            double[] logitsAfter = Tensors.doubles(adapter.logits(one, classifier));

            ChangedUnits changed = ChangedUnits.by(adapter, units, ids, false);
            Tensor adapted = changed.units(); // [r, D]
            Tensor sum = Ops.sum(adapted, 0).add(changed.constant()).unsqueeze(0); // ŷ [1, D]
            TextHead head = adapter.head();
            Tensor asked = head == null ? t : t.add(head.matrix().to(ScalarType.Double)); // what the logits ask of ŷ
            Tensor after = shares(adapted, sum, asked);
            String where = one.names().get(0) + ", with " + adapter.method().label();
            Finite.requireDirections(one.outputs(), k -> where, Finite.SELF_CHECK);
            Finite.requireDirections(sum.to(ScalarType.Float), k -> where, Finite.SELF_CHECK);
            Finite.require(logitsBefore, where, Finite.SELF_CHECK);
            Finite.require(logitsAfter, where, Finite.SELF_CHECK);
            List<ComponentShare> components = new ArrayList<>();
            for (ChangedUnits.Along along : changed.components()) {
                components.addAll(along.shares(y, t, sum, asked));
            }
            List<Constant> constants = new ArrayList<>();
            double[] constant = Tensors.doubles(shares(changed.constant().unsqueeze(0), sum, asked));
            if (Ops.maxAbs(changed.constant()) > 0) {
                constants.add(new Constant("what the adapter adds to every embedding", constant));
            }
            if (head != null) {
                double[] bias = new double[head.bias().length];
                Arrays.setAll(bias, c -> head.bias()[c]);
                constants.add(new Constant(adapter.method().label() + ", bias of the class", bias));
            } else if (!adapter.method().changesEmbeddings()) {
                // A probe or a memory has a say of its own beside the embedding.
                double[] own = new double[logitsAfter.length];
                for (int c = 0; c < own.length; c++) {
                    own[c] = logitsAfter[c] - logitsBefore[c];
                }
                constants.add(new Constant(adapter.method().label() + ", against the prompts", own));
            }
            List<UnitShare> each = new ArrayList<>();
            double[][] b = ChangedUnits.matrix(before);
            double[][] a = ChangedUnits.matrix(after);
            for (int u = 0; u < ids.size(); u++) {
                each.add(new UnitShare(ids.get(u), b[u], a[u]));
            }
            double error = Math.max(
                    difference(
                            logitsBefore, each.stream().map(UnitShare::before).toList(), List.of()),
                    difference(
                            logitsAfter,
                            each.stream().map(UnitShare::after).toList(),
                            constants.stream().map(Constant::after).toList()));
            return new Explanation(
                    one.names().get(0),
                    classifier.classes(),
                    logitsBefore,
                    logitsAfter,
                    each,
                    components,
                    constants,
                    error);
        }
    }

    /**
     * Where in image {@code i} of a block the difference of two classes' logits comes from.
     *
     * @param tokens of the same images
     */
    public LogitMap map(TraceBlock block, TokenTrace tokens, int i, int about, int against) {
        return maps(block, tokens, List.of(new Contrasted(i, about, against))).get(0);
    }

    /** The logit of class {@code about} less that of {@code against}, of image {@code image} of a block. */
    public record Contrasted(int image, int about, int against) {}

    /**
     * The same of several images; the tower's weights are read once for all.
     *
     * @param tokens of the same images as the block
     */
    public List<LogitMap> maps(TraceBlock block, TokenTrace tokens, List<Contrasted> questions) {
        try (NativeScope scope = NativeScope.inference()) {
            return of(
                    block, tokens, questions.stream().map(q -> asked(block, q)).toList());
        }
    }

    private Asked asked(TraceBlock block, Contrasted question) {
        int i = question.image;
        int about = question.about;
        int against = question.against;
        String what = "logit of '" + classifier.classes().get(about) + "' less that of '"
                + classifier.classes().get(against) + "'";
        Tensor t = classifier.matrix().to(ScalarType.Double);
        Tensor g = t.select(1, about).sub(t.select(1, against)); // [D]
        Tensor after = g;
        double constant = 0;
        TextHead head = adapter.head();
        if (adapter instanceof Adapter.Probe probe) { // it tells classes apart by directions of its own
            int classes = probe.bias().length;
            Tensor w = Tensors.of(probe.weight(), (long) probe.weight().length / classes, classes)
                    .to(ScalarType.Double);
            after = Ops.scale(w.select(1, about).sub(w.select(1, against)), Adapter.Probe.SCALE);
            constant = (double) probe.bias()[about] - probe.bias()[against];
        } else if (head != null) { // directions beside those of the prompts
            Tensor w = head.matrix().to(ScalarType.Double);
            after = g.add(w.select(1, about)).sub(w.select(1, against));
            constant = (double) head.bias()[about] - head.bias()[against];
        } else if (!adapter.method().changesEmbeddings()) {
            double[] with = Tensors.doubles(adapter.logits(block.slice(i, i + 1), classifier));
            double[] without =
                    Tensors.doubles(classifier.logits(block.slice(i, i + 1).outputs()));
            constant = with[about] - with[against] - (without[about] - without[against]);
        }
        return new Asked(i, what, g, after, constant);
    }

    /**
     * Where in image {@code i} of a block a text is found: the parts of the scaled cosine of the embedding with a direction, such
     * as a text's embedding or the difference of two.
     *
     * @param what the direction is
     * @param direction [D], times the model's logit scale
     */
    public LogitMap map(TraceBlock block, TokenTrace tokens, int i, String what, double[] direction) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor g = Tensors.of(direction, direction.length);
            return of(block, tokens, List.of(new Asked(i, what, g, g, 0))).get(0);
        }
    }

    /** The same of a text. */
    public LogitMap map(TraceBlock block, TokenTrace tokens, int i, TextLogit text) {
        return map(block, tokens, i, text.what(), text.direction());
    }

    /**
     * Where in image {@code i} of a block one component's share of the difference of two classes' logits comes from.
     *
     * @throws InputException if the adapter has no such component
     */
    public LogitMap map(
            TraceBlock block, TokenTrace tokens, int i, int about, int against, UnitId unit, int component) {
        ComponentDesign.Part part = ComponentDesign.part(adapter, unit, component);
        if (part == null) {
            throw InputException.at(
                    "the component", unit + " #" + component, "one that the adapter weighs", "Name another");
        }
        try (NativeScope scope = NativeScope.inference()) {
            int d = part.mean().length;
            Tensor phi = Tensors.ofRange(part.components(), component * d, 1, d).to(ScalarType.Double);
            Tensor t = classifier.matrix().to(ScalarType.Double);
            Tensor asked =
                    phi.matmul(t.select(1, about).sub(t.select(1, against)).unsqueeze(1)); // φ · (t_a − t_b)
            TraceBlock one = block.slice(i, i + 1);
            double share = asked.item_double();
            ComponentShare lambda = explain(block, i).components().stream()
                    .filter(k -> k.unit().equals(unit) && k.component() == component)
                    .findFirst()
                    .orElseThrow();
            double before = share / one.outputs().norm().item_double();
            TextHead head = adapter.head();
            double shareAfter = share;
            if (head != null) {
                Tensor w = head.matrix().to(ScalarType.Double);
                shareAfter += phi.matmul(
                                w.select(1, about).sub(w.select(1, against)).unsqueeze(1))
                        .item_double();
            }
            double after = shareAfter * lambda.lambda() / adapted(one).norm().item_double();
            double[] mean = {0};
            for (int j = 0; j < d; j++) {
                mean[0] += (double) part.components()[component * d + j] * part.mean()[j];
            }
            double[] direction = new double[tokens.shape().units() * d];
            double[] row = Tensors.doubles(phi);
            System.arraycopy(row, 0, direction, tokens.shape().index(unit) * d, d);
            TokenMap along = tokens.along(i, direction);
            String what = unit + " #" + component + " in the logit of '"
                    + classifier.classes().get(about) + "' less that of '"
                    + classifier.classes().get(against) + "'";
            return new LogitMap(
                    block.names().get(i),
                    what,
                    along.times(before),
                    along.times(after),
                    -mean[0] * before,
                    -mean[0] * after,
                    Math.max(
                            Math.abs((along.total() - mean[0]) * before
                                    - (lambda.before()[about] - lambda.before()[against])),
                            Math.abs((along.total() - mean[0]) * after
                                    - (lambda.after()[about] - lambda.after()[against]))));
        }
    }

    /**
     * What is asked of an embedding.
     *
     * @param image of a block
     * @param what it is
     * @param before [D], of the model's own, over its length
     * @param after [D], of the adapted one
     * @param constant added to what is asked of the adapted one
     */
    private record Asked(int image, String what, Tensor before, Tensor after, double constant) {}

    /** A map but for its parts: the directions of its units, and what its parts should sum to. */
    private record Wanted(
            Asked asked, double[] before, double[] after, double constant, double sumBefore, double sumAfter) {}

    private List<LogitMap> of(TraceBlock block, TokenTrace tokens, List<Asked> all) {
        List<Wanted> wanted =
                all.stream().map(asked -> wanted(block, tokens, asked)).toList();
        List<TokenMap> found = tokens.along(wanted.stream()
                .flatMap(w -> Stream.of(
                        new TokenTrace.Asked(w.asked.image, w.before), new TokenTrace.Asked(w.asked.image, w.after)))
                .toList());
        List<LogitMap> maps = new ArrayList<>();
        for (int k = 0; k < wanted.size(); k++) {
            Wanted w = wanted.get(k);
            TokenMap before = found.get(2 * k);
            TokenMap after = found.get(2 * k + 1);
            maps.add(new LogitMap(
                    block.names().get(w.asked.image),
                    w.asked.what,
                    before,
                    after,
                    0,
                    w.constant,
                    Math.max(
                            Math.abs(before.total() - w.sumBefore),
                            Math.abs(after.total() + w.constant - w.sumAfter))));
        }
        return maps;
    }

    private Wanted wanted(TraceBlock block, TokenTrace tokens, Asked asked) {
        TraceBlock one = block.slice(asked.image, asked.image + 1);
        Tensor y = one.outputs().to(ScalarType.Double); // [1, D]
        Tensor now = adapted(one);
        double length = now.norm().item_double();
        Tensor g = Ops.scale(asked.before, 1 / y.norm().item_double());
        Tensor a = Ops.scale(asked.after, 1 / length);
        long units = tokens.shape().units();
        // What an adapter makes of a unit is linear but for a constant, and its matrix symmetric but for the Linear
        // Aligner's.
        List<UnitId> ids = frame.shape().ids();
        ChangedUnits at =
                ChangedUnits.by(adapter, a.unsqueeze(0).expand(units, a.size(0)).contiguous(), ids, true);
        ChangedUnits nothing =
                ChangedUnits.by(adapter, torch.zeros(units, a.size(0)).to(ScalarType.Double), ids, true);
        double constant = Tensors.doubles(Ops.sum(nothing.units(), 0)
                        .add(nothing.constant())
                        .unsqueeze(0)
                        .matmul(a.unsqueeze(1)))[0]
                + asked.constant;
        return new Wanted(
                asked,
                tokens.repeated(Tensors.doubles(g)),
                Tensors.doubles(at.units().sub(nothing.units())),
                constant,
                y.squeeze(0).dot(g).item_double(),
                now.squeeze(0).dot(a).item_double() + asked.constant);
    }

    /** The adapted embedding of one image, ŷ [1, D]. */
    private Tensor adapted(TraceBlock one) {
        return adapter.features(one).to(ScalarType.Double);
    }

    /** x · t over the length of the whole. {@code x} [r, D], {@code whole} [1, D]; gives [r, C]. */
    static Tensor shares(Tensor x, Tensor whole, Tensor t) {
        return x.matmul(t).div(whole.norm());
    }

    private static double difference(double[] logits, List<double[]> shares, List<double[]> more) {
        double largest = 0;
        for (int c = 0; c < logits.length; c++) {
            int column = c;
            double sum = shares.stream().mapToDouble(s -> s[column]).sum()
                    + more.stream().mapToDouble(s -> s[column]).sum();
            largest = Math.max(largest, Math.abs(sum - logits[c]));
        }
        return largest;
    }
}
