package io.residual.base;

import java.util.Random;

/** The numbers from 0 in a random order, every order being equally likely (Fisher and Yates, inside out). */
public final class RandomOrder {
    private RandomOrder() {}

    /** 0 … n − 1 in an order that the next numbers of {@code random} decide. */
    public static int[] of(int n, Random random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
