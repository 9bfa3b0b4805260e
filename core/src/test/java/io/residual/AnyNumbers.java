package io.residual;

import java.util.Random;

/** Any finite numbers: every pattern of bits is as likely as another. */
public final class AnyNumbers {
    private AnyNumbers() {}

    /** Of 32 bits. */
    public static float[] floats(int count, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            do {
                values[i] = Float.intBitsToFloat(random.nextInt());
            } while (!Float.isFinite(values[i]));
        }
        return values;
    }

    /** Of 64 bits. */
    public static double[] doubles(int count, Random random) {
        return random.longs()
                .mapToDouble(Double::longBitsToDouble)
                .filter(Double::isFinite)
                .limit(count)
                .toArray();
    }
}
