package io.residual.world;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The ten tasks. Each draws scenes for its classes; some lie well away from what pre-training shows. */
public enum WorldTask {
    /** Which shape; as in pre-training. */
    SHAPES(Kind.SHAPES.stream().map(k -> phrase("a", k.word())).toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            return with(List.of(Kind.SHAPES.get(label)), Colour.ALL, Colour.ALL, .5, 0)
                    .sample(dice);
        }
    },
    /** Which shape, as a black outline on paper; pre-training shows no outlines. */
    SKETCHES(Kind.SHAPES.stream().map(k -> phrase("a", k.word())).toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            Kind kind = Kind.SHAPES.get(label);
            Colour paper = dice.pick(Colour.WHITE, Colour.GRAY);
            Thing thing = new Thing(
                    kind,
                    Colour.BLACK,
                    Texture.SOLID,
                    Colour.BLACK,
                    1,
                    .5 + dice.uniform(-.1, .1),
                    .5 + dice.uniform(-.1, .1),
                    dice.uniform(.25, .4),
                    dice.uniform(-.5, .5),
                    true);
            return single(paper, Texture.SOLID, List.of(thing), .05, false);
        }
    },
    /** Which colour the thing has; as in pre-training. */
    COLORS(Colour.ALL.stream().map(c -> phrase("a", c.word(), "object")).toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            Colour colour = Colour.ALL.get(label);
            List<Colour> backgrounds =
                    Colour.ALL.stream().filter(c -> c != colour).toList();
            return with(List.of(Kind.values()), List.of(colour), backgrounds, .5, 0)
                    .sample(dice);
        }
    },
    /** Which texture, in a close-up; pre-training shows whole things. */
    TEXTURES(Texture.ALL.stream().map(t -> "a " + t.word() + " square").toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            Colour background = dice.pick(Colour.ALL);
            Colour colour = SceneSampler.other(Colour.ALL, dice, background, background);
            Colour second = SceneSampler.other(Colour.ALL, dice, colour, colour);
            Thing thing = new Thing(
                    Kind.SQUARE,
                    colour,
                    Texture.ALL.get(label),
                    second,
                    dice.uniform(.4, .7),
                    .5,
                    .5,
                    dice.uniform(.6, .75),
                    dice.uniform(-.8, .8),
                    false);
            return single(background, Texture.SOLID, List.of(thing), .04, false);
        }
    },
    /** Which digit, white on black, small or large, tilted and noisy. */
    DIGITS(IntStream.range(0, 10).mapToObj(d -> "the number " + d).toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            Thing thing = Thing.plain(
                    Kind.DIGITS.get(label),
                    Colour.WHITE,
                    .5 + dice.uniform(-.1, .1),
                    .5 + dice.uniform(-.1, .1),
                    dice.uniform(.14, .34),
                    dice.uniform(-.6, .6));
            return dusk(single(Colour.BLACK, Texture.SOLID, List.of(thing), .1, dice.chance(.5)), dice.uniform(.5, 1));
        }
    },
    /** Which digit is in the middle, between neighbours cut off at the edges, in noise, blur and clutter. */
    STREET_DIGITS(IntStream.range(0, 10).mapToObj(d -> "the number " + d).toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            Colour background = dice.pick(Colour.ALL);
            Colour colour = SceneSampler.other(Colour.ALL, dice, background, background);
            Thing left = Thing.plain(dice.pick(Kind.DIGITS), colour, -.1, .5, .3, 0);
            Thing right = Thing.plain(dice.pick(Kind.DIGITS), colour, 1.1, .5, .3, 0);
            Thing middle = Thing.plain(
                    Kind.DIGITS.get(label),
                    colour,
                    .5 + dice.uniform(-.05, .05),
                    .5 + dice.uniform(-.05, .05),
                    dice.uniform(.28, .36),
                    dice.uniform(-.2, .2));
            Texture clutter = dice.pick(Texture.NOISY, Texture.STRIPED, Texture.HATCHED);
            return single(background, clutter, List.of(left, right, middle), .17, true);
        }
    },
    /** Where a single tiny thing is, in noise; pre-training shows larger ones. */
    POSITIONS(Place.ALL.stream().map(p -> "an object at the " + p.words()).toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            SceneSampler sampler = with(List.of(Kind.values()), Colour.ALL, Colour.ALL, 0, 0);
            Scene scene = sampler.sample(dice);
            while (scene.attributes().place() != Place.ALL.get(label)) {
                scene = sampler.sample(dice);
            }
            return scene.in(.55, .14, true);
        }
    },
    /** How many things there are, smaller than in pre-training, in noise. */
    COUNTS(List.of("one object", "two objects", "three objects", "four objects")) {
        @Override
        Scene scene(int label, Dice dice) {
            SceneSampler sampler = with(List.of(Kind.values()), Colour.ALL, Colour.ALL, .2, label == 0 ? 0 : 1);
            Scene scene = sampler.sample(dice);
            while (scene.attributes().count() != label + 1) {
                scene = sampler.sample(dice);
            }
            return scene.in(.65, .1, true);
        }
    },
    /** Which colour the background has, behind larger things and in heavy noise. */
    BACKGROUNDS(Colour.ALL.stream()
            .map(c -> phrase("an object on a", c.word(), "background"))
            .toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            return with(List.of(Kind.values()), Colour.ALL, List.of(Colour.ALL.get(label)), .7, .5)
                    .sample(dice)
                    .in(1.4, .15, true);
        }
    },
    /** Which of twenty signs, each a colour and a shape, at dusk, in noise and blur. */
    SIGNS(IntStream.range(0, 20)
            .mapToObj(i -> "a " + signColour(i).word() + " " + signShape(i).word())
            .toList()) {
        @Override
        Scene scene(int label, Dice dice) {
            Colour colour = signColour(label);
            Colour background = SceneSampler.other(Colour.ALL, dice, colour, colour);
            Thing thing = Thing.plain(
                    signShape(label),
                    colour,
                    .5 + dice.uniform(-.1, .1),
                    .5 + dice.uniform(-.1, .1),
                    dice.uniform(.14, .34),
                    dice.uniform(-.4, .4));
            return dusk(single(background, Texture.NOISY, List.of(thing), .1, true), dice.uniform(.5, .9));
        }
    };

    @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list
    private final List<String> classes;

    WorldTask(List<String> classes) {
        this.classes = classes;
    }

    /** A scene of the class with index {@code label}. */
    abstract Scene scene(int label, Dice dice);

    /** The class names, as they stand in a prompt. */
    public List<String> classes() {
        return classes;
    }

    /** The prompts' templates. */
    public List<String> templates() {
        return List.of("{}", "a photo of {}", "a picture of {}", "an image with {}");
    }

    /** The name on the command line, such as {@code street-digits}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String phrase(String... words) {
        return Captions.withArticles(List.of(words));
    }

    private static Colour signColour(int sign) {
        return List.of(Colour.RED, Colour.BLUE, Colour.YELLOW, Colour.WHITE, Colour.GREEN)
                .get(sign / 4);
    }

    private static Kind signShape(int sign) {
        return List.of(Kind.CIRCLE, Kind.TRIANGLE, Kind.SQUARE, Kind.DIAMOND).get(sign % 4);
    }

    private static SceneSampler with(
            List<Kind> kinds, List<Colour> colours, List<Colour> backgrounds, double large, double several) {
        return new SceneSampler(kinds, colours, backgrounds, large, several);
    }

    /** A scene whose last thing is its subject. */
    private static Scene single(Colour background, Texture texture, List<Thing> things, double noise, boolean blurred) {
        Thing subject = things.get(things.size() - 1);
        Attributes attributes =
                new Attributes(subject.kind(), subject.colour(), subject.texture(), true, null, 1, background, texture);
        return new Scene(background, texture, things, 1, noise, blurred, attributes);
    }

    private static Scene dusk(Scene scene, double light) {
        return new Scene(
                scene.background(),
                scene.backgroundTexture(),
                scene.things(),
                light,
                scene.noise(),
                scene.blurred(),
                scene.attributes());
    }
}
