package io.residual.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residual.Images;
import io.residual.Residual;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.predict.Prediction;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The starter in contexts that Spring Boot itself makes. */
class StarterTest {
    @TempDir
    static Path folder;

    private static Path shapes;
    private static Path turned;

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }

    private static ConfigurableApplicationContext start(String... properties) {
        return new SpringApplicationBuilder(Application.class)
                .logStartupInfo(false)
                .properties("spring.main.banner-mode=off", "logging.level.root=off")
                .run(Stream.of(properties).map(p -> "--" + p).toArray(String[]::new));
    }

    private static BufferedImage draw(boolean round, int at) {
        BufferedImage image = new BufferedImage(60, 50, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, 60, 50);
        g.setColor(Color.RED);
        if (round) {
            g.fillOval(5 + at, 5, 25, 25);
        } else {
            g.fillRect(5 + at, 5, 25, 25);
        }
        g.dispose();
        return image;
    }

    /** Two adapters of the same images; in the second, the classes have each other's names. */
    @BeforeAll
    static void fit() throws IOException {
        shapes = fit("shapes", "circle", "square");
        turned = fit("turned", "square", "circle");
    }

    private static Path fit(String name, String round, String angular) throws IOException {
        for (int i = 0; i < 20; i++) {
            for (boolean disc : List.of(true, false)) {
                Path parent = Files.createDirectories(folder.resolve(name).resolve(disc ? round : angular));
                ImageIO.write(draw(disc, i), "png", parent.resolve(i + ".png").toFile());
            }
        }
        Path adapter = folder.resolve(name + ".adapter");
        try (Residual residual = Residual.open("world-clip")) {
            residual.on(Images.of(folder.resolve(name)))
                    .fit(Method.RESIDUAL_STAR)
                    .save(adapter);
        }
        return adapter;
    }

    @Test
    void everyProperty_isDescribedToEditors() throws IOException {
        String text = Files.readString(Path.of("src/main/resources/META-INF/spring-configuration-metadata.json"));
        for (RecordComponent property : ResidualProperties.class.getRecordComponents()) {
            assertTrue(text.contains("\"residual." + property.getName() + "\""), property.getName());
        }
    }

    @Test
    void withoutTheProperty_thereIsNoBean() {
        try (ConfigurableApplicationContext context = start()) {
            assertEquals(0, context.getBeanNamesForType(ImageClassifier.class).length);
        }
    }

    @Test
    void classNames_makeAZeroShotClassifier_withHealthAndMetrics() {
        try (ConfigurableApplicationContext context =
                start("residual.model=world-clip", "residual.classes=circle,square", "residual.templates=a {}.")) {
            ImageClassifier classifier = context.getBean(ImageClassifier.class);
            Prediction prediction = classifier.classify(draw(false, 8));
            assertEquals("square", prediction.label());
            assertThrows(InputException.class, () -> classifier.classify(new byte[] {1}, "nothing"));
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertEquals(1, registry.get("residual.predictions").timer().count());
            assertEquals(
                    1,
                    registry.get("residual.images")
                            .tag("result", "accepted")
                            .counter()
                            .count());
            assertEquals(
                    1,
                    registry.get("residual.images")
                            .tag("result", "unreadable")
                            .counter()
                            .count());
            Health health = Objects.requireNonNull(context.getBean("residualHealthIndicator", HealthIndicator.class)
                    .health());
            assertEquals(Status.UP, health.getStatus());
            assertEquals(2, health.getDetails().get("classes"));
            classifier.close();
            assertEquals(
                    Status.DOWN,
                    Objects.requireNonNull(context.getBean("residualHealthIndicator", HealthIndicator.class)
                                    .health())
                            .getStatus());
        }
    }

    /** The test's time limit is that of every test; it waits for what it expects. */
    @Test
    void aNewAdapter_takesOver_andADamagedOneDoesNot() throws IOException, InterruptedException {
        Path adapter = Files.copy(shapes, folder.resolve("live.adapter"), StandardCopyOption.REPLACE_EXISTING);
        try (ConfigurableApplicationContext context =
                start("residual.model=world-clip", "residual.adapter=" + adapter, "residual.reload=20ms")) {
            ImageClassifier classifier = context.getBean(ImageClassifier.class);
            HealthIndicator health = context.getBean("residualHealthIndicator", HealthIndicator.class);
            assertEquals("circle", classifier.classify(draw(true, 3)).label());
            replace(adapter, Files.readAllBytes(turned));
            while (!classifier.classify(draw(true, 3)).label().equals("square")) {
                Thread.sleep(10);
            }
            byte[] damaged = Arrays.copyOf(Files.readAllBytes(shapes), 100);
            replace(adapter, damaged);
            while (classifier.refusal() == null) {
                Thread.sleep(10);
            }
            assertEquals("square", classifier.classify(draw(true, 3)).label());
            Health now = Objects.requireNonNull(health.health());
            assertEquals(Status.UP, now.getStatus());
            assertTrue(String.valueOf(now.getDetails().get("refused")).contains("live.adapter"), now.toString());
            replace(adapter, Files.readAllBytes(shapes));
            while (!classifier.classify(draw(true, 3)).label().equals("circle")) {
                Thread.sleep(10);
            }
            while (classifier.refusal() != null) {
                Thread.sleep(10);
            }
            assertFalse(Objects.requireNonNull(health.health()).getDetails().containsKey("refused"));
        }
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Path beside = file.resolveSibling("next");
        Files.write(beside, bytes);
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aMistakeInTheProperties_isOneSentence() {
        Exception failure = assertThrows(
                Exception.class, () -> start("residual.model=world-clip", "residual.classes=a", "residual.threads=-1"));
        FailureAnalysis analysis = new InputFailureAnalyzer().analyze(failure);
        assertTrue(
                Objects.requireNonNull(analysis).getDescription().startsWith("residual.threads: found -1"),
                analysis.getDescription());
        assertTrue(message("residual.model=world-clip").contains("Set residual.adapter"));
        assertTrue(message("residual.model=world-clip", "residual.classes=a", "residual.adapter=" + shapes)
                .contains("Remove residual.classes"));
        assertTrue(message("residual.model=wrld-clip", "residual.classes=a").contains("world-clip"));
    }

    private static String message(String... properties) {
        Throwable failure = assertThrows(Exception.class, () -> start(properties));
        while (failure.getCause() != null && !(failure instanceof InputException)) {
            failure = failure.getCause();
        }
        return String.valueOf(failure.getMessage());
    }
}
