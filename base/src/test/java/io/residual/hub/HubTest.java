package io.residual.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub is a server on loopback; the cache's layout is the one that huggingface_hub documents. */
class HubTest {
    private static final HubName NAME = new HubName(HubName.Kind.MODEL, "owner/name", "main");
    private static final byte[] CONFIG = "{\"model_type\": \"clip\"}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] WEIGHTS = weights();

    @TempDir
    Path temporary;

    private final LoopbackHub hub = new LoopbackHub();

    private static byte[] weights() {
        byte[] bytes = new byte[300_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 251);
        }
        return bytes;
    }

    /** Wants config and weights, and would like to have extra.json. */
    private static final Hub.Choice CHOICE = new Hub.Choice() {
        @Override
        public List<String> wanted(List<String> files) {
            return files.contains("model.safetensors")
                    ? files.stream().filter(f -> !f.endsWith(".bin")).toList()
                    : List.of();
        }

        @Override
        public InputException unusable(HubName name, List<String> files) {
            return InputException.at("'" + name + "'", "no safetensors weights", "some", "Give another");
        }

        @Override
        public List<String> optional() {
            return List.of("extra.json");
        }

        @Override
        public boolean isComplete(Path snapshot, Predicate<String> absent) {
            return Files.exists(snapshot.resolve("model.safetensors"))
                    && (Files.exists(snapshot.resolve("extra.json")) || absent.test("extra.json"));
        }
    };

    @BeforeEach
    void fill() {
        hub.with("config.json", CONFIG, false).with("model.safetensors", WEIGHTS, true);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Hub client(boolean offline, @Nullable String token) {
        return new Hub(
                new HubSettings(temporary, hub.address(), token, offline, Duration.ofMinutes(10)), Progress.silent());
    }

    private Path fetch() {
        return client(false, null).fetch(NAME, CHOICE);
    }

    private Path repository() {
        return temporary.resolve("models--owner--name");
    }

    private List<String> blobs() throws IOException {
        try (Stream<Path> files = Files.list(repository().resolve("blobs"))) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void fetch_fromEmptyCache_leavesWhatPythonWouldLeave() throws IOException {
        Path folder = fetch();
        assertEquals(repository().resolve("snapshots").resolve(LoopbackHub.COMMIT), folder);
        assertArrayEquals(CONFIG, Files.readAllBytes(folder.resolve("config.json")));
        assertArrayEquals(WEIGHTS, Files.readAllBytes(folder.resolve("model.safetensors")));
        assertEquals(LoopbackHub.COMMIT, Files.readString(repository().resolve("refs/main")));
        String sha256 = hub.tagOf("model.safetensors");
        assertEquals(Path.of("../../blobs/" + sha256), Files.readSymbolicLink(folder.resolve("model.safetensors")));
        assertEquals(2, blobs().size());
        assertTrue(Files.exists(repository().resolve(".no_exist/" + LoopbackHub.COMMIT + "/extra.json")));
    }

    /** Such tags say nothing of the bytes, so two files may well have one. */
    @ParameterizedTest
    @CsvSource({"same-for-all, true", "same-for-all, false"})
    void fetch_tagThatIsNoHash_isNotSharedByFiles(String tag, boolean weak) throws IOException {
        byte[] extra = CONFIG.clone();
        extra[2] = 'M';
        hub.with("extra.json", extra, false);
        hub.tag = tag;
        hub.weak = weak;
        Path folder = fetch();
        assertArrayEquals(CONFIG, Files.readAllBytes(folder.resolve("config.json")));
        assertArrayEquals(extra, Files.readAllBytes(folder.resolve("extra.json")));
        assertArrayEquals(WEIGHTS, Files.readAllBytes(folder.resolve("model.safetensors")));
        assertEquals(3, blobs().size());
    }

    /** A weak tag that looks like a hash: whatever the file's own hash contradicts is refused. */
    @Test
    void fetch_weakTagOfAnotherFile_isRefused() throws IOException {
        byte[] extra = CONFIG.clone();
        extra[2] = 'M';
        hub.with("extra.json", extra, false);
        hub.tag = hub.tagOf("config.json");
        hub.weak = true;
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("the checksum of extra.json"), e.getMessage());
    }

    /** Left by another program, or by a disk: the name alone proves nothing. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 0})
    void fetch_contentThatIsNotWhatItsNameSays_isFetchedAnew(int longer) throws IOException {
        Path blob = repository().resolve("blobs").resolve(hub.tagOf("config.json"));
        Files.createDirectories(blob.getParent());
        Files.write(blob, new byte[CONFIG.length + longer]);
        assertArrayEquals(CONFIG, Files.readAllBytes(fetch().resolve("config.json")));
        assertArrayEquals(CONFIG, Files.readAllBytes(blob));
    }

    @Test
    void fetch_second_asksNobody() {
        Path first = fetch();
        int before = hub.requests.size();
        assertEquals(first, fetch());
        assertEquals(first, client(true, null).fetch(NAME, CHOICE));
        assertEquals(before, hub.requests.size());
    }

    /** As huggingface_hub leaves it: a branch file without a line end, links into blobs. */
    @Test
    void fetch_cacheLeftByPython_isUsedOffline() throws IOException {
        String commit = "89abcdef0123456789abcdef0123456789abcdef";
        Path snapshot = Files.createDirectories(repository().resolve("snapshots/" + commit));
        Files.createDirectories(repository().resolve("blobs"));
        Files.write(repository().resolve("blobs/abcd"), WEIGHTS);
        Files.createSymbolicLink(snapshot.resolve("model.safetensors"), Path.of("../../blobs/abcd"));
        Files.writeString(snapshot.resolve("extra.json"), "{}");
        Files.createDirectories(repository().resolve("refs/refs/pr"));
        Files.writeString(repository().resolve("refs/main"), commit);
        Files.writeString(repository().resolve("refs/refs/pr/7"), commit);
        assertEquals(snapshot, client(true, null).fetch(NAME, CHOICE));
        assertEquals(
                snapshot, client(true, null).fetch(new HubName(HubName.Kind.MODEL, "owner/name", "refs/pr/7"), CHOICE));
        assertEquals(snapshot, client(true, null).fetch(new HubName(HubName.Kind.MODEL, "owner/name", commit), CHOICE));
        assertEquals(List.of(), hub.requests);
    }

    /** Python may have fetched the configuration alone. */
    @Test
    void fetch_partialCache_fetchesTheRestOnly() {
        fetch();
        hub.with("extra.json", CONFIG, false);
        assertTrue(
                fetchAgainAfter(() ->
                                Files.delete(repository().resolve(".no_exist/" + LoopbackHub.COMMIT + "/extra.json")))
                        .stream()
                        .allMatch(r -> r.endsWith("extra.json")));
    }

    /** Something that may fail. */
    private interface Step {
        void run() throws IOException;
    }

    private List<String> fetchAgainAfter(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hub.requests.clear();
        fetch();
        return hub.downloads();
    }

    @Test
    void fetch_offlineAndNotCached_saysWhatToDo() {
        InputException e =
                assertThrows(InputException.class, () -> client(true, null).fetch(NAME, CHOICE));
        assertTrue(String.valueOf(e.getMessage()).contains("HF_HUB_OFFLINE"), e.getMessage());
        assertEquals(List.of(), hub.requests);
    }

    @Test
    void fetch_connectionBreaks_goesOnWhereItStopped() throws IOException {
        hub.breakAfter = 100_000;
        hub.breaks.set(2);
        Path folder = fetch();
        assertArrayEquals(WEIGHTS, Files.readAllBytes(folder.resolve("model.safetensors")));
        List<String> ranges =
                hub.downloads().stream().filter(r -> r.contains("bytes=")).toList();
        assertEquals(2, ranges.size(), hub.downloads().toString());
    }

    @Test
    void fetch_anEarlierRunsBeginning_isNotFetchedAgain() throws IOException {
        String tag = hub.tagOf("model.safetensors");
        Files.createDirectories(repository().resolve("blobs"));
        Files.write(repository().resolve("blobs/" + tag + ".incomplete"), Arrays.copyOf(WEIGHTS, 123_456));
        Path folder = fetch();
        assertArrayEquals(WEIGHTS, Files.readAllBytes(folder.resolve("model.safetensors")));
        assertTrue(hub.downloads().contains("GET /blob/model.safetensors bytes=123456-"), hub.downloads()::toString);
    }

    @Test
    void fetch_beginningOfSomethingElse_startsAgainOnce() throws IOException {
        String tag = hub.tagOf("model.safetensors");
        Files.createDirectories(repository().resolve("blobs"));
        Files.write(repository().resolve("blobs/" + tag + ".incomplete"), new byte[5000]);
        assertArrayEquals(WEIGHTS, Files.readAllBytes(fetch().resolve("model.safetensors")));
    }

    @Test
    void fetch_serverWithoutRanges_startsAgain() throws IOException {
        hub.ignoresRanges = true;
        hub.breakAfter = 100_000;
        hub.breaks.set(1);
        assertArrayEquals(WEIGHTS, Files.readAllBytes(fetch().resolve("model.safetensors")));
    }

    @Test
    void fetch_connectionThatNeverBringsAnything_givesUpAndKeepsWhatCame() throws IOException {
        fetchConfigOnly();
        hub.breakAfter = 0;
        hub.breaks.set(1000);
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("broke off"), e.getMessage());
        assertFalse(Files.exists(repository().resolve("refs/main")));
        assertFalse(blobs().contains(hub.tagOf("model.safetensors")));
    }

    /** So that what breaks is the large file. */
    private void fetchConfigOnly() throws IOException {
        String config = hub.tagOf("config.json");
        Path snapshot = Files.createDirectories(repository().resolve("snapshots/" + LoopbackHub.COMMIT));
        Files.createDirectories(repository().resolve("blobs"));
        Files.write(repository().resolve("blobs/" + config), CONFIG);
        Files.createSymbolicLink(snapshot.resolve("config.json"), Path.of("../../blobs/" + config));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fetch_contentThatIsNotWhatWasAnnounced_isRefused(boolean small) throws IOException {
        if (!small) {
            fetchConfigOnly();
        }
        hub.corrupts = true;
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("checksum"), e.getMessage());
        String name = small ? "config.json" : "model.safetensors";
        assertTrue(String.valueOf(e.getMessage()).contains(name), e.getMessage());
        assertFalse(blobs().stream().anyMatch(b -> b.startsWith(hub.tagOf(name))));
    }

    @Test
    void fetch_moreBytesThanAnnounced_stopsAndDeletes() throws IOException {
        fetchConfigOnly();
        hub.sendsMore = true;
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("more than the 300000 bytes"), e.getMessage());
        assertEquals(1, blobs().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "<html>busy</html>",
                "{\"sha\": \"main\", \"siblings\": [{\"rfilename\": \"model.safetensors\"}]}",
                "{\"sha\": \"../../../../etc\", \"siblings\": []}"
            })
    void fetch_listingThatIsNone_isRefused(String listing) {
        hub.listing = listing;
        assertThrows(UncheckedIOException.class, this::fetch);
        assertFalse(Files.exists(repository().resolve("snapshots")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/etc/passwd", "a/../../b", "..\\\\b", "c:x", ".hidden/../x", "a//b", "", "x/"})
    void fetch_namesThatLeaveTheFolder_areAsGoodAsAbsent(String evil) throws IOException {
        hub.listing = "{\"sha\": \"" + LoopbackHub.COMMIT + "\", \"siblings\": [{\"rfilename\": \"" + evil
                + "\"}, {\"rfilename\": \"config.json\"}, {\"rfilename\": \"model.safetensors\"}]}";
        Path folder = fetch();
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(2, all.count());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../../x", "a/b", "short", ""})
    void fetch_tagThatIsNoFileName_isRefused(String tag) {
        hub.tag = tag;
        assertThrows(UncheckedIOException.class, this::fetch);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "jar:file:/x!/y", "::"})
    void fetch_redirectAway_isNotFollowed(String where) {
        hub.redirect = where;
        assertThrows(UncheckedIOException.class, this::fetch);
    }

    @Test
    void fetch_redirectInCircles_ends() {
        hub.redirect = hub.address() + "/owner/name/resolve/" + LoopbackHub.COMMIT + "/config.json";
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("circles"), e.getMessage());
    }

    @Test
    void fetch_token_goesToTheHubAlone() {
        client(false, "secret").fetch(NAME, CHOICE);
        assertTrue(hub.tokens.stream().filter(t -> t.startsWith("hub ")).allMatch("hub Bearer secret"::equals));
        assertTrue(hub.tokens.stream().filter(t -> t.startsWith("store ")).allMatch("store null"::equals));
        assertTrue(hub.tokens.stream().anyMatch(t -> t.startsWith("store ")));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void fetch_refused_speaksOfTheToken(int status) {
        hub.status = status;
        InputException e = assertThrows(InputException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("HF_TOKEN"), e.getMessage());
        InputException with =
                assertThrows(InputException.class, () -> client(false, "secret").fetch(NAME, CHOICE));
        assertFalse(String.valueOf(with.getMessage()).contains("secret"), with.getMessage());
    }

    @Test
    void fetch_unknownName_namesIt() {
        hub.status = 404;
        InputException e = assertThrows(InputException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("'owner/name'"), e.getMessage());
    }

    @Test
    void fetch_serverError_isNoInputError() {
        hub.status = 503;
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("503"), e.getMessage());
    }

    @Test
    void fetch_nobodyThere_usesThePartialCacheOrSaysSo() throws IOException {
        hub.close();
        UncheckedIOException e = assertThrows(UncheckedIOException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("cannot be reached"), e.getMessage());
        fetchConfigOnly();
        Files.createDirectories(repository().resolve("refs"));
        Files.writeString(repository().resolve("refs/main"), LoopbackHub.COMMIT);
        assertEquals(repository().resolve("snapshots/" + LoopbackHub.COMMIT), fetch());
    }

    @Test
    void fetch_nothingUsable_saysWhatTheChoiceSays() {
        hub.files.remove("model.safetensors");
        hub.with("pytorch_model.bin", WEIGHTS, true);
        InputException e = assertThrows(InputException.class, this::fetch);
        assertTrue(String.valueOf(e.getMessage()).contains("no safetensors weights"), e.getMessage());
        assertEquals(List.of(), hub.downloads());
    }

    /** The hub's own robot opens a pull request with the weights as safetensors; others may open anything. */
    @ParameterizedTest
    @ValueSource(strings = {"SFconvertbot", "somebody"})
    void fetch_picklesOnly_looksForTheRobotsConversion(String author) {
        hub.discussions = "{\"discussions\": [{\"num\": 21, \"title\": \"Adding `safetensors` variant of this model\","
                + " \"author\": {\"name\": \"" + author + "\"}}]}";
        Hub.Choice first = new Hub.Choice() {
            private int asked;

            @Override
            public List<String> wanted(List<String> files) {
                return asked++ == 0 ? List.of() : CHOICE.wanted(files); // the branch has pickles only
            }

            @Override
            public InputException unusable(HubName name, List<String> files) {
                return CHOICE.unusable(name, files);
            }

            @Override
            public List<String> optional() {
                return CHOICE.optional();
            }

            @Override
            public boolean isComplete(Path snapshot, Predicate<String> absent) {
                return CHOICE.isComplete(snapshot, absent);
            }
        };
        if (author.equals("somebody")) {
            assertThrows(InputException.class, () -> client(false, null).fetch(NAME, first));
            return;
        }
        Path folder = client(false, null).fetch(NAME, first);
        assertTrue(Files.exists(folder.resolve("model.safetensors")));
        assertTrue(Files.exists(repository().resolve("refs/refs/pr/21")));
        assertTrue(hub.requests.contains("GET /api/models/owner/name/revision/refs/pr/21"), hub.requests::toString);
    }

    /** Data sets have addresses and cache folders of their own; without Parquet on main, the hub's conversion serves. */
    @Test
    void fetch_dataSet_looksAtTheConversionToo() {
        hub.with("default/train/0000.parquet", WEIGHTS, true);
        hub.emptyRevision = "main";
        Hub.Choice choice = new Hub.Choice() {
            @Override
            public List<String> wanted(List<String> files) {
                return files.stream().filter(f -> f.endsWith(".parquet")).toList();
            }

            @Override
            public String elsewhere() {
                return "refs/convert/parquet";
            }

            @Override
            public InputException unusable(HubName name, List<String> files) {
                return CHOICE.unusable(name, files);
            }

            @Override
            public List<String> optional() {
                return List.of();
            }

            @Override
            public boolean isComplete(Path snapshot, Predicate<String> absent) {
                return Files.exists(snapshot.resolve("default"));
            }
        };
        HubName name = HubName.parse(HubName.Kind.DATASET, "owner/name").orElseThrow();
        Path folder = client(false, null).fetch(name, choice);
        assertTrue(folder.startsWith(temporary.resolve("datasets--owner--name")), folder::toString);
        assertTrue(Files.exists(folder.resolve("default/train/0000.parquet")));
        assertTrue(
                hub.requests.contains("GET /api/datasets/owner/name/revision/refs/convert/parquet"),
                hub.requests::toString);
    }

    @Test
    void fetch_twoAtOnce_bothSucceed() throws Exception {
        List<Path> folders = Stream.of(1, 2, 3, 4).parallel().map(i -> fetch()).toList();
        assertEquals(1, folders.stream().distinct().count());
        assertArrayEquals(WEIGHTS, Files.readAllBytes(folders.get(0).resolve("model.safetensors")));
    }
}
