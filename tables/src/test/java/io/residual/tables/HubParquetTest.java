package io.residual.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Reading;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.images.Plain;
import io.residual.images.Refusal;
import io.residual.images.UnreadableImageException;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are written by DuckDB with the metadata that the datasets library writes. */
class HubParquetTest {
    private static final String FEATURES = "{\"info\": {\"features\": {"
            + "\"image\": {\"_type\": \"Image\"},"
            + "\"label\": {\"names\": [\"air_plane\", \"bird\", \"cat\"], \"_type\": \"ClassLabel\"}}}}";

    /** An image's row: its encoded bytes and its label. */
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

    private static int row(LabelledImages<?> images, int i) {
        return Integer.parseInt(images.name(i).substring(images.name(i).indexOf('#') + 1));
    }

    @Test
    void open_oneFile_splitsIt() throws UnreadableImageException {
        write(train(), FEATURES, rows(0, 30));
        assertTrue(HubParquet.isOne(temporary));
        Dataset dataset = open();
        assertEquals(List.of("air plane", "bird", "cat"), dataset.prompts().classes());
        assertEquals(18, dataset.train().size());
        assertEquals(6, dataset.validation().size());
        assertEquals(6, dataset.test().size());
        for (LabelledImages<?> part : List.of(dataset.train(), dataset.validation(), dataset.test())) {
            for (int i = 0; i < part.size(); i++) {
                assertTrue(part.name(i).startsWith(train() + "#"), part.name(i));
                assertEquals(row(part, i) % 3, part.label(i));
                assertEquals(row(part, i), Plain.colour(part.read(i)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"validation", "valid"})
    void open_threeParts_keepsThem(String validation) throws UnreadableImageException {
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
    void read_severalFiles_givesTheRowsOfAll() throws UnreadableImageException {
        write(temporary.resolve("train-00000-of-00003.parquet"), FEATURES, rows(0, 200));
        write(temporary.resolve("train-00001-of-00003.parquet"), FEATURES, rows(200, 500));
        write(temporary.resolve("train-00002-of-00003.parquet"), FEATURES, rows(500, 1400));
        write(temporary.resolve("test-00000-of-00001.parquet"), FEATURES, rows(0, 3));
        write(temporary.resolve("validation-00000-of-00001.parquet"), FEATURES, rows(0, 3));
        LabelledImages<Split.Train> all = open().train();
        assertEquals(1400, all.size());
        for (int i = 0; i < 1400; i++) {
            int shuffled = i * 457 % 1400;
            if (i % 20 == 0 || shuffled % 256 == 0 || shuffled % 256 == 255) {
                assertEquals(shuffled, Plain.colour(all.read(shuffled)));
            }
            assertEquals(shuffled % 3, all.label(shuffled));
        }
        assertEquals(temporary.resolve("train-00000-of-00003.parquet") + "#7", all.name(7));
        assertEquals(temporary.resolve("train-00001-of-00003.parquet") + "#9", all.name(209));
    }

    @ParameterizedTest
    @ValueSource(strings = {"it's here", "say \"so\"", "a;b -- c", "grüße"})
    void open_unusualFolderNames_work(String name) throws UnreadableImageException {
        Path folder = temporary.resolve(name);
        write(folder.resolve("train-00000-of-00001.parquet"), FEATURES, rows(0, 30));
        Dataset dataset = HubParquet.open(folder, Splitting.DEFAULT);
        assertEquals(name, dataset.name());
        assertEquals(row(dataset.train(), 3), Plain.colour(dataset.train().read(3)));
    }

    @Test
    void open_unusualColumnNames_work() throws UnreadableImageException {
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
        Refusal.of(this::open, train(), "a column 'fine_label'", "image, label");
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
    void read_nullOrUnreadableImage_failsForItAlone() throws UnreadableImageException {
        Row[] rows = rows(0, 30);
        rows[4] = new Row(null, 1);
        rows[8] = new Row(new byte[] {1, 2, 3}, 2);
        rows[9] = new Row(new byte[0], 0);
        write(train(), FEATURES, rows);
        write(temporary.resolve("validation-0.parquet"), FEATURES, rows(0, 3));
        write(temporary.resolve("test-0.parquet"), FEATURES, rows(0, 3));
        LabelledImages<Split.Train> all = open().train();
        Refusal.ofImage(() -> all.read(4), train() + "#4", "no bytes");
        Refusal.ofImage(() -> all.read(8), train() + "#8");
        Refusal.ofImage(() -> all.read(9), train() + "#9", "empty");
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
                temporary, Splitting.DEFAULT, new Reading("label", List.of("plane", "bird", "cat"), false));
        assertEquals(List.of("plane", "bird", "cat"), dataset.prompts().classes());
        refused("no column 'fine'", new Reading("fine", List.of(), false));
        refused("3 classes", new Reading("label", List.of("one", "two"), false));
    }

    /** EuroSAT comes split 60/20/20 and is compared 80/10/10. */
    @Test
    void pooledParts_areSplitAnew() {
        write(train(), FEATURES, rows(0, 60));
        write(temporary.resolve("validation-00000-of-00001.parquet"), FEATURES, rows(60, 80));
        write(temporary.resolve("test-00000-of-00001.parquet"), FEATURES, rows(80, 100));
        Dataset dataset = HubParquet.open(temporary, new Splitting(.1, .1, 42), new Reading(null, List.of(), true));
        assertEquals(80, dataset.train().size());
        assertEquals(10, dataset.validation().size());
        assertEquals(10, dataset.test().size());
        Set<String> names = new HashSet<>();
        for (LabelledImages<?> split : List.of(dataset.train(), dataset.validation(), dataset.test())) {
            for (int i = 0; i < split.size(); i++) {
                names.add(split.name(i));
            }
        }
        assertEquals(100, names.size());
        assertTrue(dataset.origin().contains("all parts together"), dataset.origin());
    }

    private void refused(String why, Reading reading) {
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

    private static String features(String... names) {
        return FEATURES.replace(
                "\"air_plane\", \"bird\", \"cat\"",
                Arrays.stream(names).map(n -> "\"" + n + "\"").collect(Collectors.joining(", ")));
    }

    /** Any Parquet file: columns by DuckDB's SQL from n = 0, 1, …, with the image of colour n in {@code png}. */
    private static void write(Path file, String metadata, int rows, String columns) throws IOException {
        Files.createDirectories(file.getParent());
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads TO 1");
            statement.execute("CREATE TABLE rows (n INTEGER, png BLOB)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO rows VALUES (?, ?)")) {
                for (int i = 0; i < rows; i++) {
                    insert.setInt(1, i);
                    insert.setBytes(2, Plain.png(i));
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            statement.execute("COPY (SELECT " + columns + " FROM rows ORDER BY n) TO '" + file
                    + "' (FORMAT PARQUET, KV_METADATA {huggingface: '" + metadata + "'})");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Row n of every file shows the class n modulo 3 of (air plane, bird, cat), whatever number the file gives it. */
    @Test
    void open_classesInAnotherOrderInEveryFile_goTogetherByName() {
        write(temporary.resolve("train-0.parquet"), FEATURES, rows(0, 30));
        Row[] second = rows(30, 60);
        Row[] tested = rows(60, 66);
        for (Row[] rows : List.of(second, tested)) { // cat, air_plane, bird
            for (int i = 0; i < rows.length; i++) {
                rows[i] = new Row(rows[i].bytes, (i + 1) % 3);
            }
        }
        write(temporary.resolve("train-1.parquet"), features("cat", "air_plane", "bird"), second);
        write(temporary.resolve("test-0.parquet"), features("cat", "air_plane", "bird"), tested);
        Dataset dataset = open();
        assertEquals(List.of("air plane", "bird", "cat"), dataset.prompts().classes());
        assertArrayEquals(new int[] {0, 1, 2, 0, 1, 2}, dataset.test().labels());
        for (int i = 0; i < dataset.train().size(); i++) {
            assertEquals(row(dataset.train(), i) % 3, dataset.train().label(i));
        }
    }

    @Test
    void open_fileWithoutMetadata_isReadAsTheFirst_andSaid() {
        write(train(), FEATURES, rows(0, 30));
        write(temporary.resolve("test-0.parquet"), null, rows(0, 6));
        Dataset dataset = open();
        assertArrayEquals(new int[] {0, 1, 2, 0, 1, 2}, dataset.test().labels());
        assertTrue(
                dataset.notes().get(0).contains("test-0.parquet says nothing"),
                dataset.notes().toString());
    }

    @Test
    void open_classOnlyInTest_isRefused() {
        write(train(), FEATURES, rows(0, 30));
        write(temporary.resolve("test-0.parquet"), features("bird", "owl"), new Row(Plain.png(1), 1));
        Refusal.of(this::open, "the class 'owl' in test", "none for training");
    }

    @Test
    void open_namesOfClassesWithoutImages_areLeftOutAndSaid() {
        write(train(), features("air_plane", "bird", "cat", "dog"), rows(0, 30));
        Dataset dataset = open();
        assertEquals(List.of("air plane", "bird", "cat"), dataset.prompts().classes());
        assertTrue(dataset.notes().get(0).contains("dog"), dataset.notes().toString());
    }

    @Test
    void open_namesEqualInPrompts_areRefused() {
        write(train(), features("hot_dog", "hot dog", "cat"), rows(0, 30));
        Refusal.of(this::open, "'hot_dog'", "'hot dog'");
    }

    /** What the folder itself is called says nothing of its files; expected parts are those of the datasets library 5.2. */
    @ParameterizedTest
    @ValueSource(strings = {"test", "train", "validation", "val-1"})
    void open_folderCalledAfterASplit_keepsItsParts(String name) {
        Path folder = temporary.resolve(name);
        write(folder.resolve("data/train-00000-of-00001.parquet"), FEATURES, rows(0, 30));
        write(folder.resolve("data/test-00000-of-00001.parquet"), FEATURES, rows(0, 7));
        Dataset dataset = HubParquet.open(folder, Splitting.DEFAULT);
        assertEquals(24, dataset.train().size());
        assertEquals(6, dataset.validation().size());
        assertEquals(7, dataset.test().size());
        assertTrue(HubParquet.isOne(folder));
    }

    @ParameterizedTest
    @CsvSource({
        "train.parquet, dev.parquet, eval.parquet",
        "my_train_data.parquet, val-0.parquet, my-test.parquet",
        "train1.parquet, validation2.parquet, testing_set.parquet",
        "training/0.parquet, valid/0.parquet, evaluation/0.parquet",
        "train/test-0.parquet, val/train-0.parquet, test/train-0.parquet",
        "Train.parquet, VAL.parquet, Test.parquet"
    })
    void open_namesOfTheDatasetsLibrary_areUnderstood(String train, String validation, String test) {
        write(temporary.resolve(train), FEATURES, rows(0, 9));
        write(temporary.resolve(validation), FEATURES, rows(0, 4));
        write(temporary.resolve(test), FEATURES, rows(0, 5));
        Dataset dataset = open();
        assertEquals(9, dataset.train().size());
        assertEquals(4, dataset.validation().size());
        assertEquals(5, dataset.test().size());
        assertEquals(List.of(), dataset.notes());
    }

    @Test
    void open_namesWithoutASplit_areForTraining_butNamedBesideOthers() throws IOException {
        write(temporary.resolve("part-0.parquet"), FEATURES, rows(0, 30));
        assertEquals(18, open().train().size());
        Plain.write(temporary.resolve("cat"), 1, "1.png"); // such as embeddings of the images of a folder
        assertFalse(HubParquet.isOne(temporary));
        write(temporary.resolve("train-0.parquet"), FEATURES, rows(0, 60));
        Dataset dataset = open();
        assertEquals(36, dataset.train().size());
        assertTrue(
                dataset.notes().get(0).contains("part-0.parquet"),
                dataset.notes().toString());
        write(temporary.resolve("train-test.parquet"), FEATURES, rows(0, 60));
        Refusal.of(this::open, "train-test.parquet", "train and test");
    }

    /** The feature Image of the datasets library takes plain bytes, too. */
    @Test
    void read_plainBytes_work() throws IOException, UnreadableImageException {
        write(train(), FEATURES, 30, "png AS image, n % 3 AS label");
        Dataset dataset = open();
        for (int i = 0; i < dataset.train().size(); i++) {
            assertEquals(row(dataset.train(), i), Plain.colour(dataset.train().read(i)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'bytes': CAST(NULL AS BLOB), 'path': 'images/' || n || '.png'}",
                "{'path': 'images/' || n || '.png'}",
                "'images/' || n || '.png'"
            })
    void read_paths_leadToFilesBelowTheFolder(String image) throws IOException, UnreadableImageException {
        write(temporary.resolve("data").resolve("train-0.parquet"), FEATURES, 30, image + " AS image, n % 3 AS label");
        for (int i = 0; i < 30; i++) {
            Plain.write(temporary.resolve(i % 2 == 0 ? "images" : "data/images"), i, i + ".png");
        }
        Dataset dataset = open();
        assertEquals(List.of(), dataset.notes());
        for (int i = 0; i < dataset.train().size(); i++) {
            assertEquals(row(dataset.train(), i), Plain.colour(dataset.train().read(i)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'../out.png'", "'https://example.org/a.png'", "'link.png'", "'%s/out.png'", "NULL"})
    void read_pathsThatLeadOut_areNotFollowed(String path) throws IOException {
        Plain.write(temporary, 1, "out.png");
        Path folder = Files.createDirectory(temporary.resolve("set"));
        Files.createSymbolicLink(folder.resolve("link.png"), temporary.resolve("out.png"));
        String image = "{'bytes': CASE WHEN n = 4 THEN NULL ELSE png END, 'path': CAST("
                + path.replace("%s", temporary.toString()) + " AS VARCHAR)} AS image, n % 3 AS label";
        write(folder.resolve("train-0.parquet"), FEATURES, 30, image);
        write(folder.resolve("test-0.parquet"), FEATURES, 3, "png AS image, n % 3 AS label");
        write(folder.resolve("val-0.parquet"), FEATURES, 3, "png AS image, n % 3 AS label");
        Dataset dataset = HubParquet.open(folder, Splitting.DEFAULT);
        Refusal.ofImage(() -> dataset.train().read(4), "train-0.parquet#4", "has no bytes");
        assertTrue(
                dataset.notes().get(0).startsWith("1 of 30 rows of train hold no image"),
                dataset.notes().toString());
        write(folder.resolve("train-0.parquet"), FEATURES, 30, image.replace("n = 4", "TRUE"));
        Refusal.of(() -> HubParquet.open(folder, Splitting.DEFAULT), "no image in any row of its train part");
    }

    @Test
    void open_textsAsLabels_areClasses() throws IOException {
        String features = "{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"},"
                + "\"label\": {\"dtype\": \"string\", \"_type\": \"Value\"}}}}";
        write(train(), features, 30, "png AS image, ['b_c', 'a', 'd'][n % 3 + 1] AS label");
        write(
                temporary.resolve("test-0.parquet"),
                FEATURES.replace("bird", "a").replace("air_plane", "b_c").replace("cat", "d"),
                6,
                "png AS image, n % 3 AS label");
        Dataset dataset = open();
        assertEquals(List.of("a", "b c", "d"), dataset.prompts().classes());
        assertArrayEquals(new int[] {1, 0, 2, 1, 0, 2}, dataset.test().labels());
    }
}
