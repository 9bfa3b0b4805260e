package io.residual.command;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.base.StandardStreams;
import io.residual.base.Unwritable;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs command lines. Exit codes: 0 done, 1 a failure of ours or of a check, 2 something that the user can put right. A mistake costs one
 * line, and one with what the command wants.
 */
public final class CommandLines {
    private static final int FAILED = 1;
    private static final int MISTAKE = 2;

    private CommandLines() {}

    /**
     * Runs a command line.
     *
     * @param commands an object with picocli's annotations
     * @param strategy runs the parsed command
     * @return the exit code
     */
    public static int run(
            Object commands, IExecutionStrategy strategy, PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(commands)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setExpandAtFiles(false) // an image may be called @cat.jpg
                .setParameterExceptionHandler((mistake, given) -> explain(mistake))
                .setExecutionExceptionHandler((e, command, result) -> explain(e, command.getErr(), name(command)))
                .setExecutionStrategy(result -> {
                    try {
                        return strategy.execute(result);
                    } catch (StandardStreams.Failed e) {
                        return FAILED; // StandardStreams.finish says why
                    }
                });
        // A class may be called 5" pipe, so quotation marks mean nothing.
        line.getSubcommands().values().forEach(c -> c.getCommandSpec().parser().splitQuotedStrings(true));
        try {
            if (arguments.length == 0) {
                line.usage(out);
                return 0;
            }
            return line.execute(FormerNames.replaced(helping(line, arguments)));
        } catch (StandardStreams.Failed e) {
            return FAILED;
        } catch (Error e) {
            return explain(e, err, name(line));
        }
    }

    /** {@code help align} means {@code align --help}, as in other programs; an unknown command is a mistake all the same. */
    private static String[] helping(CommandLine line, String... arguments) {
        if (!arguments[0].equals("help")) {
            return arguments;
        }
        if (arguments.length > 1 && !line.getSubcommands().containsKey(arguments[1])) {
            return Arrays.copyOfRange(arguments, 1, arguments.length);
        }
        return Stream.concat(Arrays.stream(arguments).skip(1), Stream.of("--help"))
                .toArray(String[]::new);
    }

    /** Runs a command line of this process, whose standard streams these are; gives the exit code of the process. */
    public static int run(Object commands, IExecutionStrategy strategy, StandardStreams streams, String... arguments) {
        String program = name(new CommandLine(commands));
        int code;
        try {
            FileNames.requireDecoded(List.of(arguments));
            code = run(commands, strategy, streams.out(), streams.err(), arguments);
        } catch (InputException e) {
            streams.err().println(program + ": " + e.getMessage());
            code = MISTAKE;
        }
        return streams.finish(program, code);
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().root().name();
    }

    /** Prints a mistake in the arguments. */
    private static int explain(ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(name(command) + ": " + Printable.line(String.valueOf(mistake.getMessage())));
        UnmatchedArgumentException.printSuggestions(mistake, err);
        err.println(usage(command.getCommandSpec()));
        return MISTAKE;
    }

    /** The required arguments of a command, in one line. */
    private static String usage(CommandSpec command) {
        StringBuilder line = new StringBuilder("Usage: ").append(command.qualifiedName());
        for (OptionSpec option : command.options()) {
            if (option.required()) {
                line.append(' ').append(option.longestName()).append('=').append(option.paramLabel());
            }
        }
        for (PositionalParamSpec argument : command.positionalParameters()) {
            String label = argument.paramLabel();
            line.append(argument.arity().min() > 0 ? " " + label : " [" + label + "]");
        }
        line.append(command.subcommands().isEmpty() ? " [options]" : " COMMAND");
        return line.append("; ")
                .append(command.qualifiedName())
                .append(" --help explains ")
                .append(command.subcommands().isEmpty() ? "them" : "the commands")
                .toString();
    }

    /**
     * Prints an error.
     *
     * @return the exit code
     */
    private static int explain(Throwable thrown, PrintWriter err, String program) {
        if (cause(thrown, StandardStreams.Failed.class) != null) {
            return FAILED;
        }
        OutOfMemoryError memory = cause(thrown, OutOfMemoryError.class);
        if (memory != null || isNativeMemory(thrown)) {
            err.println(program + ": not enough memory ("
                    + Printable.line(String.valueOf(memory == null ? thrown.getMessage() : memory.getMessage()))
                    + "; Java may use " + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MB). Give it more with RESIDUAL_JAVA_OPTIONS=-Xmx8g or so, or make the work smaller, such as by a"
                    + " smaller --batch or fewer images.");
            return FAILED;
        }
        InputException input = cause(thrown, InputException.class);
        InvalidPathException path = cause(thrown, InvalidPathException.class);
        if (input == null && path != null) {
            input = FileNames.invalid("a path", path);
        }
        if (input != null) {
            err.println(program + ": " + input.getMessage());
            return MISTAKE;
        }
        boolean unwritable = Unwritable.input("the output", thrown) != null;
        if (unwritable || thrown instanceof UncheckedIOException) {
            err.println(program + ": " + Printable.line(thrown.getMessage() + reason(thrown)));
            return unwritable ? MISTAKE : FAILED;
        }
        err.println(program + ": this should not have happened. Please report it with the lines below.");
        thrown.printStackTrace(err);
        return FAILED;
    }

    /** Finds an exception among the causes; those of threads and tasks are wrapped. */
    private static <T extends Throwable> @Nullable T cause(Throwable thrown, Class<T> of) {
        int depth = 0;
        for (Throwable cause = thrown; cause != null && depth < 50; cause = cause.getCause(), depth++) {
            if (of.isInstance(cause)) {
                return of.cast(cause);
            }
        }
        return null;
    }

    /** Java's commonest errors of files say which file and leave the rest to their class's name. */
    private static String reason(Throwable thrown) {
        FileSystemException file = cause(thrown, FileSystemException.class);
        if (file == null || file.getReason() != null) {
            return "";
        }
        return file instanceof NoSuchFileException
                ? " (no such file or folder)"
                : file instanceof AccessDeniedException
                        ? " (permission denied)"
                        : " (" + file.getClass().getSimpleName() + ")";
    }

    /** PyTorch's own allocator reports with an exception like any other. */
    private static boolean isNativeMemory(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        return message.contains("not enough memory: you tried to allocate") || message.contains("std::bad_alloc");
    }
}
