package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneDnnTest {
    private static final int ROWS = 300;
    private static final int IN = 48;
    private static final int OUT = 40;

    /** By processor and BLAS; a user's choice goes before; never what is not there. */
    @ParameterizedTest
    @CsvSource({
        "'', true, true, vendor_id : authenticamd, true",
        "'', true, false, vendor_id : authenticamd, true",
        "'', true, true, vendor_id : genuineintel, false",
        "'', true, false, vendor_id : genuineintel, true",
        "'', true, false, '', false",
        "'', false, false, vendor_id : authenticamd, false",
        "blas, true, false, vendor_id : authenticamd, false",
        "oneDNN, true, true, vendor_id : genuineintel, true",
        "onednn, false, true, vendor_id : genuineintel, false"
    })
    void choice_dependsOnTheMachineAlone(String property, boolean there, boolean mkl, String vendor, boolean expected) {
        assertEquals(expected, OneDnn.chosen(property, there, mkl, vendor));
    }

    @Test
    void vendor_isReadWhereTheSystemTells(@TempDir Path temporary) throws IOException {
        Path processors = temporary.resolve("cpuinfo");
        Map<String, String> windows = Map.of("PROCESSOR_IDENTIFIER", "AMD64 Family 25 Model 97, AuthenticAMD");
        assertEquals("amd64 family 25 model 97, authenticamd", OneDnn.vendor(processors, windows));
        assertEquals("", OneDnn.vendor(processors, Map.of()));
        Files.writeString(processors, "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t: 1\n");
        assertEquals("vendor_id\t: genuineintel", OneDnn.vendor(processors, windows));
    }

    /** Against sums in 64 bits: 32-bit products of 48 numbers round by less than 1e-5, bf16 ones of size 20 by less than .2. */
    @ParameterizedTest
    @CsvSource({"Float, true, 1e-5", "Float, false, 1e-5", "BFloat16, true, .2"})
    void product_isItsDefinition(ScalarType type, boolean withBias, double tolerance) {
        try (NativeScope scope = NativeScope.inference()) {
            torch.manual_seed(1);
            Tensor x = torch.randn(3, ROWS / 3, IN).to(type);
            Tensor weight = torch.randn(OUT, IN).to(type);
            Tensor bias = torch.randn(OUT).to(type);
            assumeTrue(OneDnn.suits(x, weight), "this machine's products are its BLAS's");
            Tensor actual = OneDnn.linear(x, weight, withBias ? bias : null);
            assertArrayEquals(new long[] {3, ROWS / 3, OUT}, Tensors.shape(actual));
            Tensor expected =
                    x.to(ScalarType.Double).matmul(weight.to(ScalarType.Double).t());
            expected = withBias ? expected.add(bias.to(ScalarType.Double)) : expected;
            assertArrayEquals(Tensors.doubles(expected), Tensors.doubles(actual.to(ScalarType.Double)), tolerance);
            // A view of other strides is the same product.
            Tensor turned = x.transpose(0, 1);
            assertArrayEquals(
                    Tensors.doubles(actual.transpose(0, 1).contiguous().to(ScalarType.Double)),
                    Tensors.doubles(OneDnn.linear(turned, weight, withBias ? bias : null)
                            .to(ScalarType.Double)),
                    tolerance);
        }
    }

    @Test
    void fewRows_otherTypes_andGradients_goToTheBlas() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor weight = torch.randn(OUT, IN);
            assertFalse(OneDnn.suits(torch.randn(8, IN), weight));
            assertFalse(OneDnn.suits(torch.randn(ROWS, IN).to(ScalarType.Double), weight.to(ScalarType.Double)));
            assertFalse(OneDnn.suits(torch.randn(ROWS, OUT), weight.t()));
        }
        try (NativeScope scope = NativeScope.training()) {
            assertFalse(OneDnn.suits(torch.randn(ROWS, IN), torch.randn(OUT, IN)));
        }
    }
}
