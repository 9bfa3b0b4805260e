package io.residual.serve;

import io.javalin.http.Context;
import io.residual.base.InputException;
import io.residual.model.ImageTextModel;
import io.residual.predict.TextLogit;
import io.residual.serve.Batcher.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks of an image.
 *
 * @param top classes, or units and components, to return
 * @param text whose map an explanation has; null for none
 * @param against whose logit is subtracted from its; null for none
 */
record Ask(
        Kind kind, int top, @Nullable String text, @Nullable String against) {
    static final Ask EMBEDDING = new Ask(Kind.EMBED, 0, null, null);

    static Ask prediction(Context ctx) {
        return new Ask(Kind.PREDICT, number(ctx, "top", 1), null, null);
    }

    static Ask explanation(Context ctx) {
        String text = ctx.queryParam("text");
        String against = ctx.queryParam("against_text");
        if (text == null && against != null) {
            throw InputException.at("'against_text'", "alone", "'text' with it", "Add that, or leave this out");
        }
        return new Ask(Kind.EXPLAIN, number(ctx, "top", 10), text, against);
    }

    /**
     * The text encoded, if one is asked for.
     *
     * @throws InputException if the model has no text tower, or the text is empty or too long
     */
    Optional<TextLogit> logit(ImageTextModel model) {
        return text == null ? Optional.empty() : Optional.of(TextLogit.of(model, text, against));
    }

    private static int number(Context ctx, String name, int usual) {
        String value = ctx.queryParam(name);
        if (value == null) {
            return usual;
        }
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw InputException.at("'" + name + "'", "'" + value + "'", "a number from 1 to 999,999", "Correct it");
        }
        return Integer.parseInt(value);
    }
}
