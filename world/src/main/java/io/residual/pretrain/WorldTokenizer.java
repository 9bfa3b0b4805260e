package io.residual.pretrain;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.model.TokenIds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The word-level tokenizer of the embedded models: one id a word, an id for words it does not know, begin and end.
 * The end has the highest id, so that both conventions of finding it agree.
 */
final class WorldTokenizer {
    static final String UNKNOWN = "<|unknown|>";
    static final String BEGIN = "<|startoftext|>";
    static final String END = "<|endoftext|>";

    private final List<String> words;
    private final Map<String, Integer> ids = new HashMap<>();
    private final int context;

    WorldTokenizer(List<String> words, int context) {
        this.words = List.copyOf(words);
        this.context = context;
        for (int i = 0; i < words.size(); i++) {
            ids.put(words.get(i), i);
        }
    }

    int unknown() {
        return words.size();
    }

    int begin() {
        return words.size() + 1;
    }

    int end() {
        return words.size() + 2;
    }

    /** Words and special tokens. */
    int size() {
        return words.size() + 3;
    }

    int context() {
        return context;
    }

    /** Token ids of captions, padded with the end token. */
    TokenIds encode(List<String> captions) {
        long[] all = new long[captions.size() * context];
        int[] lengths = new int[captions.size()];
        Arrays.fill(all, end());
        for (int i = 0; i < lengths.length; i++) {
            String[] split = captions.get(i).split(" ");
            int count = Math.min(split.length, context - 2);
            all[i * context] = begin();
            for (int j = 0; j < count; j++) {
                all[i * context + 1 + j] = ids.getOrDefault(split[j], unknown());
            }
            lengths[i] = count + 2;
        }
        return new TokenIds(all, lengths, context);
    }

    /** The same tokenizer in the form that Hugging Face's library reads. */
    ObjectNode json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        special(added, unknown(), UNKNOWN);
        special(added, begin(), BEGIN);
        special(added, end(), END);
        root.putObject("normalizer").put("type", "Lowercase");
        root.putObject("pre_tokenizer").put("type", "Whitespace");
        ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
        sequence(template.putArray("single"), "A");
        sequence(sequence(template.putArray("pair"), "A"), "B");
        ObjectNode specials = template.putObject("special_tokens");
        for (String token : List.of(BEGIN, END)) {
            ObjectNode entry = specials.putObject(token).put("id", token);
            entry.putArray("ids").add(token.equals(BEGIN) ? begin() : end());
            entry.putArray("tokens").add(token);
        }
        root.putNull("decoder");
        ObjectNode model = root.putObject("model").put("type", "WordLevel");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int i = 0; i < words.size(); i++) {
            vocabulary.put(words.get(i), i);
        }
        vocabulary.put(UNKNOWN, unknown()).put(BEGIN, begin()).put(END, end());
        model.put("unk_token", UNKNOWN);
        return root;
    }

    /** What transformers needs beside it. */
    ObjectNode config() {
        return new ObjectMapper()
                .createObjectNode()
                .put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("bos_token", BEGIN)
                .put("eos_token", END)
                .put("pad_token", END)
                .put("unk_token", UNKNOWN)
                .put("model_max_length", context);
    }

    private static void special(ArrayNode added, int id, String content) {
        added.addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private static ArrayNode sequence(ArrayNode template, String which) {
        template.addObject().putObject("SpecialToken").put("id", BEGIN).put("type_id", 0);
        template.addObject().putObject("Sequence").put("id", which).put("type_id", 0);
        template.addObject().putObject("SpecialToken").put("id", END).put("type_id", 0);
        return template;
    }
}
