package io.residual.tensor;

import io.residual.base.InputException;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Which dependency has the native libraries of a platform.
 *
 * @param platform JavaCPP's name of it, such as {@code linux-x86_64}
 * @param has whether the class path or module path has a resource
 */
record Natives(String platform, Predicate<String> has) {
    /** Where libtorch's presets have natives, and a module of {@code natives/} names them. */
    static final List<String> PLATFORMS = List.of("linux-x86_64", "macosx-arm64", "macosx-x86_64", "windows-x86_64");

    /** Why the libraries could not be loaded, and what to do. */
    InputException refusal(LinkageError cause) {
        String place = "native libraries for " + platform;
        if (!PLATFORMS.contains(platform)) {
            return InputException.at(
                    place, "none", "a platform that libtorch's presets support", "Use one of " + PLATFORMS, cause);
        }
        for (String library : List.of("javacpp", "openblas", "pytorch")) {
            if (!has.test(marker(library, platform))) {
                List<String> others = PLATFORMS.stream()
                        .filter(other -> has.test(marker("pytorch", other)))
                        .toList();
                String found = others.isEmpty() ? "none of " + library : "those of " + String.join(", ", others);
                return InputException.at(place, found, "them on the class path", remedy(version()), cause);
            }
        }
        return InputException.at(
                place,
                String.valueOf(cause.getMessage()),
                "a system that can load them",
                "Install what the message names; libtorch needs a current C library (musl is none)",
                cause);
    }

    /** The coordinates, as the three common build tools write them. */
    String remedy(String version) {
        String name = "residual-natives-" + platform;
        return "Add io.residual:" + name + ":" + version
                + " to the dependencies: in Maven <dependency><groupId>io.residual"
                + "</groupId><artifactId>" + name + "</artifactId><version>" + version
                + "</version><scope>runtime</scope></dependency>, in Gradle runtimeOnly(\"io.residual:" + name + ":"
                + version + "\"), in sbt \"io.residual\" % \"" + name + "\" % \"" + version + "\" % Runtime";
    }

    private static String version() {
        return Objects.requireNonNullElse(Natives.class.getPackage().getImplementationVersion(), "VERSION");
    }

    /** A file that the natives of a library have on every platform. */
    private static String marker(String library, String platform) {
        String prefix = platform.startsWith("windows") ? "" : "lib";
        String suffix = platform.startsWith("windows") ? ".dll" : platform.startsWith("macosx") ? ".dylib" : ".so";
        String name =
                library.equals("javacpp") ? "jnijavacpp" : library.equals("openblas") ? "jniopenblas" : "jnitorch";
        return "org/bytedeco/" + library + "/" + platform + "/" + prefix + name + suffix;
    }
}
