package io.residual.examples.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The application as it is started, asked over HTTP. */
class UploadTest {
    private static HttpResponse<String> upload(String address, byte[] image) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String head = """
                --limit
                Content-Disposition: form-data; name="image"; filename="a.png"
                Content-Type: image/png

                """;
        body.write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        body.write(image);
        body.write("\r\n--limit--\r\n".getBytes(StandardCharsets.US_ASCII));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address + "/classify"))
                                .header("Content-Type", "multipart/form-data; boundary=limit")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static String get(String address) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static byte[] square() throws IOException {
        BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(240, 240, 240));
        graphics.fillRect(0, 0, 48, 48);
        graphics.setColor(new Color(220, 30, 30));
        graphics.fillRect(13, 13, 22, 22);
        graphics.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    @Test
    void anUpload_isClassified_andSeenByHealthAndMetrics() throws IOException, InterruptedException {
        try (ConfigurableApplicationContext context =
                SpringApplication.run(UploadApplication.class, "--server.port=0", "--server.address=127.0.0.1")) {
            String address = "http://127.0.0.1:"
                    + Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port"));
            assertTrue(get(address + "/").contains("<h1>Classify an image</h1>"));
            HttpResponse<String> answer = upload(address, square());
            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("\"label\":\"square\""), answer.body());
            HttpResponse<String> refused = upload(address, "no image".getBytes(StandardCharsets.US_ASCII));
            assertEquals(400, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains("the upload: found no readable image"), refused.body());
            String health = get(address + "/actuator/health");
            assertTrue(health.startsWith("{") && health.contains("\"model\":\"world-clip\""), health);
            String predictions = get(address + "/actuator/metrics/residual.predictions");
            assertTrue(predictions.contains("{\"statistic\":\"COUNT\",\"value\":1.0}"), predictions);
            String unreadable = get(address + "/actuator/metrics/residual.images?tag=result:unreadable");
            assertTrue(unreadable.contains("\"value\":1.0"), unreadable);
        }
    }
}
