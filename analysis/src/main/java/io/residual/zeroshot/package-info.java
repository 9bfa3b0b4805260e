/**
 * The frozen classifier: class embeddings from prompts or class means, the logit scale, and accuracy with its interval.
 *
 * <p>Never knows an adapter. References: Radford et al. 2021 (prompts); Guo et al. 2017 (temperature); Wilson 1927
 * (interval).
 */
@NullMarked
package io.residual.zeroshot;

import org.jspecify.annotations.NullMarked;
