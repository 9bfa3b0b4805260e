package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Recognises configurations that contradict what is known of the weights. OpenAI trained CLIP with QuickGELU; a
 * checkpoint of theirs run with plain GELU, or one of LAION's run with QuickGELU, loses accuracy and says nothing.
 */
final class Guards {
    /** Parts of repositories' names whose weights were trained with QuickGELU. */
    private static final List<String> QUICK = List.of("openai", "quickgelu", "metaclip", "dfn2b", "dfn5b");

    /** Parts of repositories' names whose weights were trained with plain GELU, unless they say quickgelu. */
    private static final List<String> PLAIN = List.of("laion", "datacomp", "commonpool");

    private Guards() {}

    /** Warnings on a CLIP in Hugging Face's layout. */
    static List<String> activations(Path folder, JsonNode config, Activation image, Activation text) {
        List<String> warnings = new ArrayList<>(
                against(folder, config.path("_name_or_path").asText(""), image, "'hidden_act' in config.json"));
        if (image != text) {
            warnings.add(folder + ": the image tower uses " + name(image) + " and the text tower " + name(text)
                    + "; all published CLIP models use the same in both. Check 'hidden_act' in config.json");
        }
        return warnings;
    }

    /** Warnings on a CLIP in OpenCLIP's layout. */
    static List<String> openClip(Path folder, Activation activation) {
        return against(folder, "", activation, "'quick_gelu' in open_clip_config.json");
    }

    /** Warnings on a SigLIP, all of which were trained with the tanh form of GELU and a negative bias. */
    static List<String> siglip(Path folder, Activation image, Activation text, double scale, double bias) {
        List<String> warnings = new ArrayList<>();
        if (image != Activation.TANH_GELU || text != Activation.TANH_GELU) {
            warnings.add(folder + ": SigLIP was trained with gelu_pytorch_tanh, but the configuration means "
                    + image.configName() + " for images and " + text.configName()
                    + " for texts, which costs accuracy. Check 'hidden_act' in config.json");
        }
        if (bias >= 0 || scale <= 1) {
            warnings.add(folder + ": the sigmoid's scale is " + scale + " and its bias " + bias
                    + ", where trained models have a scale far above 1 and a bias far below 0, so probabilities of single"
                    + " texts mean nothing. Check 'logit_scale' and 'logit_bias' in the checkpoint");
        }
        return warnings;
    }

    private static List<String> against(Path folder, String alias, Activation activation, String where) {
        String names = (alias + " " + lastNames(folder)).toLowerCase(Locale.ROOT);
        boolean clip = names.contains("clip");
        boolean quick = QUICK.stream().anyMatch(names::contains);
        boolean plain = !quick && PLAIN.stream().anyMatch(names::contains);
        if (clip && quick && activation == Activation.GELU) {
            return List.of(warning(folder, "QuickGELU", activation, where));
        }
        if (clip && plain && activation == Activation.QUICK_GELU) {
            return List.of(warning(folder, "plain GELU", activation, where));
        }
        return List.of();
    }

    private static String warning(Path folder, String trained, Activation activation, String where) {
        return folder + ": weights of this name were trained with " + trained + ", but the configuration means "
                + name(activation) + ", which costs accuracy. Check " + where;
    }

    private static String name(Activation activation) {
        return switch (activation) {
            case GELU -> "plain GELU";
            case QUICK_GELU -> "QuickGELU";
            case TANH_GELU, SILU -> activation.configName();
        };
    }

    /** The folder's name and, since the hub's cache has the repository three levels up, those of its parents. */
    private static String lastNames(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        int count = absolute.getNameCount();
        return count == 0 ? "" : absolute.subpath(Math.max(0, count - 3), count).toString();
    }
}
