/**
 * Residual in LangChain4j: {@link io.residual.langchain4j.ResidualEmbeddingModel} embeds images and texts in one space, for any
 * {@code EmbeddingStore}; {@link io.residual.langchain4j.ClassificationTool} is what an assistant can call.
 */
@NullMarked
package io.residual.langchain4j;

import org.jspecify.annotations.NullMarked;
