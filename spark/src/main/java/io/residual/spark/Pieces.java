package io.residual.spark;

import io.residual.base.InputException;
import io.residual.images.PictureDecoder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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

/**
 * The pictures below some paths, as pieces that tasks can read one by one. Files stand in the order of their folders' and their own
 * names, as in {@link io.residual.images.ImageFolder}.
 *
 * @param classes the names of the folders that hold single pictures, sorted; labels are places in it
 */
record Pieces(List<Piece> pieces, List<String> classes) {

    /** A file that was found. */
    private record Found(String parent, String name, String path, String ending) implements Serializable {}

    /**
     * Lists paths (files, folders with all that is below them, patterns); Parquet files' row groups are read by tasks.
     *
     * @throws InputException if one of them is not there, or there is no picture below any
     */
    static Pieces list(List<String> paths, JavaSparkContext spark) {
        Configuration configuration = spark.hadoopConfiguration();
        List<Found> found = new ArrayList<>();
        for (String path : paths) {
            int before = found.size();
            find(path, configuration, found);
            if (found.size() == before) {
                throw InputException.at(
                        path,
                        "no pictures",
                        "files ending in " + new TreeSet<>(PictureDecoder.ENDINGS) + ", .parquet or .tar",
                        "Check the path");
            }
        }
        List<String> classes = found.stream()
                .filter(f -> PictureDecoder.ENDINGS.contains(f.ending))
                .map(f -> new Path(f.parent).getName())
                .distinct()
                .sorted()
                .toList();
        found.sort(Comparator.comparing(Found::parent).thenComparing(Found::name));
        List<Found> tables =
                found.stream().filter(f -> f.ending.equals("parquet")).toList();
        List<Piece> pieces = new ArrayList<>();
        for (Found file : found) {
            if (PictureDecoder.ENDINGS.contains(file.ending)) {
                pieces.add(Piece.picture(file.path, classes.indexOf(new Path(file.parent).getName())));
            } else if (file.ending.equals("tar")) {
                pieces.add(Piece.tar(file.path));
            }
        }
        pieces.addAll(groups(tables.stream().map(Found::path).toList(), spark));
        return new Pieces(List.copyOf(pieces), classes);
    }

    private static void find(String where, Configuration configuration, List<Found> into) {
        try {
            Path path = new Path(where);
            FileSystem files = path.getFileSystem(configuration);
            FileStatus[] matches = files.globStatus(path);
            if (matches == null || matches.length == 0) {
                throw InputException.at(where, "nothing there", "pictures", "Check the path");
            }
            for (FileStatus match : matches) {
                if (match.isFile()) {
                    add(match.getPath(), into);
                    continue;
                }
                RemoteIterator<LocatedFileStatus> below = files.listFiles(match.getPath(), true);
                while (below.hasNext()) {
                    add(below.next().getPath(), into);
                }
            }
        } catch (IllegalArgumentException e) {
            throw InputException.at(where, String.valueOf(e.getMessage()), "a path", "Correct it", e);
        } catch (FileNotFoundException e) {
            throw InputException.at(where, "nothing there", "pictures", "Check the path", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + where + ": " + e.getMessage(), e);
        }
    }

    private static void add(Path file, List<Found> into) {
        String name = file.getName();
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean hidden = name.startsWith(".") || name.startsWith("_");
        if (!hidden && (PictureDecoder.ENDINGS.contains(ending) || ending.equals("parquet") || ending.equals("tar"))) {
            into.add(new Found(String.valueOf(file.getParent()), name, file.toString(), ending));
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
            PictureStream.throwIfPassing(file, e);
            return List.of(Piece.unreadable(file, "is no readable Parquet file (" + e.getMessage() + ")"));
        }
    }
}
