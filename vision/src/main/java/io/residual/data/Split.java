package io.residual.data;

/**
 * The part of a data set that images belong to, as a type: what is fitted takes {@code Train}, what is chosen takes
 * {@code Validation}, and only the final score takes {@code Test}. There are no instances.
 */
public sealed interface Split {
    /** What parameters are fitted on. */
    final class Train implements Split {
        private Train() {}
    }

    /** What epochs, strengths, heads and methods are chosen on. */
    final class Validation implements Split {
        private Validation() {}
    }

    /** What is reported, once, after every choice has been made. */
    final class Test implements Split {
        private Test() {}
    }
}
