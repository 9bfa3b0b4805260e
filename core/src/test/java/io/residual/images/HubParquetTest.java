package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are written by DuckDB with the metadata that the datasets library writes. */
class HubParquetTest {
    private static final String FEATURES = "{\"info\": {\"features\": {"
            + "\"image\": {\"_type\": \"Image\"},"
            + "\"label\": {\"names\": [\"air_plane\", \"bird\", \"cat\"], \"_type\": \"ClassLabel\"}}}}";

    /** A picture's row: its encoded bytes and its label. */
    private record Row(byte @Nullable [] bytes, int label) {}

    @TempDir
    Path temporary;

    /** Row {@code i} is of class {@code i} modulo 3 and of colour {@code i}. */
    private static Row[] rows(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> new Row(Plain.png(i), i % 3))
                .toArray(Row[]::new);
    }

    private static void write(Path file, @Nullable String metadata, Row... rows) {
        write(file, "image", "label", metadata, rows);
    }

    private static void write(Path file, String image, String label, @Nullable String metadata, Row... rows) {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            statement.execute("SET threads TO 1");
            statement.execute("CREATE TABLE rows (i INTEGER, bytes BLOB, path VARCHAR, label BIGINT)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO rows VALUES (?, ?, ?, ?)")) {
                for (int i = 0; i < rows.length; i++) {
                    insert.setInt(1, i);
                    insert.setBytes(2, rows[i].bytes);
                    insert.setString(3, i + ".png");
                    insert.setLong(4, rows[i].label);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            String kv = metadata == null ? "" : ", KV_METADATA {huggingface: '" + metadata.replace("'", "''") + "'}";
            statement.execute("COPY (SELECT {'bytes': bytes, 'path': path} AS \"" + image.replace("\"", "\"\"")
                    + "\", label AS \"" + label.replace("\"", "\"\"") + "\" FROM rows ORDER BY i) TO '"
                    + file.toString().replace("'", "''") + "' (FORMAT PARQUET" + kv + ")");
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path train() {
        return temporary.resolve("train-00000-of-00001.parquet");
    }

    private Dataset open() {
        return HubParquet.open(temporary, Splitting.DEFAULT);
    }

    private static int row(LabelledPictures<?> pictures, int i) {
        return Integer.parseInt(pictures.name(i).substring(pictures.name(i).indexOf('#') + 1));
    }

    @Test
    void open_oneFile_splitsIt() throws UnreadablePictureException {
        write(train(), FEATURES, rows(0, 30));
        assertTrue(HubParquet.isOne(temporary));
        Dataset dataset = open();
        assertEquals(List.of("air plane", "bird", "cat"), dataset.prompts().classes());
        assertEquals(18, dataset.train().size());
        assertEquals(6, dataset.validation().size());
        assertEquals(6, dataset.test().size());
        for (LabelledPictures<?> part : List.of(dataset.train(), dataset.validation(), dataset.test())) {
            for (int i = 0; i < part.size(); i++) {
                assertTrue(part.name(i).startsWith(train() + "#"), part.name(i));
                assertEquals(row(part, i) % 3, part.label(i));
                assertEquals(row(part, i), Plain.colour(part.read(i)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"validation", "valid"})
    void open_threeParts_keepsThem(String validation) throws UnreadablePictureException {
        Path data = temporary.resolve("data");
        write(data.resolve("train-00000-of-00001.parquet"), FEATURES, rows(0, 5));
        write(data.resolve(validation + "-00000-of-00001.parquet"), FEATURES, rows(100, 104));
        write(data.resolve("test-00000-of-00001.parquet"), FEATURES, rows(200, 203));
        assertTrue(HubParquet.isOne(temporary));
        Dataset dataset = open();
        assertArrayEquals(new int[] {0, 1, 2, 0, 1}, dataset.train().labels());
        assertArrayEquals(new int[] {1, 2, 0, 1}, dataset.validation().labels());
        assertArrayEquals(new int[] {2, 0, 1}, dataset.test().labels());
        assertEquals(4, Plain.colour(dataset.train().read(4)));
        assertEquals(103, Plain.colour(dataset.validation().read(3)));
        assertEquals(202, Plain.colour(dataset.test().read(2)));
    }

    /** More files than one, more rows than are read at a time, and read out of order. */
    @Test
    void read_severalFiles_givesTheRowsOfAll() throws UnreadablePictureException {
        write(temporary.resolve("train-00000-of-00003.parquet"), FEATURES, rows(0, 200));
        write(temporary.resolve("train-00001-of-00003.parquet"), FEATURES, rows(200, 500));
        write(temporary.resolve("train-00002-of-00003.parquet"), FEATURES, rows(500, 1400));
        write(temporary.resolve("test-00000-of-00001.parquet"), FEATURES, rows(0, 3));
        write(temporary.resolve("validation-00000-of-00001.parquet"), FEATURES, rows(0, 3));
        LabelledPictures<Split.Train> all = open().train();
        assertEquals(1400, all.size());
        for (int i = 0; i < 1400; i++) {
            int shuffled = i * 457 % 1400;
            if (i % 20 == 0 || shuffled % 256 == 0 || shuffled % 256 == 255) {
                assertEquals(shuffled, Plain.colour(all.read(shuffled)));
            }
            assertEquals(shuffled % 3, all.label(shuffled));
        }
        assertEquals(temporary.resolve("*.parquet") + "#7", all.name(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"it's here", "say \"so\"", "a;b -- c", "grüße"})
    void open_unusualFolderNames_work(String name) throws UnreadablePictureException {
        Path folder = temporary.resolve(name);
        write(folder.resolve("train-00000-of-00001.parquet"), FEATURES, rows(0, 30));
        Dataset dataset = HubParquet.open(folder, Splitting.DEFAULT);
        assertEquals(name, dataset.name());
        assertEquals(row(dataset.train(), 3), Plain.colour(dataset.train().read(3)));
    }

    @Test
    void open_unusualColumnNames_work() throws UnreadablePictureException {
        String features = FEATURES.replace("\"image\"", "\"the \\\"img\\\"\"").replace("\"label\"", "\"it's\"");
        write(train(), "the \"img\"", "it's", features, rows(0, 30));
        Dataset dataset = open();
        assertEquals(row(dataset.train(), 3), Plain.colour(dataset.train().read(3)));
        assertEquals(row(dataset.train(), 3) % 3, dataset.train().label(3));
    }

    @Test
    void open_withoutMetadata_isRefused() {
        write(train(), null, rows(0, 30));
        Refusal.of(this::open, train(), "Image", "ClassLabel", "huggingface");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"}}}}",
                "{\"info\": {\"features\": {\"label\": {\"names\": [\"a\"], \"_type\": \"ClassLabel\"}}}}",
                "{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"}, \"label\": {\"_type\": \"ClassLabel\"}}}}",
                "{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"}, \"label\": {\"_type\": \"Value\"}}}}",
            })
    void open_metadataWithoutWhatIsNeeded_isRefused(String metadata) {
        write(train(), metadata, rows(0, 30));
        Refusal.of(this::open, train(), "without an Image and a ClassLabel");
    }

    @Test
    void open_metadataThatIsNotJson_isRefused() {
        write(train(), "{\"info\": ", rows(0, 30));
        Refusal.of(this::open, train(), "not JSON");
    }

    @Test
    void open_metadataNamesAnotherColumn_isRefused() {
        write(train(), FEATURES.replace("\"label\"", "\"fine_label\""), rows(0, 30));
        Refusal.of(this::open, train(), "cannot be read as Parquet");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3, Integer.MAX_VALUE})
    void open_labelOutOfRange_isRefused(int label) {
        Row[] rows = rows(0, 30);
        rows[17] = new Row(Plain.png(17), label);
        write(train(), FEATURES, rows);
        Refusal.of(this::open, train() + "#17", "label " + label, "0 to 2");
    }

    @Test
    void open_oneClass_isRefused() {
        write(train(), FEATURES.replace(", \"bird\", \"cat\"", ""), new Row(Plain.png(0), 0), new Row(Plain.png(1), 0));
        Refusal.of(this::open, temporary, "one class");
    }

    @Test
    void read_nullOrUnreadablePicture_failsForItAlone() throws UnreadablePictureException {
        Row[] rows = rows(0, 30);
        rows[4] = new Row(null, 1);
        rows[8] = new Row(new byte[] {1, 2, 3}, 2);
        rows[9] = new Row(new byte[0], 0);
        write(train(), FEATURES, rows);
        write(temporary.resolve("validation-0.parquet"), FEATURES, rows(0, 3));
        write(temporary.resolve("test-0.parquet"), FEATURES, rows(0, 3));
        LabelledPictures<Split.Train> all = open().train();
        Refusal.ofPicture(() -> all.read(4), train() + "#4", "no bytes");
        Refusal.ofPicture(() -> all.read(8), train() + "#8");
        Refusal.ofPicture(() -> all.read(9), train() + "#9", "empty");
        assertEquals(5, Plain.colour(all.read(5)));
        assertEquals(10, Plain.colour(all.read(10)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, .3, .9})
    void open_truncatedFile_isRefused(double share) throws IOException {
        write(train(), FEATURES, rows(0, 30));
        byte[] whole = Files.readAllBytes(train());
        Files.write(train(), Arrays.copyOf(whole, (int) (whole.length * share)));
        Refusal.of(this::open, train(), "cannot be read as Parquet");
    }

    @Test
    void open_laterFileTruncated_isRefused() throws IOException {
        write(train(), FEATURES, rows(0, 30));
        Path second = temporary.resolve("train-00001-of-00001.parquet");
        Files.write(second, Arrays.copyOf(Files.readAllBytes(train()), 500));
        Refusal.of(this::open, second, "cannot be read as Parquet");
    }

    @Test
    void open_noTrainFile_isRefused() {
        write(temporary.resolve("test-00000-of-00001.parquet"), FEATURES, rows(0, 30));
        assertFalse(HubParquet.isOne(temporary));
        Refusal.of(this::open, temporary, "no train-*.parquet");
    }

    @Test
    void isOne_missingFolder_isFalse() {
        assertFalse(HubParquet.isOne(temporary.resolve("missing")));
    }

    /** CIFAR-100 has two label columns; its finer one must be named. */
    @Test
    void namedColumnAndClasses_winOverTheFilesOwn() {
        String two = "{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"},"
                + "\"coarse\": {\"names\": [\"x\"], \"_type\": \"ClassLabel\"},"
                + "\"label\": {\"names\": [\"a\", \"b\", \"c\"], \"_type\": \"ClassLabel\"}}}}";
        write(temporary.resolve("train-00000-of-00001.parquet"), two, rows(0, 30));
        Dataset dataset = HubParquet.open(
                temporary, Splitting.DEFAULT, new HubParquet.Reading("label", List.of("plane", "bird", "cat"), false));
        assertEquals(List.of("plane", "bird", "cat"), dataset.prompts().classes());
        refused("no column 'fine'", new HubParquet.Reading("fine", List.of(), false));
        refused("3 classes", new HubParquet.Reading("label", List.of("one", "two"), false));
    }

    /** EuroSAT comes split 60/20/20 and is compared 80/10/10. */
    @Test
    void pooledParts_areSplitAnew() {
        write(train(), FEATURES, rows(0, 60));
        write(temporary.resolve("validation-00000-of-00001.parquet"), FEATURES, rows(60, 80));
        write(temporary.resolve("test-00000-of-00001.parquet"), FEATURES, rows(80, 100));
        Dataset dataset =
                HubParquet.open(temporary, new Splitting(.1, .1, 42), new HubParquet.Reading(null, List.of(), true));
        assertEquals(80, dataset.train().size());
        assertEquals(10, dataset.validation().size());
        assertEquals(10, dataset.test().size());
        Set<String> names = new HashSet<>();
        for (LabelledPictures<?> split : List.of(dataset.train(), dataset.validation(), dataset.test())) {
            for (int i = 0; i < split.size(); i++) {
                names.add(split.name(i));
            }
        }
        assertEquals(100, names.size());
        assertTrue(dataset.origin().contains("all parts together"), dataset.origin());
    }

    private void refused(String why, HubParquet.Reading reading) {
        InputException e =
                assertThrows(InputException.class, () -> HubParquet.open(temporary, Splitting.DEFAULT, reading));
        assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
    }

    /** The hub's own conversions: train/0000.parquet beside test/0000.parquet. */
    @Test
    void splitsInFolders_areRead() {
        write(temporary.resolve("train").resolve("0000.parquet"), FEATURES, rows(0, 30));
        write(temporary.resolve("test").resolve("0000.parquet"), FEATURES, rows(30, 36));
        Dataset dataset = HubParquet.open(temporary, Splitting.DEFAULT);
        assertEquals(6, dataset.test().size());
        assertEquals(24, dataset.train().size());
    }
}
