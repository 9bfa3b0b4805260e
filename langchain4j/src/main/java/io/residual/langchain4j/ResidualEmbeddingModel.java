package io.residual.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import io.residual.Embedder;
import io.residual.base.InputException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * Embeddings of images and texts in one space, of unit length. An input of a request is one text or one image; an image is its bytes or
 * a {@code file:} address, for this class fetches nothing. Safe for several threads.
 */
public final class ResidualEmbeddingModel implements EmbeddingModel {
    private static final String INPUT = "an input of the embedding model";

    private final Embedder embedder;

    /**
     * A model beside an embedder.
     *
     * @param embedder closed by its owner, after this model's last use
     */
    public ResidualEmbeddingModel(Embedder embedder) {
        this.embedder = embedder;
    }

    @Override
    public Set<ContentType> supportedContentTypes() {
        return embedder.hasText() ? Set.of(ContentType.TEXT, ContentType.IMAGE) : Set.of(ContentType.IMAGE);
    }

    @Override
    public int dimension() {
        return embedder.dimension();
    }

    /**
     * Embeds the inputs of a request.
     *
     * @param request inputs of one text or one image each
     * @return one embedding of D numbers per input, in their order
     * @throws InputException if an input is neither, or cannot be read
     */
    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        List<Embedding> all =
                request.inputs().stream().map(this::embed).map(Embedding::from).toList();
        return EmbeddingResponse.builder().embeddings(all).build();
    }

    /**
     * The embedding of an image file.
     *
     * @param file a JPEG, PNG, WebP, TIFF, BMP or GIF file
     * @return D numbers
     * @throws InputException if the file cannot be read as an image
     */
    public Embedding embed(Path file) {
        return Embedding.from(embedder.image(file));
    }

    private float[] embed(EmbeddingInput input) {
        if (input.contents().size() != 1) {
            throw InputException.at(
                    INPUT,
                    input.contents().size() + " contents",
                    "one text or one image",
                    "Give each its own input, and combine the embeddings as the application needs");
        }
        Content content = input.contents().get(0);
        if (content instanceof TextContent text) {
            return embedder.text(text.text());
        }
        if (content instanceof ImageContent image) {
            return embed(image.image());
        }
        throw InputException.at(INPUT, String.valueOf(content.type()), "a text or an image", "Give one of these");
    }

    private float[] embed(Image image) {
        String bytes = image.base64Data();
        if (bytes != null) {
            try {
                return embedder.image(Base64.getDecoder().decode(bytes), "an image");
            } catch (IllegalArgumentException e) {
                throw InputException.at(INPUT, "no base64", "an image's bytes in base64", "Encode the bytes", e);
            }
        }
        URI address = image.url();
        if (address != null && "file".equalsIgnoreCase(address.getScheme())) {
            return embedder.image(Path.of(address));
        }
        throw InputException.at(
                INPUT, "an image at " + address, "its bytes or a file: address", "Fetch the image and give its bytes");
    }
}
