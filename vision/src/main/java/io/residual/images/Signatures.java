package io.residual.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recognises image formats by the first bytes of a file, which are more reliable than its ending. */
public final class Signatures {
    /** Number of bytes needed. */
    public static final int LENGTH = 16;

    /** Formats that {@link ImageDecoder} reads. */
    private static final List<String> READ = List.of("JPEG", "PNG", "GIF", "BMP", "WebP", "TIFF", "PPM");

    private Signatures() {}

    /** The format's name, or null for what is no image of a known format. */
    public static @Nullable String format(byte[] head) {
        String text = new String(head, 0, Math.min(head.length, LENGTH), ISO_8859_1);
        if (text.startsWith("\u00FF\u00D8\u00FF")) {
            return "JPEG";
        } else if (text.startsWith("\u0089PNG")) {
            return "PNG";
        } else if (text.startsWith("GIF8")) {
            return "GIF";
        } else if (text.startsWith("BM") && text.length() == LENGTH && text.charAt(LENGTH - 1) == 0) {
            return "BMP";
        } else if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
            return "WebP";
        } else if (text.startsWith("II*\0")
                || text.startsWith("MM\0*")
                || text.startsWith("II+\0")
                || text.startsWith("MM\0+")) {
            return "TIFF";
        } else if (text.matches("(?s)P[2356][\\s#].*")) {
            return "PPM";
        } else if (text.startsWith("ftyp", 4)) {
            String brand = text.substring(Math.min(8, text.length()), Math.min(12, text.length()));
            return brand.startsWith("avi") ? "AVIF" : brand.matches("he[iv].|mif1|msf1") ? "HEIC" : null;
        } else if (text.startsWith("\u00FF\n") || text.startsWith("\0\0\0\fJXL ")) {
            return "JPEG XL";
        } else if (text.startsWith("\0\0\0\fjP  ")) {
            return "JPEG 2000";
        }
        return null;
    }

    /** Whether images of a format can be decoded. */
    public static boolean isRead(@Nullable String format) {
        return format != null && READ.contains(format);
    }
}
