package io.residual.images;

/** Pictures that have labels only; picture {@code i} is called {@code "#i"} and is as many pixels wide as its number. */
public record MadeUpSource(int... labels) implements PictureSource {
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
    public Picture read(int i) {
        return new Picture(i + 1, 1, new byte[(i + 1) * 3]);
    }
}
