package io.residual.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.HeadsOff;
import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.catalogue.BasisImages;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.ImageFiles;
import io.residual.data.ImageFolder;
import io.residual.data.LabelledImages;
import io.residual.data.Reading;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.MethodResult;
import io.residual.fixtures.KitFixture;
import io.residual.model.Arithmetic;
import io.residual.model.HeldHead;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.predict.Predictor;
import io.residual.spectrum.SpectrumFile;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.UnitStatistics;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.world.EmbeddedModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands on two threads of this process, against the same steps without Spark. Numbers of a forward pass may differ by how
 * images fall into batches, by about 1e-6 of the largest (as any two batch sizes do); what is computed from a trace may not.
 */
class SparkJobsTest {
    @TempDir
    static Path folder;

    @TempDir
    Path temporary;

    private static SparkSession session;
    private static Path photos;
    private static Path tables;
    private static Path tars;
    private static Path adapter;
    private static ImageTextModel model;
    private static TraceBlock traced; // the folder's images, on one machine

    @BeforeAll
    static void start() {
        session = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
        photos = Fixture.folder(folder.resolve("photos"));
        tables = Fixture.parquet(photos, folder.resolve("tables"));
        tars = Fixture.tars(photos, folder.resolve("tars"));
        adapter = Fixture.adapter(photos, folder.resolve("photos.adapter"), EmbeddedModels.WORLD_CLIP);
        model = Models.open(EmbeddedModels.WORLD_CLIP);
        ImageFiles files = ImageFiles.of(List.of(photos.toString()), System.in);
        Trace<Split.Train> trace = new Tracer(model).trace(LabelledImages.of(files), "photos", Progress.silent());
        traced = TraceBlock.joined(trace.blocks());
        assertEquals(Fixture.IMAGES, traced.size());
    }

