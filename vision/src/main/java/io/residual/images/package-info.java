/**
 * From image files to preprocessed pixels: decoding, orientation, resizing and normalisation as Pillow does them.
 *
 * <p>Never decodes an image whose header exceeds the limits, and never follows embedded profiles, text or further
 * frames. Reference: Pillow, and the image processors of transformers and open_clip.
 */
@NullMarked
package io.residual.images;

import org.jspecify.annotations.NullMarked;
