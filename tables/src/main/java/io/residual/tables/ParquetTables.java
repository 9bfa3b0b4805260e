package io.residual.tables;

import io.residual.data.Dataset;
import io.residual.data.ImageTables;
import io.residual.data.Reading;
import io.residual.data.Splitting;
import io.residual.images.ImageSource;
import java.nio.file.Path;

/** Parquet files, read through DuckDB. Thread-safe. */
public final class ParquetTables implements ImageTables {
    @Override
    public boolean isDataset(Path folder) {
        return HubParquet.isOne(folder);
    }

    @Override
    public boolean isWithTables(Path folder) {
        return HubParquet.hasFiles(folder);
    }

    @Override
    public Dataset dataset(Path folder, Splitting splitting, Reading reading) {
        return HubParquet.open(folder, splitting, reading);
    }

    @Override
    public ImageSource images(Path file) {
        return new ParquetImages(file);
    }
}
