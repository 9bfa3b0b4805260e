package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimilarTest {
    private static final List<String> KNOWN = List.of("residual", "residual-star", "linear", "world:colors", "base");

    @ParameterizedTest
    @CsvSource({
        "resdual, Did you mean 'residual'?",
        "RESIDUAL_star, Did you mean 'residual-star'?",
        "world:colrs, Did you mean 'world:colors'?",
        "lienar, Did you mean 'linear'?",
        "bsae, Did you mean 'base'?",
        "tip, Give one",
        "x, Give one",
        "as, Give one",
        "'', Give one",
    })
    void nearest_isProposed(String given, String remedy) {
        assertEquals(remedy, Similar.remedy(given, KNOWN, "Give one"));
    }
}
