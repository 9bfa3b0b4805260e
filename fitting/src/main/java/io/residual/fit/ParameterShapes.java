package io.residual.fit;

import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Parameters as tensors, as arrays, and as one row of numbers, which an optimiser sees.
 *
 * @param shapes of the tensors, in order
 */
record ParameterShapes(List<long[]> shapes) {
    static ParameterShapes of(List<Tensor> parameters) {
        return new ParameterShapes(parameters.stream().map(Tensors::shape).toList());
    }

    /** Numbers as tensors of these shapes. */
    List<Tensor> shaped(List<float[]> numbers) {
        List<Tensor> out = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            out.add(Tensors.of(numbers.get(i), shapes.get(i)));
        }
        return out;
    }

    /** All numbers in a row, parted by these shapes. */
    List<float[]> split(double... numbers) {
        List<float[]> out = new ArrayList<>();
        int at = 0;
        for (long[] shape : shapes) {
            float[] part = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
            for (int i = 0; i < part.length; i++) {
                part[i] = (float) numbers[at++];
            }
            out.add(part);
        }
        return out;
    }

    /** All numbers of some tensors in a row. */
    static double[] flat(List<Tensor> tensors) {
        List<double[]> parts = tensors.stream().map(Tensors::doubles).toList();
        double[] all = new double[parts.stream().mapToInt(p -> p.length).sum()];
        int at = 0;
        for (double[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
