package io.residual.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A Python process with PyTorch and open_clip that works when it is asked to and sleeps when it is not. */
final class PythonSide implements AutoCloseable {
    private final Process process;
    private final BufferedWriter to;
    private final BufferedReader from;
    private final String versions;
    private final Map<String, String> engines;

    private PythonSide(Process process, BufferedReader from, String versions, Map<String, String> engines) {
        this.engines = engines;
        this.process = process;
        this.from = from;
        this.to = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.versions = versions;
    }

    /** Starts it; null if there is no such Python, or it lacks PyTorch or open_clip. */
    static @Nullable PythonSide start(String python, Path script, int threads, List<String> wanted) {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(python, script.toString(), "--threads", String.valueOf(threads)));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        // What suits our launcher is not what a Python user has set.
        builder.environment().keySet().removeAll(List.of("OMP_WAIT_POLICY", "KMP_BLOCKTIME"));
        try {
            Process process = builder.start();
            BufferedReader from =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String hello = from.readLine();
            if (hello == null) {
                process.destroy();
                return null;
            }
            JsonNode said = Json.parse(hello, Json.Limits.FOREIGN);
            Map<String, String> engines = new TreeMap<>();
            said.path("engines")
                    .properties()
                    .forEach(e -> engines.put(e.getKey(), e.getValue().asText()));
            engines.keySet().retainAll(wanted);
            return new PythonSide(
                    process,
                    from,
                    "Python " + said.path("python").asText() + ", PyTorch "
                            + said.path("torch").asText() + ", open_clip "
                            + said.path("open_clip").asText(),
                    engines);
        } catch (IOException e) {
            System.getLogger(PythonSide.class.getName()).log(System.Logger.Level.DEBUG, "no Python", e);
            return null;
        }
    }

    /** What it runs on. */
    String versions() {
        return versions;
    }

    /** The engines for fixed towers that are installed there, each with its version. */
    Map<String, String> engines() {
        return engines;
    }

    /** Does some work; gives things done a second, of the {@link Clock} that counts. */
    double rate(String work, Map<String, ?> job) {
        try {
            ObjectNode ask = Json.object().put("work", work);
            job.forEach((name, value) -> ask.set(name, Json.of(value)));
            String line = Json.line(ask);
            to.write(line + "\n");
            to.flush();
            String answer = from.readLine();
            if (answer == null) {
                throw new IllegalStateException("Python ended at " + line);
            }
            JsonNode said = Json.parse(answer, Json.Limits.FOREIGN);
            return said.path("count").asDouble()
                    / said.path(Clock.countsProcessorTime() ? "cpu" : "seconds").asDouble();
        } catch (IOException e) {
            throw new IllegalStateException("Python cannot be reached: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
