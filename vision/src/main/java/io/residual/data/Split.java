package io.residual.data;

/**
 * The split that images belong to, as a type parameter: fitting takes {@code Train}, model selection takes {@code
 * Validation}, and only the final score takes {@code Test}. There are no instances.
 */
public sealed interface Split {
    /** Images that parameters are fitted on. */
    final class Train implements Split {
        private Train() {}
    }

    /** Images on which epochs, penalty strengths, heads and methods are selected. */
    final class Validation implements Split {
        private Validation() {}
    }

    /** Images for the reported score, opened once, after every choice. */
    final class Test implements Split {
        private Test() {}
    }
}
