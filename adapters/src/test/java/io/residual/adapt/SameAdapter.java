package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.residual.adapt.ComponentDesign.Part;

/** Whether two adapters are the same, number by number. */
final class SameAdapter {
    private SameAdapter() {}

    static void require(Adapter written, Adapter read) {
        assertEquals(written.method(), read.method());
        if (written instanceof Adapter.LinearMap linear) {
            Adapter.LinearMap other = assertInstanceOf(Adapter.LinearMap.class, read);
            assertArrayEquals(linear.weight(), other.weight());
            assertArrayEquals(linear.bias(), other.bias());
        } else if (written instanceof Adapter.Probe probe) {
            Adapter.Probe other = assertInstanceOf(Adapter.Probe.class, read);
            assertArrayEquals(probe.weight(), other.weight());
            assertArrayEquals(probe.bias(), other.bias());
        } else if (written instanceof TextHead head) {
            TextHead other = assertInstanceOf(TextHead.class, read);
            assertArrayEquals(head.weight(), other.weight());
            assertArrayEquals(head.bias(), other.bias());
        } else if (written instanceof SpectralHead both) {
            SpectralHead other = assertInstanceOf(SpectralHead.class, read);
            require(both.spectral(), other.spectral());
            require(both.head(), other.head());
        } else if (written instanceof HeadsOff off) {
            HeadsOff other = assertInstanceOf(HeadsOff.class, read);
            assertEquals(off.names(), other.names());
            for (int i = 0; i < off.heads().size(); i++) {
                assertEquals(off.heads().get(i).factor(), other.heads().get(i).factor());
                assertArrayEquals(
                        off.heads().get(i).constant(), other.heads().get(i).constant());
            }
        } else if (written instanceof KernelVotes kernel) {
            KernelVotes other = assertInstanceOf(KernelVotes.class, read);
            assertEquals(kernel.stored(), other.stored());
            assertArrayEquals(kernel.keys(), other.keys());
            assertArrayEquals(kernel.votes(), other.votes());
            assertEquals(kernel.beta(), other.beta());
        } else if (written instanceof Adapter.Memory memory) {
            Adapter.Memory other = assertInstanceOf(Adapter.Memory.class, read);
            assertArrayEquals(memory.keys(), other.keys());
            assertArrayEquals(memory.labels(), other.labels());
            assertEquals(memory.alpha(), other.alpha());
            assertEquals(memory.beta(), other.beta());
        } else if (written instanceof Adapter.Spectral spectral) {
            Adapter.Spectral other = assertInstanceOf(Adapter.Spectral.class, read);
            assertArrayEquals(spectral.lambdas(), other.lambdas());
            same(spectral.design(), other.design());
        } else {
            assertInstanceOf(Adapter.Identity.class, read);
        }
    }

    private static void same(Design written, Design read) {
        if (written instanceof ComponentDesign components) {
            ComponentDesign other = assertInstanceOf(ComponentDesign.class, read);
            assertEquals(components.means(), other.means());
            assertEquals(components.others(), other.others());
            assertEquals(components.parts().size(), other.parts().size());
            for (int i = 0; i < components.parts().size(); i++) {
                assertEquals(
                        components.parts().get(i).unit(), other.parts().get(i).unit());
                same(components.parts().get(i), other.parts().get(i));
            }
        } else if (written instanceof OutputDesign output) {
            OutputDesign other = assertInstanceOf(OutputDesign.class, read);
            assertEquals(output.means(), other.means());
            same(output.part(), other.part());
        } else {
            HeadScaleDesign heads = assertInstanceOf(HeadScaleDesign.class, written);
            HeadScaleDesign other = assertInstanceOf(HeadScaleDesign.class, read);
            assertEquals(heads.others(), other.others());
            assertArrayEquals(heads.means(), other.means());
        }
    }

    private static void same(Part written, Part read) {
        assertEquals(written.kept(), read.kept());
        assertArrayEquals(written.mean(), read.mean());
        assertArrayEquals(written.components(), read.components());
    }
}
