package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import io.residual.model.TextCleaning;
import io.residual.model.TextTokenizer;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.model.TokenIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tokenizer with what the references make of some texts: {@code expected.json} has {@code texts} and, for each
 * convention of padding, the padded ids. {@code transformers} pads with the tokenizer's pad token, {@code open_clip}
 * with 0.
 */
final class TokenKit {
    private static final int LARGEST = 100_000_000;

    private TokenKit() {}

    static List<Check> verify(Path kit) {
        try {
            JsonNode expected = Json.parse(
                    RegularFiles.bytes(kit.resolve("expected.json"), "a kit's expectations", LARGEST),
                    Json.Limits.FOREIGN);
            List<String> texts = new ArrayList<>();
            expected.path("texts").forEach(t -> texts.add(t.asText()));
            List<Check> checks = new ArrayList<>();
            expected.fieldNames().forEachRemaining(name -> {
                if (!name.equals("texts")) {
                    checks.add(check(kit, name, texts, expected.path(name)));
                }
            });
            if (texts.isEmpty() || checks.isEmpty()) {
                throw InputException.at(
                        kit.resolve("expected.json"), "no texts or no ids", "both", "Check the kit's files");
            }
            return checks;
        } catch (IOException e) {
            throw InputException.at(kit, e.toString(), "a complete conformance kit", "Check the kit's files", e);
        }
    }

    private static Check check(Path kit, String convention, List<String> texts, JsonNode rows) {
        boolean transformers = convention.equals("transformers");
        if (!transformers && !convention.equals("open_clip")) {
            return new Check(convention, Double.NaN, 0, "this program does not know this convention");
        }
        int context = rows.path(0).size();
        int wrong = Math.abs(rows.size() - texts.size());
        try (TextTokenizer tokenizer = transformers
                ? TextTokenizer.open(kit, context, TextCleaning.NONE, "<|endoftext|>", -1)
                : TextTokenizer.openClip(kit, context, TextCleaning.LOWER)) {
            TokenIds ids = tokenizer.encode(texts, Overlong.CUT);
            for (int i = 0; i < Math.min(texts.size(), rows.size()); i++) {
                long[] want = new long[rows.path(i).size()];
                int row = i;
                Arrays.setAll(want, k -> rows.path(row).path(k).longValue());
                wrong += Arrays.equals(want, ids.row(i)) ? 0 : 1;
            }
        }
        return new Check(convention + " ids", wrong, 0, "texts with other token ids, of " + texts.size());
    }
}
