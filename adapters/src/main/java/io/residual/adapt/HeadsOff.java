package io.residual.adapt;

import io.residual.model.HeldHead;
import io.residual.model.ImageTextModel;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Heads that are switched off, damped or put at their mean inside the forward pass, so that later layers are computed anew from what
 * is left. It changes the model that reads images ({@link #on}), and nothing of embeddings that are finished: its blocks are those of
 * that model.
 *
 * @param heads one or more, none twice, all with a constant of one length or none
 */
public record HeadsOff(List<HeldHead> heads) implements Adapter {
    public HeadsOff {
        heads = List.copyOf(heads);
    }

    /**
     * {@code heads} [U, 2], layer and head; {@code factors} [U]; {@code added} [U, t·h], where heads are put at their mean.
     */
    static HeadsOff read(AdapterSource from) {
        UnitShape shape = from.frame().shape();
        int n = from.rows("heads");
        int[] places = from.ints("heads", Math.max(shape.layers(), shape.heads()), n, 2);
        float[] factors = from.floats("factors", n);
        int size = from.has("added") ? from.columns("added") : 0;
        if (size % shape.headWidth() != 0) {
            throw from.wrong("added", size + " numbers a head", "a multiple of the head width " + shape.headWidth());
        }
        float[] added = size == 0 ? new float[0] : from.floats("added", n, size);
        List<HeldHead> heads = new ArrayList<>();
        Set<UnitId> known = new HashSet<>();
        for (int i = 0; i < n; i++) {
            UnitId unit = new UnitId(UnitId.Kind.HEAD, places[2 * i], places[2 * i + 1]);
            if (unit.layer() >= shape.layers() || unit.head() >= shape.heads() || !known.add(unit)) {
                throw from.wrong("heads", unit.toString(), "heads of the model, none twice");
            }
            heads.add(new HeldHead(
                    unit.layer(), unit.head(), factors[i], Arrays.copyOfRange(added, i * size, (i + 1) * size)));
        }
        return new HeadsOff(heads);
    }

    @Override
    public void store(StoredAdapter to) {
        int n = heads.size();
        long[] places = new long[2 * n];
        float[] factors = new float[n];
        int size = n == 0 ? 0 : heads.get(0).constant().length;
        float[] added = new float[n * size];
        for (int i = 0; i < n; i++) {
            HeldHead head = heads.get(i);
            places[2 * i] = head.layer();
            places[2 * i + 1] = head.head();
            factors[i] = head.factor();
            System.arraycopy(head.constant(), 0, added, i * size, size);
        }
        to.add("heads", places, n, 2).add("factors", factors, n);
        if (size > 0) {
            to.add("added", added, n, size);
        }
    }

    /** The heads' names, in the order in which they were chosen. */
    public List<String> names() {
        return heads.stream()
                .map(head -> new UnitId(UnitId.Kind.HEAD, head.layer(), head.head()).toString())
                .toList();
    }

    /** What the adapter does, in words. */
    public String inWords() {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < heads.size(); i++) {
            HeldHead head = heads.get(i);
            String what = head.adds() ? "at its mean" : head.factor() == 0 ? "off" : "times " + head.factor();
            words.append(i == 0 ? "" : ", ").append(names().get(i)).append(' ').append(what);
        }
        return words.toString();
    }

    @Override
    public ImageTextModel on(ImageTextModel model) {
        return model.image().held().equals(heads) ? model : model.holding(heads);
    }

    @Override
    public Method method() {
        return Method.HEADS_OFF;
    }

    /** None is learned; the choice of heads is what was found. */
    @Override
    public int parameters() {
        return 0;
    }

    /** The block's own embeddings: it was traced by the model with the heads off. */
    @Override
    public Tensor features(TraceBlock block) {
        return block.outputs();
    }
}
