package io.residual.robustness.fuzz;

import io.residual.data.IdxFiles;
import io.residual.data.Splitting;
import java.nio.file.Path;
import java.util.Arrays;

/** IDX, plain and gzipped: an image file of as many bytes as the second byte says, then a label file. */
public final class IdxFuzz {
    private IdxFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 2) {
            return;
        }
        int images = Math.min(data.length - 2, data[1] & 0xFF);
        String ending = (data[0] & 1) == 1 ? ".gz" : "";
        String folder = "idx" + ending;
        Scratch.write(folder + "/train-images-idx3-ubyte" + ending, Arrays.copyOfRange(data, 2, 2 + images));
        Scratch.write(folder + "/train-labels-idx1-ubyte" + ending, Arrays.copyOfRange(data, 2 + images, data.length));
        Path path = Scratch.at(folder);
        Scratch.read(() -> IdxFiles.open(path, Splitting.DEFAULT));
    }
}
