package io.residual.bench;

import io.residual.tensor.NativeScope;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The machine of a measurement, and its peak performance. */
final class Machine {
    private static final int SIDE = 2048;

    private Machine() {}

    /** Processor, system and Java in a line. */
    static String describe() {
        String processor = System.getProperty("os.arch");
        Path file = Path.of("/proc/cpuinfo");
        try {
            for (String line : Files.isReadable(file) ? Files.readAllLines(file) : List.<String>of()) {
                if (line.startsWith("model name")) {
                    processor = line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            System.getLogger(Machine.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
        return processor + ", " + Runtime.getRuntime().availableProcessors() + " processors to this process, "
                + System.getProperty("os.name") + ", Java " + System.getProperty("java.version");
    }

    /** Operations a second of one large product, the most that products can reach here. */
    static double peak(ScalarType type) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor a = torch.randn(SIDE, SIDE).to(type);
            Tensor b = torch.randn(SIDE, SIDE).to(type);
            a.matmul(b);
            int times = 8;
            double started = Clock.seconds();
            for (int i = 0; i < times; i++) {
                a.matmul(b).close();
            }
            return times * 2.0 * SIDE * SIDE * SIDE / (Clock.seconds() - started);
        }
    }

    /** Processor time of this process so far, in seconds. */
    static double processorSeconds() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1e9;
    }

    /** Memory that this process holds, in bytes. */
    static long memory() {
        return status("VmRSS:");
    }

    /** Most memory since {@link #forgetPeak}, in bytes. */
    static long peakMemory() {
        return status("VmHWM:");
    }

    /** From now on counts; does nothing where the system does not know that. */
    static void forgetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5", StandardCharsets.US_ASCII);
        } catch (IOException e) {
            System.getLogger(Machine.class.getName()).log(System.Logger.Level.DEBUG, "peak memory stays", e);
        }
    }

    private static long status(String key) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException e) {
            System.getLogger(Machine.class.getName()).log(System.Logger.Level.DEBUG, "no memory figures", e);
        }
        return 0;
    }
}
