package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.InputException;
import io.residual.images.Golden;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.images.Preprocessing.Resize;
import io.residual.images.Resampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shape of the file's entries against transformers' own Pillow processors (golden/preprocessing.py). */
class PreprocessorFilesTest {
    private static final Golden GOLDEN = Golden.open("preprocessing");
    private static final Image IMAGE = Golden.open("resize").image("picture");
    private static final float[] HALF = {.5f, .5f, .5f};

    /** What transformers makes something of and this program refuses, naming the entry. */
    private static final Set<String> NOT_READ =
            Set.of("clip.resample-word", "clip.resample-word-lanczos", "clip.rescale-null", "clip.size-max");

    @TempDir
    Path folder;

    static Stream<String> cases() {
        return GOLDEN.names("")
                .filter(n -> n.endsWith("/config"))
                .map(n -> n.substring(0, n.length() - "/config".length()));
    }

    /** What the model's family does where its file is silent. */
    private static Preprocessing family(String name) {
        if (name.startsWith("clip") || name.startsWith("dinov2")) {
            return PreprocessorFiles.clip(12);
        }
        boolean vit = name.startsWith("vit");
        return new Preprocessing(
                Resize.EXACT,
                12,
                12,
                vit ? Resampling.BILINEAR : Resampling.BICUBIC,
                0,
                0,
                vit ? HALF : Preprocessing.CLIP_MEAN,
                vit ? HALF : Preprocessing.CLIP_DEVIATION,
                Preprocessing.Margin.FLOORED);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void file_isReadAsTransformersReadsIt_orRefused(String name) throws IOException {
        String file = name.contains(".nested") ? "processor_config.json" : "preprocessor_config.json";
        Files.write(folder.resolve(file), GOLDEN.bytes(name + "/config"));
        if (GOLDEN.has(name + "/refused") || NOT_READ.contains(name)) {
            InputException e =
                    assertThrows(InputException.class, () -> PreprocessorFiles.huggingFace(folder, family(name)));
            assertTrue(String.valueOf(e.getMessage()).contains(file + ", '"), e.getMessage());
            return;
        }
        Preprocessing read = PreprocessorFiles.huggingFace(folder, family(name));
        Image fitted = read.fit(IMAGE);
        assertArrayEquals(new int[] {3, fitted.height(), fitted.width()}, GOLDEN.shape(name + "/pixels"));
        float[] expected = GOLDEN.floats(name + "/pixels");
        int area = fitted.width() * fitted.height();
        float[] actual = new float[expected.length];
        for (int i = 0; i < actual.length; i++) {
            int c = i / area;
            actual[i] = ((fitted.rgb()[i % area * 3 + c] & 0xFF) / 255f - read.mean()[c]) / read.deviation()[c];
        }
        assertArrayEquals(expected, actual, 2e-6f);
    }

    @Test
    void golden_hasEveryCase() {
        assertEquals(58, cases().count());
    }

    private static Preprocessing openClip(String json) throws IOException {
        JsonNode node = new ObjectMapper().readTree(json.replace('\'', '"'));
        return PreprocessorFiles.openClip(Path.of("open_clip_config.json"), node, 16);
    }

    /** open_clip takes what is null for absent, one number for three, and the model's size in any case. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}| SHORTEST_EDGE| BICUBIC| .48145467",
                "{'size': [20, 30], 'mode': 'RGB', 'fill_color': 0}| SHORTEST_EDGE| BICUBIC| .48145467",
                "{'mean': null, 'std': null, 'interpolation': null, 'resize_mode': null}| SHORTEST_EDGE| BICUBIC| .48145467",
                "{'mean': 0.5, 'std': 0.5, 'interpolation': 'bilinear'}| SHORTEST_EDGE| BILINEAR| .5",
                "{'mean': [0.25, 0, 1], 'interpolation': 'random', 'resize_mode': 'squash'}| EXACT| BICUBIC| .25",
            },
            quoteCharacter = '`')
    void openClip_isReadAsOpenClipReadsIt(String json, Resize resize, Resampling filter, float red) throws IOException {
        Preprocessing read = openClip(json);
        assertEquals(resize, read.resize());
        assertEquals(filter, read.filter());
        assertEquals(red, read.mean()[0]);
        assertEquals(16, read.inputHeight());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'mode': 'L'}| 'mode'",
                "{'interpolation': 3}| 'interpolation'",
                "{'interpolation': 'lanczos'}| 'interpolation'",
                "{'resize_mode': 'longest'}| 'resize_mode'",
                "{'resize_mode': true}| 'resize_mode'",
                "{'mean': [1, 2]}| 'mean'",
                "{'std': '0.5'}| 'std'",
            },
            quoteCharacter = '`')
    void openClip_otherwise_isRefused(String json, String named) {
        InputException e = assertThrows(InputException.class, () -> openClip(json));
        assertTrue(String.valueOf(e.getMessage()).contains(named), e.getMessage());
    }
}
