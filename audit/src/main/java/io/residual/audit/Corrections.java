package io.residual.audit;

import io.residual.audit.LabelErrors.Suspect;
import io.residual.base.Csv;
import io.residual.data.LabelFixes;
import io.residual.data.LabelFixes.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the findings propose, as the table that {@code --labels} takes ({@link LabelFixes}): doubtful labels get the proposed one; twins
 * come together in one split.
 */
public final class Corrections {
    private Corrections() {}

    /**
     * A proposal.
     *
     * @param value class, split or nothing
     */
    public record Proposal(int image, Action action, String value, String reason) {}

    /** All proposals: labels first, the most doubtful first; then splits. */
    public static List<Proposal> of(Findings findings) {
        List<Proposal> all = new ArrayList<>();
        for (Suspect s : findings.suspects()) {
            all.add(new Proposal(
                    s.image(),
                    Action.LABEL,
                    findings.images().classes().get(s.proposed()),
                    String.format(
                            Locale.ROOT,
                            "probability %.3f of '%s' against %.3f of '%s'",
                            s.ofProposed(),
                            findings.images().classes().get(s.proposed()),
                            s.ofGiven(),
                            findings.images().classes().get(s.given()))));
        }
        for (int[] group : findings.twins().groups()) {
            if (findings.isAcross(group)) {
                var home = findings.home(group);
                for (int i : group) { // those at home, too: with another seed they would lie elsewhere
                    all.add(new Proposal(i, Action.SPLIT, home.id(), reason(findings, i)));
                }
            }
        }
        return List.copyOf(all);
    }

    private static String reason(Findings findings, int image) {
        Twins.Pair pair = findings.pairOf(image);
        if (pair == null) {
            return "twin";
        }
        int other = pair.first() == image ? pair.second() : pair.first();
        return pair.kind().words() + ": " + findings.images().shortName(other);
    }

    /** The table's text. */
    public static String table(Findings findings) {
        StringBuilder text = new StringBuilder(Csv.line(LabelFixes.COLUMNS));
        List<String> names = names(findings.images());
        for (Proposal p : of(findings)) {
            text.append(Csv.line(List.of(names.get(p.image), p.action.id(), p.value, p.reason)));
        }
        return text.toString();
    }

    /** Each image's short name, or its whole name where another image's name ends with the short one. */
    static List<String> names(AuditImages images) {
        Map<String, Integer> ends = new HashMap<>();
        for (int i = 0; i < images.size(); i++) {
            String name = images.name(i).replace('\\', '/');
            for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
                ends.merge(name.substring(slash + 1), 1, Integer::sum);
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            String brief = images.shortName(i);
            names.add(ends.getOrDefault(brief, 1) == 1 ? brief : images.name(i));
        }
        return names;
    }
}
