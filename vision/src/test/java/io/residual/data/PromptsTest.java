package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.residual.images.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptsTest {
    private static final Prompts PETS = new Prompts(List.of("cat", "dog"), List.of("a {}", "{} or no {}"));

    @TempDir
    Path temporary;

    private Path file(String json) throws IOException {
        return Files.writeString(temporary.resolve("prompts.json"), json);
    }

    @Test
    void texts_putNameIntoEveryTemplate() {
        assertEquals(List.of("a cat", "cat or no cat"), PETS.texts(0));
        assertEquals(List.of("a dog", "dog or no dog"), PETS.texts(1));
    }

    @Test
    void texts_nameWithSpecialCharacters_isKeptAsItIs() {
        assertEquals(List.of("a $1\\{}"), new Prompts(List.of("$1\\{}"), List.of("a {}")).texts(0));
    }

    @Test
    void overriddenBy_noFile_changesNothing() {
        assertSame(PETS, PETS.overriddenBy(null));
    }

    @Test
    void overriddenBy_both_replacesBoth() throws IOException {
        Prompts prompts = PETS.overriddenBy(file("{\"classes\": [\"Katze\", \"Hund\"], \"templates\": [\"ein {}\"]}"));
        assertEquals(new Prompts(List.of("Katze", "Hund"), List.of("ein {}")), prompts);
    }

    @Test
    void overriddenBy_onePart_keepsTheOther() throws IOException {
        assertEquals(
                new Prompts(List.of("Katze", "Hund"), PETS.templates()),
                PETS.overriddenBy(file("{\"classes\": [\"Katze\", \"Hund\"]}")));
        assertEquals(
                new Prompts(PETS.classes(), List.of("ein {}")),
                PETS.overriddenBy(file("{\"templates\": [\"ein {}\"]}")));
        assertEquals(PETS, PETS.overriddenBy(file("{}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"classes\": [\"a\"]}                | 1 class names",
                "{\"classes\": [\"a\", \"b\", \"c\"]}  | 3 class names",
                "{\"classes\": [\"a\", \" \"]}         | 'classes'",
                "{\"classes\": []}                     | 'classes'",
                "{\"classes\": \"a\"}                  | 'classes'",
                "{\"classes\": null}                   | 'classes'",
                "{\"classes\": {\"0\": \"a\", \"1\": \"b\"}} | 'classes'",
                "{\"classes\": [[\"a\"], [\"b\"]]}     | 'classes'",
                "{\"templates\": []}                   | 'templates'",
                "{\"templates\": [\"\"]}               | 'templates'",
                "{\"templates\": \"{}\"}               | 'templates'",
                "[\"a\", \"b\"]                        | no JSON object",
                "{\"classes\": [\"a\", \"b\"           | invalid JSON",
                "classes: a, b                         | invalid JSON",
            })
    void overriddenBy_wrongFile_isRefused(String json, String mentioned) throws IOException {
        Path file = file(json);
        Refusal.of(() -> PETS.overriddenBy(file), file, mentioned);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a photo", "a photo of {", "a photo of { }"})
    void overriddenBy_templateWithoutPlace_isRefused(String template) throws IOException {
        Path file = file("{\"templates\": [\"{}\", \"" + template + "\"]}");
        Refusal.of(() -> PETS.overriddenBy(file), template, "no {}");
    }

    @Test
    void overriddenBy_emptyOrMissingFile_isRefused() throws IOException {
        Path empty = file("");
        Refusal.of(() -> PETS.overriddenBy(empty), empty);
        Path missing = temporary.resolve("missing.json");
        Refusal.of(() -> PETS.overriddenBy(missing), missing);
    }

    @Test
    void create_withoutClassesOrTemplates_isRefused() {
        Refusal.of(() -> new Prompts(List.of(), List.of("{}")), "at least one class name");
        Refusal.of(() -> new Prompts(List.of("cat"), List.of()), "one template");
    }

    @Test
    void photoTemplates_allHaveAPlace() {
        assertEquals(
                List.of(
                        "a photo of a cat.",
                        "a blurry photo of a cat.",
                        "a photo of the cat.",
                        "a picture of a cat.",
                        "cat"),
                new Prompts(List.of("cat"), Prompts.PHOTO_TEMPLATES).texts(0));
    }

    @Test
    void create_emptyOrDoubleClass_isRefused() {
        Refusal.of(() -> new Prompts(List.of("cat", "", "dog"), List.of("{}")), "empty class name");
        Refusal.of(() -> new Prompts(List.of("cat", "cat "), List.of("{}")), "'cat' twice");
        Refusal.of(
                () -> new Prompts(List.of("cat", "Cat"), List.of("{}")).requireTellable("--classes"),
                "--classes",
                "capitals");
    }
}
