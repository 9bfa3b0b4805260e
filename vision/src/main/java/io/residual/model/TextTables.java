package io.residual.model;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The tables by which open_clip cleans a text and cuts it into words, as {@code golden/make_text_cleaning.py} asked them of
 * the references: the same on every Java, whichever Unicode it knows. Immutable.
 */
final class TextTables {
    static final TextTables TABLES = read();

    private final Map<String, CodePointSet> sets;
    private final Map<Integer, String> lower;
    private final Map<Integer, String> ligatures;
    private final List<SingleByteEncoding> encodings;
    private final Map<String, SetRows> rows;
    private final Map<String, String> entities;
    private final Map<String, String> capitals;

    private TextTables(Map<String, List<String>> lines) {
        this.sets = new HashMap<>();
        this.rows = new HashMap<>();
        this.encodings = new ArrayList<>();
        lines.forEach((key, values) -> {
            if (key.startsWith("set ")) {
                sets.put(key.substring("set ".length()), CodePointSet.of(values));
            } else if (key.startsWith("encoding ")) {
                encodings.add(SingleByteEncoding.of(key.split(" ")[1], key.endsWith(" lossy"), values));
            }
        });
        this.lower = points(values(lines, "lower"));
        this.ligatures = points(values(lines, "ligature"));
        this.entities = texts(values(lines, "entity"));
        this.capitals = texts(values(lines, "capital"));
        for (String name : List.of("badness", "altered", "lost")) {
            rows.put(name, rows(values(lines, name)));
        }
    }

    private static List<String> values(Map<String, List<String>> lines, String key) {
        return Objects.requireNonNull(lines.get(key), key);
    }

    CodePointSet set(String name) {
        return Objects.requireNonNull(sets.get(name), name);
    }

    /** Sequences that hardly any text has that was decoded as it was meant. */
    SetRows badness() {
        return Objects.requireNonNull(rows.get("badness"));
    }

    /** Bytes that would be UTF-8 if their 20 were A0. */
    SetRows altered() {
        return Objects.requireNonNull(rows.get("altered"));
    }

    /** Bytes that were UTF-8 before some of them became 1A or a question mark. */
    SetRows lost() {
        return Objects.requireNonNull(rows.get("lost"));
    }

    /** In the order in which they are tried. */
    List<SingleByteEncoding> encodings() {
        return encodings;
    }

    /** What stands for a code point in lower case, where that is another. */
    Map<Integer, String> lower() {
        return lower;
    }

    Map<Integer, String> ligatures() {
        return ligatures;
    }

    /** Named references: with their semicolon, and without where that is allowed. */
    Map<String, String> entities() {
        return entities;
    }

    /** Names in capitals, with their semicolon, that are no references but are meant as such. */
    Map<String, String> capitals() {
        return capitals;
    }

    private SetRows rows(List<String> values) {
        List<SetRows.Row> out = new ArrayList<>();
        for (String value : values) {
            List<String> parts = Arrays.asList(value.split(" "));
            boolean atStart = parts.get(0).equals("^");
            out.add(new SetRows.Row(
                    atStart,
                    parts.subList(atStart ? 1 : 0, parts.size()).stream()
                            .map(this::set)
                            .toList()));
        }
        return new SetRows(out);
    }

    private static Map<Integer, String> points(List<String> pairs) {
        Map<Integer, String> out = new HashMap<>();
        texts(pairs).forEach((code, text) -> out.put(Integer.parseInt(code, 16), text));
        return out;
    }

    private static Map<String, String> texts(List<String> pairs) {
        Map<String, String> out = new HashMap<>();
        for (String pair : pairs) {
            int colon = pair.lastIndexOf(':');
            StringBuilder text = new StringBuilder();
            for (String code : pair.substring(colon + 1).split("\\+")) {
                text.appendCodePoint(Integer.parseInt(code, 16));
            }
            out.put(pair.substring(0, colon), text.toString());
        }
        return out;
    }

    private static TextTables read() {
        try (InputStream in = Objects.requireNonNull(
                        TextTables.class.getResourceAsStream("text-cleaning.txt"),
                        "the program lacks its resource text-cleaning.txt");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            Map<String, List<String>> lines = new LinkedHashMap<>();
            reader.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] words = line.split(" ");
                int named = words[0].equals("set") ? 2 : words[0].equals("encoding") ? 3 : 1;
                List<String> values = lines.computeIfAbsent(
                        String.join(" ", Arrays.asList(words).subList(0, named)), key -> new ArrayList<>());
                List<String> rest = Arrays.asList(words).subList(named, words.length);
                boolean row = List.of("badness", "altered", "lost").contains(words[0]);
                values.addAll(row ? List.of(String.join(" ", rest)) : rest);
            });
            return new TextTables(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
