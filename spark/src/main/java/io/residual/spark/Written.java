package io.residual.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import picocli.CommandLine;

/**
 * The counts of a written table, taken from the table itself, so that retried work counts once.
 *
 * @param images images that were read
 * @param failed images (or files of them) that were not
 * @param problems the first reasons
 */
record Written(long images, long failed, List<String> problems) {
    private static final int SHOWN = 20;
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

    static Written of(Dataset<Row> table) {
        Dataset<Row> bad = table.filter("error IS NOT NULL");
        long failed = bad.count();
        return new Written(
                table.count() - failed,
                failed,
                bad.select("error").orderBy("error").limit(SHOWN).collectAsList().stream()
                        .map(row -> row.getString(0))
                        .toList());
    }

    /**
     * Gives this, if any image was read.
     *
     * @throws InputException if not one was
     */
    Written requireSome(List<String> sources) {
        if (images == 0) {
            throw InputException.at(
                    String.join(", ", sources),
                    "no readable image (" + problems + ")",
                    "at least one",
                    "Check the files");
        }
        return this;
    }

    /** Prints the counts, and problems on standard error. */
    void print(CommandLine command, boolean json, String what, String target) {
        if (json) {
            ObjectNode node =
                    Schema.SPARK_WRITTEN.document().put("images", images).put("failed", failed);
            node.set("problems", Json.of(problems));
            command.getOut().println(Json.line(node.put("out", target)));
            return;
        }
        problems.forEach(p -> command.getErr().println("residual-spark: " + Printable.line(p)));
        if (failed > problems.size()) {
            command.getErr().printf(Locale.ROOT, "residual-spark: and %,d more%n", failed - problems.size());
        }
        command.getOut()
                .printf(Locale.ROOT, "%,d %s written to %s; %,d could not be read%n", images, what, target, failed);
    }

    /** The largest decomposition error. */
    static double error(Dataset<Row> table) {
        Row row = table.agg(functions.max("decomposition_error")).first();
        return row.isNullAt(0) ? 0 : row.getDouble(0);
    }

    /** The sum of the images' hashes modulo 2^256: the same for any order and any partitioning. */
    static String hash(Dataset<Row> table) {
        BigInteger sum = table.filter("error IS NULL")
                .select("hash")
                .javaRDD()
                .map(row -> new BigInteger(1, row.<byte[]>getAs(0)))
                .fold(BigInteger.ZERO, (a, b) -> a.add(b).mod(MODULUS));
        String hex = sum.toString(16);
        return "0".repeat(64 - hex.length()) + hex;
    }
}
