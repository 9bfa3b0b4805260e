package io.residual.spark;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Unwritable;
import io.residual.provenance.Provenance;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import scala.Option;

/** The command line for Spark. Exit codes: 0 done, 1 a failure of ours or the cluster's, 2 something that the user can put right. */
@Command(
        name = "residual-spark",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Traces, spectra, predictions and comparisons on Apache Spark.",
        subcommands = {TraceJob.class, SpectrumJob.class, PredictJob.class, EvaluateJob.class},
        footer = {"", "Each command explains itself: residual-spark trace --help"})
public final class Main {
    private Main() {}

    /** Prints the version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {Provenance.version()};
        }
    }

    /** Runs a command line and ends the process. */
    public static void main(String[] args) {
        PrintWriter out = writer(System.out);
        PrintWriter err = writer(System.err);
        int code = run(out, err, args);
        out.flush();
        err.flush();
        AtomicFiles.abandon();
        boolean local = stop();
        if (!local && code == 0) {
            return; // so that a cluster's manager hears that it went well
        }
        if (!local) {
            System.exit(code);
        }
        Runtime.getRuntime().halt(code); // native destructors must not run beside threads that still compute
    }

    /** Ends Spark, which closes its log and clears its folders away; whether the tasks ran in this process. */
    private static boolean stop() {
        Option<SparkSession> session = SparkSession.getDefaultSession();
        if (session.isEmpty()) {
            return true;
        }
        boolean local = session.get().sparkContext().isLocal();
        session.get().stop();
        return local;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** Runs a command line; gives the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((exception, command, result) -> explain(exception, command));
        line.setExecutionStrategy(new CommandLine.RunLast());
        if (args.length == 0) {
            line.usage(out);
            return 0;
        }
        return line.execute(args);
    }

    private static int explain(Exception exception, CommandLine command) {
        PrintWriter err = command.getErr();
        InputException wrong = input(exception);
        if (wrong != null) {
            err.println("residual-spark: " + wrong.getMessage());
            return 2;
        }
        if (Unwritable.input("the output", exception) != null) {
            err.println("residual-spark: " + exception.getMessage());
            return 2;
        }
        err.println("residual-spark: " + exception.getMessage());
        exception.printStackTrace(err);
        return 1;
    }

    /** What tasks complain of comes wrapped. */
    private static @Nullable InputException input(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof InputException input) {
                return input;
            }
        }
        return null;
    }
}
