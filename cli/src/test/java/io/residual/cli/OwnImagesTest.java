package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.world.EmbeddedModels;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of docs/your-own-images.md, in one shell, as a reader would type them: real processes, a real port. Only the
 * model (the one that ships, instead of a download), the port (a free one) and the patience with a server that starts are others
 * than in the text.
 */
class OwnImagesTest {
    private static final Path DOCUMENT = Path.of("../docs/your-own-images.md");

    @TempDir
    Path home;

    @Tag("thorough")
    @Test
    void everyCommandOfTheDocument_works() throws IOException, InterruptedException {
        assumeTrue(runs("bash", "--version") && runs("curl", "--version"), "needs bash and curl, as the document does");
        String script = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(DOCUMENT))
                .results()
                .map(block -> block.group(1))
                .collect(Collectors.joining());
        for (String command :
                List.of("datasets", "evaluate", "align", "report", "explain", "predict", "embed", "serve", "export")) {
            assertTrue(script.contains("./residual " + command + " "), "the document shows " + command);
        }
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String adapted = script.replaceAll("RESIDUAL_MODEL=\\S+", "RESIDUAL_MODEL=" + EmbeddedModels.WORLD_CLIP)
                .replace("8080", String.valueOf(port))
                .replace(
                        "--retry 60 ",
                        "--retry 3600 "); // a busy machine may take longer than a minute to start the server
        TinyFolder.create(home.resolve("photos"));
        Files.createDirectories(home.resolve("new-photos"));
        Files.copy(home.resolve("photos/red_circle/p3.png"), home.resolve("new-photos/a.png"));
        Files.copy(home.resolve("photos/blue_square/p7.png"), home.resolve("new-photos/b.png"));
        Path launcher = home.resolve("residual");
        Files.writeString(
                launcher,
                "#!/bin/sh\nexec '" + ProcessHandle.current().info().command().orElseThrow() + "' -cp '"
                        + System.getProperty("java.class.path") + "' io.residual.cli.Main \"$@\"\n");
        assertTrue(launcher.toFile().setExecutable(true));
        Path file = home.resolve("commands.sh");
        Files.writeString(file, "set -euo pipefail\n" + adapted);

        File out = home.resolve("out.txt").toFile();
        File err = home.resolve("err.txt").toFile();
        Process process = new ProcessBuilder("bash", file.toString())
                .directory(home.toFile())
                .redirectOutput(out)
                .redirectError(err)
                .start();
        int code;
        try {
            code = process.waitFor();
        } finally { // also if the build's guard against hanging interrupts the wait
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = Files.readString(out.toPath());
        assertEquals(0, code, said + Files.readString(err.toPath()));

        // What the document promises: a recommendation, a table, both classes told apart by every way of asking.
        assertTrue(said.contains("images per class: "), said);
        for (String made : List.of(
                "sheets/photos.png",
                "methods.json",
                "curve.json",
                "curve.svg",
                "photos.adapter",
                "photos.html",
                "why.svg",
                "vectors.parquet",
                "photos.onnx",
                "photos.safetensors")) {
            assertTrue(Files.size(home.resolve(made)) > 100, made);
        }
        List<String> table = Files.readAllLines(home.resolve("said.csv"));
        assertEquals("image,class,probability,accepted,error", table.get(0));
        assertTrue(table.get(1).startsWith("new-photos/a.png,red circle,"), table.get(1));
        assertTrue(table.get(2).startsWith("new-photos/b.png,blue square,"), table.get(2));
        assertTrue(said.contains("new-photos/b.png: blue square "), said);
        assertTrue(said.contains("\"image\":\"new-photos/b.png\",\"class\":\"blue square\""), said);
        assertTrue(
                said.contains(
                        "\"status\":\"ready\"}{\"schema\":\"residual/prediction\",\"version\":1,\"class\":\"red circle\""),
                said);
        assertTrue(said.contains("requests taken"), "the server ended in order: " + said);
        assertTrue(
                new ObjectMapper().readTree(home.resolve("why.json").toFile()).size() > 2);
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
