package io.residual.pretrain;

import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.model.TokenIds;
import io.residual.pretrain.Curriculum.Shown;
import io.residual.world.Dice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The batches of a run, in order, drawn a few steps ahead on another thread. */
final class BatchStream implements AutoCloseable {
    /** Share of captions' words with a letter lost, doubled or exchanged, so that spelling comes to mean something. */
    private static final double MISSPELT = .04;

    /** Share of captions' words replaced by a sign that no piece fits, so that such signs come to mean nothing. */
    private static final double UNREADABLE = .01;

    private static final double FULL_STOP = .15;

    private static final int AHEAD = 4;

    /** One step's pixels, n · 3 · S · S, and captions. */
    record Batch(float[] pixels, TokenIds captions) {}

    private final PretrainSettings settings;
    private final Curriculum curriculum;
    private final WorldTokenizer tokenizer;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "batches");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Future<Batch>> ready = new ArrayDeque<>();
    private long next;

    BatchStream(PretrainSettings settings, Curriculum curriculum, WorldTokenizer tokenizer, long firstStep) {
        this.settings = settings;
        this.curriculum = curriculum;
        this.tokenizer = tokenizer;
        this.next = firstStep;
        while (ready.size() < AHEAD) {
            request();
        }
    }

    private void request() {
        long step = next++;
        ready.add(worker.submit(() -> draw(step)));
    }

    Batch take() throws InterruptedException {
        if (Thread.interrupted()) { // a finished future would not notice
            throw new InterruptedException("stopped");
        }
        request();
        try {
            return ready.remove().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot draw a batch", e.getCause());
        }
    }

    private Batch draw(long step) {
        List<Shown> batch = curriculum.batch(settings, step);
        Dice dice = Dice.of(settings.seed() + 77, step);
        List<String> captions = new ArrayList<>();
        for (Shown item : batch) {
            String[] words = item.caption().split(" ");
            Arrays.setAll(words, i -> carelessly(words[i], dice));
            captions.add(String.join(" ", words) + (dice.chance(FULL_STOP) ? "." : ""));
        }
        return new Batch(pixels(batch.stream().map(Shown::image).toList()), tokenizer.encode(captions));
    }

    private static String carelessly(String word, Dice dice) {
        if (dice.chance(UNREADABLE)) {
            return "\u00a7";
        }
        if (word.length() < 2 || !dice.chance(MISSPELT)) {
            return word;
        }
        int at = dice.below(word.length() - 1);
        String before = word.substring(0, at);
        String after = word.substring(at + 1);
        return switch (dice.below(3)) {
            case 0 -> before + after;
            case 1 -> before + word.charAt(at) + word.charAt(at) + after;
            default -> before + word.charAt(at + 1) + word.charAt(at) + word.substring(at + 2);
        };
    }

    /** Normalised pixels, n · 3 · S · S; the images already have the tower's size. */
    static float[] pixels(List<Image> images) {
        int area = TinyClip.IMAGE.imageSize() * TinyClip.IMAGE.imageSize();
        float[] out = new float[images.size() * 3 * area];
        for (int n = 0; n < images.size(); n++) {
            byte[] rgb = images.get(n).rgb();
            for (int c = 0; c < 3; c++) {
                for (int i = 0; i < area; i++) {
                    out[(n * 3 + c) * area + i] = ((rgb[i * 3 + c] & 0xFF) / 255f - Preprocessing.CLIP_MEAN[c])
                            / Preprocessing.CLIP_DEVIATION[c];
                }
            }
        }
        return out;
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
