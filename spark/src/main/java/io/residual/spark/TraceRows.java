package io.residual.spark;

import io.residual.images.Batch;
import io.residual.tensor.NativeScope;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A trace as a table, a row an image; numbers are 32-bit floats, little-endian, laid out as in {@link TraceBlock}. An image that could
 * not be read has its reason in {@code error} and nothing else.
 */
final class TraceRows {
    static final StructType SCHEMA = new StructType()
            .add("image", DataTypes.StringType)
            .add("label", DataTypes.IntegerType)
            .add("hash", DataTypes.BinaryType)
            .add("heads", DataTypes.BinaryType)
            .add("norm", DataTypes.BinaryType)
            .add("projected", DataTypes.BinaryType)
            .add("output", DataTypes.BinaryType)
            .add("decomposition_error", DataTypes.DoubleType)
            .add("error", DataTypes.StringType);

    /** The columns that {@link #block} reads, in this order. */
    private static final String[] NUMBERS = {"image", "label", "heads", "norm", "projected", "output"};

    /** What {@link #block} reads of a table; earlier versions called an image's column {@code picture}. */
    static Dataset<Row> numbers(Dataset<Row> table) {
        boolean former = List.of(table.columns()).contains("picture");
        return (former ? table.withColumnRenamed("picture", "image") : table).selectExpr(NUMBERS);
    }

    private TraceRows() {}

    /** Traces a batch. */
    static List<Row> of(Batch batch, Tracer tracer) {
        TraceBlock block =
                tracer.encode(batch.pixels(), batch.labels(), batch.names()).requireFinite();
        double error;
        try (NativeScope scope = NativeScope.inference()) {
            error = block.decompositionError(tracer.frame());
        }
        int n = block.size();
        List<Row> rows = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            rows.add(RowFactory.create(
                    batch.names().get(i),
                    batch.labels()[i],
                    batch.hashes().get(i),
                    part(block.heads(), i, n),
                    part(block.norm(), i, n),
                    part(block.projected(), i, n),
                    part(block.output(), i, n),
                    error,
                    null));
        }
        return rows;
    }

    static Row failed(String reason) {
        return RowFactory.create(null, null, null, null, null, null, null, null, reason);
    }

    /** Rows of {@link #numbers} as a block. */
    static TraceBlock block(List<Row> rows, UnitShape shape) {
        int n = rows.size();
        int[] labels = new int[n];
        List<String> names = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            names.add(rows.get(i).getString(0));
            labels[i] = rows.get(i).getInt(1);
        }
        return new TraceBlock(
                shape,
                whole(rows, 2, shape.allHeads() * shape.keptOfHead()),
                whole(rows, 3, shape.keptOfNorm()),
                whole(rows, 4, shape.others() * shape.sharedWidth()),
                whole(rows, 5, shape.sharedWidth()),
                labels,
                names);
    }

    private static byte[] part(float[] all, int i, int n) {
        int width = all.length / n;
        ByteBuffer bytes = ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(all, i * width, width);
        return bytes.array();
    }

    private static float[] whole(List<Row> rows, int column, int width) {
        float[] all = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            byte[] bytes = rows.get(i).getAs(column);
            if (bytes.length != 4 * width) {
                throw new IllegalStateException("column " + NUMBERS[column] + " has " + bytes.length
                        + " bytes in a row, not " + 4 * width + ": it is no trace of this model");
            }
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(all, i * width, width);
        }
        return all;
    }
}
