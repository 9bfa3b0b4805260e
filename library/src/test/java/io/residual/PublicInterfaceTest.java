package io.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The public interface is a list, so that its growth is a decision; and it mentions nothing that is not on it. */
class PublicInterfaceTest {
    private static final Set<String> TYPES = new TreeSet<>(List.of(
            "io.residual.Classifier",
            "io.residual.Embedder",
            "io.residual.Experiment",
            "io.residual.Explanation",
            "io.residual.Explanation$Part",
            "io.residual.Fit",
            "io.residual.Images",
            "io.residual.ModelInfo",
            "io.residual.PatchMap",
            "io.residual.Residual",
            "io.residual.Score",
            "io.residual.Settings",
            "io.residual.Trace",
            "io.residual.WhatIf",
            "io.residual.adapt.Method",
            "io.residual.base.InputException",
            "io.residual.base.Progress",
            "io.residual.predict.Prediction",
            "io.residual.spectrum.Spectrum",
            "io.residual.units.UnitId",
            "io.residual.units.UnitId$Kind"));

    private static List<Class<?>> types() throws ClassNotFoundException {
        List<Class<?>> all = new ArrayList<>();
        for (String name : TYPES) {
            all.add(Class.forName(name));
        }
        return all;
    }

    @Test
    void everyPublicTypeOfThePackage_isOnTheList() throws IOException {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/main/java/io/residual"))) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName()).replace(".java", "");
                if (Files.readString(file).contains("\npublic ") && !name.equals("package-info")) {
                    found.add("io.residual." + name);
                }
            }
        }
        Set<String> listed = new TreeSet<>(TYPES);
        listed.removeIf(
                name -> name.contains("$") || name.chars().filter(c -> c == '.').count() != 2);
        assertEquals(listed, found);
        assertTrue(TYPES.size() <= 35, "some thirty types");
    }

    @Test
    void noSignature_mentionsATypeThatIsNotOnTheList() throws ClassNotFoundException {
        for (Class<?> type : types()) {
            Set<String> mentioned = new TreeSet<>();
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
                    add(mentioned, method.getGenericReturnType());
                    Arrays.stream(method.getGenericParameterTypes()).forEach(t -> add(mentioned, t));
                }
            }
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (Modifier.isPublic(constructor.getModifiers())) {
                    Arrays.stream(constructor.getGenericParameterTypes()).forEach(t -> add(mentioned, t));
                }
            }
            mentioned.removeIf(name -> name.startsWith("java.") || TYPES.contains(name));
            assertEquals(Set.of(), mentioned, type + " must name types of the list and of the JDK alone");
        }
    }

    private static void add(Set<String> all, Type type) {
        if (type instanceof Class<?> plain) {
            Class<?> element = plain;
            while (element.isArray()) {
                element = element.getComponentType();
            }
            if (!element.isPrimitive()) {
                all.add(element.getName());
            }
        } else if (type instanceof ParameterizedType generic) {
            add(all, generic.getRawType());
            Arrays.stream(generic.getActualTypeArguments()).forEach(t -> add(all, t));
        } else if (type instanceof GenericArrayType array) {
            add(all, array.getGenericComponentType());
        } else if (type instanceof WildcardType wild) {
            Arrays.stream(wild.getUpperBounds()).forEach(t -> add(all, t));
        } else if (type instanceof TypeVariable<?> variable) {
            Arrays.stream(variable.getBounds()).forEach(t -> add(all, t));
        }
    }
}
