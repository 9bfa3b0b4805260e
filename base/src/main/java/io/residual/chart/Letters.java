package io.residual.chart;

import java.util.ArrayList;
import java.util.List;

/** How wide texts are, roughly: the figure's font is the reader's, so that a layout can only estimate. */
final class Letters {
    private Letters() {}

    /** In letters' heights (em), as a sans serif of usual width has it. */
    static double width(String text) {
        return text.codePoints().mapToDouble(Letters::width).sum();
    }

    private static double width(int c) {
        if ("ijl.,:;'|!()[]ft I-/".indexOf(c) >= 0) {
            return .33;
        }
        if ("mwMW%@".indexOf(c) >= 0) {
            return .87;
        }
        if (c > 0x2e80) { // Chinese, Japanese, Korean
            return 1;
        }
        return Character.isUpperCase(c) ? .7 : .56;
    }

    /** The widest of some texts, in em; 0 of none. */
    static double widest(List<String> texts) {
        return texts.stream().mapToDouble(Letters::width).max().orElse(0);
    }

    /** Breaks a text at spaces into lines of at most a width in em; a longer word stands alone. */
    static List<String> lines(String text, double width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && width(line + " " + word) > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() > 0 ? " " : "").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** Cuts a text that is wider than a width in em, with an ellipsis. */
    static String cut(String text, double width) {
        if (width(text) <= width) {
            return text;
        }
        int end = text.length();
        while (end > 1 && width(text.substring(0, end)) > width - .9) {
            end = text.offsetByCodePoints(end, -1);
        }
        return text.substring(0, end) + "…";
    }
}
