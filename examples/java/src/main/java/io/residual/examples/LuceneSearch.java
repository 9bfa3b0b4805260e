package io.residual.examples;

import io.residual.Embedder;
import io.residual.Residual;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** Images of a folder that fit a text best, from an index of Lucene: {@code LuceneSearch model folder index text}. */
public final class LuceneSearch {
    private LuceneSearch() {}

    public static void main(String[] args) throws IOException {
        try (Residual residual = Residual.open(args[0]);
                Embedder embedder = residual.embedder();
                Directory index = FSDirectory.open(Path.of(args[2]))) {
            index(embedder, Path.of(args[1]), index);
            search(embedder, index, args[3]);
        }
    }

    private static void index(Embedder embedder, Path folder, Directory index) throws IOException {
        try (Stream<Path> files = Files.walk(folder);
                IndexWriter writer = new IndexWriter(
                        index, new IndexWriterConfig().setOpenMode(IndexWriterConfig.OpenMode.CREATE))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                Document image = new Document();
                image.add(new StoredField("file", file.toString()));
                // Embeddings have unit length, so the inner product is the cosine.
                image.add(new KnnFloatVectorField(
                        "embedding", embedder.image(file), VectorSimilarityFunction.DOT_PRODUCT));
                writer.addDocument(image);
            }
        }
    }

    private static void search(Embedder embedder, Directory index, String text) throws IOException {
        try (DirectoryReader reader = DirectoryReader.open(index)) {
            IndexSearcher searcher = new IndexSearcher(reader);
            KnnFloatVectorQuery nearest = new KnnFloatVectorQuery("embedding", embedder.text(text), 5);
            for (ScoreDoc found : searcher.search(nearest, 5).scoreDocs) {
                double cosine = 2 * found.score - 1; // Lucene's score is (1 + cosine) / 2
                System.out.printf(
                        "%.3f %s%n",
                        cosine, searcher.storedFields().document(found.doc).get("file"));
            }
        }
    }
}
