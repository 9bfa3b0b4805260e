package io.residual.images;

/** Images that have labels only; image {@code i} is called {@code "#i"} and is as many pixels wide as its number. */
public record MadeUpSource(int... labels) implements ImageSource {
    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int i) {
        return labels[i];
    }

    @Override
    public String name(int i) {
        return "#" + i;
    }

    @Override
    public Image read(int i) {
        return new Image(i + 1, 1, new byte[(i + 1) * 3]);
    }
}
