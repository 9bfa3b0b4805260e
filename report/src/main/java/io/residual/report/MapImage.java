package io.residual.report;

import io.residual.base.AtomicFiles;
import io.residual.chart.DivergingScale;
import io.residual.chart.SvgText;
import io.residual.images.Image;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Signed numbers of patches over an image, on one scale for all panels, with a legend. Blue is negative, orange positive; where a
 * patch is near zero the image shows through in grey.
 */
public final class MapImage {
    private static final int SIDE = 288;
    private static final int GAP = 16;
    private static final int TOP = 56;
    private static final int LEGEND = 58;
    private static final double OPAQUE = .78;
    private static final int STEPS = 40;

    private final Image image;
    private final String title;
    private final String unit;
    private final List<Panel> panels = new ArrayList<>();

    private record Panel(String name, int rows, int columns, double[] values) {}

    /**
     * An image of an image alone.
     *
     * @param image as the model sees it, cropped and resized
     * @param unit of the legend, such as "logits"
     */
    public MapImage(Image image, String title, String unit) {
        this.image = image;
        this.title = title;
        this.unit = unit;
    }

    /** Adds a panel. {@code values} [rows · columns]. */
    public MapImage panel(String name, int rows, int columns, double... values) {
        if (values.length != rows * columns) {
            throw new IllegalArgumentException(values.length + " numbers for " + rows + " x " + columns + " patches");
        }
        panels.add(new Panel(name, rows, columns, values));
        return this;
    }

    private double largest() {
        double largest = panels.stream()
                .flatMapToDouble(p -> Arrays.stream(p.values))
                .map(Math::abs)
                .max()
                .orElse(0);
        return largest > 0 ? largest : 1;
    }

    private int width() {
        return Math.max(GAP + (SIDE + GAP) * (1 + panels.size()), 12 + 7 * title.length());
    }

    private int height() {
        return TOP + shownHeight() + LEGEND;
    }

    private int shownHeight() {
        return Math.max(1, Math.round((float) SIDE * image.height() / image.width()));
    }

