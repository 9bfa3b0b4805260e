package io.residual.world;

import java.util.ArrayList;
import java.util.List;

/**
 * Samples scenes for pre-training: one to four objects of one kind on a background.
 *
 * @param kinds to choose from
 * @param colours of things to choose from
 * @param backgrounds to choose from
 * @param large share of scenes with one large thing
 * @param several share of the other scenes that have two to four things
 */
record SceneSampler(List<Kind> kinds, List<Colour> colours, List<Colour> backgrounds, double large, double several) {
    private static final List<Texture> BACKGROUND_TEXTURES =
            List.of(Texture.SOLID, Texture.SOLID, Texture.SOLID, Texture.STRIPED, Texture.CHECKERED, Texture.NOISY);

    /** Every kind and colour, as pre-training ends. */
    static final SceneSampler GENERAL = new SceneSampler(List.of(Kind.values()), Colour.ALL, Colour.ALL, .4, .4);

    /** A scene. */
    Scene sample(Dice dice) {
        Colour background = dice.pick(backgrounds);
        Colour colour = other(colours, dice, background, background);
        Kind kind = dice.pick(kinds);
        boolean textured = !kind.isDigit() && dice.chance(.65);
        Texture texture = textured ? dice.pick(Texture.ALL) : Texture.SOLID;
        // The texture's second colour is told by no caption; a clear contrast keeps the texture visible.
        Colour second = other(Colour.ALL, dice, colour, background);
        double period = dice.uniform(.45, .8);
        boolean large = dice.chance(this.large);
        int count = !large && dice.chance(several) ? 2 + dice.below(3) : 1;
        List<Place> places = dice.sample(Place.ALL, count);
        List<Thing> things = new ArrayList<>();
        for (Place place : places) {
            double radius =
                    large ? dice.uniform(.28, .45) : count == 1 ? dice.uniform(.16, .22) : dice.uniform(.13, .17);
            double reach = large ? .08 : .05;
            double x = (large ? .5 : place.x()) + dice.uniform(-reach, reach);
            double y = (large ? .5 : place.y()) + dice.uniform(-reach, reach);
            things.add(new Thing(kind, colour, texture, second, period, x, y, radius, dice.uniform(-.3, .3), false));
        }
        Texture backgroundTexture = dice.pick(BACKGROUND_TEXTURES);
        double noise = dice.pick(.01, .03, .06);
        Place place = count == 1 && !large ? places.get(0) : null;
        Attributes attributes =
                new Attributes(kind, colour, texture, large, place, count, background, backgroundTexture);
        return new Scene(background, backgroundTexture, things, 1, noise, dice.chance(.2), attributes);
    }

    /** A colour that is neither of two, from the choice if it offers one. */
    static Colour other(List<Colour> choice, Dice dice, Colour not, Colour nor) {
        List<Colour> left = choice.stream().filter(c -> c != not && c != nor).toList();
        return dice.pick(
                left.isEmpty()
                        ? Colour.ALL.stream().filter(c -> c != not && c != nor).toList()
                        : left);
    }
}
