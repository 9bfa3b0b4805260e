package io.residual.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A graph of ONNX operators (operator set 17), built node by node. Weights are written one after the other when the file is,
 * so that a large model needs no second copy in memory.
 */
final class OnnxGraph {
    private static final int OPERATORS = 17;
    private static final int FORMAT = 8; // of ONNX's intermediate representation
    private static final long LARGEST = Integer.MAX_VALUE; // what protobuf can hold

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("residual");
    private final List<Weight> weights = new ArrayList<>();
    private int count;

    /** A weight's name, its shape and where it is. */
    private record Weight(TensorProto head, Tensor values) {
        long bytes() {
            return values.numel() * Float.BYTES;
        }
    }

    /** An input of 32-bit floats; a text stands for a size that is not fixed. */
    void input(String name, Object... shape) {
        graph.addInput(value(name, shape));
    }

    /** Declares a value as an output. */
    void output(String name, Object... shape) {
        graph.addOutput(value(name, shape));
    }

    private static ValueInfoProto value(String name, Object... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (Object size : shape) {
            var dimension = dimensions.addDimBuilder();
            if (size instanceof String named) {
                dimension.setDimParam(named);
            } else {
                dimension.setDimValue(((Number) size).longValue());
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT.getNumber())
                                .setShape(dimensions)))
                .build();
    }

    /** An operator with one result, which gets a name of its own. */
    String node(String operator, List<String> inputs, Map<String, Object> attributes) {
        return node(operator.toLowerCase(java.util.Locale.ROOT) + "_" + count++, operator, inputs, attributes);
    }

    /** As {@link #node(String, List, Map)} without attributes. */
    String node(String operator, String... inputs) {
        return node(operator, List.of(inputs), Map.of());
    }

    /** An operator whose result is called {@code result}. */
    String node(String result, String operator, List<String> inputs, Map<String, Object> attributes) {
        NodeProto.Builder node = NodeProto.newBuilder()
                .setName(result)
                .setOpType(operator)
                .addAllInput(inputs)
                .addOutput(result);
        new TreeMap<>(attributes).forEach((name, value) -> node.addAttribute(attribute(name, value)));
        graph.addNode(node);
        return result;
    }

    private static AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
        if (value instanceof Integer number) {
            attribute.setType(AttributeProto.AttributeType.INT).setI(number);
        } else if (value instanceof Float number) {
            attribute.setType(AttributeProto.AttributeType.FLOAT).setF(number);
        } else if (value instanceof long[] numbers) {
            attribute.setType(AttributeProto.AttributeType.INTS);
            for (long number : numbers) {
                attribute.addInts(number);
            }
        } else {
            throw new IllegalArgumentException(name + " is " + value);
        }
        return attribute.build();
    }

    /** A weight, in native memory that must last until the file is written. */
    String weight(String name, Tensor values) {
        TensorProto.Builder head =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
        for (long size : Tensors.shape(values)) {
            head.addDims(size);
        }
        weights.add(new Weight(head.build(), values));
        return name;
    }

    /** A single number. */
    String number(double value) {
        String name = "number_" + count++;
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addFloatData((float) value));
        return name;
    }

    /** Whole numbers: shapes, indices. */
    String integers(long... values) {
        String name = "integers_" + count++;
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        graph.addInitializer(tensor);
        return name;
    }

    /**
     * Writes the file.
     *
     * @throws InputException if the model is larger than one ONNX file can be
     */
    void write(Path target, String producer, String version, Map<String, String> metadata) {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(FORMAT)
                .setProducerName(producer)
                .setProducerVersion(version)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATORS));
        metadata.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        byte[] head = model.build().toByteArray();
        byte[] nodes = graph.build().toByteArray();
        // A message's repeated fields may stand anywhere in it, so weights follow the rest of the graph.
        long length = nodes.length;
        for (Weight weight : weights) {
            long own = own(weight);
            length += CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER) + sizeOf(own) + own;
        }
        if (length + head.length > LARGEST) {
            throw InputException.at(
                    target,
                    "a model of " + (length >> 20) + " MB",
                    "at most " + (LARGEST >> 20) + " MB, which one ONNX file can hold",
                    "Use the adapter beside the model instead");
        }
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(target), 1 << 20)) {
            CodedOutputStream out = CodedOutputStream.newInstance(file);
            out.writeRawBytes(head);
            out.writeTag(ModelProto.GRAPH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt64NoTag(length);
            out.writeRawBytes(nodes);
            for (Weight weight : weights) {
                out.writeTag(GraphProto.INITIALIZER_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt64NoTag(own(weight));
                out.writeRawBytes(weight.head.toByteArray());
                out.writeTag(TensorProto.RAW_DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt64NoTag(weight.bytes());
                values(weight.values, out);
            }
            out.flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot write " + target + ": " + e.getMessage(), e);
        }
    }

    private static long own(Weight weight) {
        long bytes = weight.bytes();
        return weight.head.getSerializedSize()
                + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
                + sizeOf(bytes)
                + bytes;
    }

    private static int sizeOf(long length) {
        return CodedOutputStream.computeUInt64SizeNoTag(length);
    }

    private static void values(Tensor tensor, CodedOutputStream out) throws IOException {
        try (NativeScope scope = NativeScope.inference()) {
            float[] numbers = Tensors.floats(tensor.to(ScalarType.Float).contiguous());
            ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(numbers);
            out.writeRawBytes(bytes.array());
        }
    }
}
