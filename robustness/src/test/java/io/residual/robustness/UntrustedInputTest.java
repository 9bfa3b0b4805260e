package io.residual.robustness;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.ObjectInputStream;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Objects of the program are made by its own constructors, never by reflection over what a file says. */
class UntrustedInputTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.residual");

    private static final Set<String> BY_REFLECTION =
            Set.of("readValue", "treeToValue", "convertValue", "readValues", "updateValue", "readerForUpdating");

    @Test
    void nothing_isMadeByReflection() {
        assertTrue(CLASSES.contain("io.residual.cli.Main"), "every module is looked at");
        assertTrue(CLASSES.contain("io.residual.spark.Main"), "every module is looked at");
        DescribedPredicate<JavaMethodCall> binding = DescribedPredicate.describe(
                "Jackson's data binding",
                call -> BY_REFLECTION.contains(call.getName())
                        && (call.getTargetOwner().isAssignableTo(ObjectMapper.class)
                                || call.getTargetOwner().isAssignableTo(ObjectReader.class)));
        noClasses().should().callMethodWhere(binding).check(CLASSES);
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectInputStream.class)
                .check(CLASSES);
        noClasses()
                .should()
                .callMethod(
                        ObjectMapper.class,
                        "activateDefaultTyping",
                        com.fasterxml.jackson.databind.jsontype.PolymorphicTypeValidator.class)
                .check(CLASSES);
    }
}
