/**
 * Data sets: folders, IDX files and tables as labelled images in three splits, with class names and prompts.
 *
 * <p>Splits are types ({@link io.residual.data.Split}) and share no image. A reader never drops a file silently: what
 * is left out is counted and named with a remedy. Reference: torchvision's ImageFolder, and the split names of the
 * Hugging Face datasets library.
 */
@NullMarked
package io.residual.data;

import org.jspecify.annotations.NullMarked;
