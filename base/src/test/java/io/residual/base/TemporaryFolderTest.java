package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
    @Test
    void problem_isThatThereIsNoFolder(@TempDir Path folder) throws IOException {
        assertNull(TemporaryFolder.problem(folder));
        assertEquals("which is no folder", TemporaryFolder.problem(folder.resolve("none")));
        assertEquals("which is no folder", TemporaryFolder.problem(Files.createFile(folder.resolve("file"))));
    }

    @Test
    void path_isJavas() {
        assertEquals(Path.of(System.getProperty("java.io.tmpdir")), TemporaryFolder.path());
        TemporaryFolder.require("this test");
    }
}
