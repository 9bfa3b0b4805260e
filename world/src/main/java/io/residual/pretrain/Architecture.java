package io.residual.pretrain;

import io.residual.base.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The architecture of a pre-trained model, and the layout of its files. */
public enum Architecture {
    /** CLIP as transformers saves it: GELU, read at the end token. */
    CLIP,
    /** CLIP as open_clip publishes it: QuickGELU, read at the highest id. */
    OPEN_CLIP,
    /** BLIP's contrastive part: no LayerNorm before the blocks, biased patches and projections, bidirectional text. */
    BLIP;

    /** The name on the command line, such as {@code open-clip}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The architecture of a name. */
    public static Architecture named(String id) {
        List<String> known = Arrays.stream(values()).map(Architecture::id).toList();
        int at = known.indexOf(id.toLowerCase(Locale.ROOT));
        if (at < 0) {
            throw InputException.at("the architecture", "'" + id + "'", "one of " + known, "Correct the name");
        }
        return values()[at];
    }
}
