package io.residual.probing;

import io.residual.world.Attributes;
import io.residual.world.Colour;
import io.residual.world.Kind;
import io.residual.world.Place;
import io.residual.world.Texture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** An attribute of the synthetic images: its levels, and how captions name them. */
public enum Factor {
    /** Kind of object: ten shapes and ten digits. */
    KIND(20) {
        @Override
        int level(Attributes a) {
            return a.kind().ordinal();
        }

        @Override
        List<String> words(int level) {
            Kind kind = Kind.values()[level];
            return kind.isDigit()
                    ? List.of("a number " + kind.digit(), "the digit " + kind.digit())
                    : List.of(an(kind.word()), "a photo of " + an(kind.word()));
        }
    },
    /** Colour of the objects. */
    COLOUR(12) {
        @Override
        int level(Attributes a) {
            return a.colour().ordinal();
        }

        @Override
        List<String> words(int level) {
            String object = an(Colour.ALL.get(level).word() + " object");
            return List.of(object, "a photo of " + object);
        }
    },
    /** The things' texture; digits are always plain. */
    TEXTURE(6) {
        @Override
        int level(Attributes a) {
            return a.kind().isDigit() ? -1 : a.texture().ordinal();
        }

        @Override
        List<String> words(int level) {
            String object = an(Texture.ALL.get(level).word() + " object");
            return List.of(object, "a photo of " + object);
        }
    },
    /** Large or small. */
    SIZE(2) {
        @Override
        int level(Attributes a) {
            return a.large() ? 1 : 0;
        }

        @Override
        List<String> words(int level) {
            String object = level == 1 ? "a large object" : "a small object";
            return List.of(object, "a photo of " + object);
        }
    },
    /** In which of nine cells a single small thing lies. */
    PLACE(9) {
        @Override
        int level(Attributes a) {
            Place place = a.place();
            return place == null ? -1 : place.ordinal();
        }

        @Override
        List<String> words(int level) {
            String object = "an object at the " + Place.ALL.get(level).words();
            return List.of(object, "a photo of " + object);
        }
    },
    /** Count of small objects. */
    COUNT(4) {
        @Override
        int level(Attributes a) {
            return a.large() ? -1 : a.count() - 1;
        }

        @Override
        List<String> words(int level) {
            String objects = List.of("one object", "two objects", "three objects", "four objects")
                    .get(level);
            return List.of(objects, "a photo of " + objects);
        }
    },
    /** Colour of the background. */
    BACKGROUND(12) {
        @Override
        int level(Attributes a) {
            return a.background().ordinal();
        }

        @Override
        List<String> words(int level) {
            String object = "an object on " + an(Colour.ALL.get(level).word()) + " background";
            return List.of(object, "a photo of " + object);
        }
    },
    /** The background's texture, which no caption mentions. */
    BACKGROUND_TEXTURE(6) {
        @Override
        int level(Attributes a) {
            return a.backgroundTexture().ordinal();
        }

        @Override
        List<String> words(int level) {
            return List.of();
        }
    };

    private final int levels;

    Factor(int levels) {
        this.levels = levels;
    }

    /** The number of levels. */
    public int levels() {
        return levels;
    }

    /** An image's level, -1 where the factor does not apply to it. */
    abstract int level(Attributes a);

    /** Sentences that name a level as captions do; none if captions never do. */
    abstract List<String> words(int level);

    /** Whether captions mention it. */
    public boolean isNamed() {
        return !words(0).isEmpty();
    }

    /** The factor's name. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String an(String words) {
        return ("aeiou".indexOf(words.charAt(0)) >= 0 ? "an " : "a ") + words;
    }

    /** A sentence with the factor and level that it names. */
    public record Sentence(String text, Factor factor, int level) {}

    /** Every sentence of every factor. */
    public static List<Sentence> sentences() {
        List<Sentence> all = new ArrayList<>();
        for (Factor factor : values()) {
            for (int level : IntStream.range(0, factor.levels).toArray()) {
                factor.words(level).forEach(text -> all.add(new Sentence(text, factor, level)));
            }
        }
        return List.copyOf(all);
    }
}
