package io.residual.base;

import java.util.Collection;
import java.util.Locale;

/** Suggestions for misspelt names. */
public final class Similar {
    private Similar() {}

    /**
     * The remedy for an unknown name: the nearest known name if it is close enough.
     *
     * @param otherwise the remedy where nothing is near, as for {@link InputException#at}
     */
    public static String remedy(String name, Collection<String> known, String otherwise) {
        String nearest = null;
        int best = name.length() / 3 + 1;
        for (String candidate : known) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT), best);
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        return nearest == null ? otherwise : "Did you mean '" + nearest + "'?";
    }

    /** Insertions, deletions, replacements and swaps of neighbours that lead from one to the other; {@code most} stands for more. */
    private static int distance(String a, String b, int most) {
        if (Math.abs(a.length() - b.length()) >= most) {
            return most;
        }
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] now = new int[b.length() + 1];
            now[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(replaced, 1 + Math.min(last[j], now[j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    now[j] = Math.min(now[j], before[j - 2] + 1);
                }
            }
            before = last;
            last = now;
        }
        return last[b.length()];
    }
}
