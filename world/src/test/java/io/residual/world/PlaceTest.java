package io.residual.world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceTest {
    @ParameterizedTest
    @CsvSource({
        "TOP_LEFT, top left, .22, .22",
        "TOP, top, .5, .22",
        "TOP_RIGHT, top right, .78, .22",
        "LEFT, left, .22, .5",
        "CENTER, center, .5, .5",
        "RIGHT, right, .78, .5",
        "BOTTOM_LEFT, bottom left, .22, .78",
        "BOTTOM, bottom, .5, .78",
        "BOTTOM_RIGHT, bottom right, .78, .78",
    })
    void place_isWhereItsWordsSay(Place place, String words, double x, double y) {
        assertEquals(words, place.words());
        assertEquals(x, place.x(), 1e-12); // sums of two decimal fractions
        assertEquals(y, place.y(), 1e-12);
    }
}
