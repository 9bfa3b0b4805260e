package io.residual.world;

import java.util.List;

/**
 * A stream of random numbers that is the same on every machine and Java version: SplitMix64 (Steele, Lea, Flood 2014),
 * integer arithmetic and exact conversions only.
 */
public final class Dice {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private long state;

    public Dice(long seed) {
        state = mix(seed + GOLDEN);
    }

    /** An independent stream for item {@code index} of the stream named by {@code seed}. */
    public static Dice of(long seed, long index) {
        return new Dice(mix(seed + GOLDEN) ^ mix(index * GOLDEN + 0x632BE59BD9B4E019L));
    }

    /** Returns 64 random bits. */
    public long bits() {
        state += GOLDEN;
        return mix(state);
    }

    private static long mix(long z) {
        long y = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        y = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
        return y ^ (y >>> 31);
    }

    /** Uniform in [0, 1). */
    public double uniform() {
        return (bits() >>> 11) * 0x1.0p-53;
    }

    /** Uniform in [low, high). */
    public double uniform(double low, double high) {
        return low + (high - low) * uniform();
    }

    /** Uniform in 0 … bound − 1. */
    public int below(int bound) {
        return (int) (uniform() * bound);
    }

    /** True with this probability. */
    public boolean chance(double probability) {
        return uniform() < probability;
    }

    /** One of the items. */
    public <T> T pick(List<T> items) {
        return items.get(below(items.size()));
    }

    /** One of the items. */
    @SafeVarargs
    public final <T> T pick(T... items) {
        return items[below(items.length)];
    }

    /**
     * About normal, mean 0, deviation 1: four 16-bit uniforms added up (Irwin–Hall), exact on every machine, and cheap
     * enough for every pixel.
     */
    public double normal() {
        long b = bits();
        long sum = (b & 0xFFFF) + ((b >>> 16) & 0xFFFF) + ((b >>> 32) & 0xFFFF) + (b >>> 48);
        return (sum - 131_070) / 37_837.2; // 2 · 65535, and 65536 / √3
    }

    /** The first {@code count} of a random order of the items. */
    public <T> List<T> sample(List<T> items, int count) {
        List<T> pool = new java.util.ArrayList<>(items);
        for (int i = 0; i < count; i++) {
            java.util.Collections.swap(pool, i, i + below(pool.size() - i));
        }
        return List.copyOf(pool.subList(0, count));
    }
}
