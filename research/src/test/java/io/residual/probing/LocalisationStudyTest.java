package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.model.ImageTextModel;
import io.residual.probing.LocalisationStudy.Result;
import io.residual.world.EmbeddedModels;
import io.residual.world.MaskedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalisationStudyTest {
    /** Text maps are far above chance and below what patches allow; scores are those of a function of the seed alone. */
    @Test
    void textMaps_areBeyondChance_andBelowTheCeiling() {
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            Result result = LocalisationStudy.of(model, 20, true, 3, Progress.silent());
            double text = result.scores().get(1).iou();
            double chance = result.scores().get(4).iou();
            assertTrue(text > chance + .1, text + " against " + chance);
            assertTrue(text <= result.ceiling(), text + " of " + result.ceiling());
            assertEquals(result, LocalisationStudy.of(model, 20, true, 3, Progress.silent()));
        }
    }

    /** A mask holds the pixels of the named colour: in a quiet image they stand out from the rest. */
    @Test
    void masks_coverTheThingThatTheTextNames() {
        List<MaskedImage> images = MaskedImage.draw(5, 40, true);
        for (MaskedImage each : images) {
            boolean red = each.text().startsWith("a red ");
            int inside = 0;
            for (int i = 0; i < each.mask().length; i++) {
                assertTrue(!(each.mask()[i] && each.distractor()[i]), "one thing lies over the other");
                inside += each.mask()[i] ? 1 : 0;
                if (red && each.mask()[i]) {
                    int x = i % each.image().width();
                    int y = i / each.image().width();
                    assertTrue(each.image().at(x, y, 0) > each.image().at(x, y, 1), each.text());
                }
            }
            assertTrue(inside > 15 && inside < each.mask().length / 8, each.text() + ": " + inside);
        }
        assertTrue(images.stream().anyMatch(p -> p.text().startsWith("a red ")), "some of these are red");
    }
}
