package io.residual.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script that completes commands and options in bash, zsh or fish.",
        footer = {
            "",
            "Example (bash): source <(residual completion)",
            "Example (zsh, after compinit): source <(residual completion --shell zsh)",
            "Example (fish): residual completion --shell fish | source"
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(
            names = "--shell",
            defaultValue = "bash",
            paramLabel = "NAME",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Completions.Shell shell = Completions.Shell.BASH;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(Completions.script(spec.root().commandLine(), shell));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
