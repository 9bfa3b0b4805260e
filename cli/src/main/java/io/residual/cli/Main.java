package io.residual.cli;

import io.residual.base.AtomicFiles;
import io.residual.base.StandardStreams;
import io.residual.command.CommandLines;
import io.residual.images.Orientation;
import io.residual.provenance.Provenance;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line. Exit codes: 0 done, 1 a failure of ours or of a check, 2 something that the user can put right. */
@Command(
        name = "residual",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        modelTransformer = CommandGroups.Added.class,
        description = "Decomposes the image tower of CLIP-like models into attention heads and MLPs, and adapts it to"
                + " your data.",
        subcommands = {
            DemoCommand.class,
            ModelsCommand.class,
            DatasetsCommand.class,
            AuditCommand.class,
            LabelNextCommand.class,
            TraceCommand.class,
            ArraysCommand.class,
            AlignCommand.class,
            FinetuneCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            ExplainCommand.class,
            InterveneCommand.class,
            EmbedCommand.class,
            ServeCommand.class,
            ExportCommand.class,
            ReportCommand.class,
            FiguresCommand.class,
            ExploreCommand.class,
            ForgetCommand.class,
            ReproduceCommand.class,
            SpectrumCommand.class,
            DescribeCommand.class,
            CompareCommand.class,
            HeadsCommand.class,
            ProbingCommand.class,
            LocateCommand.class,
            SurveyCommand.class,
            PretrainCommand.class,
            VerifyCommand.class,
            SelfCheckCommand.class,
            CacheCommand.class,
            CompletionCommand.class,
        },
        footer = {"", "Start with: residual demo", "Help on one command: residual align --help"})
public final class Main {
    /** What shells report of a process that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    /** What is printed where no command is given: the first things to do. */
    static final String BEGIN = """
        Residual decomposes CLIP-like models into attention heads and MLPs, and adapts them to
        your images. Begin with one of these:

          residual evaluate --data world:street-digits --train 200 --test 200
              methods compared on drawings that ship, with the toy model that ships
          residual demo
              five tasks and an HTML report (minutes)
          residual evaluate --data my-photos --model openai/clip-vit-base-patch16
              the same on photographs, one sub-folder per class, with a model that knows photographs

        All commands: residual --help. One command: residual evaluate --help.
        """;

    Main() {}

    /** Prints the version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {Provenance.version()};
        }
    }

    /** Runs a command line and ends the process. */
    public static void main(String[] args) {
        // The native libraries' destructors must not run beside threads that still compute, so the process is halted
        // rather than exited: on Ctrl-C by this hook, after what is half-written has been deleted.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean orderly = Ending.come();
            AtomicFiles.abandon();
            Runtime.getRuntime().halt(orderly ? 0 : INTERRUPTED);
        }));
        scratchForNatives();
        StandardStreams streams = StandardStreams.ofProcess();
        int code;
        if (args.length == 0) {
            streams.out().print(BEGIN);
            code = streams.finish("residual", 0);
        } else {
            code = CommandLines.run(new Main(), Outputs::run, streams, args);
        }
        AtomicFiles.abandon();
        Runtime.getRuntime().halt(code);
    }

    /** The WebP decoder unpacks its library for each process, and would leave it behind when that is halted. */
    private static void scratchForNatives() {
        String key = "com.luciad.imageio.webp.tmpdir";
        try {
            if (System.getProperty(key) == null) {
                System.setProperty(key, AtomicFiles.scratchFolder().toString());
            }
        } catch (IOException e) {
            System.getLogger(Main.class.getName()).log(System.Logger.Level.DEBUG, "no scratch folder", e);
        }
    }

    /** Runs a command line; gives the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Orientation.reset(); // what an earlier command line said is not for this one
        if (args.length == 0) {
            out.print(BEGIN);
            out.flush();
            return 0;
        }
        return CommandLines.run(new Main(), Outputs::run, out, err, args);
    }
}
