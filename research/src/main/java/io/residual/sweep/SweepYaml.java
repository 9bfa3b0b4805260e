package io.residual.sweep;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.residual.base.InputException;
import io.residual.base.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The text of a sweep's file as an object. */
final class SweepYaml {
    private SweepYaml() {}

    /**
     * Parses YAML without aliases, second documents and repeated keys.
     *
     * @param source for messages
     */
    static JsonObject parse(String yaml, String source) {
        try {
            requireSingle(yaml, source);
            JsonNode tree = new ObjectMapper(new YAMLFactory())
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(yaml);
            return JsonObject.of(tree, source, SweepFile.REMEDY);
        } catch (JsonProcessingException e) {
            throw InputException.at(source, "invalid YAML (" + reason(e) + ")", "YAML", SweepFile.REMEDY, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + source, e);
        }
    }

    /** What is wrong and where, without the drawing that the parser adds. */
    private static String reason(JsonProcessingException e) {
        String[] lines = e.getOriginalMessage().strip().split("\\R", 2);
        return e.getLocation() == null
                ? lines[0]
                : lines[0] + ", line " + e.getLocation().getLineNr();
    }

    /** The parser would take an alias for a text, and leave out a second document. */
    private static void requireSingle(String yaml, String source) throws IOException {
        try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
            while (parser.nextToken() != null) {
                if (parser.isCurrentAlias()) {
                    throw InputException.at(
                            source + ", line " + parser.currentTokenLocation().getLineNr(),
                            "the alias *" + parser.getText(),
                            "values",
                            "Write the value out");
                }
            }
        }
    }
}
