package io.residual.cli;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.data.Dataset;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;

/** Brings the classes of a data set and those of an adapter together. */
final class AdapterClasses {
    private AdapterClasses() {}

    /**
     * A data set with its classes in the adapter's order. They go together by name; where the names are others (prompts may have
     * given them other words), by place, and that is said.
     *
     * @throws InputException if there are not as many
     */
    static Dataset align(Dataset dataset, String name, AdapterFile file, PrintWriter err) {
        List<String> own = dataset.prompts().classes();
        List<String> wanted = file.classifier().classes();
        if (own.size() != wanted.size()) {
            throw InputException.at(
                    name,
                    own.size() + " classes",
                    wanted.size() + ", as the adapter has",
                    "Give data of the adapter's classes");
        }
        if (new HashSet<>(own).equals(new HashSet<>(wanted))) {
            return dataset.inOrderOf(wanted);
        }
        for (int i = 0; i < own.size(); i++) {
            String mine = own.get(i);
            String its = wanted.get(i);
            if (!mine.equals(its)) {
                if (own.contains(its) || wanted.contains(mine)) {
                    throw InputException.at(
                            name,
                            "the classes " + own,
                            wanted + ", as the adapter has, in whatever order",
                            "Give data of the adapter's classes, or its words for them with --prompts");
                }
                err.println("residual: note: the classes of " + name
                        + " have other names than the adapter's and are taken in" + " their order: '" + mine + "' for '"
                        + its + "', and so on");
                break;
            }
        }
        return dataset;
    }
}
