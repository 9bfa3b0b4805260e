/**
 * The image tower with a folded adapter as one ONNX file, for other runtimes. The same adapter gives the same bytes.
 *
 * <p>Reference: the ONNX operators of opset 17.
 */
@org.jspecify.annotations.NullMarked
package io.residual.onnx;
