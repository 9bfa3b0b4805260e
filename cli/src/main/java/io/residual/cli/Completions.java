package io.residual.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Scripts that complete commands, options and their values, in the languages of three shells. */
final class Completions {
    /** Whose script. */
    enum Shell {
        BASH,
        ZSH,
        FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private Completions() {}

    /** The script for all commands below root. */
    static String script(CommandLine root, Shell shell) {
        return switch (shell) {
            case BASH -> AutoComplete.bash(root.getCommandName(), root);
            case ZSH -> zsh(root);
            case FISH -> fish(root);
        };
    }

    /** One {@code complete} a command and an option. */
    private static String fish(CommandLine root) {
        String program = root.getCommandName();
        List<String> lines = new ArrayList<>(List.of("# Completion of " + program + " in fish."));
        commands(root)
                .forEach((name, command) -> lines.add("complete -c %s -n __fish_use_subcommand -f -a %s -d '%s'"
                        .formatted(
                                program,
                                name,
                                fishQuoted(sentence(command.usageMessage().description())))));
        commands(root).forEach((name, command) -> {
            for (OptionSpec option : options(command)) {
                String value = values(option).isEmpty() ? " -r" : " -x -a '" + String.join(" ", values(option)) + "'";
                lines.add("complete -c %s -n '__fish_seen_subcommand_from %s'%s%s -d '%s'"
                        .formatted(
                                program,
                                name,
                                names(option).stream()
                                        .map(n ->
                                                n.startsWith("--") ? " -l " + n.substring(2) : " -s " + n.substring(1))
                                        .collect(Collectors.joining()),
                                takesValue(option) ? value : "",
                                fishQuoted(sentence(option.description()))));
            }
        });
        return String.join("\n", lines) + "\n";
    }

    /** A function of zsh's own completion system: {@code _arguments} for each command. */
    private static String zsh(CommandLine root) {
        String program = root.getCommandName();
        List<String> lines = new ArrayList<>(List.of(
                "#compdef " + program,
                "_" + program + "() {",
                "  local curcontext=\"$curcontext\" state line",
                "  typeset -A opt_args",
                "  _arguments -C '1: :->command' '*:: :->argument'",
                "  case $state in",
                "    command)",
                "      local -a known=("));
        commands(root)
                .forEach((name, command) -> lines.add("        '" + name + ":"
                        + zshQuoted(sentence(command.usageMessage().description())) + "'"));
        lines.addAll(List.of("      )", "      _describe command known", "      ;;", "    argument)"));
        lines.add("      case $words[1] in");
        commands(root).forEach((name, command) -> {
            lines.add("        " + name + ")");
            lines.add("          _arguments -s \\");
            for (OptionSpec option : options(command)) {
                String about = "[" + zshQuoted(sentence(option.description())) + "]";
                for (String spelled : names(option)) {
                    boolean joined = takesValue(option) && spelled.startsWith("--");
                    lines.add("            '" + spelled + (joined ? "=" : "") + about + zshValue(option) + "' \\");
                }
            }
            lines.add("            '*:file:_files'");
            lines.add("          ;;");
        });
        lines.addAll(List.of("      esac", "      ;;", "  esac", "}"));
        // As a file of fpath the body runs at the first completion; sourced, it is registered.
        lines.add(
                "if [ \"$funcstack[1]\" = _%1$s ]; then _%1$s \"$@\"; else compdef _%1$s %1$s; fi".formatted(program));
        return String.join("\n", lines) + "\n";
    }

    private static String zshValue(OptionSpec option) {
        if (!takesValue(option)) {
            return "";
        }
        List<String> values = values(option);
        String label = zshQuoted(option.paramLabel().replaceAll("[^A-Za-z0-9-]", ""));
        return ":" + label + ":"
                + (values.isEmpty() ? isFile(option) ? "_files" : "_default" : "(" + String.join(" ", values) + ")");
    }

    private static Map<String, CommandSpec> commands(CommandLine root) {
        Map<String, CommandSpec> all = new TreeMap<>();
        root.getSubcommands().values().forEach(c -> {
            if (!c.getCommandSpec().usageMessage().hidden()) {
                all.put(c.getCommandName(), c.getCommandSpec());
            }
        });
        return all;
    }

    private static List<OptionSpec> options(CommandSpec command) {
        return command.options().stream().filter(o -> !o.hidden()).toList();
    }

    private static List<String> names(OptionSpec option) {
        return Arrays.asList(option.names());
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0 && !option.typeInfo().isBoolean();
    }

    private static boolean isFile(ArgSpec option) {
        Class<?> type = option.auxiliaryTypes().length > 0 ? option.auxiliaryTypes()[0] : option.type();
        return Path.class.isAssignableFrom(type) || File.class.isAssignableFrom(type);
    }

    private static List<String> values(ArgSpec option) {
        List<String> all = new ArrayList<>();
        if (option.completionCandidates() != null) {
            option.completionCandidates().forEach(all::add);
        }
        return all.stream().allMatch(v -> v.matches("[\\w.:/*+-]+")) ? all : List.of();
    }

    /** The first sentence of a description. */
    private static String sentence(String[] description) {
        String all = String.join(" ", description).replaceAll("%n|%%|\\s+", " ").strip();
        int end = all.indexOf(". ");
        return end < 0 ? all : all.substring(0, end + 1);
    }

    private static String fishQuoted(String text) {
        return text.replace("\\", "\\\\").replace("'", "\\'");
    }

    private static String zshQuoted(String text) {
        return text.replace("'", "’")
                .replace("\\", "\\\\")
                .replace("[", "\\[")
                .replace("]", "\\]")
                .replace(":", "\\:");
    }
}
