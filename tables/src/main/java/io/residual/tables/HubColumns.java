package io.residual.tables;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.data.Reading;
import io.residual.tables.ImageColumn.Typed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one file says of its own columns: which is the image, which the label, and what the classes are called.
 *
 * @param names of the classes in the order of the labels; null where the labels are texts
 */
record HubColumns(
        Path file,
        ImageColumn image,
        String label,
        @Nullable List<String> names) {
    /** Those of a file; null if its metadata does not say. */
    static @Nullable HubColumns of(Path file, Reading reading) {
        JsonNode features = features(file);
        List<Typed> columns = ImageColumn.of(file);
        String image = null;
        String label = null;
        for (Map.Entry<String, JsonNode> feature : features.properties()) {
            String type = feature.getValue().path("_type").asText();
            boolean wanted = reading.label() == null
                    ? type.equals("ClassLabel")
                    : reading.label().equals(feature.getKey());
            if (type.equals("Image") && image == null) {
                image = feature.getKey();
            } else if (wanted && label == null) {
                label = feature.getKey();
            }
        }
        if (label == null && reading.label() == null) { // texts in a column of the usual name need no ClassLabel
            label = Stream.of("label", "labels")
                    .filter(name -> features.has(name)
                            && columns.stream().anyMatch(c -> c.name().equals(name) && c.isText()))
                    .findFirst()
                    .orElse(null);
        }
        if (reading.label() != null && label == null) {
            throw InputException.at(
                    file,
                    "no column '" + reading.label() + "' among "
                            + features.properties().stream()
                                    .map(Map.Entry::getKey)
                                    .toList(),
                    "the label column that was named",
                    "Correct the name");
        }
        if (image == null || label == null) {
            return null;
        }
        ImageColumn images = ImageColumn.of(typed(file, columns, image));
        if (images == null) {
            throw InputException.at(
                    file,
                    "images in the column '" + image + "' of type "
                            + typed(file, columns, image).type(),
                    "a struct with bytes or path, bytes, or paths",
                    "Export the data set with the datasets library");
        }
        List<String> names = new ArrayList<>();
        features.path(label).path("names").forEach(n -> names.add(n.asText()));
        if (typed(file, columns, label).isText()) {
            return new HubColumns(file, images, label, null);
        }
        return names.isEmpty() && reading.classes().isEmpty() ? null : new HubColumns(file, images, label, names);
    }

    private static Typed typed(Path file, List<Typed> columns, String name) {
        return columns.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> InputException.at(
                        file,
                        "metadata that names a column '" + name + "', and only the columns "
                                + columns.stream().map(Typed::name).collect(Collectors.joining(", ")),
                        "metadata of this file",
                        "Export the data set again"));
    }

    private static JsonNode features(Path file) {
        String json = ParquetFiles.query(
                file, "SELECT key, value FROM parquet_kv_metadata(" + ParquetFiles.quoted(file) + ")", rows -> {
                    while (rows.next()) {
                        if (new String(ParquetFiles.bytes(rows.getObject(1)), StandardCharsets.UTF_8)
                                .equals("huggingface")) {
                            return new String(ParquetFiles.bytes(rows.getObject(2)), StandardCharsets.UTF_8);
                        }
                    }
                    return "{}";
                });
        try {
            return Json.parse(json, Json.Limits.FOREIGN).path("info").path("features");
        } catch (JsonProcessingException e) {
            throw InputException.at(
                    file, "'huggingface' metadata that is not JSON", "JSON", "Export the data set again", e);
        }
    }
}
