package io.residual.spark;

import io.residual.base.InputException;
import io.residual.data.ImageTree;
import io.residual.data.LeftOut;
import io.residual.data.SplitNames;
import io.residual.data.SplitNames.Part;
import io.residual.images.ImageDecoder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The images below some paths, as pieces that tasks can read one by one. Files stand in the order of their folders' and their own
 * names, as in {@link io.residual.data.ImageFolder}.
 *
 * @param classes the names of the class folders of single images, sorted; labels are places in it
 * @param splits the splits that files belong to by their names below the paths, with one file each
 * @param notes what was left out, a sentence each
 */
record Pieces(List<Piece> pieces, List<String> classes, Map<Part, String> splits, List<String> notes) {

    /**
     * A file that was found.
     *
     * @param below its folders below the path that was named, from outside to inside, and its name
     * @param whole whether all that is below the path is of one class, which the path is named after
     */
    private record Found(String parent, String name, String path, String ending, List<String> below, boolean whole)
            implements Serializable {
        /** All below a class's folder belongs to it, as in {@link io.residual.data.ImageFolder}; splits' folders are no classes. */
        String type(boolean parted) {
            int outermost = parted ? 1 : 0;
            return whole || below.size() <= outermost + 1 ? new Path(parent).getName() : below.get(outermost);
        }

        boolean isImage() {
            return ImageDecoder.ENDINGS.contains(ending);
        }

        @Nullable
        Part split() {
            if (isImage()) {
                return below.size() > 2 ? SplitNames.ofFolder(below.get(0)) : null;
            }
            try {
                return SplitNames.of(String.join("/", below));
            } catch (InputException e) {
                return null; // a name that says two
            }
        }
    }

    /**
     * Lists paths (files, folders with all that is below them, patterns); Parquet files' row groups are read by tasks.
     *
     * @throws InputException if one of them is not there, or there is no image below any
     */
    static Pieces list(List<String> paths, JavaSparkContext spark) {
        Configuration configuration = spark.hadoopConfiguration();
        List<Found> found = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (String path : paths) {
            int before = found.size();
            LeftOut leftOut = new LeftOut();
            find(path, paths.size() > 1, configuration, found, leftOut);
            String left = leftOut.text();
            if (!left.isEmpty()) {
                notes.add("left out below " + path + ": " + left);
            }
            if (found.size() == before) {
                throw InputException.at(
                        path,
                        left.isEmpty() ? "no images" : "no images, but " + left,
                        "files ending in " + new TreeSet<>(ImageDecoder.ENDINGS) + ", .parquet or .tar",
                        "Check the path");
            }
        }
        Map<Part, String> splits = new EnumMap<>(Part.class);
        for (Found file : found) {
            Part split = file.split();
            if (split != null) {
                splits.putIfAbsent(split, file.path);
            }
        }
        List<Found> single = found.stream().filter(Found::isImage).toList();
        boolean parted = !single.isEmpty() && single.stream().allMatch(f -> f.split() != null);
        List<String> classes =
                single.stream().map(f -> f.type(parted)).distinct().sorted().toList();
        found.sort(Comparator.comparing(Found::parent).thenComparing(Found::name));
        List<Found> tables =
                found.stream().filter(f -> f.ending.equals("parquet")).toList();
        List<Piece> pieces = new ArrayList<>();
        for (Found file : found) {
            if (file.isImage()) {
                pieces.add(Piece.image(file.path, classes.indexOf(file.type(parted))));
            } else if (file.ending.equals("tar")) {
                pieces.add(Piece.tar(file.path));
            }
        }
        pieces.addAll(groups(tables.stream().map(Found::path).toList(), spark));
        return new Pieces(List.copyOf(pieces), classes, splits, List.copyOf(notes));
    }

    /** Of several folders, and of those that a pattern matches, each that holds images itself is a class's. */
    private static void find(
            String where, boolean several, Configuration configuration, List<Found> into, LeftOut leftOut) {
        try {
            Path path = new Path(where);
            FileSystem files = path.getFileSystem(configuration);
            FileStatus[] matches = files.globStatus(path);
            if (matches == null || matches.length == 0) {
                throw InputException.at(where, "nothing there", "images", "Check the path");
            }
            for (FileStatus match : matches) {
                Path root = match.getPath();
                if (match.isFile()) {
                    add(root, List.of(root.getName()), into, leftOut);
                    continue;
                }
                int first = into.size();
                RemoteIterator<LocatedFileStatus> below = files.listFiles(root, true);
                while (below.hasNext()) {
                    Path file = below.next().getPath();
                    add(file, below(root, file), into, leftOut);
                }
                List<Found> of = into.subList(first, into.size());
                boolean whole = (several || matches.length > 1)
                        && of.stream().anyMatch(f -> f.isImage() && f.below.size() == 1);
                if (whole) {
                    of.replaceAll(f -> new Found(root.toString(), f.name, f.path, f.ending, f.below, true));
                }
            }
        } catch (IllegalArgumentException e) {
            throw InputException.at(where, String.valueOf(e.getMessage()), "a path", "Correct it", e);
        } catch (FileNotFoundException e) {
            throw InputException.at(where, "nothing there", "images", "Check the path", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + where + ": " + e.getMessage(), e);
        }
    }

    /** The names of a file's folders below another, and its own. */
    private static List<String> below(Path root, Path file) {
        ArrayDeque<String> names = new ArrayDeque<>();
        for (Path at = file; at != null && at.depth() > root.depth(); at = at.getParent()) {
            names.addFirst(at.getName());
        }
        return List.copyOf(names);
    }

    private static void add(Path file, List<String> below, List<Found> into, LeftOut leftOut) {
        String name = file.getName();
        String ending = ImageTree.ending(name);
        for (String folder : below.subList(0, below.size() - 1)) {
            if (ImageTree.isProgramsFolder(folder)) {
                leftOut.program(folder);
                return;
            }
        }
        boolean known = ImageDecoder.ENDINGS.contains(ending) || ending.equals("parquet") || ending.equals("tar");
        if (known && !ImageTree.isHidden(name)) {
            into.add(new Found(String.valueOf(file.getParent()), name, file.toString(), ending, below, false));
        } else if (!name.startsWith("_") && !name.endsWith(".crc")) { // _SUCCESS and checksums are Hadoop's
            ImageTree.count(name, null, leftOut);
        }
    }

    /** Footers are read by tasks: a hundred thousand of them would keep the driver busy for an hour. */
    private static List<Piece> groups(List<String> files, JavaSparkContext spark) {
        if (files.isEmpty()) {
            return List.of();
        }
        Broadcast<SerializableConfiguration> configuration =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        return spark.parallelize(files, Math.min(files.size(), 4 * spark.defaultParallelism()))
                .flatMap(file -> groups(file, configuration.value().value()).iterator())
                .collect();
    }

    private static List<Piece> groups(String file, Configuration configuration) {
        List<Piece> pieces = new ArrayList<>();
        try (ParquetFileReader reader =
                ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file), configuration))) {
            long row = 0;
            for (BlockMetaData group : reader.getRowGroups()) {
                pieces.add(Piece.group(file, pieces.size(), row, group.getRowCount()));
                row += group.getRowCount();
            }
            return pieces;
        } catch (IOException | RuntimeException e) {
            ImageStream.throwIfPassing(file, e);
            return List.of(Piece.unreadable(file, "is no readable Parquet file (" + e.getMessage() + ")"));
        }
    }
}
