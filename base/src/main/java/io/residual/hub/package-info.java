/**
 * Models and data sets by their name on the Hugging Face hub: downloads, and the cache that Python's huggingface_hub
 * uses, in its layout.
 *
 * <p>Never sends the token to an address other than the endpoint, and never gives a file its name before its size and
 * hash are those that the hub announced. Reference: the cache layout of huggingface_hub.
 */
@NullMarked
package io.residual.hub;

import org.jspecify.annotations.NullMarked;
