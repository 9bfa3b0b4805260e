package io.residual.robustness;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.core.TokenStreamFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * JSON is written and parsed in one place, {@code io.residual.base.Json}: nobody else has a parser or a writer of Jackson's, and so nobody
 * names keys by reflection over records, where renaming a field would change a file.
 */
class OneJsonTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.residual");

    private static final Set<String> TEXTS = Set.of("toString", "toPrettyString");

    /** Sweep files are YAML, which has a parser of its own; it goes into a {@code JsonObject}. */
    private static final String YAML = "io.residual.sweep.SweepYaml";

    private static GivenClassesConjunction others() {
        return noClasses()
                .that()
                .resideOutsideOfPackage("io.residual.base")
                .and()
                .doNotHaveFullyQualifiedName(YAML);
    }

    private static void check(ArchRule rule) {
        assertTrue(CLASSES.contain("io.residual.cli.Main"), "every module is here");
        assertTrue(CLASSES.contain("io.residual.spark.Main"), "every module is here");
        rule.check(CLASSES);
    }

    @Test
    void nobodyElse_hasAParserOrAWriter() {
        DescribedPredicate<JavaClass> machinery = DescribedPredicate.describe(
                "Jackson's parsers and writers",
                type -> type.isAssignableTo(ObjectCodec.class)
                        || type.isAssignableTo(ObjectWriter.class)
                        || type.isAssignableTo(TokenStreamFactory.class)
                        || type.getPackageName().equals("com.fasterxml.jackson.annotation"));
        check(others().should().dependOnClassesThat(machinery));
    }

    /** Its own texts have NaN as a word and as many digits as Java happens to give. */
    @Test
    void nobodyElse_takesATreesOwnText() {
        DescribedPredicate<JavaMethodCall> text = DescribedPredicate.describe(
                "a tree's own text",
                call -> TEXTS.contains(call.getName()) && call.getTargetOwner().isAssignableTo(JsonNode.class));
        check(others().should().callMethodWhere(text));
    }

    /** Which would do so out of sight. */
    @Test
    void nobody_printsAnObject() {
        DescribedPredicate<JavaMethodCall> printing = DescribedPredicate.describe(
                "println of an object",
                call -> Set.of("println", "print").contains(call.getName())
                        && (call.getTargetOwner().isAssignableTo(PrintWriter.class)
                                || call.getTargetOwner().isAssignableTo(PrintStream.class))
                        && call.getTarget().getRawParameterTypes().stream()
                                .anyMatch(type -> type.isEquivalentTo(Object.class)));
        check(noClasses().should().callMethodWhere(printing));
    }
}
