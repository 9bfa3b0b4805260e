package io.residual.model;

import java.util.ArrayList;
import java.util.List;

/** Alternative names of tensors: names that transformers has changed over the years, and TensorFlow's. */
final class FormerNames {
    /** Parts of a name with what stands for them since transformers 5. */
    private static final List<String[]> SINCE_5 = List.of(
            new String[] {"encoder.layer.", "layers."},
            new String[] {"attention.attention.query", "attention.q_proj"},
            new String[] {"attention.attention.key", "attention.k_proj"},
            new String[] {"attention.attention.value", "attention.v_proj"},
            new String[] {"attention.output.dense", "attention.o_proj"},
            new String[] {"intermediate.dense", "mlp.fc1"},
            new String[] {".output.dense", ".mlp.fc2"});

    private FormerNames() {}

    /** All names under which a tensor may be stored, the current one first. */
    static List<String> of(String name) {
        List<String> names = new ArrayList<>();
        names.add(name);
        String since5 = name;
        for (String[] change : SINCE_5) {
            since5 = since5.replace(change[0], change[1]);
        }
        names.add(since5);
        names.add(name.replace("pre_layrnorm", "pre_layernorm")); // the misspelling is transformers' own
        names.add("text." + name); // open_clip's custom_text
        names.add("model." + name); // DINOv3's layers since transformers 5
        // LayerNorms of checkpoints converted from TensorFlow call their weight gamma and their bias beta.
        names.add(name.replaceFirst("\\.weight$", ".gamma").replaceFirst("\\.bias$", ".beta"));
        return names;
    }
}
