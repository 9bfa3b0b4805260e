package io.residual.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormerNamesTest {
    @ParameterizedTest
    @CsvSource({
        "align --pulls 3 --accept=.9, align --penalties 3 --target-accuracy=.9",
        "forget --dial 0:1 --picture x.svg, forget --interpolation 0:1 --figure x.svg",
        "explain --svg=a=b.svg, explain --figure=a=b.svg",
        "study --pictures 600 --task-pictures 50, probing --images 600 --task-images 50",
        "evaluate --test-pictures d, evaluate --test-images d",
        // A value, a file after a bare --, and a name that only begins like a former one stay as they are.
        "predict --data study -- --svg, predict --data study -- --svg",
        "align --pulls-x 3, align --pulls-x 3",
    })
    void replaced_formerNames_becomeTodays(String former, String now) {
        assertArrayEquals(now.split(" "), FormerNames.replaced(former.split(" ")));
    }
}
