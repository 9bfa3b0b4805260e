package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.ComponentDesign.Part;
import io.residual.base.InputException;
import io.residual.data.DatasetSpec;
import io.residual.data.Prompts;
import io.residual.fixtures.AnyNumbers;
import io.residual.fixtures.MadeUpTrace;
import io.residual.model.HeldHead;
import io.residual.provenance.Provenance;
import io.residual.provenance.SelfCheck;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Writing an adapter and reading it again gives the same adapter, of every method, with any texts and numbers. */
class AdapterRoundTripTest {
    private static final String MODEL = "0123456789abcdef";

    private Path file = Path.of("");

    @BeforeTry
    void make() throws IOException {
        file = Files.createTempFile("adapter", ".safetensors");
    }

    @AfterTry
    void delete() throws IOException {
        Files.delete(file);
    }

    /** Names of classes: any texts that are told apart. */
    @Provide
    Arbitrary<List<String>> classes() {
        return Arbitraries.strings()
                .ofMinLength(1)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .filter(names -> {
                    try {
                        return !new Prompts(names, List.of("{}")).classes().isEmpty();
                    } catch (InputException e) {
                        return false;
                    }
                });
    }

    @Provide
    Arbitrary<Method> kept() {
        return Arbitraries.of(Method.class).filter(method -> method != Method.FULL); // a model, not an adapter
    }

    @Property(tries = 400)
    void writeThenRead_isTheIdentity(
            @ForAll("kept") Method method,
            @ForAll("classes") List<String> classes,
            @ForAll @Size(max = 3) Map<String, String> settings,
            @ForAll String source,
            @ForAll long seed,
            @ForAll boolean tested,
            @ForAll @IntRange(min = 1, max = 3) int layers,
            @ForAll @IntRange(min = 1, max = 5) int width,
            @ForAll Random random) {
        UnitFrame frame = MadeUpTrace.frame(new UnitShape(layers, 2, 2, width), 1);
        Adapter adapter = adapter(method, frame, classes.size(), random);
        AdapterFile.Info info = AdapterFile.info(
                adapter,
                new Prompts(classes, List.of("{}", source + "{}")),
                new DatasetSpec(source, random.nextInt(1000), 0, Integer.MAX_VALUE, .5 * random.nextDouble(), .2, seed),
                .5 * random.nextDouble(),
                tested ? random.nextDouble() : null,
                new Calibration(
                        Double.MIN_VALUE + random.nextDouble(),
                        random.nextDouble(),
                        .95,
                        random.nextDouble(),
                        random.nextDouble()),
                tested ? "hash" : null,
                new Provenance("t", "c", MODEL, "d", seed, random.nextDouble(), settings));
        SelfCheck selfCheck = tested
                ? new SelfCheck(
                        source,
                        "c",
                        MODEL,
                        "f",
                        "clip",
                        List.of(new SelfCheck.Entry(source, random.nextDouble(), 1, "n")),
                        classes,
                        List.of(),
                        List.of(source))
                : null;
        AdapterFile written = new AdapterFile(
                adapter, new Classifier(classes, AnyNumbers.floats(width * classes.size(), random)), info, selfCheck);
        written.write(file);
        AdapterFile read = AdapterFile.read(file, frame, MODEL);
        assertEquals(info, read.info());
        assertEquals(selfCheck, read.selfCheck());
        assertEquals(classes, read.classifier().classes());
        assertArrayEquals(written.classifier().weights(), read.classifier().weights());
        SameAdapter.require(adapter, read.adapter());
    }

    private static Adapter adapter(Method method, UnitFrame frame, int classes, Random random) {
        int d = frame.shape().sharedWidth();
        Means means = Means.values()[random.nextInt(Means.values().length)];
        Others others = Others.values()[random.nextInt(Others.values().length)];
        return switch (method) {
            case BASE, FULL -> new Adapter.Identity();
            case LINEAR -> new Adapter.LinearMap(AnyNumbers.floats(d * d, random), AnyNumbers.floats(d, random));
            case RLA -> new Adapter.LinearMap(method, AnyNumbers.floats(d * d, random), AnyNumbers.floats(d, random));
            case GDA, TEXT_PROBE, CLAP, LP_PLUS, TASK_RES, CROSS_MODAL, TRANSCLIP_ZERO, TRANSCLIP ->
                new TextHead(method, AnyNumbers.floats(d * classes, random), AnyNumbers.floats(classes, random));
            case KERNEL_RIDGE -> {
                int m = 1 + random.nextInt(5);
                yield new KernelVotes(
                        m,
                        AnyNumbers.floats(m * d, random),
                        AnyNumbers.floats(m * classes, random),
                        AnyNumbers.floats(1, random)[0]);
            }
            case PROBE -> new Adapter.Probe(AnyNumbers.floats(d * classes, random), AnyNumbers.floats(classes, random));
            case TIP, TIP_TUNED -> {
                int m = 1 + random.nextInt(5);
                int[] labels = random.ints(m, 0, classes).toArray();
                float[] strengths = AnyNumbers.floats(2, random);
                yield new Adapter.Memory(method, AnyNumbers.floats(m * d, random), labels, strengths[0], strengths[1]);
            }
            case COARSE -> weighted(new HeadScaleDesign(frame, others), random);
            case HEAD_ABLATION ->
                weighted(
                        HeadScaleDesign.centred(
                                frame, AnyNumbers.floats(frame.shape().allHeads() * frame.columnsOfHead(), random)),
                        random);
            case HEADS_OFF -> {
                int size = random.nextBoolean() ? 0 : 5 * frame.shape().headWidth();
                yield new HeadsOff(frame.shape().headIds().stream()
                        .limit(1 + random.nextInt(3))
                        .map(head -> new HeldHead(
                                head.layer(), head.head(), random.nextFloat(), AnyNumbers.floats(size, random)))
                        .toList());
            }
            case OUTPUT_SPECTRAL -> weighted(new OutputDesign(part(frame, 0, random), means), random);
            case RESIDUAL, RESIDUAL_STAR -> weighted(components(method, frame, others, means, random), random);
            case RESIDUAL_GDA ->
                new SpectralHead(
                        weighted(components(Method.RESIDUAL_STAR, frame, others, means, random), random),
                        new TextHead(
                                method, AnyNumbers.floats(d * classes, random), AnyNumbers.floats(classes, random)));
        };
    }

    private static Design components(Method method, UnitFrame frame, Others others, Means means, Random random) {
        List<Part> parts = new ArrayList<>();
        for (int u = 0; u < frame.shape().units(); u++) {
            if (parts.isEmpty() || random.nextBoolean()) {
                parts.add(part(frame, u, random));
            }
        }
        return new ComponentDesign(method, frame, parts, others, means);
    }

    private static Part part(UnitFrame frame, int unit, Random random) {
        int d = frame.shape().sharedWidth();
        int kept = random.nextInt(d + 1);
        return new Part(
                frame.shape().unit(unit), kept, AnyNumbers.floats(d, random), AnyNumbers.floats(kept * d, random));
    }

    private static Adapter.Spectral weighted(Design design, Random random) {
        return new Adapter.Spectral(design, AnyNumbers.floats(design.parameters(), random));
    }
}
