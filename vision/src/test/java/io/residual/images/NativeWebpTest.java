package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Libraries are loaded once for a process, so a process of its own shows what happens where that cannot be. */
class NativeWebpTest {
    /** Decodes the files that are named, a line each. */
    static final class Decoding {
        private Decoding() {}

        public static void main(String[] files) {
            for (String file : files) {
                try {
                    System.out.println(
                            "read " + ImageDecoder.decode(Path.of(file)).width());
                } catch (UnreadableImageException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }

    @Test
    void noTemporaryFolder_isOneSentence_andOtherImagesAreRead() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=/no/such/folder",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Decoding.class.getName(),
                        Golden.resource("lossless.webp").toString(),
                        Golden.resource("420.jpg").toString(),
                        Golden.resource("lossy.webp").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("lossless.webp: is refused: WebP is decoded by a native library"), said);
        assertTrue(said.contains("lossy.webp: is refused") && said.contains("/no/such/folder"), said);
        assertTrue(said.contains("read 37"), said);
        assertFalse(said.contains("\tat "), said);
    }
}
