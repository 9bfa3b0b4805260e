package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.fixtures.KitFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KitTest {
    /** What beside the repository is not part of it; see the kits' own description. */
    private static final Path IMAGES = Path.of("../../shared/conformance/images");

    @TempDir
    Path temporary;

    private static List<Check> failed(Path kit) {
        return Kit.verify(kit, KitFixture.texts()).stream()
                .filter(c -> !c.passed())
                .toList();
    }

    /** Ids by transformers and open_clip, of the full vocabulary of CLIP. */
    @Test
    void verify_clipTokens_bothPaddingsAgree() {
        Path kit = KitFixture.tokens(temporary);
        assertEquals(List.of(), failed(kit));
        assertEquals(2, Kit.verify(kit, null).size());
    }

    @Test
    void verify_oneTokenChanged_failsUnderItsConvention() throws IOException {
        Path kit = KitFixture.tokens(temporary);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode expected =
                (ObjectNode) mapper.readTree(kit.resolve("expected.json").toFile());
        ((ArrayNode) expected.path("open_clip").path(3)).set(2, 5);
        Files.writeString(kit.resolve("expected.json"), expected.toString());
        assertEquals(
                List.of("open_clip ids"),
                failed(kit).stream().map(Check::quantity).toList());
    }

    @Test
    void verify_unknownConvention_fails() throws IOException {
        Path kit = KitFixture.tokens(temporary);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode expected =
                (ObjectNode) mapper.readTree(kit.resolve("expected.json").toFile());
        expected.set("another", expected.path("open_clip"));
        Files.writeString(kit.resolve("expected.json"), expected.toString());
        assertEquals(
                List.of("another"), failed(kit).stream().map(Check::quantity).toList());
    }

    /** The images are large and every format of theirs has a small one among the resources (ImageDecoderTest). */
    @Test
    void verify_images_equalPillowsAndBadOnesAreRefused() {
        assumeTrue(Files.isDirectory(IMAGES), "the image kit, which is not part of the repository, is not there");
        assertEquals(List.of(), failed(IMAGES));
        assertTrue(Kit.verify(IMAGES, null).size() >= 22 * 2 + 7);
    }

    @Test
    void verify_imageThatShouldBeRefused_fails() throws IOException {
        Path kit = temporary.resolve("pictures");
        Files.createDirectories(kit.resolve("good"));
        Files.createDirectories(kit.resolve("bad"));
        Path source = KitFixture.image("lzw.tiff");
        Files.copy(source, kit.resolve("bad/fine.tiff"));
        Files.copy(KitFixture.image("decode.safetensors"), kit.resolve("expected.safetensors"));
        List<Check> failed = failed(kit);
        assertTrue(failed.stream().anyMatch(c -> c.quantity().equals("refused fine.tiff")));
        assertFalse(failed.stream().anyMatch(Check::passed));
    }
}
