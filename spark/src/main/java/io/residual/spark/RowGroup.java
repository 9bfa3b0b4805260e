package io.residual.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * The images of one row group of a Parquet file: of its first column that is a struct with {@code bytes}, or else of bytes; with
 * the labels of the column {@code label}, if there is one.
 */
final class RowGroup implements ImageStream.Rows {
    private final Piece piece;
    private final ParquetFileReader file;
    private final @Nullable RecordReader<Group> records;
    private final Type column;
    private final boolean labelled;
    private long done;

    RowGroup(Piece piece, Configuration configuration, String labelColumn) throws IOException {
        this.piece = piece;
        this.file = ParquetFileReader.open(HadoopInputFile.fromPath(new Path(piece.path()), configuration));
        try {
            MessageType schema = file.getFooter().getFileMetaData().getSchema();
            this.column = images(schema);
            this.labelled = schema.containsField(labelColumn) && isInteger(schema.getType(labelColumn));
            List<Type> wanted = new ArrayList<>(List.of(column));
            if (labelled) {
                wanted.add(schema.getType(labelColumn));
            }
            MessageType projection = new MessageType(schema.getName(), wanted);
            file.setRequestedSchema(projection);
            PageReadStore pages = file.readRowGroup(piece.group());
            this.records = pages == null
                    ? null
                    : new ColumnIOFactory()
                            .getColumnIO(projection)
                            .getRecordReader(pages, new GroupRecordConverter(projection));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private Type images(MessageType schema) throws IOException {
        for (Type type : schema.getFields()) {
            if (!type.isPrimitive() && type.asGroupType().containsField("bytes")) {
                return type;
            }
        }
        for (Type type : schema.getFields()) {
            if (isBytes(type)) {
                return type;
            }
        }
        throw new IOException("no column of images: a struct with bytes, or bytes, among "
                + schema.getFields().stream().map(Type::getName).toList());
    }

    private static boolean isBytes(Type type) {
        return type.isPrimitive()
                && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                && !LogicalTypeAnnotation.stringType().equals(type.getLogicalTypeAnnotation());
    }

    private static boolean isInteger(Type type) {
        return type.isPrimitive()
                && (type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32
                        || type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64);
    }

    @Override
    public @Nullable RawImage next() {
        if (records == null || done >= piece.rows()) {
            return null;
        }
        String name = piece.path() + String.format(Locale.ROOT, "#%d", piece.firstRow() + done);
        done++;
        Group row = records.read();
        int label = RawImage.UNLABELLED;
        if (labelled && row.getFieldRepetitionCount(1) > 0) {
            boolean wide = row.getType().getType(1).asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64;
            label = wide ? Math.toIntExact(row.getLong(1, 0)) : row.getInteger(1, 0);
        }
        if (row.getFieldRepetitionCount(0) == 0) {
            return RawImage.failed(name, label, "holds no image");
        }
        if (column.isPrimitive()) {
            return RawImage.of(name, label, row.getBinary(0, 0).getBytes());
        }
        Group struct = row.getGroup(0, 0);
        return struct.getFieldRepetitionCount("bytes") == 0
                ? RawImage.failed(name, label, "holds no image")
                : RawImage.of(name, label, struct.getBinary("bytes", 0).getBytes());
    }

    @Override
    public long left() {
        return piece.rows() - done;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
