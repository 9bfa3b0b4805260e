package io.residual.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables' meanings are those that huggingface_hub documents. */
class HubSettingsTest {
    @TempDir
    Path home;

    private HubSettings of(Map<String, String> environment) {
        return HubSettings.of(environment, home);
    }

    @Test
    void cache_isWherePythonHasIt() {
        assertEquals(home.resolve(".cache/huggingface/hub"), of(Map.of()).cache());
        assertEquals(
                Path.of("/x/huggingface/hub"),
                of(Map.of("XDG_CACHE_HOME", "/x")).cache());
        assertEquals(
                Path.of("/h/hub"),
                of(Map.of("HF_HOME", "/h", "XDG_CACHE_HOME", "/x")).cache());
        assertEquals(
                Path.of("/c"), of(Map.of("HF_HUB_CACHE", "/c", "HF_HOME", "/h")).cache());
        assertEquals(home.resolve("mine/hub"), of(Map.of("HF_HOME", "~/mine")).cache());
    }

    @ParameterizedTest
    @CsvSource({"1, true", "true, true", "YES, true", "on, true", "0, false", "'', false", "no, false"})
    void offline_isWhatPythonTakesForTrue(String value, boolean expected) {
        assertEquals(expected, of(Map.of("HF_HUB_OFFLINE", value)).offline());
    }

    @Test
    void endpoint_withoutSlash() {
        assertEquals(
                "http://mirror:8080/hf",
                of(Map.of("HF_ENDPOINT", "http://mirror:8080/hf//")).endpoint().toString());
        assertEquals("https", of(Map.of()).endpoint().getScheme());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mirror", "ftp://mirror", "file:///x", "http://", "ht tp://x"})
    void endpoint_noAddress_isRefused(String value) {
        InputException e = assertThrows(InputException.class, () -> of(Map.of("HF_ENDPOINT", value)));
        assertTrue(String.valueOf(e.getMessage()).contains("HF_ENDPOINT"));
    }

    @Test
    void token_fromVariableOrLogin() throws IOException {
        assertNull(of(Map.of()).token());
        Path login = home.resolve(".cache/huggingface/token");
        Files.createDirectories(login.getParent());
        Files.writeString(login, "stored\n");
        assertEquals("stored", of(Map.of()).token());
        assertEquals("given", of(Map.of("HF_TOKEN", "given")).token());
    }

    @ParameterizedTest
    @CsvSource({
        "openai/clip-vit-base-patch32, openai/clip-vit-base-patch32, main",
        "a/b@v1.0, a/b, v1.0",
        "a/b@refs/pr/12, a/b, refs/pr/12"
    })
    void parse_names(String text, String repository, String revision) {
        assertEquals(Optional.of(new HubName(HubName.Kind.MODEL, repository, revision)), HubName.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "clip", "/a/b", "a/b/c", "../b", "a/..", "a/b@", "a/b@../x", "a/b@/x", "a b/c", "a\\b", "./b"
            })
    void parse_otherThings_areNoNames(String text) {
        assertFalse(HubName.parse(text).isPresent());
    }
}
