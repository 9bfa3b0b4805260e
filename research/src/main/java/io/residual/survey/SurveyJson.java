package io.residual.survey;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.probing.RoleProbing;
import io.residual.report.HeadsReport;
import io.residual.spectrum.UnitGeometry;
import io.residual.survey.LayerStudy.Layer;
import io.residual.survey.Survey.Result;
import io.residual.survey.Survey.SetResult;
import io.residual.survey.Survey.Shift;
import io.residual.survey.WeightStudy.Unit;
import io.residual.zeroshot.Accuracy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A survey as JSON. */
final class SurveyJson {
    private SurveyJson() {}

    /** Everything for programs. */
    static ObjectNode of(SurveyFigures figures) {
        Result result = figures.result();
        ObjectNode root =
                Schema.SURVEY.document().put("model", result.model()).put("control_images", result.controlImages());
        ArrayNode sets = root.putArray("datasets");
        for (SetResult set : result.sets()) {
            ObjectNode node = sets.addObject()
                    .put("label", set.label())
                    .put("classes", set.classes())
                    .put("test_images", set.test());
            ArrayNode layers = node.putArray("layers");
            for (Layer l : set.layers()) {
                layers.addObject()
                        .put("layer", l.layer())
                        .put("lens", l.lens().value())
                        .put("means", l.means().value())
                        .put("unit", l.unit().value())
                        .put("centred", l.centred().value())
                        .put("probe", l.probe().value());
            }
            ArrayNode units = node.putArray("units");
            for (UnitGeometry u : set.geometry()) {
                ObjectNode one = units.addObject()
                        .put("unit", u.unit().toString())
                        .put("variance", u.variance())
                        .put("kept_90", u.kept90())
                        .put("kept_99", u.kept99())
                        .put("participation_ratio", u.participationRatio())
                        .put("first_share", u.firstShare());
                one.set("two_nn", Json.of(u.twoNn()));
            }
            ObjectNode weights = node.putObject("weights");
            set.weights().forEach((method, list) -> {
                ArrayNode all = weights.putArray(method);
                for (Unit u : list) {
                    ObjectNode one = all.addObject()
                            .put("unit", u.unit().toString())
                            .put("components", u.components())
                            .put("before", u.before())
                            .put("after", u.after())
                            .put("negative", u.negative())
                            .put("largest", u.largest());
                    one.set("gain", Json.of(u.gain()));
                }
            });
            ObjectNode methods = node.putObject("methods");
            set.methods().forEach((name, a) -> methods.put(name, a.value()));
        }
        ObjectNode roles = root.putObject("roles");
        put(roles, "all", result.roles().all());
        put(roles, "some", result.roles().some());
        put(roles, "control", result.roles().control());
        ArrayNode shifts = root.putArray("shifts");
        for (Shift s : result.shifts()) {
            ObjectNode one = shifts.addObject()
                    .put("from", s.from())
                    .put("to", s.to())
                    .put("method", s.method())
                    .put("right", s.accuracy().right())
                    .put("of", s.accuracy().of());
            Accuracy own = s.own();
            if (own != null) {
                one.put("own_right", own.right());
            }
        }
        ArrayNode crossed = root.putArray("crossed");
        for (Survey.Crossed c : result.crossed()) {
            crossed.addObject()
                    .put("fitted", c.fitted())
                    .put("other", c.other())
                    .put("method", c.method())
                    .put("images", c.own().of())
                    .put("own_right", c.own().right())
                    .put("other_right", c.others().right());
        }
        root.set("heads", HeadsReport.json(figures.selections(), figures.shape().allHeads()));
        return root;
    }

    private static void put(ObjectNode node, String name, RoleProbing.@Nullable Result roles) {
        if (roles != null) {
            ObjectNode one = node.putObject(name).put("recognised", roles.recognised());
            ArrayNode same = one.putArray("same");
            Arrays.stream(roles.same()).forEach(same::add);
            ArrayNode other = one.putArray("other");
            Arrays.stream(roles.other()).forEach(other::add);
        }
    }
}
