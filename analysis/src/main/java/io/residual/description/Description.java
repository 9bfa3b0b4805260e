package io.residual.description;

import java.util.List;

/**
 * Texts that describe a unit or a component, in the order in which they were chosen.
 *
 * @param terms the texts
 */
public record Description(List<Term> terms) {
    public Description {
        terms = List.copyOf(terms);
    }

    /**
     * One text.
     *
     * @param index in the dictionary
     * @param weight its coefficient (matching pursuit), or the deviation along it when it was chosen (TextSpan)
     * @param explained share explained by all texts so far: of the unit's variance, or, for a direction, of its squared
     *     length
     * @param variance share of the unit's variance that all texts so far explain
     */
    public record Term(int index, String text, double weight, double explained, double variance) {}

    /** The texts' indices in the dictionary. */
    public int[] indices() {
        return terms.stream().mapToInt(Term::index).toArray();
    }
}
