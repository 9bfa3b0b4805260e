package io.residual.examples;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import io.residual.Embedder;
import io.residual.Residual;
import io.residual.langchain4j.ResidualEmbeddingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Images of a folder that fit a text best, with LangChain4j: {@code ImageSearch model folder text}. */
public final class ImageSearch {
    private ImageSearch() {}

    public static void main(String[] args) throws IOException {
        try (Residual residual = Residual.open(args[0]);
                Embedder embedder = residual.embedder();
                Stream<Path> files = Files.walk(Path.of(args[1]))) {
            ResidualEmbeddingModel model = new ResidualEmbeddingModel(embedder);
            InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                store.add(model.embed(file), TextSegment.from(file.toString()));
            }
            EmbeddingSearchRequest search = EmbeddingSearchRequest.builder()
                    .queryEmbedding(model.embed(args[2]).content())
                    .maxResults(5)
                    .build();
            for (EmbeddingMatch<TextSegment> match : store.search(search).matches()) {
                System.out.printf("%.3f %s%n", match.score(), match.embedded().text());
            }
        }
    }
}
