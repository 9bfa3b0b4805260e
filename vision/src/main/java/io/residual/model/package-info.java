/**
 * Image and text towers, their configurations, checkpoints and tokenizers: CLIP, OpenCLIP, BLIP, DINOv2 and ViT.
 *
 * <p>{@link io.residual.model.ImageTower} is the only forward pass of images. A configuration that would change the
 * computation in an unsupported way is refused, never ignored. References: transformers and open_clip, whose values the
 * conformance kits hold.
 */
@NullMarked
package io.residual.model;

import org.jspecify.annotations.NullMarked;
