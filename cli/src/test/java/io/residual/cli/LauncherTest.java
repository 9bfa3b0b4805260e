package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launchers with a stand-in for Java that says in which locale and with which streams it was started. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
    private static final String JAVA = """
            #!/bin/sh
            case "$*" in *-version* | *ArchiveClassesAtExit*) exit 1 ;; esac
            echo "locale $LC_ALL, in $(cat | wc -c)"
            echo "message" >&2
            """;

    /** Says what Maven says of a module, and ends as it is told to. */
    private static final String MAVEN = """
            #!/bin/sh
            echo '[INFO] Scanning'
            echo '[INFO] Building Residual base 0.1.0-SNAPSHOT       [2/15]'
            exit ${MAVEN:-0}
            """;

    @TempDir
    Path home;

    @BeforeEach
    void install() throws IOException {
        for (String launcher : new String[] {"residual", "residual-spark"}) {
            Files.copy(Path.of("..").resolve(launcher), home.resolve(launcher));
        }
        for (String module : new String[] {"base", "vision", "command", "world", "spark", "cli"}) {
            Files.createDirectories(home.resolve(module).resolve("src/main"));
            Files.createDirectories(home.resolve(module).resolve("target"));
            Files.createFile(home.resolve(module).resolve("pom.xml"));
        }
        Files.createFile(home.resolve("pom.xml"));
        Files.createFile(home.resolve("cli/target/residual-built"));
        Files.createFile(home.resolve("spark/target/residual-spark-built"));
        Path java = Files.createDirectories(home.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, JAVA);
        assertTrue(java.toFile().setExecutable(true));
    }

    @Test
    void build_namesEachModuleAsItsTurnComes_andFailsWithMaven() throws Exception {
        Path mvn = Files.createDirectories(home.resolve("bin")).resolve("mvn");
        Files.writeString(mvn, MAVEN);
        assertTrue(mvn.toFile().setExecutable(true));
        Files.delete(home.resolve("cli/target/residual-built"));
        String path = home.resolve("bin") + ":" + System.getenv("PATH");
        String failed = run(Map.of("PATH", path, "MAVEN", "1"), "./residual models");
        assertTrue(failed.contains("residual: [2/15] Residual base 0.1.0-SNAPSHOT\n"), failed);
        assertTrue(failed.contains("the build failed") && failed.endsWith("exit 1"), failed);
        String built = run(Map.of("PATH", path), "./residual models");
        assertTrue(
                built.contains("residual: [2/15] Residual base 0.1.0-SNAPSHOT\n") && !built.contains("failed"), built);
    }

    private String run(Map<String, String> environment, String command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).directory(home.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("LC_") || key.equals("LANG"));
        builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        builder.environment().remove("SPARK_HOME");
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said + "exit " + process.waitFor();
    }

    /** Each of these knows ASCII alone, or is not installed, which comes to the same. */
    @ParameterizedTest
    @ValueSource(strings = {"", "C", "POSIX", "xx_YY.UTF-8", "C.UTF-8"})
    void java_isStartedInAUtf8Locale(String locale) throws Exception {
        for (String launcher : new String[] {"residual", "residual-spark"}) {
            String said = run(locale.isEmpty() ? Map.of() : Map.of("LC_ALL", locale), "bash " + launcher + " models");
            assertTrue(said.matches("(?s).*locale (C|en_US)\\.UTF-8, in +0\\n.*exit 0"), said);
        }
    }

    /** Java would take the next file that it opens for a stream that is closed. */
    @Test
    void closedStreams_areNotLeftToJava() throws Exception {
        for (String launcher : new String[] {"residual", "residual-spark"}) {
            String in = run(Map.of(), "bash " + launcher + " models <&-");
            assertTrue(in.matches("(?s)locale .*, in +0\\n.*exit 0"), in);
            assertEquals(
                    launcher + ": standard output is closed; redirect it, if only to /dev/null\nexit 1",
                    run(Map.of(), "bash " + launcher + " models >&-"));
            String err = run(Map.of(), "bash " + launcher + " models 2>&-");
            assertTrue(err.matches("locale .*\\nexit 0"), err);
        }
    }
}
