package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.hub.HubName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The layouts are those of the data sets named. */
class DatasetFilesTest {
    private static final HubName NAME =
            HubName.parse(HubName.Kind.DATASET, "owner/name").orElseThrow();

    @Test
    void oneConfiguration_needNotBeNamed() {
        List<String> files = List.of(
                "README.md",
                "plain_text/test-00000-of-00001.parquet",
                "plain_text/train-00000-of-00001.parquet",
                "dataset_infos.json");
        assertEquals(files.subList(1, 3), new DatasetFiles("").wanted(files));
    }

    @Test
    void ofSeveralConfigurations_oneMustBeNamed() {
        List<String> files = List.of(
                "cropped_digits/extra-00000-of-00002.parquet",
                "cropped_digits/test-00000-of-00001.parquet",
                "cropped_digits/train-00000-of-00001.parquet",
                "full_numbers/train-00000-of-00005.parquet");
        assertEquals(List.of(), new DatasetFiles("").wanted(files));
        String message =
                String.valueOf(new DatasetFiles("").unusable(NAME, files).getMessage());
        assertTrue(message.contains("cropped_digits, full_numbers"), message);
        assertTrue(message.contains("owner/name:cropped_digits"), message);
        assertEquals(files.subList(1, 3), new DatasetFiles("cropped_digits").wanted(files));
    }

    @Test
    void conversions_keepASplitInAFolder() {
        List<String> files =
                List.of("default/test/0000.parquet", "default/train/0000.parquet", "default/train/0001.parquet");
        assertEquals(files, new DatasetFiles("").wanted(files));
    }

    @Test
    void dataFolder_isNoConfiguration() {
        List<String> files = List.of("data/train-00000-of-00001.parquet", "data/validation-00000-of-00001.parquet");
        assertEquals(files, new DatasetFiles("").wanted(files));
    }

    @Test
    void configurationThatBeginsLikeAnother_isNotMixedWithIt() {
        List<String> files = List.of("digits/train-0.parquet", "digits_full/train-0.parquet");
        assertEquals(files.subList(0, 1), new DatasetFiles("digits").wanted(files));
    }

    @Test
    void wordsOfTheDatasetsLibrary_areSplits_andWithoutAnyAllIsWanted() {
        List<String> files = List.of("data/dev-0.parquet", "data/train-0.parquet", "data/val.parquet");
        assertEquals(files, new DatasetFiles("").wanted(files));
        assertEquals(List.of("part-0.parquet"), new DatasetFiles("").wanted(List.of("README.md", "part-0.parquet")));
    }
}