    /** One self-contained SVG; every patch says its number. */
    public String svg() {
        int h = shownHeight();
        double largest = largest();
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%d\""
                        + " height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"sans-serif\""
                        + " font-size=\"13\">%n<title>%s</title>%n<rect width=\"100%%\" height=\"100%%\""
                        + " fill=\"#fff\"/>%n<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>%n",
                width(),
                height(),
                width(),
                height(),
                SvgText.escape(title),
                GAP,
                SvgText.escape(title)));
        svg.append(panelHead(GAP, "as the model sees it"));
        svg.append(embedded(GAP, h, png(colours(false))));
        String grey = png(colours(true));
        for (int p = 0; p < panels.size(); p++) {
            Panel panel = panels.get(p);
            int x = GAP + (SIDE + GAP) * (p + 1);
            svg.append(panelHead(x, panel.name));
            svg.append(embedded(x, h, grey));
            double w = (double) SIDE / panel.columns;
            double v = (double) h / panel.rows;
            for (int i = 0; i < panel.values.length; i++) {
                double share = panel.values[i] / largest;
                int row = i / panel.columns;
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" fill-opacity=\"%.3f\">"
                                + "<title>row %d, column %d: %+.4f %s</title></rect>%n",
                        x + w * (i % panel.columns),
                        TOP + v * row,
                        w,
                        v,
                        DivergingScale.hex(strength(share)),
                        opacity(share),
                        row,
                        i % panel.columns,
                        panel.values[i],
                        SvgText.escape(unit)));
            }
        }
        int y = TOP + h + 18;
        for (int i = 0; i <= STEPS; i++) {
            Color c = legend(i);
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"6\" height=\"12\" fill=\"#%02x%02x%02x\"/>%n",
                    GAP + 6 * i,
                    y,
                    c.getRed(),
                    c.getGreen(),
                    c.getBlue()));
        }
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>", GAP, y + 28, least(largest)));
        if (signed()) {
            svg.append(String.format(
                    Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">0</text>", GAP + 123, y + 28));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\">%+.3g %s</text>%n",
                GAP + 208,
                y + 28,
                largest,
                SvgText.escape(unit)));
        return svg.append("</svg>\n").toString();
    }

    /** Whether anything is negative; a share of attention is not, and its legend begins at 0. */
    private boolean signed() {
        return panels.stream().flatMapToDouble(p -> Arrays.stream(p.values)).anyMatch(v -> v < 0);
    }

    private String least(double largest) {
        return signed() ? String.format(Locale.ROOT, "%+.3g", -largest) : "0";
    }

    /** A step of the legend, coloured as a patch of that number is over white. */
    private Color legend(int step) {
        double share = signed() ? 2.0 * step / STEPS - 1 : (double) step / STEPS;
        int[] c = DivergingScale.rgb(strength(share));
        double opacity = opacity(share);
        int[] seen = new int[3];
        Arrays.setAll(seen, i -> (int) Math.round(opacity * c[i] + (1 - opacity) * 255));
        return new Color(seen[0], seen[1], seen[2]);
    }

    /** Small numbers have a hue, too: how faint they are is said by their opacity. */
    private static double strength(double share) {
        return Math.signum(share) * (.35 + .65 * Math.abs(share));
    }

    private static double opacity(double share) {
        return OPAQUE * Math.pow(Math.min(1, Math.abs(share)), .7);
    }

    private static String panelHead(int x, String name) {
        return String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>%n", x, TOP - 10, SvgText.escape(name));
    }

    private static String embedded(int x, int h, String png) {
        return String.format(
                Locale.ROOT,
                "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" preserveAspectRatio=\"none\""
                        + " style=\"image-rendering:auto\" xlink:href=\"data:image/png;base64,%s\"/>%n",
                x,
                TOP,
                SIDE,
                h,
                png);
    }

    /** The same as a PNG. */
    public BufferedImage raster() {
        BufferedImage sheet = new BufferedImage(width(), height(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        int h = shownHeight();
        double largest = largest();
        write(g, title, GAP, 22, 15);
        write(g, "as the model sees it", GAP, TOP - 10, 13);
        g.drawImage(colours(false), GAP, TOP, SIDE, h, null);
        BufferedImage grey = colours(true);
        for (int p = 0; p < panels.size(); p++) {
            Panel panel = panels.get(p);
            int left = GAP + (SIDE + GAP) * (p + 1);
            write(g, panel.name, left, TOP - 10, 13);
            g.drawImage(grey, left, TOP, SIDE, h, null);
            for (int i = 0; i < panel.values.length; i++) {
                double share = panel.values[i] / largest;
                int[] c = DivergingScale.rgb(strength(share));
                g.setColor(new Color(c[0], c[1], c[2], (int) Math.round(255 * opacity(share))));
                int x = left + i % panel.columns * SIDE / panel.columns;
                int y = TOP + i / panel.columns * h / panel.rows;
                g.fillRect(
                        x,
                        y,
                        left + (i % panel.columns + 1) * SIDE / panel.columns - x,
                        TOP + (i / panel.columns + 1) * h / panel.rows - y);
            }
        }
        int y = TOP + h + 18;
        for (int i = 0; i <= STEPS; i++) {
            g.setColor(legend(i));
            g.fillRect(GAP + 6 * i, y, 6, 12);
        }
        write(g, least(largest), GAP, y + 28, 13);
        if (signed()) {
            write(g, "0", GAP + 120, y + 28, 13);
        }
        write(g, String.format(Locale.ROOT, "%+.3g %s", largest, unit), GAP + 208, y + 28, 13);
        g.dispose();
        return sheet;
    }

    /** A system without any font has an image without words. */
    private static void write(Graphics2D g, String text, int x, int y, int size) {
        try {
            g.setColor(Color.BLACK);
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
            g.drawString(text, x, y);
        } catch (RuntimeException | LinkageError e) {
            System.getLogger(MapImage.class.getName()).log(System.Logger.Level.DEBUG, "no fonts", e);
        }
    }

    /** Writes a file of the kind that its ending says, .svg or .png; nothing appears under its name until it is whole. */
    public void write(Path target) {
        if (String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT).endsWith(".svg")) {
            AtomicFiles.write(target, f -> Files.write(f, svg().getBytes(StandardCharsets.UTF_8)));
        } else {
            BufferedImage raster = raster();
            AtomicFiles.write(target, f -> ImageIO.write(raster, "png", f.toFile()));
        }
    }

    private BufferedImage colours(boolean grey) {
        BufferedImage out = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                int r = image.at(x, y, 0);
                int g = image.at(x, y, 1);
                int b = image.at(x, y, 2);
                int light = (299 * r + 587 * g + 114 * b) / 1000;
                int pale = 70 + light * 185 / 255; // so that colours are seen on dark images, too
                out.setRGB(x, y, grey ? pale << 16 | pale << 8 | pale : r << 16 | g << 8 | b);
            }
        }
        return out;
    }

    private static String png(BufferedImage image) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return Base64.getEncoder().encodeToString(out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
