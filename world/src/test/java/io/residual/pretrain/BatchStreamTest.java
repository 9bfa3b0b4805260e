package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.model.TokenIds;
import io.residual.world.CaptionedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchStreamTest {
    private static final PretrainSettings SETTINGS = new PretrainSettings(80, 8, .001, 3, 5);

    private final WorldTokenizer tokenizer = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT);

    @Test
    void stream_fromALaterStep_goesOnWithTheSameBatches() throws InterruptedException {
        try (BatchStream all = new BatchStream(SETTINGS, new WorldCurriculum(), tokenizer, 0);
                BatchStream later = new BatchStream(SETTINGS, new WorldCurriculum(), tokenizer, 5)) {
            for (int step = 0; step < 5; step++) {
                all.take();
            }
            for (int step = 5; step < 10; step++) {
                BatchStream.Batch expected = all.take();
                BatchStream.Batch actual = later.take();
                assertArrayEquals(expected.pixels(), actual.pixels());
                assertArrayEquals(expected.captions().ids(), actual.captions().ids());
            }
        }
    }

    @Test
    void batches_areThoseOfTheWorldAtTheirStep() throws InterruptedException {
        try (BatchStream stream = new BatchStream(SETTINGS, new WorldCurriculum(), tokenizer, 0)) {
            for (int step = 0; step < 10; step++) {
                List<Image> images = CaptionedImage.batch(3, step, 8, step < 4 && step % 3 != 0, false).stream()
                        .map(CaptionedImage::image)
                        .toList();
                assertArrayEquals(BatchStream.pixels(images), stream.take().pixels());
            }
        }
    }

    @Test
    void captions_areMostlyWrittenRight() throws InterruptedException {
        PretrainSettings large = new PretrainSettings(6400, 640, .001, 3, 5);
        try (BatchStream stream = new BatchStream(large, new WorldCurriculum(), tokenizer, 0)) {
            TokenIds seen = stream.take().captions();
            List<CaptionedImage> batch = CaptionedImage.batch(3, 0, 640, false, false);
            TokenIds right =
                    tokenizer.encode(batch.stream().map(CaptionedImage::caption).toList());
            TokenIds rightWithAStop =
                    tokenizer.encode(batch.stream().map(p -> p.caption() + ".").toList());
            int unchanged = 0;
            int stopped = 0;
            boolean unreadable = false;
            double expected = 0;
            for (int i = 0; i < 640; i++) {
                boolean plain = Arrays.equals(right.row(i), seen.row(i));
                boolean withAStop = Arrays.equals(rightWithAStop.row(i), seen.row(i));
                unchanged += plain || withAStop ? 1 : 0;
                stopped += withAStop ? 1 : 0;
                unreadable |= Arrays.stream(seen.row(i)).anyMatch(id -> id == tokenizer.unknown());
                for (String word : batch.get(i).caption().split(" ")) {
                    // One word of a hundred is unreadable; four of the others, if they have two letters, misspelt.
                    expected += Math.log(.99 * (word.length() < 2 ? 1 : .96)) / 640;
                }
            }
            // Captions are about equally long, so the mean logarithm gives the share to a few hundredths; four
            // deviations of 640 draws are .08. An exchange of two equal letters, too, leaves a word as it was.
            assertEquals(Math.exp(expected), unchanged / 640., .1);
            assertEquals(.15 * Math.exp(expected), stopped / 640., 4 * Math.sqrt(.15 * .85 / 640));
            assertTrue(unreadable);
        }
    }

    @Test
    void captions_fitTheContext() throws InterruptedException {
        PretrainSettings large = new PretrainSettings(6400, 640, .001, 3, 5);
        try (BatchStream stream = new BatchStream(large, new WorldCurriculum(), tokenizer, 0)) {
            for (int step = 0; step < 4; step++) {
                // At the full length the end of a caption would have been cut off.
                assertFalse(Arrays.stream(stream.take().captions().lengths()).anyMatch(n -> n >= TinyClip.CONTEXT));
            }
        }
    }

    @Test
    void pixels_areAsThePreprocessingGivesThem() {
        // Training must see what the finished model will be shown.
        List<Image> images = CaptionedImage.batch(3, 0, 3, false, false).stream()
                .map(CaptionedImage::image)
                .toList();
        float[] pixels = BatchStream.pixels(images);
        int size = 3 * 48 * 48;
        assertEquals(3 * size, pixels.length);
        for (int n = 0; n < 3; n++) {
            Image image = images.get(n);
            for (int c = 0; c < 3; c++) {
                for (int y = 0; y < 48; y += 5) {
                    for (int x = 0; x < 48; x += 5) {
                        double expected = (image.at(x, y, c) / 255. - Preprocessing.CLIP_MEAN[c])
                                / Preprocessing.CLIP_DEVIATION[c];
                        // Numbers up to 3 in floats, three roundings.
                        assertEquals(expected, pixels[n * size + (c * 48 + y) * 48 + x], 1e-6);
                    }
                }
            }
        }
    }
}
