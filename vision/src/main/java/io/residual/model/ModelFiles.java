package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.hub.Hub;
import io.residual.hub.HubName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Selects the files of a hub repository that form a model. */
public final class ModelFiles implements Hub.Choice {
    private static final String CONFIG = "config.json";
    private static final String OPEN_CLIP_CONFIG = "open_clip_config.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String PREPROCESSOR = "preprocessor_config.json";
    private static final List<String> OPTIONAL = List.of(
            PREPROCESSOR, "processor_config.json", TOKENIZER, "tokenizer_config.json", "special_tokens_map.json");

    /** The files that replace {@code tokenizer.json} in older uploads. */
    private static final List<String> WITHOUT_TOKENIZER = List.of("vocab.json", "merges.txt", "vocab.txt");

    private static final Set<String> WITHOUT_TEXT = Set.of("vit", "dinov2");

    /** The files of a folder, other than weights, that change what the model computes. */
    static List<Path> beside(Path folder) {
        return Stream.of(List.of(CONFIG, OPEN_CLIP_CONFIG), OPTIONAL, WITHOUT_TOKENIZER)
                .flatMap(List::stream)
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .toList();
    }

    /** Whether a file name belongs to a model's folder. */
    static boolean isOne(String name) {
        return Stream.of(List.of(CONFIG, OPEN_CLIP_CONFIG), OPTIONAL, WITHOUT_TOKENIZER)
                        .anyMatch(names -> names.contains(name))
                || (name.matches(Checkpoint.SHARD)
                        && (name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json")));
    }

    @Override
    public List<String> wanted(List<String> files) {
        List<String> weights = files.contains(OPEN_CLIP_CONFIG) ? weights(files, OpenClip.WEIGHTS) : List.of();
        String config = OPEN_CLIP_CONFIG;
        if (weights.isEmpty()) {
            weights = files.contains(CONFIG) ? weights(files, HuggingFaceClip.WEIGHTS) : List.of();
            config = CONFIG;
        }
        if (weights.isEmpty()) {
            return List.of();
        }
        List<String> wanted = new ArrayList<>(List.of(config));
        OPTIONAL.stream().filter(files::contains).forEach(wanted::add);
        if (!files.contains(TOKENIZER)) {
            WITHOUT_TOKENIZER.stream().filter(files::contains).forEach(wanted::add);
        }
        wanted.addAll(weights); // last: a wrong configuration should fail before gigabytes were fetched
        return wanted;
    }

    /** The whole file, or the index and all shards; empty if there is neither. */
    private static List<String> weights(List<String> files, String whole) {
        if (files.contains(whole)) {
            return List.of(whole);
        }
        String index = whole + ".index.json";
        if (!files.contains(index)) {
            return List.of();
        }
        String stem = whole.replace(".safetensors", "");
        List<String> all = new ArrayList<>(List.of(index));
        files.stream()
                .filter(f -> f.matches(stem + "-\\d+-of-\\d+\\.safetensors"))
                .sorted()
                .forEach(all::add);
        return all;
    }

    @Override
    public InputException unusable(HubName name, List<String> files) {
        return InputException.at(
                "the model '" + name + "'",
                "no safetensors weights among its " + files.size() + " files",
                "model.safetensors or open_clip_model.safetensors",
                "Python pickles (.bin, .pt) can run code when read and are refused. Save the model with"
                        + " safe_serialization=True, or name a revision that has safetensors as NAME@REVISION");
    }

    @Override
    public List<String> optional() {
        return OPTIONAL;
    }

    @Override
    public boolean isComplete(Path snapshot, Predicate<String> absent) {
        if (Files.exists(snapshot.resolve(OPEN_CLIP_CONFIG)) && hasWeights(snapshot, OpenClip.WEIGHTS)) {
            return has(snapshot, TOKENIZER, absent);
        }
        Path config = snapshot.resolve(CONFIG);
        if (!Files.exists(config) || !hasWeights(snapshot, HuggingFaceClip.WEIGHTS)) {
            return false;
        }
        boolean text = !WITHOUT_TEXT.contains(ModelFolder.text(ModelFolder.json(config), "model_type", ""));
        return has(snapshot, PREPROCESSOR, absent)
                && (!text || (has(snapshot, TOKENIZER, absent) && has(snapshot, "tokenizer_config.json", absent)));
    }

    private static boolean has(Path snapshot, String file, Predicate<String> absent) {
        return Files.exists(snapshot.resolve(file)) || absent.test(file);
    }

    private static boolean hasWeights(Path snapshot, String whole) {
        if (Files.exists(snapshot.resolve(whole))) {
            return true;
        }
        Path index = snapshot.resolve(whole + ".index.json");
        if (!Files.exists(index)) {
            return false;
        }
        for (JsonNode shard : ModelFolder.json(index).path("weight_map")) {
            if (!shard.asText().matches(Checkpoint.SHARD) || !Files.exists(snapshot.resolve(shard.asText()))) {
                return false;
            }
        }
        return true;
    }
}
