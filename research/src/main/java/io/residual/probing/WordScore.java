package io.residual.probing;

import io.residual.description.Description;
import io.residual.probing.Factor.Sentence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether words name what is there.
 *
 * @param method how they were found
 * @param asked units or components whose attribute is beyond chance and has words at all
 * @param first of these, how many whose first word names the attribute
 * @param among of these, how many where one of the first three does
 * @param chance what {@code first} would be on average if the words of a layer's units were dealt out among them at
 *     random
 * @param sentence what {@code first} would be on average for a sentence drawn from the dictionary at random
 * @param probability of at least {@code first} by such dealing
 * @param levelAsked of {@code first}, those with a direction
 * @param levelRight of these, how many name the very level that lies furthest out on the side that the sign says
 * @param levelChance what that would be on average for a level drawn at random
 */
public record WordScore(
        String method,
        int asked,
        int first,
        int among,
        double chance,
        double sentence,
        double probability,
        int levelAsked,
        int levelRight,
        double levelChance) {
    private static final int ROUNDS = 2_000;

    /**
     * Truth and the words found for it.
     *
     * @param values where the words have a direction, the coordinates along it
     */
    record Named(int layer, Factor truth, List<Description.Term> terms, double @Nullable [] values) {}

    /**
     * The score of what one method found.
     *
     * @param sentences the dictionary
     * @param levels of each factor, one an image
     */
    static WordScore of(String method, List<Named> named, List<Sentence> sentences, int[][] levels, long seed) {
        return of(method, named, sentences, levels, seed, ROUNDS);
    }

    static WordScore of(
            String method, List<Named> named, List<Sentence> sentences, int[][] levels, long seed, int rounds) {
        List<Named> asked = named.stream().filter(n -> !n.terms.isEmpty()).toList();
        List<Factor> truths = asked.stream().map(Named::truth).toList();
        List<Factor> said = asked.stream()
                .map(n -> sentences.get(n.terms.get(0).index()).factor())
                .toList();
        List<Integer> layers = asked.stream().map(Named::layer).toList();
        int among = 0;
        int levelAsked = 0;
        int levelRight = 0;
        double levelChance = 0;
        double sentence = 0;
        for (Named each : asked) {
            Sentence top = sentences.get(each.terms.get(0).index());
            sentence += (double) sentences.stream()
                            .filter(x -> x.factor() == each.truth)
                            .count()
                    / sentences.size();
            among += each.terms.stream().anyMatch(t -> sentences.get(t.index()).factor() == each.truth) ? 1 : 0;
            if (top.factor() == each.truth && each.values != null) {
                int extreme = Association.extremeLevel(
                        each.values,
                        levels[each.truth.ordinal()],
                        each.truth.levels(),
                        Math.signum(each.terms.get(0).weight()));
                levelAsked++;
                levelRight += extreme == top.level() ? 1 : 0;
                levelChance += 1.0 / each.truth.levels();
            }
        }
        int first = right(truths, said);
        Permutation test = Permutation.test(
                first, rounds, seed, random -> right(truths, Permutation.within(layers, said, random)));
        return new WordScore(
                method,
                asked.size(),
                first,
                among,
                test.chance(),
                sentence,
                test.probability(),
                levelAsked,
                levelRight,
                levelChance);
    }

    private static int right(List<Factor> truths, List<Factor> said) {
        int right = 0;
        for (int i = 0; i < truths.size(); i++) {
            right += said.get(i) == truths.get(i) ? 1 : 0;
        }
        return right;
    }
}
