package io.residual.catalogue;

import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Models and data sets that ship with a module and are known by a short name. Found on the class path; {@code residual-world}
 * brings some. Implementations are safe for several threads.
 */
public interface Embedded {
    /** The models' names with what they are. */
    Map<String, String> models();

    /** The folder with a model's files. */
    Path model(String name);

    /** The prefix of its data sets' names before the colon, such as {@code world}. */
    String scheme();

    /** The data sets' names without the scheme. */
    List<String> datasets();

    /**
     * A data set.
     *
     * @param name without the scheme
     * @throws io.residual.base.InputException if there is none of this name
     */
    Dataset dataset(String name);

    /** Images for principal components that suit any of the data sets. */
    LabelledImages<Split.Train> general(int size);

    /** All providers on the class path. */
    static List<Embedded> all() {
        return ServiceLoader.load(Embedded.class, Embedded.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }
}
