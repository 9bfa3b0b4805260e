package io.residual.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * Settings of the native libraries that must be made before they load. Every class of this package loads it first, so
 * that a program which only uses the library needs no flags.
 */
public final class NativeRuntime {
    static {
        // JavaCPP refuses allocations once the process is four times as large as the Java heap may grow, and counts
        // mapped files; a model outside the heap is exactly our case.
        setDefault("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        setDefault("org.bytedeco.javacpp.maxBytes", "0");
        if (NativeRuntime.class.getResource("/org/bytedeco/mkl/" + platform() + "/") != null
                || NativeRuntime.class.getResource("/org/bytedeco/mkl/global/mkl_rt.class") != null) {
            setDefault("org.bytedeco.openblas.load", "mkl");
        }
    }

    private NativeRuntime() {}

    /** Makes the settings, if that has not happened yet. */
    public static void prepare() {}

    /** Sets how many threads the native libraries compute with. */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", must be at least 1");
        }
        torch.set_num_threads(threads);
    }

    /** How many threads the native libraries compute with. */
    public static int threads() {
        return torch.get_num_threads();
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    private static String platform() {
        return System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT).contains("win")
                ? "windows-x86_64"
                : "linux-x86_64";
    }
}
