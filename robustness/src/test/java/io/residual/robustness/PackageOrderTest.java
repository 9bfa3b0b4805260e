package io.residual.robustness;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Data flows one way, and each package knows only those before it. */
class PackageOrderTest {
    private static final List<String> ORDER = List.of(
            "base",
            "chart",
            "provenance",
            "hub",
            "tensor",
            "weights",
            "images",
            "data",
            "model",
            "catalogue",
            "units",
            "spectrum",
            "description",
            "zeroshot",
            "heads",
            "where",
            "intervene",
            "adapt",
            "predict",
            "fit",
            "experiment",
            "tables",
            "report",
            "audit",
            "command",
            "verify",
            "world",
            "pretrain",
            "probing",
            "sweep",
            "survey",
            "web",
            "serve",
            "onnx",
            "explorer",
            "spring",
            "langchain4j",
            "cli",
            "spark",
            "robustness");

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.residual");

    private static String room(JavaClass c) {
        String name = c.getPackageName().replace("io.residual.", "");
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    @Test
    void eachPackage_knowsOnlyThoseBeforeIt() {
        assertTrue(CLASSES.size() > 50, "the importer must see the classes, or the rule holds vacuously");
        for (int i = 0; i < ORDER.size(); i++) {
            String[] later = ORDER.subList(i + 1, ORDER.size()).stream()
                    .map(p -> "io.residual." + p + "..")
                    .toArray(String[]::new);
            if (later.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage("io.residual." + ORDER.get(i) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(later)
                        .allowEmptyShould(true)
                        .check(CLASSES);
            }
        }
    }

    @Test
    void everyPackage_hasItsPlaceInTheOrder() {
        CLASSES.stream()
                .map(PackageOrderTest::room)
                .forEach(p -> assertTrue(ORDER.contains(p), "package " + p + " has no place in the order"));
    }

    @Test
    void nothing_isCalledUtilsOrManager() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .check(CLASSES);
    }
}
