/** The image tower with a folded adapter as one ONNX file, for other runtimes. */
@org.jspecify.annotations.NullMarked
package io.residual.onnx;
