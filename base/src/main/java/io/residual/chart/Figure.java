package io.residual.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A drawn plot: marks with their places, in CSS pixels from the upper left. {@link #svg()} writes them as SVG; other writers go through
 * {@link #marks()}. For one thread while it is drawn.
 */
public final class Figure {
    private static final String INK = "#222";
    static final String FAINT = "#ddd";

    /** Axis titles are drawn no smaller, as a share of the labels' size. */
    private static final double SMALLEST = .65;

    private final double width;
    private final double height;
    private final String title;
    private final FigureStyle style;
    private final List<Mark> marks = new ArrayList<>();

    /** Where a text stands relative to its place. */
    public enum Anchor {
        /** Begins there. */
        START,
        /** Has its middle there. */
        MIDDLE,
        /** Ends there. */
        END
    }

    /** What is drawn. Colours are as in CSS, {@code #rgb} or {@code #rrggbb}; an empty one draws nothing. */
    public sealed interface Mark {}

    /**
     * A rectangle.
     *
     * @param tip what it says when pointed at; may be empty
     */
    public record Rectangle(double x, double y, double width, double height, String fill, String stroke, String tip)
            implements Mark {}

    /**
     * A line through points, or an area.
     *
     * @param points x and y in turn
     * @param dashes lengths, separated by spaces; empty for a solid line
     */
    public record Path(List<Double> points, String stroke, double thickness, String dashes, String fill)
            implements Mark {
        public Path {
            points = List.copyOf(points);
        }
    }

    /** A filled circle. */
    public record Circle(double x, double y, double radius, String fill, String tip) implements Mark {}

    /** A text on its base line; upright ones read from below. */
    public record Text(double x, double y, String text, double size, Anchor anchor, String fill, boolean upright)
            implements Mark {}

    Figure(double width, double height, String title, FigureStyle style) {
        this.width = width;
        this.height = height;
        this.title = title;
        this.style = style;
    }

    /** In CSS pixels. */
    public double width() {
        return width;
    }

    /** In CSS pixels. */
    public double height() {
        return height;
    }

    /** What the figure shows. */
    public String title() {
        return title;
    }

    /** How it was drawn. */
    public FigureStyle style() {
        return style;
    }

    /** Everything that is drawn, from the back to the front, on white. */
    public List<Mark> marks() {
        return List.copyOf(marks);
    }

    void rectangle(double x, double y, double w, double h, String fill, String tip) {
        marks.add(new Rectangle(x, y, w, h, fill, "", tip));
    }

    void line(double x1, double y1, double x2, double y2, String stroke, double thickness, String dashes) {
        marks.add(new Path(List.of(x1, y1, x2, y2), stroke, thickness, dashes, ""));
    }

    void path(List<Double> points, String stroke, double thickness, String dashes) {
        marks.add(new Path(points, stroke, thickness, dashes, ""));
    }

    void area(List<Double> points, String fill) {
        marks.add(new Path(points, "", 0, "", fill));
    }

    void circle(double x, double y, double radius, String fill, String tip) {
        marks.add(new Circle(x, y, radius, fill, tip));
    }

    void text(double x, double y, String text, Anchor anchor) {
        marks.add(new Text(x, y, text, style.fontSize(), anchor, INK, false));
    }

    void text(double x, double y, String text, Anchor anchor, double share, String fill) {
        marks.add(new Text(x, y, text, share * style.fontSize(), anchor, fill, false));
    }

    void upright(double x, double y, String text, Anchor anchor) {
        marks.add(new Text(x, y, text, style.fontSize(), anchor, INK, true));
    }

    /** An axis's title about a place: smaller, and at last cut, where it is wider than its room or than the figure. */
    void axisTitle(double x, double y, String text, double room) {
        double least = Math.min(room, 2 * Math.min(x, width - x) - .4 * style.fontSize());
        marks.add(axisTitle(x, y, text, least, false));
    }

    /** The same beside a vertical axis. */
    void uprightTitle(double x, double y, String text, double room) {
        marks.add(axisTitle(x, y, text, room, true));
    }

    private Text axisTitle(double x, double y, String text, double room, boolean upright) {
        double em = style.fontSize();
        double share = Math.max(SMALLEST, Math.min(1, room / (Letters.width(text) * em)));
        String fits = Letters.cut(text, Math.max(1, room / (share * em) + .01));
        return new Text(x, y, fits, share * em, Anchor.MIDDLE, INK, upright);
    }

    /** The title over the plot, in as many lines as it needs; gives their height. */
    static double titleHeight(String title, double width, FigureStyle style) {
        return style.fontSize() * (1.6 * titleLines(title, width, style).size() + 1.3);
    }

    void heading() {
        double y = 1.6 * style.fontSize();
        for (String line : titleLines(title, width, style)) {
            text(.8 * style.fontSize(), y, line, Anchor.START, 1.2, INK);
            y += 1.6 * style.fontSize();
        }
    }

    private static List<String> titleLines(String title, double width, FigureStyle style) {
        return Letters.lines(title, (width - 1.6 * style.fontSize()) / (1.2 * style.fontSize()));
    }

    /** As one self-contained SVG document. The same marks give the same text. */
    public String svg() {
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" viewBox=\"0 0 %s %s\""
                        + " role=\"img\" font-family=\"%s\">%n<title>%s</title>%n<rect width=\"100%%\" height=\"100%%\""
                        + " fill=\"#fff\"/>%n",
                number(width),
                number(height),
                number(width),
                number(height),
                SvgText.escape(style.font()),
                SvgText.escape(title)));
        for (Mark mark : marks) {
            if (mark instanceof Rectangle r) {
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"%s",
                        number(r.x),
                        number(r.y),
                        number(r.width),
                        number(r.height),
                        r.fill,
                        end("rect", r.tip)));
            } else if (mark instanceof Circle c) {
                svg.append(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\"%s",
                        number(c.x),
                        number(c.y),
                        number(c.radius),
                        c.fill,
                        end("circle", c.tip)));
            } else if (mark instanceof Path p) {
                svg.append(path(p));
            } else if (mark instanceof Text t) {
                svg.append(text(t));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static String path(Path p) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < p.points.size(); i += 2) {
            points.append(i == 0 ? "" : " ")
                    .append(number(p.points.get(i)))
                    .append(',')
                    .append(number(p.points.get(i + 1)));
        }
        if (p.stroke.isEmpty()) {
            return String.format(Locale.ROOT, "<polygon points=\"%s\" fill=\"%s\"/>%n", points, p.fill);
        }
        return String.format(
                Locale.ROOT,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s/>%n",
                points,
                p.stroke,
                number(p.thickness),
                p.dashes.isEmpty() ? "" : " stroke-dasharray=\"" + p.dashes + "\"");
    }

    private static String text(Text t) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%s\" y=\"%s\" font-size=\"%s\" fill=\"%s\"%s%s>%s</text>%n",
                number(t.x),
                number(t.y),
                number(t.size),
                t.fill,
                t.anchor == Anchor.START
                        ? ""
                        : " text-anchor=\"" + t.anchor.name().toLowerCase(Locale.ROOT) + "\"",
                t.upright ? " transform=\"rotate(-90 " + number(t.x) + " " + number(t.y) + ")\"" : "",
                SvgText.escape(t.text));
    }

    private static String end(String element, String tip) {
        return tip.isEmpty()
                ? String.format("/>%n")
                : String.format("><title>%s</title></%s>%n", SvgText.escape(tip), element);
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
