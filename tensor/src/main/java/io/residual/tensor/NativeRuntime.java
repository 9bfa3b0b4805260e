package io.residual.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/**
 * Settings of the native libraries that must be made before they load. Every class of this package loads it first, so
 * that a program which only uses the library needs no flags.
 */
public final class NativeRuntime {
    /** JavaCPP's name of the library that its BLAS is. */
    private static final String BLAS = "org.bytedeco.openblas.load";

    static {
        // JavaCPP refuses allocations once the process is four times as large as the Java heap may grow, and counts
        // mapped files; a model outside the heap is exactly our case.
        setDefault("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        setDefault("org.bytedeco.javacpp.maxBytes", "0");
        if (has("org/bytedeco/mkl/global/mkl_rt.class")) {
            setDefault(BLAS, "mkl");
        }
    }

    private static volatile boolean loaded;

    private NativeRuntime() {}

    /**
     * Loads the native libraries, if that has not happened yet. Whatever computes calls it first.
     *
     * @throws io.residual.base.InputException if they are not there, naming the dependency that has them, or if this
     *     system cannot load them
     */
    public static void load() {
        if (loaded) {
            return;
        }
        try {
            Loader.load(torch.class);
            loaded = true;
        } catch (LinkageError e) {
            throw new Natives(Loader.getPlatform(), NativeRuntime::has).refusal(e);
        }
    }

    /** Makes the settings, if that has not happened yet. */
    public static void prepare() {}

    /** Sets how many threads the native libraries compute with. */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", must be at least 1");
        }
        load();
        torch.set_num_threads(threads);
    }

    /** The number of threads of the native libraries, for the whole process. */
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /** Whether the BLAS is Intel's. */
    static boolean hasMkl() {
        return System.getProperty(BLAS, "").startsWith("mkl");
    }

    /** Gives native memory that is free, but kept for later, back to the system, where the system's library can do that. */
    public static void trim() {
        load();
        Pointer.trimMemory();
    }

    /** The memory of this process that is held now, heap and native, in bytes. */
    public static long memory() {
        return org.bytedeco.javacpp.Pointer.physicalBytes();
    }

    /** Most memory that this process has held at once, in bytes; where the system does not say, what it holds now. */
    public static long peakMemory() {
        Path status = Path.of("/proc/self/status");
        try {
            for (String line : Files.isReadable(status) ? Files.readAllLines(status) : List.<String>of()) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            System.getLogger(NativeRuntime.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + status, e);
        }
        return Pointer.physicalBytes();
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** By the loader and not by the class: on a module path, a class finds the resources of its own module alone. */
    private static boolean has(String resource) {
        ClassLoader loader = NativeRuntime.class.getClassLoader();
        return (loader == null ? ClassLoader.getSystemResource(resource) : loader.getResource(resource)) != null;
    }
}
