package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NativesTest {
    private static String refusal(String platform, String... resources) {
        return String.valueOf(new Natives(platform, Arrays.asList(resources)::contains)
                .refusal(new UnsatisfiedLinkError("no jnitorch in java.library.path"))
                .getMessage());
    }

    @Test
    void withoutNatives_theCoordinatesOfThisPlatformAreNamed_asThreeBuildToolsWriteThem() {
        String message = refusal("macosx-arm64");
        assertTrue(message.startsWith("native libraries for macosx-arm64: found none of javacpp,"), message);
        assertTrue(message.contains("<artifactId>residual-natives-macosx-arm64</artifactId>"), message);
        assertTrue(message.contains("runtimeOnly(\"io.residual:residual-natives-macosx-arm64:"), message);
        assertTrue(message.contains("\"io.residual\" % \"residual-natives-macosx-arm64\" % "), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void withTheNativesOfAnotherPlatform_theyAreNamed() {
        String message = refusal("linux-x86_64", "org/bytedeco/pytorch/macosx-arm64/libjnitorch.dylib");
        assertTrue(message.contains("found those of macosx-arm64, expected"), message);
    }

    @Test
    void aPlatformWithoutPresets_isSaidToHaveNone() {
        String message = refusal("linux-arm64");
        assertTrue(message.contains("linux-arm64: found none, expected a platform"), message);
        assertTrue(message.contains("linux-x86_64, macosx-arm64, macosx-x86_64, windows-x86_64"), message);
    }

    @Test
    void nativesThatCannotBeLoaded_areNotCalledMissing() {
        String message = refusal(
                "windows-x86_64",
                "org/bytedeco/javacpp/windows-x86_64/jnijavacpp.dll",
                "org/bytedeco/openblas/windows-x86_64/jniopenblas.dll",
                "org/bytedeco/pytorch/windows-x86_64/jnitorch.dll");
        assertTrue(message.contains("found no jnitorch in java.library.path, expected a system that can"), message);
    }

    /** The platforms are those that have a module beside this one, and the other way round. */
    @Test
    void everyPlatform_hasItsModule() {
        String[] folders = new File("../natives").list((dir, name) -> name.matches("(linux|macosx|windows)-.*"));
        assertEquals(Natives.PLATFORMS, Arrays.stream(folders).sorted().toList());
    }

    /** A program of somebody else's without natives on its class path; called twice, it says the same. */
    @Test
    void theFirstScopeOfAProgramWithoutNatives_isRefused() throws Exception {
        String bare = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Natives.PLATFORMS.stream()
                        .noneMatch(p ->
                                String.valueOf(Path.of(entry).getFileName()).contains(p)))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        bare,
                        NativesTest.class.getName()))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        List<String> lines = said.lines().filter(l -> l.startsWith("refused: ")).toList();
        assertEquals(2, lines.size(), said);
        assertEquals(lines.get(0), lines.get(1));
        assertTrue(lines.get(0).contains("residual-natives-"), said);
    }

    public static void main(String[] args) {
        for (int i = 0; i < 2; i++) {
            try (NativeScope scope = NativeScope.inference()) {
                System.out.println("computed by " + scope.getClass());
            } catch (io.residual.base.InputException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }
}
