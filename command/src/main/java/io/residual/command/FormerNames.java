package io.residual.command;

import io.residual.experiment.FitSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names that commands and options had in earlier versions: they still work, and no help text mentions them. */
final class FormerNames {
    private static final Map<String, String> COMMANDS = Map.of("study", "probing", "certify", "self-check");
    private static final Map<String, String> OPTIONS = options();

    private FormerNames() {}

    private static Map<String, String> options() {
        Map<String, String> all = new LinkedHashMap<>();
        FitSettings.FORMER.forEach((former, now) -> all.put("--" + former, "--" + now));
        all.put("--svg", "--figure");
        all.put("--picture", "--figure");
        all.put("--pictures", "--images");
        all.put("--task-pictures", "--task-images");
        all.put("--test-pictures", "--test-images");
        all.put("--dial", "--interpolation");
        return Map.copyOf(all);
    }

    /** Replaces former names in a command line by current ones. Arguments after a bare {@code --} are unchanged. */
    static String[] replaced(String... arguments) {
        List<String> now = new ArrayList<>();
        boolean options = true;
        for (String argument : arguments) {
            options &= !argument.equals("--");
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (now.isEmpty()) {
                now.add(COMMANDS.getOrDefault(argument, argument));
            } else if (options && OPTIONS.containsKey(name)) {
                now.add(OPTIONS.get(name) + argument.substring(name.length()));
            } else {
                now.add(argument);
            }
        }
        return now.toArray(String[]::new);
    }
}
