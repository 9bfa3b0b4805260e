package io.residual.spark;

import io.residual.base.AtomicFiles;
import io.residual.base.StandardStreams;
import io.residual.command.CommandLines;
import io.residual.provenance.Provenance;
import java.io.PrintWriter;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.RunLast;
import scala.Option;

/** The command line for Spark. Exit codes: 0 done, 1 a failure of ours or the cluster's, 2 something that the user can put right. */
@Command(
        name = "residual-spark",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Traces, spectra, predictions and comparisons on Apache Spark.",
        subcommands = {TraceJob.class, SpectrumJob.class, PredictJob.class, EvaluateJob.class},
        footer = {"", "Help on one command: residual-spark trace --help"})
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
        int code = CommandLines.run(new Main(), new RunLast(), StandardStreams.ofProcess(), args);
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

    /** Runs a command line; gives the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return CommandLines.run(new Main(), new RunLast(), out, err, args);
    }
}
