package io.residual.spring;

import io.residual.base.InputException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** An application that cannot start for a reason that its user can put right says so in one sentence, without a stack trace. */
final class InputFailureAnalyzer extends AbstractFailureAnalyzer<InputException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable failure, InputException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
    }
}
