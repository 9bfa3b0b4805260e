package io.residual.hub;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.hub.HubClient.Remote;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Fetches one file into the cache: goes on where a broken connection, or an earlier run, stopped; takes no more bytes
 * than were announced; and gives the file its name only when its checksum is right.
 */
final class Download {
    /** Attempts in a row that bring nothing. */
    private static final int ATTEMPTS = 5;

    /** Largest file whose size the server does not say. */
    private static final long UNANNOUNCED = 64L << 20;

    private static final int BUFFER = 1 << 16;
    private static final int MEGABYTE = 1_000_000;

    private final HubClient client;
    private final HubCache cache;
    private final Progress progress;

    Download(HubClient client, HubCache cache, Progress progress) {
        this.client = client;
        this.cache = cache;
        this.progress = progress;
    }

    /** Fetches a file unless the snapshot has it. */
    void fetch(HubName name, String commit, String file) throws IOException {
        if (cache.has(commit, file)) {
            return;
        }
        Remote remote = client.head(name, commit, file);
        String content = remote.blob(commit, file);
        cache.locked(content, () -> {
            Path blob = cache.blob(content);
            if (!Files.exists(blob) || !matches(remote, blob)) {
                Path incomplete = cache.incomplete(content);
                boolean resumed = Files.exists(incomplete) && Files.size(incomplete) > 0;
                receive(remote, incomplete, file);
                if (!matches(remote, incomplete)) {
                    Files.delete(incomplete);
                    if (resumed) { // the beginning may have been another file's
                        receive(remote, incomplete, file);
                    }
                    if (!resumed || !matches(remote, incomplete)) {
                        Files.deleteIfExists(incomplete);
                        throw new IOException("the checksum of " + file + " of " + name + " is wrong: what "
                                + remote.location().getHost() + " sent is not the file that the hub announced");
                    }
                }
                Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            cache.link(content, commit, file);
        });
    }

    private void receive(Remote remote, Path incomplete, String file) throws IOException {
        progress.start("downloading " + file + " (MB)", Math.max(0, remote.size()) / MEGABYTE);
        int fruitless = 0;
        for (; ; ) {
            long before = Files.exists(incomplete) ? Files.size(incomplete) : 0;
            if (remote.size() >= 0 && before > remote.size()) {
                Files.delete(incomplete);
                before = 0;
            }
            if (remote.size() >= 0 && before == remote.size() && Files.exists(incomplete)) {
                progress.finish();
                return;
            }
            requireSpace(remote, before, incomplete);
            try {
                attempt(remote, incomplete, before);
                if (remote.size() < 0) {
                    progress.finish();
                    return;
                }
            } catch (TooMuchException e) {
                Files.deleteIfExists(incomplete);
                throw e;
            } catch (IOException e) {
                long after = Files.exists(incomplete) ? Files.size(incomplete) : 0;
                fruitless = after > before ? 0 : fruitless + 1;
                if (fruitless >= ATTEMPTS) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "the download of %s broke off at %,d of %,d bytes (%s); run the command again to go"
                                            + " on from there",
                                    file,
                                    after,
                                    remote.size(),
                                    e.getMessage()),
                            e);
                }
                pause(fruitless);
            }
        }
    }

    /** More bytes than were announced: whatever this is, it is not the file. */
    private static final class TooMuchException extends IOException {
        private static final long serialVersionUID = 1L;

        TooMuchException(String message) {
            super(message);
        }
    }

    private void attempt(Remote remote, Path incomplete, long have) throws IOException {
        HttpURLConnection connection = client.get(remote.location(), have);
        try {
            int status = connection.getResponseCode();
            long from = 0;
            if (status == HttpURLConnection.HTTP_PARTIAL) {
                String range = String.valueOf(connection.getHeaderField("Content-Range"));
                if (!range.startsWith("bytes " + have + "-")) {
                    Files.deleteIfExists(incomplete);
                    throw new IOException("asked for byte " + have + ", answered with " + range);
                }
                from = have;
            } else if (status == 416) { // range not satisfiable: what is there cannot be its beginning
                Files.deleteIfExists(incomplete);
                throw new IOException("the server has no byte " + have);
            } else if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException(remote.location().getHost() + " answered " + status);
            }
            long limit = remote.size() >= 0 ? remote.size() : UNANNOUNCED;
            try (InputStream in = connection.getInputStream();
                    FileChannel out =
                            FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                out.truncate(from);
                out.position(from);
                copy(in, out, from, limit);
                if (remote.size() >= 0 && out.position() < remote.size()) {
                    throw new IOException("the connection ended early");
                }
            }
        } finally {
            connection.disconnect();
        }
    }

    private void copy(InputStream in, FileChannel out, long from, long limit) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long total = from;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            total += n;
            if (total > limit) {
                throw new TooMuchException("the server sends more than the " + limit + " bytes it announced");
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            progress.at(total / MEGABYTE);
        }
    }

    private static void requireSpace(Remote remote, long have, Path incomplete) throws IOException {
        Path folder = incomplete.getParent();
        if (folder == null) {
            return;
        }
        long space = Files.getFileStore(folder).getUsableSpace();
        if (remote.size() - have > space) {
            throw InputException.at(
                    folder,
                    space / MEGABYTE + " MB of free space",
                    (remote.size() - have) / MEGABYTE + " MB more for a download",
                    "Free some, or set HF_HOME to a folder on another disk");
        }
    }

    private static void pause(int fruitless) throws IOException {
        try {
            Thread.sleep(100L << fruitless);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Whether a file has the size and the hash that were announced. The hub's tag is the SHA-256 of a large file and git's SHA-1 of a
     * small one; other hubs may have other tags.
     */
    private static boolean matches(Remote remote, Path file) throws IOException {
        if (remote.size() >= 0 && Files.size(file) != remote.size()) {
            return false;
        }
        if (remote.tag().matches("[0-9a-f]{64}")) {
            return hash("SHA-256", new byte[0], file).equals(remote.tag());
        }
        if (remote.tag().matches("[0-9a-f]{40}")) {
            byte[] header = ("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII);
            return hash("SHA-1", header, file).equals(remote.tag());
        }
        return true;
    }

    private static String hash(String algorithm, byte[] header, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(header);
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has " + algorithm, e);
        }
    }
}
