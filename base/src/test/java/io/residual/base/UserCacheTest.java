package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserCacheTest {
    @Test
    void folder_ownVariableFirstThenTheUsersCaches() {
        Path home = Path.of("/home/a");
        assertEquals(Path.of("/home/a/.cache/residual"), UserCache.folder(Map.of(), home));
        assertEquals(Path.of("/c/residual"), UserCache.folder(Map.of("XDG_CACHE_HOME", "/c"), home));
        assertEquals(Path.of("/own"), UserCache.folder(Map.of("RESIDUAL_CACHE", "/own", "XDG_CACHE_HOME", "/c"), home));
        assertEquals(Path.of("/home/a/.cache/residual"), UserCache.folder(Map.of("RESIDUAL_CACHE", " "), home));
    }
}
