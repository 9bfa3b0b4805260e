package io.residual.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The list of commands in {@code residual --help}, by what people come for. */
final class CommandGroups {
    /** Every command once, in the order in which people need them. */
    static final Map<String, List<String>> GROUPS = groups();

    private static final int INDENT = 2;

    private CommandGroups() {}

    private static Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("Start here", List.of("demo", "evaluate", "predict"));
        groups.put("Adapt", List.of("datasets", "audit", "label-next", "align", "finetune", "forget"));
        groups.put("Use", List.of("models", "embed", "serve", "export", "cache", "completion"));
        groups.put(
                "Look inside",
                List.of(
                        "explain",
                        "report",
                        "explore",
                        "figures",
                        "heads",
                        "intervene",
                        "describe",
                        "spectrum",
                        "trace",
                        "arrays",
                        "compare"));
        groups.put("Research", List.of("reproduce", "survey", "probing", "locate", "pretrain"));
        groups.put("Check", List.of("verify", "self-check"));
        return groups;
    }

    /** Makes the help text list the commands so. */
    static final class Added implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            command.usageMessage().sectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, CommandGroups::list);
            return command;
        }
    }

    private static String list(Help help) {
        int width = help.subcommands().keySet().stream()
                        .mapToInt(String::length)
                        .max()
                        .orElse(0)
                + 2 * INDENT;
        int all = help.commandSpec().usageMessage().width();
        StringBuilder text = new StringBuilder();
        GROUPS.forEach((title, names) -> {
            text.append(System.lineSeparator()).append(title).append(':').append(System.lineSeparator());
            TextTable table = TextTable.forColumns(
                    help.colorScheme(),
                    new Column(width, INDENT, Column.Overflow.SPAN),
                    new Column(all - width, INDENT, Column.Overflow.WRAP));
            for (String name : names) {
                table.addRowValues(name, summary(help, name));
            }
            text.append(table);
        });
        return text.toString();
    }

    private static String summary(Help help, String name) {
        Help command = Objects.requireNonNull(help.subcommands().get(name), name);
        return command.commandSpec().usageMessage().description()[0];
    }
}
