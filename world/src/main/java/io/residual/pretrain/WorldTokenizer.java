package io.residual.pretrain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.model.TokenIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokenizer of the embedded models: WordPiece, with the world's words whole and everything else spelt in letters and
 * digits, so that words it was never taught still differ from one another. The end has the highest id, so that both
 * conventions of finding it agree.
 */
final class WorldTokenizer {
    static final String UNKNOWN = "<|unknown|>";
    static final String BEGIN = "<|startoftext|>";
    static final String END = "<|endoftext|>";

    private static final String CONTINUED = "##";
    private static final int LONGEST_WORD = 32;
    private static final Pattern WORDS = Pattern.compile("\\w+|[^\\w\\s]+", Pattern.UNICODE_CHARACTER_CLASS);

    private final List<String> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final int context;

    WorldTokenizer(List<String> words, int context) {
        TreeSet<String> all = new TreeSet<>(words);
        for (char c : "abcdefghijklmnopqrstuvwxyz0123456789".toCharArray()) {
            all.add(String.valueOf(c));
            all.add(CONTINUED + c);
        }
        this.pieces = List.copyOf(all);
        this.context = context;
        for (int i = 0; i < pieces.size(); i++) {
            ids.put(pieces.get(i), i);
        }
    }

    int unknown() {
        return pieces.size();
    }

    int begin() {
        return pieces.size() + 1;
    }

    int end() {
        return pieces.size() + 2;
    }

    /** Pieces and special tokens. */
    int size() {
        return pieces.size() + 3;
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
            List<Integer> tokens = tokens(captions.get(i));
            int count = Math.min(tokens.size(), context - 2);
            all[i * context] = begin();
            for (int j = 0; j < count; j++) {
                all[i * context + 1 + j] = tokens.get(j);
            }
            lengths[i] = count + 2;
        }
        return new TokenIds(all, lengths, context);
    }

    private List<Integer> tokens(String caption) {
        List<Integer> tokens = new ArrayList<>();
        Matcher words = WORDS.matcher(caption.toLowerCase(Locale.ROOT));
        while (words.find()) {
            spell(words.group(), tokens);
        }
        return tokens;
    }

    /** The longest known piece, again and again; a word with a part that no piece fits is unknown as a whole. */
    private void spell(String word, List<Integer> tokens) {
        List<Integer> spelt = new ArrayList<>();
        int from = 0;
        while (from < word.length() && word.length() <= LONGEST_WORD) {
            int to = word.length();
            Integer id = null;
            while (to > from && id == null) {
                id = ids.get((from == 0 ? "" : CONTINUED) + word.substring(from, to));
                to -= id == null ? 1 : 0;
            }
            if (id == null) {
                break;
            }
            spelt.add(id);
            from = to;
        }
        tokens.addAll(from == word.length() ? spelt : List.of(unknown()));
    }

    /** The same tokenizer in the form that Hugging Face's library reads. */
    ObjectNode json() {
        ObjectNode root = Json.object();
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
        ObjectNode model = root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", UNKNOWN)
                .put("continuing_subword_prefix", CONTINUED)
                .put("max_input_chars_per_word", LONGEST_WORD);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int i = 0; i < pieces.size(); i++) {
            vocabulary.put(pieces.get(i), i);
        }
        vocabulary.put(UNKNOWN, unknown()).put(BEGIN, begin()).put(END, end());
        return root;
    }

    /** What transformers needs beside it. */
    ObjectNode config() {
        return Json.object()
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
