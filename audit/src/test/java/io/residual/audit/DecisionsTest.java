package io.residual.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelFixes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each decision is in the file when {@link Decisions#decide} returns, whatever is there besides. */
class DecisionsTest {
    @TempDir
    Path folder;

    private Path table = Path.of("");
    private @Nullable PlantedSet planted;
    private @Nullable Findings findings;

    @BeforeEach
    void plant() throws IOException {
        table = folder.resolve("fixes.csv");
        PlantedSet set = new PlantedSet(folder.resolve("photos"), 20, 4);
        planted = set;
        set.move("train/ant/ant-3.png", "train/bee/ant-3.png");
        set.move("train/bee/bee-5.png", "train/cow/bee-5.png");
        set.move("test/cow/cow-t1.png", "test/ant/cow-t1.png");
        findings = set.audit();
        assertEquals(3, Corrections.of(found()).size(), "three wrong labels");
    }

    private Findings found() {
        return Objects.requireNonNull(findings);
    }

    private int of(String name) {
        List<Corrections.Proposal> all = Corrections.of(found());
        for (int p = 0; p < all.size(); p++) {
            if (found().images().name(all.get(p).image()).endsWith(name)) {
                return p;
            }
        }
        throw new AssertionError(name);
    }

    private List<String> lines() throws IOException {
        List<String> lines = Files.readAllLines(table);
        assertEquals("file,action,value,reason", lines.get(0));
        return lines.subList(1, lines.size());
    }

    @Test
    void everyDecision_isInTheFileAtOnce_andATakenBackOneIsNot() throws IOException {
        Decisions decisions = new Decisions(table, found());
        assertFalse(Files.exists(table), "nothing was decided");
        decisions.decide(List.of(of("ant-3.png")), true);
        assertTrue(lines().get(0).startsWith("train/bee/ant-3.png,label,ant,"), lines().toString());
        decisions.decide(List.of(of("bee-5.png")), false);
        assertEquals("train/cow/bee-5.png,keep,label,not bee", lines().get(1));
        decisions.decide(List.of(of("ant-3.png")), null);
        assertEquals(List.of("train/cow/bee-5.png,keep,label,not bee"), lines());
    }

    @Test
    void anotherProcess_goesOnWhereTheFirstEnded_andTheDecisionsApply() throws IOException {
        new Decisions(table, found()).decide(List.of(of("ant-3.png")), true);
        new Decisions(table, found()).decide(List.of(of("bee-5.png"), of("cow-t1.png")), false);
        var json = new Decisions(table, found()).json();
        assertEquals("[" + of("ant-3.png") + "]", json.path("accepted").toString());
        assertEquals(
                "[" + of("bee-5.png") + "," + of("cow-t1.png") + "]",
                json.path("rejected").toString());
        PlantedSet set = Objects.requireNonNull(planted);
        LabelFixes fixes = LabelFixes.read(table);
        Dataset repaired = fixes.applied(set.open());
        AuditImages images = new AuditImages(repaired);
        for (int i = 0; i < images.size(); i++) {
            if (images.name(i).endsWith("ant-3.png")) {
                assertEquals("ant", images.classes().get(images.label(i)));
            }
        }
        Findings again = Findings.of(repaired, set, io.residual.base.Progress.silent());
        assertEquals(List.of(), again.reviewed(fixes).suspects(), "what somebody has reviewed is not brought up again");
    }

    @Test
    void linesOfTheUsersOwn_stay_evenThoseWrittenMeanwhile() throws IOException {
        Files.writeString(table, "action,file,value\ndrop,train/cow/cow-1.png,\nlabel,train/bee/ant-3.png,cow\n");
        Decisions decisions = new Decisions(table, found());
        assertEquals("[]", decisions.json().path("accepted").toString(), "another label than the proposed one");
        decisions.decide(List.of(of("bee-5.png")), true);
        assertEquals(List.of("train/cow/cow-1.png,drop,,", "train/bee/ant-3.png,label,cow,"), lines().subList(0, 2));
        Files.writeString(table, Files.readString(table) + "train/cow/cow-2.png,drop,,dark\n");
        decisions.decide(List.of(of("ant-3.png")), true);
        assertTrue(lines().contains("train/cow/cow-2.png,drop,,dark"), lines().toString());
        assertFalse(lines().contains("train/bee/ant-3.png,label,cow,"), "decided anew");
        assertEquals(4, lines().size());
    }

    @Test
    void imageNamedByAnotherEndOfItsPath_isTheSame() throws IOException {
        Files.writeString(table, "file,action,value\ncow/bee-5.png,label,bee\nbee/ant-3.png,label,cow\n");
        Decisions decisions = new Decisions(table, found());
        assertEquals(
                "[" + of("bee-5.png") + "]", decisions.json().path("accepted").toString());
        decisions.decide(List.of(of("ant-3.png")), true);
        assertEquals(2, lines().size(), lines().toString());
        LabelFixes.read(table).applied(Objects.requireNonNull(planted).open());
    }

    @Test
    void wrongFileOrNumber_isRefused_andTheFileStays() throws IOException {
        Files.writeString(table, "file,action,value\ntrain/cow/cow-1.png,remove,\n");
        assertThrows(InputException.class, () -> new Decisions(table, found()));
        Files.delete(table);
        Decisions decisions = new Decisions(table, found());
        assertThrows(InputException.class, () -> decisions.decide(List.of(0, 99), true));
        assertFalse(Files.exists(table));
    }
}
