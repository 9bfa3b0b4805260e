package io.residual.model;

import java.util.Arrays;
import java.util.List;

/** A set of code points, or of bytes; immutable. */
final class CodePointSet {
    /** Where ranges begin and where they have ended, in turn, ascending. */
    private final int[] bounds;

    private CodePointSet(int[] bounds) {
        this.bounds = bounds;
    }

    /** Of ascending ranges {@code A} or {@code A-B}, hexadecimal, that do not touch. */
    static CodePointSet of(List<String> ranges) {
        int[] bounds = new int[2 * ranges.size()];
        for (int i = 0; i < ranges.size(); i++) {
            String[] ends = ranges.get(i).split("-");
            bounds[2 * i] = Integer.parseInt(ends[0], 16);
            bounds[2 * i + 1] = Integer.parseInt(ends[ends.length - 1], 16) + 1;
        }
        return new CodePointSet(bounds);
    }

    boolean contains(int point) {
        int at = Arrays.binarySearch(bounds, point);
        int passed = at >= 0 ? at + 1 : -at - 1;
        return passed % 2 == 1;
    }

    /** Whether every one of {@code text}'s places from {@code from}, {@code count} of them, exists and is a member. */
    boolean containsAll(int[] text, int from, int count) {
        boolean all = from + count <= text.length;
        for (int i = from; all && i < from + count; i++) {
            all = contains(text[i]);
        }
        return all;
    }

    boolean containsAny(int[] text) {
        return Arrays.stream(text).anyMatch(this::contains);
    }
}
