package io.residual.audit;

/**
 * A ridge regression of class indicators in the eigenvectors of its design, so that the weights of a fit without some images follow from
 * the one with all of them.
 *
 * @param classes C
 * @param vectors [D + 1, D + 1], eigenvectors in columns; the last row belongs to the constant
 * @param inverse [D + 1]: 1 / (eigenvalue + penalty)
 * @param products [D + 1, C]: the design in eigenvectors times the indicators
 */
record RidgeFit(int classes, double[] vectors, double[] inverse, double[] products) {
    /** The weights of all classes, the constant last: [D + 1, C]. */
    double[] weights() {
        int d = inverse.length;
        double[] out = new double[d * classes];
        for (int k = 0; k < d; k++) {
            for (int j = 0; j < d; j++) {
                double along = vectors[k * d + j] * inverse[j];
                for (int c = 0; c < classes; c++) {
                    out[k * classes + c] += along * products[j * classes + c];
                }
            }
        }
        return out;
    }

    /**
     * The weights of one class less those of another in a fit without some images, the constant last: [D + 1].
     *
     * @param without [m, D + 1], what the fit saw of them, the 1 of the constant last
     * @param residuals [m, C], their indicators less what the fit without them predicts
     */
    double[] contrast(int from, int to, double[] without, double... residuals) {
        int d = inverse.length;
        double[] right = new double[d];
        for (int j = 0; j < d; j++) {
            right[j] = products[j * classes + to] - products[j * classes + from];
        }
        for (int g = 0; g < residuals.length / classes; g++) {
            double residual = residuals[g * classes + to] - residuals[g * classes + from];
            for (int j = 0; j < d; j++) {
                double along = 0;
                for (int k = 0; k < d; k++) {
                    along += vectors[k * d + j] * without[g * d + k];
                }
                right[j] -= along * residual;
            }
        }
        double[] weights = new double[d];
        for (int k = 0; k < d; k++) {
            for (int j = 0; j < d; j++) {
                weights[k] += vectors[k * d + j] * inverse[j] * right[j];
            }
        }
        return weights;
    }
}
