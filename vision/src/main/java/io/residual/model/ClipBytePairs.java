package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Byte pairs as open_clip's {@code SimpleTokenizer} makes them of a cleaned text. Cutting into words differs from transformers':
 * the special tokens are called otherwise, letter case does not matter, and nothing is composed anew. Immutable.
 */
final class ClipBytePairs {
    private static final String END_OF_WORD = "</w>";
    private static final String BEGIN = "<start_of_text>";
    private static final String END = "<end_of_text>";

    /** What is cut off as a whole, in the order in which it is tried; in any case. */
    private static final List<String> WHOLE = List.of(BEGIN, END, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d");

    private static final CodePointSet LETTER = TextTables.TABLES.set("letter");
    private static final CodePointSet NUMBER = TextTables.TABLES.set("number");
    private static final CodePointSet SKIPPED = TextTables.TABLES.set("skipped");
    private static final String[] BYTES = bytes();

    private record Pair(String first, String second) {}

    private final Map<String, Long> vocabulary = new HashMap<>();
    private final Map<Pair, Integer> ranks = new HashMap<>();
    private final Path folder;
    private final long begin;
    private final long end;

    private ClipBytePairs(Path folder, JsonNode tokenizer) {
        JsonNode model = tokenizer.path("model");
        this.folder = folder;
        model.path("vocab")
                .properties()
                .forEach(e -> vocabulary.put(e.getKey(), e.getValue().longValue()));
        for (JsonNode merge : model.path("merges")) {
            String[] pair = merge.isArray()
                    ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
                    : merge.asText().split(" ");
            if (pair.length != 2) {
                throw broken("the merge " + ModelFolder.shown(merge), "two pieces");
            }
            ranks.putIfAbsent(new Pair(pair[0], pair[1]), ranks.size());
        }
        this.begin = special(tokenizer, BEGIN, "<|startoftext|>");
        this.end = special(tokenizer, END, "<|endoftext|>");
    }

    /** For a tokenizer of CLIP's kind, null for any other. */
    static @Nullable ClipBytePairs of(Path folder, JsonNode tokenizer) {
        JsonNode model = tokenizer.path("model");
        boolean clip = model.path("type").asText().equals("BPE")
                && model.path("end_of_word_suffix").asText().equals(END_OF_WORD);
        return clip ? new ClipBytePairs(folder, tokenizer) : null;
    }

    /** Ids of a cleaned text, begin and end included. */
    long[] ids(String text) {
        List<Long> out = new ArrayList<>();
        out.add(begin);
        int[] points = text.codePoints().toArray();
        int from = 0;
        while (from < points.length) {
            int to = wordEnd(points, from);
            if (to > from) {
                word(new String(points, from, to - from), out);
            }
            from = Math.max(to, from + 1);
        }
        out.add(end);
        return out.stream().mapToLong(Long::longValue).toArray();
    }

    /** The id of a special token, which files call as transformers does and open_clip by a name of its own. */
    private long special(JsonNode tokenizer, String own, String other) {
        long id = TextTokenizer.id(tokenizer, own);
        id = id >= 0 ? id : TextTokenizer.id(tokenizer, other);
        if (id < 0) {
            throw broken("no token " + own + " or " + other, "both ends of a text in the vocabulary");
        }
        return id;
    }

    private InputException broken(String found, String expected) {
        return InputException.at(folder, "a tokenizer with " + found, expected, "Fetch the tokenizer again");
    }

    /** The end of the word that begins here, {@code from} if none does. */
    private static int wordEnd(int[] text, int from) {
        for (String whole : WHOLE) {
            if (begins(text, from, whole)) {
                return from + whole.length();
            }
        }
        int to = from;
        if (LETTER.contains(text[from])) {
            while (to < text.length && LETTER.contains(text[to])) {
                to++;
            }
        } else if (NUMBER.contains(text[from])) {
            to++;
        } else {
            while (to < text.length
                    && !LETTER.contains(text[to])
                    && !NUMBER.contains(text[to])
                    && !SKIPPED.contains(text[to])) {
                to++;
            }
        }
        return to;
    }

    /** Case does not matter, and the long s is an s. */
    private static boolean begins(int[] text, int from, String whole) {
        boolean same = from + whole.length() <= text.length;
        for (int i = 0; same && i < whole.length(); i++) {
            int c = text[from + i];
            int plain = c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c == 0x17F ? 's' : c;
            same = plain == whole.charAt(i);
        }
        return same;
    }

    private void word(String word, List<Long> out) {
        if (word.equals(BEGIN) || word.equals(END)) {
            out.add(word.equals(BEGIN) ? begin : end);
            return;
        }
        List<String> pieces = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            pieces.add(BYTES[b & 0xFF]);
        }
        pieces.set(pieces.size() - 1, pieces.get(pieces.size() - 1) + END_OF_WORD);
        for (String piece : merged(pieces)) {
            Long id = vocabulary.get(piece);
            if (id == null) {
                throw broken("no token '" + piece + "'", "a token for every byte and every merge");
            }
            out.add(id);
        }
    }

    /**
     * The pair earliest in the list of merges, the leftmost first, until none is left. A merge of a trained list never makes a pair
     * that comes before it, so one by one gives what open_clip gets by merging every occurrence at once.
     */
    private List<String> merged(List<String> word) {
        @Nullable String[] pieces = word.toArray(new String[0]);
        int[] next = new int[pieces.length];
        int[] previous = new int[pieces.length + 1];
        PriorityQueue<Long> waiting = new PriorityQueue<>();
        for (int i = 0; i < pieces.length; i++) {
            next[i] = i + 1;
            previous[i + 1] = i;
            waiting.addAll(rank(pieces, i, i + 1));
        }
        Long first = waiting.poll();
        while (first != null) {
            int at = first.intValue();
            String left = pieces[at];
            if (left != null && rank(pieces, at, next[at]).contains(first)) {
                pieces[at] = left + pieces[next[at]];
                pieces[next[at]] = null;
                next[at] = next[next[at]];
                previous[next[at]] = at;
                waiting.addAll(rank(pieces, at, next[at]));
                waiting.addAll(at == 0 ? List.of() : rank(pieces, previous[at], at));
            }
            first = waiting.poll();
        }
        return Arrays.stream(pieces).filter(Objects::nonNull).toList();
    }

    /** The rank of a pair of neighbours above the place of its left one in one number; empty if it is in no list. */
    private List<Long> rank(@Nullable String[] pieces, int left, int right) {
        String first = pieces[left];
        String second = right == pieces.length ? null : pieces[right];
        Integer rank = first == null || second == null ? null : ranks.get(new Pair(first, second));
        return rank == null ? List.of() : List.of(((long) rank << Integer.SIZE) + left);
    }

    /** Characters that stand for bytes: themselves where they can be seen, others from 100 on. */
    private static String[] bytes() {
        String[] out = new String[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean seen = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            out[b] = Character.toString(seen ? b : next++);
        }
        return out;
    }
}
