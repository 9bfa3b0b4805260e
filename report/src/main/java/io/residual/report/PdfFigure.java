package io.residual.report;

import io.residual.base.InputException;
import io.residual.base.RegularFiles;
import io.residual.chart.Figure;
import io.residual.chart.Figure.Anchor;
import io.residual.chart.Figure.Circle;
import io.residual.chart.Figure.Mark;
import io.residual.chart.Figure.Rectangle;
import io.residual.chart.Figure.Text;
import io.residual.provenance.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDDocumentInformation;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.apache.pdfbox.util.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * A figure as a PDF of one page, of vectors and text with its font embedded, written by PDFBox. For one thread.
 */
final class PdfFigure {
    /** PDF points in a CSS pixel. */
    private static final double POINT = .75;

    /** Four Bézier curves with this handle are a circle to 3e-4 of its radius. */
    private static final double HANDLE = .5523;

    /** Liberation Sans, which comes with PDFBox: Latin, Greek and Cyrillic. */
    private static final String SANS = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    private final Figure figure;
    private final PDPageContentStream page;
    private final PDFont font;
    private boolean replaced;

    private PdfFigure(Figure figure, PDPageContentStream page, PDFont font) {
        this.figure = figure;
        this.page = page;
        this.font = font;
    }

    /**
     * Writes a figure.
     *
     * @param typeface a TrueType file; null for Liberation Sans
     * @param subject where the numbers come from, for the document's properties
     * @return whether the font lacked a letter, so that a question mark stands there
     * @throws InputException if the file is not a font that may be embedded
     */
    static boolean write(Path target, Figure figure, @Nullable Path typeface, String subject) throws IOException {
        try (PDDocument document = new PDDocument()) {
            PDPage sheet =
                    new PDPage(new PDRectangle((float) (POINT * figure.width()), (float) (POINT * figure.height())));
            document.addPage(sheet);
            PDFont font = font(document, typeface);
            boolean replaced;
            try (PDPageContentStream page = new PDPageContentStream(document, sheet)) {
                PdfFigure drawn = new PdfFigure(figure, page, font);
                page.setLineCapStyle(1);
                page.setLineJoinStyle(1);
                for (Mark mark : figure.marks()) {
                    drawn.draw(mark);
                }
                replaced = drawn.replaced;
            }
            describe(document, figure, subject);
            document.save(target.toFile());
            return replaced;
        }
    }

