package io.residual.model;

import java.util.List;

/** Alternatives, each a row of sets that as many code points (or bytes) in a row must belong to. */
record SetRows(List<Row> rows) {
    /** @param atStart whether it counts only at the beginning */
    record Row(boolean atStart, List<CodePointSet> sets) {
        boolean fits(int[] text, int from) {
            boolean fits = from + sets.size() <= text.length && (from == 0 || !atStart);
            for (int i = 0; fits && i < sets.size(); i++) {
                fits = sets.get(i).contains(text[from + i]);
            }
            return fits;
        }
    }

    /** How many places from {@code from} the first alternative that fits there takes, 0 if none does. */
    int length(int[] text, int from) {
        for (Row row : rows) {
            if (row.fits(text, from)) {
                return row.sets().size();
            }
        }
        return 0;
    }

    /** Whether an alternative fits anywhere. */
    boolean within(int[] text) {
        for (int i = 0; i < text.length; i++) {
            if (length(text, i) > 0) {
                return true;
            }
        }
        return false;
    }
}
