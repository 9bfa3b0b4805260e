package io.residual.world;

import java.util.ArrayList;
import java.util.List;

/** Captions as a careless person writes them: some of what is true, in one of several wordings. */
final class Captions {
    private static final List<String> NUMBERS = List.of("one", "two", "three", "four");

    private Captions() {}

    /** A caption of an image with these attributes. */
    static String of(Attributes a, Dice dice) {
        List<String> words = new ArrayList<>();
        words.add(a.count() > 1 ? NUMBERS.get(a.count() - 1) : dice.pick("a", "a", "one", "the"));
        if (dice.chance(.25)) {
            words.add(a.large() ? "large" : "small");
        }
        if (dice.chance(.55)) {
            words.add(a.colour().word());
        }
        if (!a.kind().isDigit() && dice.chance(a.texture() == Texture.SOLID ? .2 : .8)) {
            words.add(a.texture().word());
        }
        if (dice.chance(.06)) {
            words.add(a.count() == 1 ? "object" : "objects");
        } else if (a.kind().isDigit()) {
            words.add(dice.pick("number", "digit"));
            words.add(String.valueOf(a.kind().digit()));
        } else {
            words.add(a.count() == 1 ? a.kind().word() : plural(a.kind()));
        }
        Place place = a.place();
        if (place != null && dice.chance(.8)) {
            words.add("at the " + place.words());
        }
        if (dice.chance(.3)) {
            words.add("on a " + a.background().word() + " background");
        }
        return dice.pick("", "", "a photo of ", "a picture of ", "an image with ") + withArticles(words);
    }

    /** The words with "a" before a vowel turned into "an". */
    static String withArticles(List<String> words) {
        StringBuilder text = new StringBuilder();
        String[] all = String.join(" ", words).split(" ");
        for (int i = 0; i < all.length; i++) {
            boolean vowel = i + 1 < all.length && "aeiou".indexOf(all[i + 1].charAt(0)) >= 0;
            text.append(i == 0 ? "" : " ").append(all[i].equals("a") && vowel ? "an" : all[i]);
        }
        return text.toString();
    }

    static String plural(Kind kind) {
        return kind == Kind.CROSS ? "crosses" : kind.word() + "s";
    }

    /** Every word that a caption or a task's prompt may hold, sorted. */
    static List<String> vocabulary() {
        List<String> words = new ArrayList<>(List.of(
                "a an the one some two three four photo picture image drawing sketch of with object objects at on in background number digit digits shape sign small large . top bottom left right center colored"
                        .split(" ")));
        Colour.ALL.forEach(c -> words.add(c.word()));
        Texture.ALL.forEach(t -> words.add(t.word()));
        Kind.SHAPES.forEach(k -> words.addAll(List.of(k.word(), plural(k))));
        Kind.DIGITS.forEach(k -> words.add(String.valueOf(k.digit())));
        return words.stream().distinct().sorted().toList();
    }
}