    @AfterAll
    static void stop() {
        session.stop();
        model.close();
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), Fixture.words(words));
        return new Outcome(code, out.toString(), err.toString());
    }

    private static UnitShape shape() {
        return traced.shape();
    }

    /** A table's block, in the order of the single machine's images. */
    private static TraceBlock block(Path table) {
        return block(table, traced);
    }

    /** The same, in the order of another trace of the same shape as the table's. */
    private static TraceBlock block(Path table, TraceBlock like) {
        Map<String, Row> rows = new HashMap<>();
        for (Row row : TraceRows.numbers(
                        session.read().parquet(table.toString()).filter("error IS NULL"))
                .collectAsList()) {
            rows.put(Path.of(row.getString(0).replace("file:", "")).toString(), row);
        }
        List<Row> ordered = new ArrayList<>();
        for (String name : like.names()) {
            ordered.add(java.util.Objects.requireNonNull(rows.get(name), name));
        }
        return TraceRows.block(ordered, like.shape());
    }

    private static void close(float[] expected, float[] found) {
        assertEquals(expected.length, found.length);
        float largest = 0;
        for (float x : expected) {
            largest = Math.max(largest, Math.abs(x));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-5f * largest);
        }
    }

    /** One partition, several, more than there are images (empty ones among them). */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 200})
    void trace_isTheSingleMachines(int partitions) throws IOException {
        Path out = temporary.resolve("out");
        Outcome outcome = run("trace", photos, "--out", out, "--partitions", partitions);
        assertEquals(0, outcome.code, outcome.err);
        assertEquals("150 images written to " + out + "; 0 could not be read" + System.lineSeparator(), outcome.out);
        TraceBlock block = block(out);
        close(traced.heads(), block.heads());
        close(traced.norm(), block.norm());
        close(traced.projected(), block.projected());
        close(traced.output(), block.output());
        JsonNode manifest =
                new ObjectMapper().readTree(out.resolve(TraceJob.MANIFEST).toFile());
        JsonNode provenance = manifest.path("provenance");
        assertEquals(model.hash(), provenance.path("model").asText());
        double error = provenance.path("decomposition_error").asDouble();
        assertTrue(error > 0 && error < 1e-5, provenance.toString());
        // The sum of the images' hashes does not know of partitions.
        assertEquals("150", provenance.path("settings").path("images").asText());
        Path again = temporary.resolve("again");
        run("trace", photos, "--out", again, "--partitions", 7);
        assertEquals(
                provenance.path("data").asText(),
                new ObjectMapper()
                        .readTree(again.resolve(TraceJob.MANIFEST).toFile())
                        .path("provenance")
                        .path("data")
                        .asText());
    }

    /** The same trace's statistics on one machine in one go; sums in another order differ by 1e-13, 1e-9 is what is promised. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 40, 400})
    void statistics_areTheSingleMachines_forAnyPartitioning(int partitions) {
        Path out = temporary.resolve("out");
        assertEquals(0, run("trace", photos, "--out", out).code);
        TraceStatistics expected = new TraceStatistics().add(block(out));
        TraceStatistics found = SpectrumJob.statistics(
                session.read().parquet(out.toString()).repartition(partitions), shape(), partitions);
        for (UnitId unit : shape().ids()) {
            UnitStatistics a = expected.of(unit);
            UnitStatistics b = found.of(unit);
            assertEquals(Fixture.IMAGES, b.count());
            relative(a.mean(), b.mean());
            relative(a.scatter(), b.scatter());
        }
    }

    private static void relative(double[] expected, double[] found) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertArrayEquals(expected, found, 1e-9 * largest);
    }

    @Test
    void spectrum_writesWhatTheLibraryReads() {
        Path out = temporary.resolve("out");
        assertEquals(0, run("trace", photos, "--out", out).code);
        Path file = temporary.resolve("all.spectra");
        Outcome outcome = run("spectrum", out, "--out", file);
        assertEquals(0, outcome.code, outcome.err);
        SpectrumFile spectra = SpectrumFile.read(file);
        List<io.residual.spectrum.Spectrum> expected =
                new TraceStatistics().add(block(out)).spectra(new Tracer(model).frame());
        for (int u = 0; u < expected.size(); u++) {
            double[] a = expected.get(u).eigenvalues();
            double[] b = spectra.spectra().get(u).eigenvalues();
            assertArrayEquals(a, b, 1e-8 * a[0], expected.get(u).unit().toString());
        }
        Outcome other = run("spectrum", out, "--model", "world-blip");
        assertEquals(2, other.code);
        assertTrue(other.err.contains("a trace of the model"), other.err);
    }

    /** A tower whose embedding is pooled keeps units, no coordinates, and has one unit more. */
    @Test
    void pooledTower_isTheSingleMachines() {
        Path siglip = KitFixture.model("siglip", temporary);
        try (ImageTextModel pooled = Models.open(siglip.toString())) {
            ImageFiles files = ImageFiles.of(List.of(photos.toString()), System.in);
            Tracer tracer = new Tracer(pooled);
            TraceBlock expected =
                    TraceBlock.joined(tracer.<Split.Train>trace(LabelledImages.of(files), "photos", Progress.silent())
                            .blocks());
            Path out = temporary.resolve("out");
            Outcome outcome = run("trace", photos, "--model", siglip, "--out", out, "--partitions", 3);
            assertEquals(0, outcome.code, outcome.err);
            TraceBlock found = block(out, expected);
            assertTrue(found.shape().pooled());
            close(expected.heads(), found.heads());
            assertEquals(0, found.norm().length);
            close(expected.projected(), found.projected());
            close(expected.output(), found.output());

            Path file = temporary.resolve("all.spectra");
            assertEquals(0, run("spectrum", out, "--model", siglip, "--out", file).code);
            List<io.residual.spectrum.Spectrum> spectra =
                    new TraceStatistics().add(found).spectra(tracer.frame());
            List<io.residual.spectrum.Spectrum> written =
                    SpectrumFile.read(file).spectra();
            assertEquals(spectra.size(), written.size());
            for (int u = 0; u < spectra.size(); u++) {
                double[] a = spectra.get(u).eigenvalues();
                assertArrayEquals(
                        a,
                        written.get(u).eigenvalues(),
                        1e-8 * a[0],
                        spectra.get(u).unit().toString());
            }
        }
        Path own = Fixture.adapter(photos, temporary.resolve("own.adapter"), siglip.toString());
        Path said = temporary.resolve("said");
        Outcome outcome = run("predict", photos, "--model", siglip, "--adapter", own, "--out", said, "--partitions", 3);
        assertEquals(0, outcome.code, outcome.err);
        List<Row> rows =
                session.read().parquet(said.toString()).orderBy("image").collectAsList();
        List<Path> files = Fixture.files(photos);
        assertEquals(files.size(), rows.size());
        try (Predictor predictor = Predictor.with(Models.open(siglip.toString()), own)) {
            for (int i = 0; i < files.size(); i++) {
                Prediction expected = predictor.predict(files.get(i));
                assertEquals(
                        expected.label(), rows.get(i).getString(1), rows.get(i).toString());
                assertEquals(expected.probability(), rows.get(i).getDouble(2), 1e-5);
            }
        }
    }

    /** A table of the first format, whose column of names and whose manifest had other words. */
    @Test
    void formerTable_givesTheSameSpectra() throws IOException {
        Path out = temporary.resolve("out");
        assertEquals(0, run("trace", photos, "--out", out).code);
        Path former = temporary.resolve("former");
        session.read()
                .parquet(out.toString())
                .withColumnRenamed("image", "picture")
                .write()
                .parquet(former.toString());
        String manifest =
                Files.readString(Path.of("src", "test", "resources", "recorded", "spark-trace-of-format-1.json"));
        Files.writeString(
                former.resolve("_residual.json"),
                manifest.replaceFirst("(\"model\" : \")[0-9a-f]{64}", "$1" + model.hash()));
        Path one = temporary.resolve("one.spectra");
        Path other = temporary.resolve("other.spectra");
        assertEquals(0, run("spectrum", out, "--out", one).code);
        Outcome outcome = run("spectrum", former, "--out", other);
        assertEquals(0, outcome.code, outcome.err);
        List<io.residual.spectrum.Spectrum> expected = SpectrumFile.read(one).spectra();
        for (int u = 0; u < expected.size(); u++) {
            assertArrayEquals(
                    expected.get(u).eigenvalues(),
                    SpectrumFile.read(other).spectra().get(u).eigenvalues(),
                    1e-8 * expected.get(u).eigenvalues()[0]);
        }
    }

    /** Folders, Parquet and tars hold the same images, so they get the same answers, and those of the library. */
    @ParameterizedTest
    @CsvSource({"photos,1", "photos,5", "tables,0", "tars,0"})
    void predictions_areTheLibrarys(String source, int partitions) {
        Path out = temporary.resolve("said");
        Path from = source.equals("photos") ? photos : source.equals("tables") ? tables : tars;
        Outcome outcome = run("predict", from, "--adapter", adapter, "--out", out, "--partitions", partitions);
        assertEquals(0, outcome.code, outcome.err);
        List<Row> rows = session.read().parquet(out.toString()).orderBy("image").collectAsList();
        List<Path> files = Fixture.files(photos);
        assertEquals(files.size(), rows.size());
        Set<String> classes = new TreeSet<>();
        try (Predictor predictor = Predictor.with(Models.open(EmbeddedModels.WORLD_CLIP), adapter)) {
            for (int i = 0; i < files.size(); i++) {
                Row row = rows.get(source.equals("tables") ? position(rows, i) : i);
                Prediction expected = predictor.predict(files.get(i));
                assertEquals(expected.label(), row.getString(1), row.toString());
                assertEquals(expected.probability(), row.getDouble(2), 1e-5);
                assertEquals(expected.accepted(), row.getBoolean(3));
                classes.add(expected.label());
            }
        }
        assertTrue(classes.size() > 3, "the adapter tells images apart: " + classes);
    }

    /** An adapter that changes the pass itself changes it on the workers, too. */
    @Test
    void predictionsWithHeadsOff_areTheLibrarys() {
        AdapterFile file = AdapterFile.read(adapter, UnitFrame.of(model.image()), model);
        AdapterFile.Info info = file.info();
        Path own = temporary.resolve("off.adapter");
        AdapterFile.untested(
                        new HeadsOff(
                                List.of(new HeldHead(0, 1, 0, new float[0]), new HeldHead(2, 0, .5f, new float[0]))),
                        file.classifier(),
                        info.prompts(),
                        info.data(),
                        info.validationAccuracy(),
                        info.calibration(),
                        info.provenance(),
                        null)
                .write(own);
        Path out = temporary.resolve("said");
        Outcome outcome = run("predict", photos, "--adapter", own, "--out", out, "--partitions", 3);
        assertEquals(0, outcome.code, outcome.err);
        List<Row> rows = session.read().parquet(out.toString()).orderBy("image").collectAsList();
        List<Path> files = Fixture.files(photos).subList(0, 10);
        double most = 0;
        try (Predictor changed = Predictor.with(Models.open(EmbeddedModels.WORLD_CLIP), own);
                Predictor unchanged = Predictor.with(Models.open(EmbeddedModels.WORLD_CLIP), adapter)) {
            for (int i = 0; i < files.size(); i++) {
                Prediction expected = changed.predict(files.get(i));
                assertEquals(
                        expected.label(), rows.get(i).getString(1), rows.get(i).toString());
                assertEquals(expected.probability(), rows.get(i).getDouble(2), 1e-5);
                most = Math.max(
                        most,
                        Math.abs(expected.probability()
                                - unchanged.predict(files.get(i)).probability()));
            }
        }
        assertTrue(most > 1e-3, "heads that matter: " + most);
    }

    /** Rows of a table are named by number: #10 stands before #2. */
    private static int position(List<Row> rows, int i) {
        String end = "part" + i / 60 + ".parquet#" + i % 60;
        for (int r = 0; r < rows.size(); r++) {
            if (rows.get(r).getString(0).endsWith(end)) {
                return r;
            }
        }
        throw new IllegalStateException("no " + end);
    }

    @Test
    void labels_comeFromFoldersColumnsAndTars() {
        List<List<Integer>> all = new ArrayList<>();
        for (Path from : List.of(photos, tables, tars)) {
            Cluster cluster = cluster();
            Pieces pieces = Pieces.list(List.of(from.toString()), cluster.spark());
            all.add(cluster.index(pieces).stream().map(Cluster.Indexed::label).toList());
        }
        assertEquals(Fixture.IMAGES, all.get(0).size());
        assertTrue(new TreeSet<>(all.get(0)).size() > 3);
        assertEquals(all.get(0), all.get(1));
        assertEquals(all.get(0), all.get(2));
    }

    /** As ImageFolder has it: nested folders belong to their class, hidden files and programs' folders to nobody. */
    @Test
    void classes_areTheFoldersBelowThePath_andWhatIsLeftOutIsSaid() throws IOException {
        Path own = temporary.resolve("test");
        byte[] bytes = Files.readAllBytes(Fixture.files(photos).get(0));
        for (String name :
                List.of("a/1.png", "a/session/_2.png", "b/3.png", ".NET/4.png", "a/.5.png", "a/.cache/6.png")) {
            Files.createDirectories(own.resolve(name).getParent());
            Files.write(own.resolve(name), bytes);
        }
        Files.writeString(own.resolve("b/7.heic"), "none");
        Pieces pieces = Pieces.list(List.of(own.toString()), cluster().spark());
        assertEquals(List.of(".NET", "a", "b"), pieces.classes());
        assertEquals(
                List.of(0, 1, 1, 2), pieces.pieces().stream().map(Piece::label).toList());
        assertEquals(ImageFolder.open(own, new Splitting(.3, .3, 1)).prompts().classes(), pieces.classes());
        String notes = pieces.notes().toString();
        assertTrue(notes.contains("1 .heic") && notes.contains("1 hidden file") && notes.contains(".cache"), notes);
        Pieces folders = Pieces.list(List.of(own + "/[ab]"), cluster().spark());
        assertEquals(List.of("a", "b"), folders.classes());
    }

    @Test
    void evaluate_refusesFilesOfSeveralSplitsTogether_andOtherClassesInTheTest() throws IOException {
        Path mixed = Files.createDirectories(temporary.resolve("mixed"));
        Files.copy(tables.resolve("part0.parquet"), mixed.resolve("train-0.parquet"));
        Files.copy(tables.resolve("part1.parquet"), mixed.resolve("test-0.parquet"));
        refused("files of several splits", "evaluate", mixed, "--classes", "a,b");
        Path one = Files.createDirectories(temporary.resolve("one/only"));
        Files.copy(Fixture.files(photos).get(0), one.resolve("1.png"));
        refused("the class folders [only]", "evaluate", photos, "--test-images", temporary.resolve("one"));
    }

    private static Cluster cluster() {
        return new Cluster(
                session, new Place(EmbeddedModels.WORLD_CLIP, model.hash(), null, Arithmetic.FP32, 1), 0, "label");
    }

    /** The same splits, seeds and fits: the base model's accuracy is the same, the fits' within an image of 30. */
    @Test
    void evaluate_givesTheSingleMachinesFigures() throws IOException {
        asOnOneMachine(photos, List.of(Method.BASE, Method.COARSE, Method.RESIDUAL_STAR), 1 / 30.0);
    }

    /** One class has five images, the others about 25: splits stay those of a single machine. */
    @Test
    void evaluate_ofASkewedClass_isTheSingleMachines() throws IOException {
        Path skewed = temporary.resolve("skewed");
        int rare = 0;
        for (Path file : Fixture.files(photos)) {
            Path name = photos.relativize(file);
            if (!name.getName(0)
                            .equals(photos.relativize(Fixture.files(photos).get(0))
                                    .getName(0))
                    || ++rare <= 5) {
                Files.createDirectories(skewed.resolve(name.getName(0)));
                Files.copy(file, skewed.resolve(name));
            }
        }
        asOnOneMachine(skewed, List.of(Method.BASE, Method.COARSE), 1 / 20.0);
    }

    /** Another share for validation, and components of general images, which the driver traces. */
    @Test
    void evaluate_takesTheOptionsOfTheSingleMachine() throws IOException {
        asOnOneMachine(
                photos,
                List.of(Method.BASE, Method.RESIDUAL_STAR),
                1 / 30.0,
                new DatasetSpec(photos.toString(), 60, 0, 0, .3, .2, 7),
                BasisImages.of(BasisImages.GENERAL, EmbeddedModels.WORLD_CLIP, "photos"),
                "--validation-share",
                ".3",
                "--split-seed",
                "7",
                "--train",
                "60",
                "--bases",
                "general");
        refused("--validation-share", "evaluate", photos, "--validation-share", "1.5");
    }

    private void asOnOneMachine(Path folder, List<Method> methods, double tolerance) throws IOException {
        asOnOneMachine(folder, methods, tolerance, new DatasetSpec(folder.toString(), 0, 0, 0, .2, .2, 42), null);
    }

    private void asOnOneMachine(
            Path folder,
            List<Method> methods,
            double tolerance,
            DatasetSpec recipe,
            @Nullable LabelledImages<Split.Train> general,
            String... more)
            throws IOException {
        Path out = temporary.resolve("result.json");
        String names = String.join(",", methods.stream().map(Method::id).toList());
        List<Object> words = new ArrayList<>(List.of("evaluate", folder, "--methods", names, "--out", out));
        words.addAll(List.of(more));
        Outcome outcome = run(words.toArray());
        assertEquals(0, outcome.code, outcome.err);
        Dataset dataset = Datasets.open(recipe, Reading.PLAIN, Progress.silent());
        DatasetResult expected = new Experiments(model, general, Progress.silent())
                .on(dataset, recipe, ExperimentSettings.DEFAULT)
                .run(methods, List.of());
        JsonNode result = new ObjectMapper().readTree(out.toFile());
        JsonNode found = result.path("datasets").path(0);
        for (String split : List.of("train", "validation", "test")) { // the same images, in the same order
            assertEquals(
                    expected.splitHashes().get(split),
                    found.path("split_hashes").path(split).asText());
        }
        for (int m = 0; m < methods.size(); m++) {
            MethodResult method = expected.methods().get(m);
            JsonNode line = found.path("methods").path(m);
            assertEquals(method.method().id(), line.path("method").asText());
            assertEquals(
                    method.test().value(),
                    line.path("test_accuracy").asDouble(-1),
                    method.method() == Method.BASE ? 1e-12 : tolerance + 1e-12,
                    line.toString());
        }
    }

    /** Everything that can be wrong with single images at once: counted, named, and the rest is right. */
    @Test
    void whatIsBroken_isNamed_andTheRestIsRight() throws IOException {
        Path mixed = Files.createDirectories(temporary.resolve("mixed"));
        List<Path> files = Fixture.files(photos);
        for (int i = 0; i < 10; i++) {
            Files.copy(files.get(i), mixed.resolve("good" + i + ".png"));
        }
        Files.writeString(mixed.resolve("text.png"), "no image");
        Files.write(mixed.resolve("empty.png"), new byte[0]);
        Files.copy(tables.resolve("part1.parquet"), mixed.resolve("whole.parquet"));
        byte[] table = Files.readAllBytes(tables.resolve("part0.parquet"));
        Files.write(mixed.resolve("torn.parquet"), Arrays.copyOf(table, table.length / 2));
        byte[] scratched = table.clone();
        Arrays.fill(scratched, 2000, 6000, (byte) 0x55);
        Files.write(mixed.resolve("scratched.parquet"), scratched);
        byte[] tar = Files.readAllBytes(tars.resolve("part0.tar"));
        Files.write(mixed.resolve("torn.tar"), Arrays.copyOf(tar, tar.length / 2 + 100));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream other = new TarArchiveOutputStream(bytes)) {
            Fixture.put(other, "../../a.png", Files.readAllBytes(files.get(0)));
            Fixture.put(other, "../../a.cls", "3".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Fixture.put(other, "b.png", Files.readAllBytes(files.get(1)));
            Fixture.put(other, "b.cls", "three".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Fixture.put(other, "c.json", "{\"label\": 2}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Fixture.put(other, "d.png", Files.readAllBytes(files.get(2)));
            Fixture.put(other, "d.json", "{\"label\"".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Fixture.put(other, "e.png", Files.readAllBytes(files.get(2)));
            Fixture.put(other, "e.json", "{\"label\": -7}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            Fixture.put(other, "f.png", Files.readAllBytes(files.get(3)));
            Fixture.put(
                    other, "f.json", "{\"caption\": \"a thing\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        Files.write(mixed.resolve("strange.tar"), bytes.toByteArray());

        Path out = temporary.resolve("out");
        Outcome outcome = run("predict", mixed, "--adapter", adapter, "--out", out, "--partitions", 4);
        assertEquals(0, outcome.code, outcome.err);
        List<Row> rows = session.read().parquet(out.toString()).collectAsList();
        List<String> errors = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (Row row : rows) {
            if (row.getString(4) != null) {
                errors.add(row.getString(4));
            } else {
                assertTrue(names.add(row.getString(0)), "twice: " + row);
            }
        }
        assertEquals(10, names.stream().filter(n -> n.contains("good")).count());
        assertEquals(
                60, names.stream().filter(n -> n.contains("whole.parquet#")).count());
        assertEquals( // whatever comes between them
                Set.of("strange.tar#../../a.png", "strange.tar#f.png"),
                names.stream()
                        .filter(n -> n.contains("strange.tar#"))
                        .map(n -> n.substring(n.indexOf("strange.tar#")))
                        .collect(java.util.stream.Collectors.toSet()));
        long fromTorn = names.stream().filter(n -> n.contains("torn.tar#")).count();
        assertTrue(fromTorn > 20 && fromTorn < 60, fromTorn + " images before the tear");
        for (String bad : List.of(
                "text.png: is not an image",
                "empty.png: ",
                "torn.parquet: is no readable Parquet file",
                "scratched.parquet",
                "torn.tar: cannot be read",
                "strange.tar#b.png: has a label 'three'",
                "strange.tar#d.png: has a label in damaged JSON",
                "strange.tar#e.png: has a label that is no number from 0")) {
            assertTrue(errors.stream().anyMatch(e -> e.contains(bad)), bad + " in " + errors);
        }
        assertTrue(outcome.out.contains(names.size() + " predictions"), outcome.out);
        assertTrue(outcome.out.contains(errors.size() + " could not be read"), outcome.out);
    }

    /** A file that vanishes between listing and reading is counted; its neighbours are read. */
    @Test
    void fileThatVanishes_isNamed() throws IOException {
        Path some = Files.createDirectories(temporary.resolve("some"));
        List<Path> files = Fixture.files(photos);
        for (int i = 0; i < 6; i++) {
            Files.copy(files.get(i), some.resolve("p" + i + ".png"));
        }
        Cluster cluster = cluster();
        Pieces pieces = Pieces.list(List.of(some.toString()), cluster.spark());
        Files.delete(some.resolve("p3.png"));
        List<Row> rows = cluster.rows(
                        pieces, null, (batch, executor) -> TraceRows.of(batch, executor.tracer()), TraceRows::failed)
                .collect();
        OnExecutor.closeAll(session);
        assertEquals(6, rows.size());
        List<String> problems = rows.stream()
                .map(r -> r.getString(r.length() - 1))
                .filter(java.util.Objects::nonNull)
                .toList();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.get(0).contains("p3.png: cannot be read (there no more)"), problems.toString());
    }

    @Test
    void embeddings_areOfUnitLength_withAndWithoutAdapter() {
        Path plain = temporary.resolve("plain");
        Path adapted = temporary.resolve("adapted");
        assertEquals(0, run("trace", tars, "--embeddings", "--out", plain).code);
        assertEquals(0, run("trace", tars, "--embeddings", "--adapter", adapter, "--out", adapted).code);
        double difference = 0;
        List<Row> a = session.read().parquet(plain.toString()).orderBy("image").collectAsList();
        List<Row> b =
                session.read().parquet(adapted.toString()).orderBy("image").collectAsList();
        assertEquals(Fixture.IMAGES, a.size());
        for (int i = 0; i < a.size(); i++) {
            List<Float> x = a.get(i).getList(3);
            List<Float> y = b.get(i).getList(3);
            assertEquals(96, x.size());
            assertEquals(1, x.stream().mapToDouble(v -> v * v).sum(), 1e-5);
            assertEquals(1, y.stream().mapToDouble(v -> v * v).sum(), 1e-5);
            for (int j = 0; j < 96; j++) {
                difference = Math.max(difference, Math.abs(x.get(j) - y.get(j)));
            }
        }
        assertTrue(difference > .01, "the adapter changes embeddings");
    }

    @Test
    void wrongInput_isExplained_andLeavesNothing() throws IOException {
        Path out = temporary.resolve("out");
        refused("nothing there", "trace", temporary.resolve("missing"), "--out", out);
        Path empty = Files.createDirectories(temporary.resolve("empty"));
        refused("no images", "trace", empty, "--out", out);
        refused("missing.adapter", "predict", photos, "--adapter", "missing.adapter", "--out", out);
        refused("something of that name", "trace", photos, "--out", empty);
        refused("no --embeddings", "trace", photos, "--adapter", adapter, "--out", out);
        refused("no such folder", "trace", photos, "--model", "no-such-model", "--out", out);
        refused("--partitions", "trace", photos, "--partitions", "-1", "--out", out);
        refused("no readable file", "spectrum", empty);
        refused("the classes' names", "evaluate", tables);
        refused("0 to 1 (2 classes)", "evaluate", tables, "--classes", "a,b");
        refused("no label", "evaluate", tables, "--classes", "a,b", "--label-column", "fine_label");
        Path bad = Files.createDirectories(temporary.resolve("bad"));
        Files.writeString(bad.resolve("text.png"), "no image");
        refused("no readable image", "trace", bad, "--out", out);
        assertFalse(Files.exists(out));
        try (var left = Files.list(temporary)) {
            assertEquals(Set.of(empty, bad), Set.copyOf(left.toList()), "nothing half written");
        }
    }

    private static void refused(String saying, Object... words) {
        Outcome outcome = run(words);
        assertEquals(2, outcome.code, Arrays.toString(words) + ": " + outcome.out + outcome.err);
        assertTrue(outcome.err.contains(saying), outcome.err);
    }
}
