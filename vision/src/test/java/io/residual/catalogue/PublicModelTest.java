package io.residual.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.catalogue.TowerSpeed.Cost;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicModelTest {
    private static PublicModel named(String name) {
        return PublicModel.all().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Millions of parameters and GFLOP of image towers as open_clip's docs/model_profile.csv has them. */
    @ParameterizedTest
    @CsvSource({
        "openai/clip-vit-base-patch32, 87.85, 8.82",
        "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K, 87.86, 11.50",
        "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K, 86.19, 35.13",
        "openai/clip-vit-large-patch14, 303.97, 162.03",
        "openai/clip-vit-large-patch14-336, 304.29, 381.92",
        "laion/CLIP-ViT-H-14-laion2B-s32B-b79K, 632.08, 334.59",
    })
    void cost_isThatOfTheReference(String name, double millions, double gflops) {
        assertEquals(gflops, named(name).gflops(), .01 * gflops);
        assertEquals(millions, named(name).millions(), .01 * millions);
    }

    @Test
    void everyRow_isWholeAndNamesItsSource() {
        Map<String, PublicModel.Source> sources = PublicModel.sources();
        HashSet<String> names = new HashSet<>();
        for (PublicModel m : PublicModel.all()) {
            assertTrue(names.add(m.name()), m.name());
            assertNotNull(sources.get(m.source()), m.name());
            assertEquals(0, m.width() % m.heads(), m.name());
            assertEquals(m.imagenet() == null, m.measure().isEmpty(), m.name());
        }
        assertEquals(61.5, named("laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K").average());
        assertEquals(78.2, named("google/siglip2-base-patch16-224").imagenet());
        assertEquals("k-NN", named("facebook/dinov2-small").measure());
    }

    /** One tower is measured; what costs far more than the budget by it is not. */
    @Test
    void whatIsFarBeyondTheBudget_isNotMeasured() {
        List<Cost> costs =
                TowerSpeed.of(List.of(named("facebook/dinov2-giant"), named("openai/clip-vit-base-patch32")), 1e-3);
        assertEquals("openai/clip-vit-base-patch32", costs.get(0).model().name());
        Double ms = costs.get(0).milliseconds();
        assertTrue(ms != null && ms > 0 && Double.isFinite(ms));
        assertNull(costs.get(1).milliseconds());
    }
}
