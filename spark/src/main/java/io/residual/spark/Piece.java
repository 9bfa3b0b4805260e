package io.residual.spark;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work: the location of images that one task reads.
 *
 * @param path on any file system that Hadoop knows
 * @param group the row group of a Parquet file
 * @param firstRow of that row group in its file
 * @param label of a single image's file: its folder's place among the folders' names
 * @param problem why it cannot be read, where that is known already
 */
record Piece(
        Kind kind,
        String path,
        int group,
        long firstRow,
        long rows,
        int label,
        @Nullable String problem) implements Serializable {
    /** Kinds of pieces. */
    enum Kind {
        /** One image's file. */
        IMAGE,
        /** A row group of a Parquet file. */
        PARQUET,
        /** A tar as WebDataset has them: files of one image share a name up to its first dot. */
        TAR
    }

    static Piece image(String path, int label) {
        return new Piece(Kind.IMAGE, path, 0, 0, 1, label, null);
    }

    static Piece group(String path, int group, long firstRow, long rows) {
        return new Piece(Kind.PARQUET, path, group, firstRow, rows, 0, null);
    }

    static Piece tar(String path) {
        return new Piece(Kind.TAR, path, 0, 0, -1, 0, null);
    }

    static Piece unreadable(String path, String problem) {
        return new Piece(Kind.PARQUET, path, 0, 0, 0, 0, problem);
    }
}
