package io.residual.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.store.embedding.CosineSimilarity;
import io.residual.Classifier;
import io.residual.Embedder;
import io.residual.Residual;
import io.residual.base.InputException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LangChain4jTest {
    private static Residual residual;
    private static Embedder embedder;

    @TempDir
    Path folder;

    private Path circle;
    private Path square;

    @BeforeAll
    static void open() {
        residual = Residual.open("world-clip");
        embedder = residual.embedder();
    }

    @AfterAll
    static void close() {
        embedder.close();
        residual.close();
    }

    @BeforeEach
    void draw() throws IOException {
        circle = draw("circle.png", true);
        square = draw("square.png", false);
    }

    private Path draw(String name, boolean round) throws IOException {
        BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(240, 240, 240));
        graphics.fillRect(0, 0, 48, 48);
        graphics.setColor(new Color(220, 30, 30));
        if (round) {
            graphics.fillOval(12, 12, 24, 24);
        } else {
            graphics.fillRect(13, 13, 22, 22);
        }
        graphics.dispose();
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    @Test
    void imagesAndTexts_areEmbeddedInOneSpace() {
        ResidualEmbeddingModel model = new ResidualEmbeddingModel(embedder);
        assertEquals(Set.of(ContentType.TEXT, ContentType.IMAGE), model.supportedContentTypes());
        List<Embedding> found = model.embed(EmbeddingRequest.builder()
                        .input("a circle.")
                        .input(ImageContent.from(circle, "image/png"))
                        .input(ImageContent.from(square.toUri()))
                        .build())
                .embeddings();
        assertEquals(3, found.size());
        assertEquals(model.dimension(), found.get(0).dimension());
        assertTrue(CosineSimilarity.between(found.get(0), found.get(1))
                > CosineSimilarity.between(found.get(0), found.get(2)));
        assertArrayEquals(model.embed(square).vector(), found.get(2).vector(), 1e-6f);
        assertArrayEquals(
                embedder.text("a circle."), model.embed("a circle.").content().vector());
        double length = 0;
        for (float x : found.get(1).vector()) {
            length += x * x;
        }
        assertEquals(1, length, 1e-5);
    }

    @Test
    void whatCannotBeEmbedded_isRefusedWithTheReason() {
        ResidualEmbeddingModel model = new ResidualEmbeddingModel(embedder);
        String two = refusal(model, EmbeddingInput.from(TextContent.from("a"), TextContent.from("b")));
        assertTrue(two.contains("found 2 contents"), two);
        String far = refusal(model, EmbeddingInput.from(ImageContent.from("https://example.org/a.png")));
        assertTrue(far.contains("Fetch the image"), far);
        String text = refusal(model, EmbeddingInput.from(ImageContent.from("bm8=", "image/png")));
        assertTrue(text.contains("no readable image"), text);
    }

    private static String refusal(ResidualEmbeddingModel model, EmbeddingInput input) {
        EmbeddingRequest request = EmbeddingRequest.builder().input(input).build();
        return String.valueOf(
                assertThrows(InputException.class, () -> model.doEmbed(request)).getMessage());
    }

    @Test
    void theTool_classifiesImagesOfItsFolderAlone() throws IOException {
        Path outside = Files.createDirectories(folder.resolve("inside")).resolve("../circle.png");
        try (Classifier classifier = residual.zeroShot(List.of("circle", "square"), List.of("a {}."))) {
            ClassificationTool tool = new ClassificationTool(classifier, folder);
            assertTrue(tool.classify("circle.png").startsWith("circle ("), tool.classify("circle.png"));
            assertEquals("circle, square", tool.classes());
            ClassificationTool narrow = new ClassificationTool(classifier, folder.resolve("inside"));
            assertTrue(Files.exists(outside));
            assertTrue(narrow.classify("../circle.png").contains("outside the folder"));
            assertTrue(narrow.classify(circle.toString()).contains("outside the folder"));
            assertTrue(narrow.classify("none.png").contains("no such file"));
            assertEquals(2, ToolSpecifications.toolSpecificationsFrom(tool).size());
        }
    }
}
