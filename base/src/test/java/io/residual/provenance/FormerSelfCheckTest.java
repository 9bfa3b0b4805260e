package io.residual.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was kept when a self-check was called a certificate is still found. */
class FormerSelfCheckTest {
    private static final Path FORMER = Path.of("src", "test", "resources", "recorded", "certificate-of-format-1.json");
    private static final String FILES = "f837e90a888dd718e54e2eec6127514be5084ef2aebfbbd88f4fe292bd440f66";

    @TempDir
    Path temporary;

    @Test
    void formerStore_isRead_andTodaysGoesFirst() throws IOException {
        Path former = Files.createDirectories(temporary.resolve("certificates"));
        Files.copy(FORMER, former.resolve(FILES + ".json"));
        SelfCheckStore store = new SelfCheckStore(temporary.resolve("self-checks"), former);
        SelfCheck found = store.find(FILES).orElseThrow();
        assertEquals("CLIP", found.family());
        assertEquals(FILES, found.files());
        assertEquals(9.914013154956235E-7, found.checks().get(2).error());
        assertTrue(found.passed());
        SelfCheck again = new SelfCheck(
                "newer",
                "c",
                "m",
                FILES,
                "CLIP",
                found.checks(),
                found.uncovered(),
                found.warnings(),
                found.ignoredTensors());
        assertEquals(temporary.resolve("self-checks").resolve(FILES + ".json"), store.keep(again));
        assertEquals(again, store.find(FILES).orElseThrow());
    }

    @Test
    void storedForm_readsBack() throws IOException {
        SelfCheck former = SelfCheck.parse(Files.readString(FORMER), FORMER);
        assertEquals(former, SelfCheck.parse(former.toJson(), "again"));
        assertTrue(former.toJson().startsWith("{\n  \"schema\" : \"residual/self-check\",\n  \"version\" : 2,"));
    }
}
