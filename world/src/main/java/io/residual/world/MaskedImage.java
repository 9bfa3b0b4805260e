package io.residual.world;

import io.residual.images.Image;
import java.util.ArrayList;
import java.util.List;

/**
 * An image with a text of one of its things and the pixels that the thing covers.
 *
 * @param text such as {@code a red circle}
 * @param mask height · width, row by row: the thing that the text names
 * @param distractor the same of the other thing; all false where there is none
 */
public record MaskedImage(Image image, String text, boolean[] mask, boolean[] distractor) {
    private static final int SHAPES = 10;

    /** The templates that texts are put into. */
    public static final List<String> TEMPLATES = List.copyOf(WorldTask.SIGNS.templates());

    /**
     * Images of one small thing, as pre-training shows them, or of two that differ in kind and colour, which it never shows.
     *
     * @param two whether there is a second thing
     * @return a function of the arguments alone
     */
    public static List<MaskedImage> draw(long seed, int count, boolean two) {
        List<MaskedImage> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Dice dice = Dice.of(seed, i);
            List<Kind> kinds = dice.sample(List.of(Kind.values()).subList(0, SHAPES), 2);
            List<Colour> colours = dice.sample(Colour.ALL, 3); // two of things, one of the background
            List<Place> places = dice.sample(Place.ALL, 2);
            List<Thing> things = new ArrayList<>();
            for (int k = 0; k < (two ? 2 : 1); k++) {
                things.add(Thing.plain(
                        kinds.get(k),
                        colours.get(k),
                        places.get(k).x() + dice.uniform(-.03, .03),
                        places.get(k).y() + dice.uniform(-.03, .03),
                        dice.uniform(.13, .17),
                        dice.uniform(-.3, .3)));
            }
            Attributes attributes = new Attributes(
                    kinds.get(0),
                    colours.get(0),
                    Texture.SOLID,
                    false,
                    two ? null : places.get(0),
                    things.size(),
                    colours.get(2),
                    Texture.SOLID);
            Scene scene =
                    new Scene(colours.get(2), Texture.SOLID, things, 1, dice.pick(.01, .03, .06), false, attributes);
            boolean[] mask = Painter.mask(things.get(0));
            boolean[] other = two ? Painter.mask(things.get(1)) : new boolean[mask.length];
            for (int p = 0; p < mask.length; p++) {
                mask[p] &= !other[p]; // the second lies over the first
            }
            all.add(new MaskedImage(Painter.draw(scene, dice), text(colours.get(0), kinds.get(0)), mask, other));
        }
        return all;
    }

    private static String text(Colour colour, Kind kind) {
        String word = colour.word();
        return ("aeiou".indexOf(word.charAt(0)) >= 0 ? "an " : "a ") + word + " " + kind.word();
    }

    /** Every text that an image may have. */
    public static List<String> texts() {
        List<String> all = new ArrayList<>();
        for (Colour colour : Colour.ALL) {
            for (Kind kind : List.of(Kind.values()).subList(0, SHAPES)) {
                all.add(text(colour, kind));
            }
        }
        return all;
    }
}
