package io.residual.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.Csv;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.TextFiles;
import io.residual.data.LabelFixes;
import io.residual.data.LabelFixes.Action;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What somebody decided about proposals, in a table of corrections ({@link LabelFixes}). Every decision is in the file before it is
 * answered, so a killed process loses none. What is accepted stands there as a correction, what is rejected as {@code keep}; lines that
 * are of no proposal stay as they are. A file that somebody else changed meanwhile is read again first. Safe for several threads.
 */
public final class Decisions {
    private static final int LARGEST = 256 << 20;

    /** A line of the file that is of no proposal; its image, however the line names it, or −1. */
    private record Line(int image, String file, String action, String value, String reason) {
        List<String> cells() {
            return List.of(file, action, value, reason);
        }

        /** Whether it says something else of what a proposal is about. */
        boolean isAbout(int of, Action action) {
            return image == of
                    && (this.action.equals(action.id()) || (this.action.equals(KEEP) && value.equals(action.id())));
        }
    }

    private static final String KEEP = Action.KEEP.id();

    private final Path file;
    private final List<Corrections.Proposal> proposals;
    private final List<String> names;
    private final List<String> images;
    private final Map<Integer, Boolean> decided = new LinkedHashMap<>();
    private final List<Line> others = new ArrayList<>();
    private String known = "";

    /**
     * Decisions about what an audit proposes; those that the file has already are known.
     *
     * @throws InputException if the file is no table of corrections
     */
    public Decisions(Path file, Findings findings) {
        this.file = file;
        this.proposals = Corrections.of(findings);
        this.names = Corrections.names(findings.images());
        this.images = IntStream.range(0, findings.images().size())
                .mapToObj(findings.images()::name)
                .toList();
        read();
    }

    private String content() {
        return Files.exists(file) ? TextFiles.read(file, "a table of corrections", LARGEST) : "";
    }

    private void read() {
        String text = content();
        if (text.equals(known)) {
            return;
        }
        decided.clear();
        others.clear();
        if (!text.isEmpty()) {
            LabelFixes.read(file); // refuses what is wrong, with its line
            List<Csv.Row> rows = Csv.rows(text, file);
            List<String> header =
                    rows.get(0).cells().stream().map(String::strip).toList();
            Map<String, Integer> places = places();
            List<String> files = rows.subList(1, rows.size()).stream()
                    .map(row -> cell(row, header, "file").replace('\\', '/'))
                    .toList();
            int[] named = LabelFixes.places(files, images);
            for (int i = 0; i < named.length; i++) {
                Csv.Row row = rows.get(i + 1);
                Line line = new Line(
                        named[i],
                        files.get(i),
                        cell(row, header, "action"),
                        cell(row, header, "value"),
                        cell(row, header, "reason"));
                boolean rejected = line.action.equals(KEEP);
                Integer proposal = places.get((rejected ? line.value : line.action) + " " + line.image);
                if (proposal != null
                        && (rejected || proposals.get(proposal).value().equals(line.value))) {
                    decided.put(proposal, !rejected);
                } else {
                    others.add(line);
                }
            }
        }
        known = text;
    }

    private Map<String, Integer> places() {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (int p = 0; p < proposals.size(); p++) {
            Corrections.Proposal proposal = proposals.get(p);
            places.put(proposal.action().id() + " " + proposal.image(), p);
        }
        return places;
    }

    private static String cell(Csv.Row row, List<String> header, String column) {
        int place = header.indexOf(column);
        return place < 0 ? "" : row.cells().get(place).strip();
    }

    /**
     * Decides proposals, by their numbers in {@link Corrections#of}, and writes the file.
     *
     * @param accepted whether they are accepted; null takes a decision back
     * @throws InputException if there is no such proposal
     */
    public synchronized void decide(List<Integer> numbers, @Nullable Boolean accepted) {
        for (int number : numbers) {
            if (number < 0 || number >= proposals.size()) {
                throw InputException.at(
                        "'proposals'", String.valueOf(number), "0 to " + (proposals.size() - 1), "Load the page again");
            }
        }
        read();
        for (int number : numbers) {
            Corrections.Proposal proposal = proposals.get(number);
            others.removeIf(line -> line.isAbout(proposal.image(), proposal.action()));
            if (accepted == null) {
                decided.remove(number);
            } else {
                decided.put(number, accepted);
            }
        }
        String text = table();
        AtomicFiles.writeString(file, text);
        known = text;
    }

    private String table() {
        StringBuilder text = new StringBuilder(Csv.line(LabelFixes.COLUMNS));
        others.forEach(line -> text.append(Csv.line(line.cells())));
        decided.forEach((number, accepted) -> {
            Corrections.Proposal p = proposals.get(number);
            String name = names.get(p.image());
            text.append(Csv.line(
                    accepted
                            ? List.of(name, p.action().id(), p.value(), p.reason())
                            : List.of(name, KEEP, p.action().id(), "not " + p.value())));
        });
        return text.toString();
    }

    /** The numbers of the accepted and of the rejected proposals. */
    public synchronized ObjectNode json() {
        read();
        ObjectNode node = Json.object();
        for (boolean accepted : new boolean[] {true, false}) {
            node.set(
                    accepted ? "accepted" : "rejected",
                    Json.of(decided.entrySet().stream()
                            .filter(e -> e.getValue() == accepted)
                            .map(Map.Entry::getKey)
                            .toList()));
        }
        return node;
    }
}