    private static void describe(PDDocument document, Figure figure, String subject) {
        Instant now = Instant.parse(Provenance.now());
        Calendar made = new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.ROOT);
        made.setTimeInMillis(now.toEpochMilli());
        PDDocumentInformation information = document.getDocumentInformation();
        information.setTitle(figure.title());
        information.setSubject(subject);
        information.setCreator("residual " + Provenance.version());
        information.setCreationDate(made);
        document.setDocumentId(now.toEpochMilli()); // else the file's identifier is the clock
    }

    private static PDFont font(PDDocument document, @Nullable Path typeface) throws IOException {
        try (InputStream in = typeface == null
                ? Objects.requireNonNull(PDDocument.class.getResourceAsStream(SANS), SANS)
                : Files.newInputStream(RegularFiles.require(typeface, "a font"))) {
            return PDType0Font.load(document, in, true);
        } catch (IOException | RuntimeException e) {
            if (typeface == null || e instanceof InputException) {
                throw e;
            }
            throw InputException.at(
                    typeface,
                    "a file that cannot be embedded (" + e.getMessage() + ")",
                    "a TrueType font (.ttf) that may be embedded",
                    "Give another file, or leave --figure-font out",
                    e);
        }
    }

    private void draw(Mark mark) throws IOException {
        if (mark instanceof Rectangle r) {
            page.setNonStrokingColor(red(r.fill()), green(r.fill()), blue(r.fill()));
            page.addRect(x(r.x()), y(r.y() + r.height()), (float) (POINT * r.width()), (float) (POINT * r.height()));
            page.fill();
        } else if (mark instanceof Circle c) {
            circle(c);
        } else if (mark instanceof Figure.Path p) {
            path(p);
        } else if (mark instanceof Text t && !t.text().isEmpty()) {
            text(t);
        }
    }

    private void circle(Circle c) throws IOException {
        double r = c.radius();
        double h = HANDLE * r;
        page.setNonStrokingColor(red(c.fill()), green(c.fill()), blue(c.fill()));
        page.moveTo(x(c.x() + r), y(c.y()));
        curve(c, r, h, h, r, 0, r);
        curve(c, -h, r, -r, h, -r, 0);
        curve(c, -r, -h, -h, -r, 0, -r);
        curve(c, h, -r, r, -h, r, 0);
        page.fill();
    }

    private void curve(Circle c, double x1, double y1, double x2, double y2, double x3, double y3) throws IOException {
        page.curveTo(x(c.x() + x1), y(c.y() + y1), x(c.x() + x2), y(c.y() + y2), x(c.x() + x3), y(c.y() + y3));
    }

    private void path(Figure.Path p) throws IOException {
        List<Double> points = p.points();
        if (points.size() < 4) {
            return;
        }
        page.moveTo(x(points.get(0)), y(points.get(1)));
        for (int i = 2; i < points.size(); i += 2) {
            page.lineTo(x(points.get(i)), y(points.get(i + 1)));
        }
        if (p.stroke().isEmpty()) {
            page.setNonStrokingColor(red(p.fill()), green(p.fill()), blue(p.fill()));
            page.fill();
            return;
        }
        page.setStrokingColor(red(p.stroke()), green(p.stroke()), blue(p.stroke()));
        page.setLineWidth((float) (POINT * p.thickness()));
        float[] dashes = new float
                [(int) Stream.of(p.dashes().split(" "))
                        .filter(d -> !d.isEmpty())
                        .count()];
        int i = 0;
        for (String dash : p.dashes().split(" ")) {
            if (!dash.isEmpty()) {
                dashes[i++] = (float) (POINT * Double.parseDouble(dash));
            }
        }
        page.setLineDashPattern(dashes, 0);
        page.stroke();
    }

    private void text(Text t) throws IOException {
        String text = encodable(t.text());
        float size = (float) (POINT * t.size());
        float width = font.getStringWidth(text) / 1000 * size;
        float back = t.anchor() == Anchor.START ? 0 : t.anchor() == Anchor.MIDDLE ? width / 2 : width;
        page.beginText();
        page.setNonStrokingColor(red(t.fill()), green(t.fill()), blue(t.fill()));
        page.setFont(font, size);
        page.setTextMatrix(
                t.upright()
                        ? Matrix.getRotateInstance(Math.PI / 2, x(t.x()), y(t.y()) - back)
                        : Matrix.getTranslateInstance(x(t.x()) - back, y(t.y())));
        page.showText(text);
        page.endText();
    }

    /** With a question mark for what the font does not have. */
    private String encodable(String text) throws IOException {
        StringBuilder out = new StringBuilder();
        for (int c : text.codePoints().toArray()) {
            String letter = Character.toString(c);
            try {
                font.encode(letter);
                out.append(letter);
            } catch (IllegalArgumentException e) {
                replaced = true;
                out.append('?');
            }
        }
        return out.toString();
    }

    private float x(double at) {
        return (float) (POINT * at);
    }

    /** PDF counts from below. */
    private float y(double at) {
        return (float) (POINT * (figure.height() - at));
    }

    private static float red(String colour) {
        return channel(colour, 0);
    }

    private static float green(String colour) {
        return channel(colour, 1);
    }

    private static float blue(String colour) {
        return channel(colour, 2);
    }

    private static float channel(String colour, int i) {
        boolean brief = colour.length() == 4;
        String digits = brief ? colour.substring(1 + i, 2 + i).repeat(2) : colour.substring(1 + 2 * i, 3 + 2 * i);
        return Integer.parseInt(digits, 16) / 255f;
    }
}
