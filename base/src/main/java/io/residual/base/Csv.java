package io.residual.base;

import java.util.ArrayList;
import java.util.List;

/** Tables as comma-separated values (RFC 4180): fields with commas, quotes or line breaks stand in quotes. */
public final class Csv {
    private Csv() {}

    /**
     * A row of a table.
     *
     * @param line where it begins, from 1
     */
    public record Row(int line, List<String> cells) {
        public Row {
            cells = List.copyOf(cells);
        }
    }

    /** One line of a table, with its end. */
    public static String line(Iterable<String> cells) {
        StringBuilder text = new StringBuilder();
        for (String cell : cells) {
            text.append(text.isEmpty() ? "" : ",").append(quoted(cell));
        }
        return text.append('\n').toString();
    }

    private static String quoted(String text) {
        return text.matches("[^\",\\r\\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }

    /**
     * The rows of a table, the first included; empty lines are left out.
     *
     * @param where the table's file, for errors
     * @throws InputException if a quote is not closed, or stands within a field that has none at its beginning
     */
    public static List<Row> rows(String text, Object where) {
        List<Row> rows = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean open = false; // within quotes
        boolean closed = false; // after them
        int line = 1;
        int began = 1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (open && i < text.length()) {
                if (c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else if (c == '"') {
                    open = false;
                    closed = true;
                } else {
                    cell.append(c);
                    line += c == '\n' ? 1 : 0;
                }
            } else if (open) {
                throw InputException.at(
                        where + ", line " + began,
                        "a quote that is not closed",
                        "fields in quotes or without",
                        "Close it");
            } else if (c == '"' && cell.isEmpty() && !closed) {
                open = true;
            } else if (c == ',') {
                cells.add(cell.toString());
                cell.setLength(0);
                closed = false;
            } else if (c == '\n') {
                if (!cells.isEmpty() || closed || !cell.toString().isBlank()) {
                    cells.add(cell.toString());
                    rows.add(new Row(began, cells));
                }
                cells.clear();
                cell.setLength(0);
                closed = false;
                began = ++line;
            } else if ((closed || c == '"') && !isLineEnd(text, i)) {
                throw InputException.at(
                        where + ", line " + line,
                        "a quote within a field",
                        "the whole field in quotes, with quotes in it doubled",
                        "Correct the line");
            } else if (!isLineEnd(text, i)) {
                cell.append(c);
            }
        }
        return rows;
    }

    /** Whether a carriage return is half of a line's end as Windows writes it. */
    private static boolean isLineEnd(String text, int i) {
        return text.charAt(i) == '\r' && (i + 1 == text.length() || text.charAt(i + 1) == '\n');
    }
}
