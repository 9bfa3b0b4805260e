package io.residual.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Json;
import io.residual.data.ImageTree;
import io.residual.images.ImageDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The images of a tar as WebDataset writes them, in one pass: {@code key.jpg} with {@code key.cls} (a number) or {@code key.json}
 * ({@code {"label": 3}}) beside it. Names are names here and never paths: nothing is unpacked.
 */
public final class TarImages implements ImageStream.Rows {
    private static final long MOST_BYTES = 100L << 20; // of one image
    private static final long MOST_OF_A_LABEL = 1L << 20;

    private final String path;
    private final TarArchiveInputStream tar;

    /** The files of one key, as far as they have come. */
    private final class Sample {
        final String key;
        byte @Nullable [] bytes;

        @Nullable
        String problem;

        String name = "";
        int label = RawImage.UNLABELLED;

        Sample(String key) {
            this.key = key;
        }

        @Nullable
        RawImage image() {
            String said = problem;
            if (said != null) {
                return RawImage.failed(path + "#" + name, label, said);
            }
            byte[] found = bytes;
            return found == null ? null : RawImage.of(path + "#" + name, label, found);
        }
    }

    private @Nullable Sample open;
    private boolean ended;

    /**
     * The images of a stream.
     *
     * @param path what names of images begin with
     */
    public TarImages(String path, InputStream stream) {
        this.path = path;
        this.tar = new TarArchiveInputStream(stream);
    }

    @Override
    public @Nullable RawImage next() throws IOException {
        while (!ended) {
            TarArchiveEntry entry = tar.getNextEntry();
            Sample before = open;
            if (entry == null) {
                ended = true;
                open = null;
                return before == null ? null : before.image();
            }
            if (!entry.isFile()) {
                continue; // folders, links
            }
            String name = entry.getName();
            if (ImageTree.isHidden(name.substring(name.lastIndexOf('/') + 1))) {
                continue; // what macOS adds to tars, for one
            }
            int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
            if (dot < 0) {
                continue;
            }
            String key = name.substring(0, dot);
            RawImage done = null;
            if (before == null || !before.key.equals(key)) {
                done = before == null ? null : before.image();
                before = new Sample(key);
                open = before;
            }
            take(entry, name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT), before);
            if (done != null) {
                return done;
            }
        }
        return null;
    }

    private void take(TarArchiveEntry entry, String ending, Sample sample) throws IOException {
        boolean image = ImageDecoder.ENDINGS.contains(ending);
        if (!image && !ending.equals("cls") && !ending.equals("json")) {
            return;
        }
        if (image) {
            sample.name = entry.getName();
        }
        long most = image ? MOST_BYTES : MOST_OF_A_LABEL;
        if (entry.getSize() > most) {
            sample.problem =
                    "has " + entry.getSize() + " bytes in " + entry.getName() + ", at most " + most + " are read";
            return;
        }
        byte[] content = tar.readNBytes((int) entry.getSize());
        if (content.length < entry.getSize()) {
            throw new IOException("ends in the middle of " + entry.getName());
        }
        if (image) {
            sample.bytes = content;
            return;
        }
        String text = new String(content, StandardCharsets.UTF_8).strip();
        if (ending.equals("json")) {
            number(text, sample);
        } else if (text.matches("[0-9]{1,9}")) {
            sample.label = Integer.parseInt(text);
        } else {
            sample.problem = "has a label '" + text.substring(0, Math.min(20, text.length())) + "' that is no number";
        }
    }

    private static void number(String json, Sample sample) {
        try {
            JsonNode label = Json.parse(json, Json.Limits.FOREIGN).path("label");
            if (label.isIntegralNumber() && label.canConvertToInt() && label.intValue() >= 0) {
                sample.label = label.intValue();
            } else if (!label.isMissingNode()) { // captions and the like are no labels
                sample.problem = "has a label that is no number from 0";
            }
        } catch (JsonProcessingException e) {
            sample.problem = "has a label in damaged JSON";
        }
    }

    @Override
    public long left() {
        return -1;
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
