package io.residual.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Image-text retrieval: recall at 1 and 5 among all images and captions given. Equal captions count as matches of each
 * other.
 *
 * @param textOfImage1 share of images whose nearest caption is theirs
 * @param textOfImage5 share with theirs among the nearest five
 * @param imageOfText1 share of captions whose nearest image is theirs
 * @param imageOfText5 share with theirs among the nearest five
 */
public record Retrieval(double textOfImage1, double textOfImage5, double imageOfText1, double imageOfText5) {
    /** A part of a document. */
    public ObjectNode json() {
        return Json.object()
                .put("text_of_image_1", textOfImage1)
                .put("text_of_image_5", textOfImage5)
                .put("image_of_text_1", imageOfText1)
                .put("image_of_text_5", imageOfText5);
    }

    /**
     * Recall of images and captions.
     *
     * @param images embeddings [n, D]
     * @param texts embeddings [n, D] of the captions, of unit length
     * @param captions the n captions, of the images in order
     */
    public static Retrieval of(Tensor images, Tensor texts, List<String> captions) {
        try (NativeScope scope = NativeScope.inference()) {
            int n = captions.size();
            Finite.requireDirections(images, i -> "the image of '" + captions.get(i) + "'", Finite.SELF_CHECK);
            Finite.requireDirections(texts, captions::get, Finite.SELF_CHECK);
            float[] similar = Tensors.floats(Ops.normalise(images).matmul(texts.t()));
            double[] found = new double[4];
            for (int i = 0; i < n; i++) {
                int imageRank = 0; // captions nearer to image i than the nearest of its own
                int textRank = 0;
                float own = Float.NEGATIVE_INFINITY;
                float ownImage = Float.NEGATIVE_INFINITY;
                for (int j = 0; j < n; j++) {
                    if (captions.get(j).equals(captions.get(i))) {
                        own = Math.max(own, similar[i * n + j]);
                        ownImage = Math.max(ownImage, similar[j * n + i]);
                    }
                }
                for (int j = 0; j < n; j++) {
                    boolean same = captions.get(j).equals(captions.get(i));
                    imageRank += !same && similar[i * n + j] >= own ? 1 : 0;
                    textRank += !same && similar[j * n + i] >= ownImage ? 1 : 0;
                }
                found[0] += imageRank < 1 ? 1 : 0;
                found[1] += imageRank < 5 ? 1 : 0;
                found[2] += textRank < 1 ? 1 : 0;
                found[3] += textRank < 5 ? 1 : 0;
            }
            return new Retrieval(found[0] / n, found[1] / n, found[2] / n, found[3] / n);
        }
    }
}
